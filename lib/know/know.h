// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef KNOW_KNOW_H
#define KNOW_KNOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/slice.h"
#include "know/reference.h"

/*
 * What is known of hosts, addresses and ports: the reference file of the
 * program, and before it those that the user imported. The newest is asked
 * first. What no file knows is answered as such, never as an error.
 *
 * Host names are lower case without a final dot. They are matched from their
 * end by whole labels, the longest rule first: a rule for ads.example is for
 * x.ads.example too, and never for bads.example.
 *
 * Texts are UTF-8 and live as long as the files; they were written by others,
 * so whoever shows them escapes them.
 */

/** The program's file and what a user imported. */
#define KNOW_FILES_MAX 17

struct know {
	struct reference files[KNOW_FILES_MAX]; /* newest first */
	size_t file_count;
};

/** Only the program's own file. */
void know_init(struct know *k);
/** A file to ask before those there; it outlives k. ERR_LIMIT. */
int know_add(struct know *k, const struct reference *file) must_check;

/** What there may be lists of; a program can be built without some of them. */
enum know_part {
	KNOW_PART_VENDORS,
	KNOW_PART_COMPANIES,
	KNOW_PART_TRACKERS,
	KNOW_PART_MALICIOUS,
	KNOW_PART_COUNTRIES,
	KNOW_PART_NETWORKS,
	KNOW_PART_PORTS,
	KNOW_PART_SUITES,
	KNOW_PART_DOMAINS, /* registered ones: libpsl's list */
	KNOW_PARTS,
};
/** As in the API: "vendors". */
const char *know_part_name(enum know_part part);
/** In words: "vendors of devices". */
const char *know_part_what(enum know_part part);
/** Whether any file has something of it. */
bool know_has(const struct know *k, enum know_part part);

/** What a vendor or platform has a host for. */
enum know_purpose {
	KNOW_PURPOSE_NONE, /* not known, or several */
	KNOW_PURPOSE_TELEMETRY,
	KNOW_PURPOSE_CONTROL, /* commands, and what the device answers */
	KNOW_PURPOSE_UPDATE,
	KNOW_PURPOSE_TIME,
	KNOW_PURPOSE_ADVERTISING,
	KNOW_PURPOSE_CONTENT, /* films, music, pictures, maps, weather */
	KNOW_PURPOSE_CLOUD,   /* rented by anybody: says not who */
	KNOW_PURPOSES,
};
const char *know_purpose_name(enum know_purpose purpose);

struct know_host {
	const char *rule;    /* that matched */
	const char *company; /* "Samsung" */
	const char *service; /* "SmartThings"; "" */
	const char *reason;  /* why we say so, or the list's name */
	enum know_purpose purpose;
};

/** Whose host this is. False when nobody knows. */
bool know_host(const struct know *k, struct slice host, struct know_host *out);

enum know_category {
	KNOW_CATEGORY_NONE,
	KNOW_CATEGORY_ADVERTISING,
	KNOW_CATEGORY_ANALYTICS,
	KNOW_CATEGORY_TRACKING, /* by a list that does not say more */
	KNOW_CATEGORY_SOCIAL,
	KNOW_CATEGORY_FINGERPRINTING,
	KNOW_CATEGORY_CRYPTOMINING,
	KNOW_CATEGORY_MALICIOUS,
	KNOW_CATEGORIES,
};
const char *know_category_name(enum know_category category);

struct know_listing {
	const char *rule;
	const char *company; /* as the list says; "" */
	const char *list;    /* the list's name */
	enum know_category category;
};

/** Whether a list of trackers and advertisers has the host. */
bool know_tracker(const struct know *k, struct slice host,
		  struct know_listing *out);
/** Whether a list of malicious hosts has the host or address; either may be
 * absent. */
bool know_malicious(const struct know *k, struct slice host,
		    const struct addr *addr, struct know_listing *out);

struct know_company {
	const char *name;
	const char *parent; /* who owns it; "" */
	const char *what;   /* with its article: "an advertising company"; "" */
};

bool know_company(const struct know *k, const char *name,
		  struct know_company *out);
/**
 * The company that a vendor's name, as the IEEE or a device spells it, stands
 * for: "Samsung Electronics Co.,Ltd" is Samsung. By its first words. NULL when
 * none is known.
 */
const char *know_vendor_company(const struct know *k, const char *vendor);

/** ISO 3166-1: two capitals and a zero; false when not known. */
bool know_country(const struct know *k, const struct addr *addr, char out[3]);
/** Its name in English; the letters themselves when not known. */
const char *know_country_name(const struct know *k, const char letters[3]);

struct know_as {
	uint32_t number;
	const char *name;
};

/** The autonomous system that announces the address. */
bool know_as(const struct know *k, const struct addr *addr,
	     struct know_as *out);

/** What a port is for; NULL when nobody registered it. protocol: 6 or 17. */
const char *know_port(const struct know *k, uint8_t protocol, uint16_t port);

/** The name of a TLS cipher suite (IANA); NULL when not known. */
const char *know_suite(const struct know *k, uint16_t suite);

/** What asks by DHCP like this, from an imported table; NULL. list: numbers
 * joined by ','. */
const char *know_dhcp_parameters(const struct know *k, struct slice list);
const char *know_dhcp_vendor(const struct know *k, struct slice vendor_class);

/** A list, and where it came from. */
struct know_source {
	const char *name, *what, *date, *licence, *origin, *notice;
	uint32_t entries;
};

size_t know_source_count(const struct reference *file);
struct know_source know_source(const struct reference *file, size_t at);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_MARKET_H
#define STUDY_SIMULATE_MARKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * What simulated homes are drawn from: data/market.json, or another of its
 * form. The file says of each model what it announces and whom it contacts,
 * and of people how they live and how they label. Everything is read-only and
 * lives until market_free().
 */

/** Room for JA3 and JA4, terminated. */
#define MARKET_JA3_BYTES 33
#define MARKET_JA4_BYTES 37

/** A text, drawn as often as its share says. */
struct market_choice {
	const char *text;
	double share;
};

struct market_choices {
	struct market_choice *items;
	size_t count;
};

/** Where servers stand. */
struct market_place {
	const char *name;
	struct cidr *blocks; /* IPv4 */
	size_t block_count;
	const char *reverse; /* their name by address, {a} in it; or NULL */
};

enum market_region {
	MARKET_AMERICA,
	MARKET_EUROPE,
	MARKET_ASIA,
};

/** Homes of a region that are served from elsewhere, with this chance. */
struct market_abroad {
	size_t place, instead; /* of places */
	enum market_region region;
	double share;
};

/** A ClientHello. */
struct market_hello {
	const char *name;
	uint16_t version;	   /* the highest it offers */
	const char *cipher_suites; /* joined by '+' */
	/* as on the wire (decode/tls.h); extensions have no data */
	struct slice suites, extensions, groups, point_formats;
	struct slice signature_algorithms, alpn;
	char ja3[MARKET_JA3_BYTES], ja4[MARKET_JA4_BYTES];
};

struct market_contact {
	size_t number;	  /* of all contacts, from 0 */
	const char *host; /* {s}: one of MARKET_SHARDS; "" for a stranger */
	size_t place;
	uint8_t protocol; /* IP protocol */
	uint16_t port;
	double every_s;			  /* between bursts */
	double out_bytes, in_bytes;	  /* of a burst, on average */
	double share;			  /* of the devices that have it */
	const struct market_hello *hello; /* NULL: no TLS */
};

/** How many servers a host with {s} has. */
#define MARKET_SHARDS 100

struct market_contacts {
	const char *name; /* of a group; NULL for a model's own */
	struct market_contact *items;
	size_t count;
};

/** Some of a group, between least and most of it. */
struct market_pick {
	size_t group;
	size_t least, most;
};

struct market_clue {
	const char *kind; /* as record_clue_name() */
	const char *text;
};

struct market_model {
	const char *name, *category;
	double share;
	struct market_choices spoken; /* what people call it */
	struct market_choices ouis;   /* "001788"; of the vendor if it has
					 none */
	struct market_clue *clues;
	size_t clue_count;
	struct market_contacts contacts;
	struct market_pick *picks;
	size_t pick_count;
};

struct market_vendor {
	const char *name;
	double share;
	struct market_choices spellings; /* that people use, beside the name */
	struct market_choices ouis;
	struct market_model *models;
	size_t model_count;
};

struct market_computer {
	const char *name, *category, *vendor;
	double share;
};

/** A time zone: minutes from UTC. */
struct market_offset {
	int minutes;
	double share;
};

struct market_people {
	double devices_median, devices_sigma, devices_most; /* watched */
	double others_median, others_sigma; /* seen by the scan alone */
	double idle_accounts; /* for each home: that never watched anything */
	double labels_home, labels_device; /* chances */
	double minutes_median, minutes_sigma, hours_most;
	/* chances, of a device or one of its contacts */
	double missing_dns, random_mac, announces, computer;
	/* chances, of a label */
	double typo, sub_brand, wrong_vendor, generic_name, decorated, reversed;
	struct market_offset *offsets;
	size_t offset_count;
	int *news_days; /* of the study, when papers wrote of it */
	size_t news_day_count;
	struct market_choices views; /* share of the time watched */
};

struct market {
	struct json_t *root; /* all texts are in it */
	struct market_place *places;
	size_t place_count;
	struct market_abroad *abroad;
	size_t abroad_count;
	struct market_hello *hellos;
	size_t hello_count;
	struct market_contacts *groups;
	size_t group_count;
	struct market_vendor *vendors;
	size_t vendor_count;
	struct market_choices computer_ouis;
	struct market_computer *computers;
	size_t computer_count;
	struct market_contacts computer_contacts;
	struct market_people people;
	size_t contact_count; /* of all kinds together */
};

#define MARKET_WHY_BYTES 256

/** Out of its text. Otherwise why says in one line what is wrong, and where:
 * ERR_MALFORMED, ERR_NOMEM. */
int market_parse(struct slice text, struct market **out,
		 char why[MARKET_WHY_BYTES]) must_check;
void market_free(struct market *m);

/** The program's own. */
struct slice market_builtin(void);

#endif

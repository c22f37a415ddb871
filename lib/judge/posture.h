// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_POSTURE_H
#define JUDGE_POSTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "judge/change.h"
#include "judge/finding.h"
#include "judge/lan.h"
#include "judge/offer.h"
#include "judge/party.h"
#include "record/record.h"

/*
 * How well a device protects what it says, and to whom it says it: sums over
 * all its windows. What it offers (hellos) and what it got (servers) are kept
 * apart, and so are the two sets of rules.
 */

/** Its habits are learnt for so long from its first window on: nothing of that
 * is a change. */
#define POSTURE_LEARN_MS (24 * 3600 * 1000ull)

/** Of each list below; one that is full counts what it refused. */
#define POSTURE_ITEMS_MAX 48
/** Conversations whose protocol is remembered for their later windows. */
#define POSTURE_WAYS_MAX 64

enum posture_list {
	POSTURE_TRACKERS,
	POSTURE_COUNTRIES,
	POSTURE_COMPANIES, /* the third parties, and the vendor itself: who
			      shows it leaves that out (endpoint_is_third) */
	POSTURE_RESOLVERS, /* that it asks; the way, and whether named */
	POSTURE_FINGERPRINTS,
	POSTURE_CLEAR, /* whom it tells things in clear, and how */
	POSTURE_LISTS,
};

struct posture_item {
	char text[PARTY_TEXT_BYTES]; /* escaped */
	char note[32];		     /* a tracker's category, … or "" */
	uint64_t first_ms, last_ms, count;
};

struct posture_items {
	struct posture_item items[POSTURE_ITEMS_MAX];
	uint32_t count;
	uint64_t refused;
};

/* Sums under one of the sets of rules. */
struct posture_rules {
	uint64_t offered_outdated, offered_weak;
	uint64_t got_outdated, got_weak;
	uint64_t unencrypted_bytes;
};

struct posture_sums {
	uint64_t windows, bytes, internet_bytes;
	uint64_t hellos, no_sni, ech;
	/* highest version offered, and version got: SSL, TLS 1.0 to 1.3 */
	uint64_t offered_ssl, offered_10, offered_11, offered_12, offered_13;
	uint64_t got_ssl, got_10, got_11, got_12, got_13;
	uint64_t servers;
	/* notes, no verdicts: without forward secrecy */
	uint64_t offered_no_secrecy; /* offers no suite that has it */
	uint64_t got_no_secrecy;
	uint64_t http_requests, credentials;
	uint64_t encrypted_bytes;
	struct posture_rules by[2]; /* enum offer_rules */
	uint64_t away_windows, away_out_bytes;
};

/** Name and place of each sum, for whoever shows or stores all of them. */
struct posture_field {
	const char *group; /* "offered", "paper", …; "" for none */
	const char *name;
	size_t offset; /* of the uint64_t in struct posture_sums */
};
extern const struct posture_field posture_fields[];
extern const size_t posture_field_count;

/** "trackers", …; as in JSON. */
const char *posture_list_name(enum posture_list list);

/* What a conversation was, by its remote end. */
struct posture_way {
	struct addr remote;
	uint16_t port;
	uint8_t protocol;
	/* RECORD_APPLICATIONS: not recognised, and told of by its port */
	enum record_application application;
};

struct posture {
	uint64_t since_ms, last_ms;
	struct posture_sums sums;
	struct posture_items lists[POSTURE_LISTS];
	struct change_list changes;
	/* not stored */
	struct posture_way ways[POSTURE_WAYS_MAX];
	uint32_t way_next;
};

struct posture_world {
	const struct lan *lan;		  /* not NULL */
	const struct party_source *party; /* NULL: nobody is known */
	bool away;
};

/** Adds a window, in order of time, and reports what it shows. */
void posture_add(struct posture *p, const struct record_window *window,
		 const struct posture_world *world, struct finding_list *out);

#endif

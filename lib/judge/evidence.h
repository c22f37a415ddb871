// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_EVIDENCE_H
#define JUDGE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "know/know.h"
#include "record/record.h"

/*
 * What is known of one device, as a set of short texts: what it says of
 * itself, where it goes, how it speaks. From it, identity.h says what the
 * device is.
 */

/** Most pieces kept of a kind, so that a browser's thousands of domains leave
 * room for the one host name that tells more. The first ones, but that one
 * which a rule is about takes the place of one which none is about. */
#define EVIDENCE_KIND_MAX 64
/** Longest text kept: no rule looks further into one. */
#define EVIDENCE_TEXT_MAX 512
/** Most bytes that a set holds. */
#define EVIDENCE_BYTES_MAX ((size_t)64 << 10)

/**
 * Every kind of clue of record.h has its own number here; then come those that
 * are no clue.
 */
enum evidence_kind {
	EVIDENCE_OUI = RECORD_CLUE_KINDS, /* whom the MAC is assigned to */
	EVIDENCE_MAC_RANDOM, /* the MAC is made up: "locally administered" */
	EVIDENCE_DOMAIN,     /* a name it asked for or connected to */
	EVIDENCE_JA3,	     /* of its ClientHellos */
	EVIDENCE_JA4,
	EVIDENCE_APPLICATION, /* what it speaks: "mqtt", "rtsp", … */
	EVIDENCE_OPEN,	      /* where it answers others: "tcp/9100" */
	EVIDENCE_DHCP_TABLE,  /* what an imported table makes of its DHCP */
	EVIDENCE_KINDS,	      /* how many there are */
};

/** The name of a kind in rules and in the API, e.g. "oui", "dhcp_hostname";
 * of a clue, record_clue_name(). */
const char *evidence_kind_name(unsigned int kind);

struct evidence {
	unsigned int kind; /* enum evidence_kind or enum record_clue_kind */
	struct slice text; /* as from the wire; lent by the set */
};

struct evidence_set {
	struct buf bytes;
	uint16_t counts[EVIDENCE_KINDS];
	uint64_t refused; /* or pushed out: past a limit, or without memory */
	const struct know *know; /* asked about MACs and DHCP; NULL: nobody */
};

/** know: outlives the set; NULL: the program's own data, without imported
 * lists.
 */
void evidence_init(struct evidence_set *set, const struct know *know);
void evidence_done(struct evidence_set *set);
/** Overwrites and forgets all of it. */
void evidence_wipe(struct evidence_set *set);

/** Adds a piece, and what imported tables make of it, once; empty texts are
 * passed over, long ones cut, and names of mDNS, which come as in zone files
 * ("Living\\032Room", RFC 1035 5.1), become what stood in the packet. True when
 * it is new, that is, when the verdict may have changed. */
bool evidence_add(struct evidence_set *set, unsigned int kind,
		  struct slice text);
/** The same of a name that it asked for or connected to, but those of the
 * home's own and addresses turned into names, which tell nothing. */
bool evidence_add_domain(struct evidence_set *set, struct slice name);
/** What the MAC itself tells: its vendor, or that it is made up. */
void evidence_add_mac(struct evidence_set *set, const struct mac *mac);
/** All that one window says of its device. True when any of it was new. */
bool evidence_add_window(struct evidence_set *set,
			 const struct record_window *window);

/** Walks the set: start with *at = 0. False at the end. The texts live until
 * the next piece is added. */
bool evidence_next(const struct evidence_set *set, size_t *at,
		   struct evidence *out);

#endif

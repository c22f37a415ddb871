// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_COVERAGE_H
#define JUDGE_COVERAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "record/record.h"

/*
 * How much of what a device does is seen: the share of the time that it was
 * watched in which it was intercepted, and of its TCP content that went by,
 * by sequence numbers and what the other side acknowledged. Times are
 * milliseconds.
 */

/** Of one address family, which a router may accept while not the other: when
 * nothing came back through us, when answers last went past us, the first since
 * that came through us, and whether that is not accepted. Not stored. */
struct coverage_path {
	uint64_t unanswered_ms, past_ms, answers_ms;
	bool resisted;
};

struct coverage {
	uint64_t watched_ms, intercepted_ms;
	uint64_t releases; /* how often it was given back for a bad path */
	/* when the router was last seen not to accept it, and since when it
	 * does again; 0: never, not yet */
	uint64_t resisted_ms, accepted_ms;
	uint64_t seen_bytes, missed_bytes; /* TCP content */
	uint64_t seen_v6_bytes, seen_local_bytes;
	/* of UDP, QUIC among it: nothing outside of the encryption tells how
	 * much there was beside it */
	uint64_t seen_udp_bytes;
	uint64_t v6_at_ms, local_at_ms; /* when such were last seen */
	/* not stored: since when, and what is so */
	uint64_t at_ms;
	bool wanted, intercepted;
	struct coverage_path four, six;
};

/** What is so from now on; also called when nothing changed, to count the time
 * up to now. */
void coverage_state(struct coverage *c, bool wanted, bool intercepted,
		    uint64_t now_ms);
/** It was given back for a bad path. */
void coverage_released(struct coverage *c);

/*
 * Whether the router accepts that the device's traffic passes us. That nothing
 * comes back through us is no proof that it does not: the Internet may be down,
 * or nobody asked to answer. It is one where answers went past us: the device
 * acknowledged TCP content of the Internet in a connection of which nothing
 * came to it through us, by the same address family, or has keys of a QUIC
 * connection that only such an answer gives. It accepts it again once answers
 * have come through us for a while.
 */

/** So long before it was given back, and so long after, as windows end after
 * what is in them, answers past us tell why nothing came back. */
#define COVERAGE_PROOF_MS ((uint64_t)60 * 1000)
#define COVERAGE_LATE_MS  ((uint64_t)10 * 1000)
/** First and last answer through us, at least, until it accepts it again. */
#define COVERAGE_ACCEPTED_MS ((uint64_t)60 * 1000)

/** Much was passed on for it by this address family (4 or 6), and nothing came
 * back through us. */
void coverage_unanswered(struct coverage *c, unsigned int family,
			 uint64_t now_ms);
/** Whether the router does not accept it now, as far as was seen. */
bool coverage_is_resisted(const struct coverage *c);

/** own: this computer's address, with which it may speak as well. */
void coverage_add(struct coverage *c, const struct record_window *window,
		  const struct addr *gateway, const struct addr *own);

/** What was seen longer ago says nothing of today. */
#define COVERAGE_SPAN_MS ((uint64_t)24 * 3600 * 1000)

/** Ways that a device's traffic may go round the inspector; bits. */
enum coverage_round {
	COVERAGE_IPV6 = 1,   /* it has IPv6, none of which was seen of late */
	COVERAGE_SUBNET = 2, /* it has an address of another subnet */
	COVERAGE_LOCAL = 4,  /* what devices say to each other directly */
};

/** six, elsewhere: it has IPv6, an address of another subnet, now. Of what was
 * seen within COVERAGE_SPAN_MS. */
unsigned int coverage_round(const struct coverage *c, bool six, bool elsewhere,
			    uint64_t now_ms);

/** Parts of a million of part in all; -1 when all is 0. */
int64_t coverage_share(uint64_t part, uint64_t all);

#endif

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

struct coverage {
	uint64_t watched_ms, intercepted_ms;
	/* how often it was given back for a bad path, and of these, because
	 * the router or the device did not accept the path */
	uint64_t releases, resisted;
	uint64_t seen_bytes, missed_bytes; /* TCP content */
	uint64_t seen_v6_bytes, seen_local_bytes;
	/* of UDP, QUIC among it: nothing outside of the encryption tells how
	 * much there was beside it */
	uint64_t seen_udp_bytes;
	uint64_t v6_at_ms, local_at_ms; /* when such were last seen */
	/* not stored: since when, and what is so */
	uint64_t at_ms;
	bool wanted, intercepted;
};

/** What is so from now on; also called when nothing changed, to count the time
 * up to now. */
void coverage_state(struct coverage *c, bool wanted, bool intercepted,
		    uint64_t now_ms);
/** It was given back for a bad path. */
void coverage_released(struct coverage *c, bool resisted);
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

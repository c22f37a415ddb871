// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_SCAN_H
#define GUARD_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * One round of asking every address of the subnet who has it, one after the
 * other and never faster than SCAN_PACE_MS: a /24 takes 2.5 s.
 */
#define SCAN_PACE_MS 10

/**
 * Most addresses asked: a /22, in ten seconds. Of a larger subnet the part
 * around our own address is asked; who is elsewhere is found when it speaks.
 */
#define SCAN_ADDRESSES_MAX 1024

/** From the end of a round to the next: what is new speaks up by itself. */
#define SCAN_AGAIN_MS 300000
/** A first round is followed by another for those that slept. */
#define SCAN_SOON_MS 20000

struct scan {
	uint32_t first, last; /* addresses as numbers */
	uint32_t own;
	uint64_t next; /* above last: this round is over */
	uint64_t due_ms;
	uint64_t ended_ms; /* the last round */
	uint64_t rounds;
	uint64_t skipped; /* addresses of the subnet past the limit */
};

/** The subnet's hosts; the first round is due now. */
void scan_init(struct scan *s, const struct cidr *own, uint64_t now_ms);
/** Rounds asked for begin at least so long after the last one's end. */
#define SCAN_ASKED_MS 5000

/** A new round soon; one that is going on goes on. */
void scan_again(struct scan *s, uint64_t now_ms);
/** Whether an address is to be asked now; own address never is. */
bool scan_due(struct scan *s, uint64_t now_ms, struct addr *out);

#endif

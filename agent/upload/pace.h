// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef UPLOAD_PACE_H
#define UPLOAD_PACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * When to try next: every PACE_MS, and after failures later and later, by a
 * random part, so that homes that were cut off together do not come back
 * together. Time and chance are arguments. Zeroed, it is due at once.
 */

#define PACE_MS	     5000
#define PACE_MOST_MS (15 * 60 * 1000)
/** A collector that asks for longer is asked again after this. */
#define PACE_ASKED_MOST_MS (6 * 3600 * 1000)

struct pace {
	uint64_t due_ms; /* of the clock that is passed in */
	unsigned int failures;
};

bool pace_is_due(const struct pace *pace, uint64_t now_ms);
/** more: there is more to send, at once. */
void pace_succeeded(struct pace *pace, uint64_t now_ms, bool more);
/** retry_after_s: what the collector asked for, or 0. */
void pace_failed(struct pace *pace, uint64_t now_ms, uint64_t retry_after_s,
		 uint32_t random);
/** At once, and the next failure counts on. */
void pace_again(struct pace *pace, uint64_t now_ms);
/** The owner asked for something: try at once. */
void pace_hurry(struct pace *pace, uint64_t now_ms);

#endif

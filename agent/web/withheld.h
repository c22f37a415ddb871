// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_WITHHELD_H
#define WEB_WITHHELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * Windows of a device that is still being identified: in memory and nowhere
 * else, until it is known what it is. Then they go on, or are wiped. At its
 * limit the oldest window goes; what went is counted.
 */

/** Of a device that is watched: an hour of one that is busy. */
#define WITHHELD_WATCHED_BYTES ((size_t)2 << 20)
/** Of one that is not: some announcements. */
#define WITHHELD_OTHER_BYTES ((size_t)16 << 10)
/** Of all together: as many as are watched at once, by half. */
#define WITHHELD_ALL_BYTES ((size_t)64 << 20)

struct withheld_window;

/** Of one device. Zeroed is empty. */
struct withheld {
	struct withheld_window *first, *last;
	size_t bytes, windows;
	uint64_t lost; /* went for the limit */
};

/** Of all devices. */
struct withheld_sum {
	size_t bytes;
	uint64_t lost;
};

/** Takes a copy of a window's bytes; watched: whether its traffic is the
 * device's to give (web/gate.h). most: bytes of this list, all of it. */
void withheld_add(struct withheld *held, struct withheld_sum *sum,
		  struct slice window, size_t most, bool watched);

/** The oldest window; its bytes live until it is taken out. False when there
 * is none. */
bool withheld_first(const struct withheld *held, struct slice *window,
		    bool *watched);
/** Takes the oldest out and overwrites it. */
void withheld_take(struct withheld *held, struct withheld_sum *sum);
/** Takes out those of which goes is true. */
void withheld_sift(struct withheld *held, struct withheld_sum *sum,
		   bool (*goes)(void *user, struct slice window), void *user);
/** Overwrites and forgets all of them. */
void withheld_wipe(struct withheld *held, struct withheld_sum *sum);

#endif

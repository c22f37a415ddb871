// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_RANGES_H
#define COLLECTOR_STORE_RANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/**
 * A set of segment numbers as ranges: sorted, apart, both ends included. An
 * account that never lost a segment has one. Its bytes are eight for each
 * end, big-endian, so that the same set has the same bytes.
 */
struct ranges {
	struct range *items;
	uint32_t count, room;
};

struct range {
	uint64_t first, last;
};

/**
 * The most that an account may have: a client leaves a gap where it dropped
 * what it could not keep, and never fills it. Past this the oldest gap counts
 * as filled.
 */
#define RANGES_MAX 4096u

/** Bytes of a range. */
#define RANGES_RANGE_BYTES 16u

void ranges_done(struct ranges *r);
/** Empties it; keeps the memory. */
void ranges_clear(struct ranges *r);

bool ranges_has(const struct ranges *r, uint64_t number);
/**
 * Adds [first, last]. *closed, if not NULL, counts gaps given up for
 * RANGES_MAX. ERR_NOMEM.
 */
int ranges_add(struct ranges *r, uint64_t first, uint64_t last,
	       uint64_t *closed) must_check;
/** Adds all of b. */
int ranges_join(struct ranges *r, const struct ranges *b,
		uint64_t *closed) must_check;

/** Appends the bytes. */
void ranges_encode(const struct ranges *r, struct buf *out);
/** Replaces r by what the bytes say. ERR_MALFORMED, ERR_NOMEM. */
int ranges_decode(struct ranges *r, struct slice bytes) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

/**
 * Memory that is given back all at once: what a window or a request needs
 * and nobody outlives. Takes its maximum at birth; past it, allocation gives
 * NULL, and the caller counts.
 */
struct arena {
	struct arena_chunk *chunks; /* newest first */
	size_t used;		    /* bytes handed out */
	size_t max;
};

/** max: most bytes handed out between two resets. Allocates nothing. */
void arena_init(struct arena *a, size_t max);
void arena_done(struct arena *a);
/** Takes everything back; keeps one chunk for the next round. */
void arena_reset(struct arena *a);

/** size zeroed bytes aligned for anything, or NULL (limit or no memory). */
void *arena_alloc(struct arena *a, size_t size) must_check;
/** A terminated copy of the bytes, or NULL. */
char *arena_text(struct arena *a, struct slice bytes) must_check;
/** A copy of size bytes, or NULL. */
void *arena_copy(struct arena *a, const void *data, size_t size) must_check;

#endif

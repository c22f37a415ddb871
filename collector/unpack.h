// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_UNPACK_H
#define COLLECTOR_UNPACK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/** Most bytes of an upload as sent, and unpacked: an hour of a busy home. */
#define UNPACK_PACKED_MAX ((size_t)1 << 20)
#define UNPACK_PLAIN_MAX  ((size_t)16 << 20)
/** Largest window that a zstd frame may ask memory for, as a power of two. */
#define UNPACK_WINDOW_LOG 23

struct unpacker;

int unpacker_new(struct unpacker **out) must_check;
void unpacker_free(struct unpacker *u);

/**
 * Replaces out by what the zstd frames (RFC 8878) are of. ERR_MALFORMED,
 * ERR_TRUNCATED, ERR_LIMIT: more than out may hold, or too large a window.
 */
int unpack(struct unpacker *u, struct slice packed, struct buf *out) must_check;

#endif

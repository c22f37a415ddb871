// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_RECORD_CODEC_H
#define RECORD_RECORD_CODEC_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

/*
 * A window as bytes, for passing it between processes of one build: a version,
 * the device and its addresses, then the items, each with the number of its
 * list. A window that is longer than a message goes in parts; each is a
 * window of its own, with the same start and device, and together they have
 * the items of the whole.
 */

/** Raised whenever the layout changes: what it does not know is refused. */
#define RECORD_CODEC_VERSION 4
/** Most of a device's addresses that are passed on; observe keeps fewer. */
#define RECORD_CODEC_ADDRS_MAX 64
/** Most domains; observe gives no more. */
#define RECORD_CODEC_DOMAINS_MAX 8
/** Least room for a part: the largest item, a hello, and the head. */
#define RECORD_CODEC_PART_MIN ((size_t)65536)
/** Most items in a part: more than fit in any message. */
#define RECORD_CODEC_ITEMS_MAX UINT32_C(65536)

/** Where the encoder is in a window. */
struct record_encoder {
	const struct record_window *window; /* must outlive it */
	size_t type, item;
	bool begun;
};

void record_encoder_init(struct record_encoder *e,
			 const struct record_window *window);
/**
 * Appends the next part, of at most max_bytes (RECORD_CODEC_PART_MIN or more)
 * to out. 1, or 0 and nothing when all is written; ERR_LIMIT for an item that
 * fits in no part; the next call goes on behind it. Other errors are out's.
 */
int record_encode_part(struct record_encoder *e, struct buf *out,
		       size_t max_bytes) must_check;

/**
 * The window in bytes. Its arrays are the arena's, its texts views into
 * bytes. ERR_MALFORMED; ERR_UNSUPPORTED for another version; ERR_LIMIT;
 * ERR_NOMEM when the arena is full.
 */
int record_decode(struct slice bytes, struct arena *arena,
		  struct record_window *out) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_PACKED_H
#define STORE_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/slice.h"

/*
 * Rows as bytes, many in one blob, as a row of SQLite's own costs twenty times
 * the work of putting its numbers down, and twice the room. A number is seven
 * bits a byte, lowest first, the top bit saying that more follow; one that may
 * be negative is zigzagged before. Bytes are their length + 1 and themselves;
 * 0 is their absence.
 */

/** Most bytes of one blob: all that a window may hold has room. */
#define PACKED_BYTES_MAX ((size_t)16 << 20)

void packed_put(struct buf *out, uint64_t number);
void packed_put_signed(struct buf *out, int64_t number);
void packed_put_bytes(struct buf *out, struct slice bytes);

/** Fail the cursor when there is no such thing, or a number is too large. */
uint64_t packed_take(struct cursor *c);
int64_t packed_take_signed(struct cursor *c);
struct slice packed_take_bytes(struct cursor *c);

/**
 * The columns of a flow in their order, as numbers: the remote's id, those of
 * record_flow, times in ms. What is put down of the times is what is left when
 * the window's start is taken off.
 */
enum packed_flow {
	PACKED_REMOTE,
	PACKED_PROTOCOL,
	PACKED_REMOTE_PORT,
	PACKED_DEVICE_PORT,
	PACKED_LOCAL,
	PACKED_OPENER,
	PACKED_FIRST_MS,
	PACKED_LAST_MS,
	PACKED_IN_PACKETS,
	PACKED_OUT_PACKETS,
	PACKED_IN_BYTES,
	PACKED_OUT_BYTES,
	PACKED_IN_SEQUENCE_BYTES,
	PACKED_OUT_SEQUENCE_BYTES,
	PACKED_IN_MISSED_BYTES,
	PACKED_OUT_MISSED_BYTES,
	PACKED_FLOW_COLUMNS
};

void packed_put_flow(struct buf *out, int64_t start_s,
		     const int64_t flow[PACKED_FLOW_COLUMNS]);

/** False at the end, or where the bytes are no flow. */
bool packed_take_flow(struct cursor *c, int64_t start_s,
		      int64_t flow[PACKED_FLOW_COLUMNS]);

#endif

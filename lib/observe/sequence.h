// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_SEQUENCE_H
#define OBSERVE_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How many bytes one direction of a TCP connection carried, by the range of
 * its sequence numbers (RFC 9293 3.4): what is sent again counts once, what
 * the capture missed counts too.
 */

/**
 * Farthest a segment may lie from those before it. No window is larger (RFC
 * 7323 2.3); a segment beyond is of another connection on the same ports.
 */
#define SEQUENCE_REACH (UINT32_C(1) << 30)

struct sequence {
	bool started;
	uint32_t low, next; /* the range known: [low, next) */
};

/**
 * A segment: seq and flags of its header, and its payload's length. Returns
 * the bytes that it adds to the range.
 */
uint32_t sequence_add(struct sequence *s, uint32_t seq, uint8_t tcp_flags,
		      uint32_t payload_bytes);

/**
 * What of a direction is known to have passed unseen: holes between segments,
 * and what the other end acknowledges though no segment had it.
 */

/** Most holes at once; one that is more is not counted. A line that loses much
 * has two or three open. */
#define SEQUENCE_HOLES_MAX 4u

struct sequence_gaps {
	uint32_t acked; /* up to where the other end has it */
	bool has_acked;
	uint8_t hole_count;
	uint8_t old_count; /* of the first holes: of an earlier window */
	struct {
		uint32_t from, to;
	} holes[SEQUENCE_HOLES_MAX];
	uint64_t missed; /* bytes, in the open window */
};

/**
 * A segment of the direction; before: its range before sequence_add() had it.
 * False when a hole is one too many.
 */
bool sequence_note_segment(struct sequence_gaps *g,
			   const struct sequence *before, uint32_t seq,
			   uint8_t tcp_flags, uint32_t payload_bytes);
/**
 * A segment the other way, which says what that end has. seen: the range of
 * the direction.
 */
void sequence_note_ack(struct sequence_gaps *g, const struct sequence *seen,
		       uint32_t ack, uint8_t tcp_flags);
/** The direction's first packet in a window: holes of the one before the last
 * stay open for ever. */
void sequence_renew_gaps(struct sequence_gaps *g);

/** Where the segment's payload lies: behind the SYN, which takes a number. */
uint32_t sequence_payload_start(uint32_t seq, uint8_t tcp_flags);

/** Serial number arithmetic (RFC 1982): how far a lies ahead of b. */
static inline int32_t sequence_ahead(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b);
}

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_BURST_H
#define GUARD_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * When to send what must be said more than once. Linux ignores an ARP reply
 * that comes within about 1 s of the last change of its entry (locktime), and
 * a Wi-Fi may lose any frame: so starts and restores are repeated past that.
 */

/** Start of interception, and restore. */
extern const uint16_t burst_firm[];
/** The same for IPv6, whose routers' advertisements come at any time. */
extern const uint16_t burst_firm6[];
/** Restore before a sleep: the network may go at any moment. */
extern const uint16_t burst_hasty[];
/** A true answer was, or is about to be, heard by the victim. */
extern const uint16_t burst_heard[];
/** Milliseconds from the first of a firm or hasty burst to its last. */
#define BURST_FIRM_MS  1600
#define BURST_FIRM6_MS 2400

struct burst {
	const uint16_t *offsets; /* ms from start, UINT16_MAX ends them; NULL:
				    none is going on */
	uint64_t start_ms;
	size_t next;
};

void burst_start(struct burst *b, const uint16_t *offsets, uint64_t now_ms);
void burst_stop(struct burst *b);
/** Whether to send now; several that are overdue count as one. */
bool burst_due(struct burst *b, uint64_t now_ms);
/** When the next is due, or UINT64_MAX when it is over. */
uint64_t burst_next_ms(const struct burst *b);

/** When its last is due, or was. */
uint64_t burst_last_ms(const struct burst *b);

/** Of two, the one that is due first. */
static inline uint64_t burst_first_ms(const struct burst *a,
				      const struct burst *b)
{
	return burst_next_ms(a) < burst_next_ms(b) ? burst_next_ms(a)
						   : burst_next_ms(b);
}

#endif

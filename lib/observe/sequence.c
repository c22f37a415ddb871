// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/sequence.h"

#include "decode/packet.h"

uint32_t sequence_payload_start(uint32_t seq, uint8_t tcp_flags)
{
	return seq + (tcp_flags & PACKET_TCP_SYN ? 1 : 0);
}

static uint32_t begin(struct sequence *s, uint32_t start, uint32_t end)
{
	*s = (struct sequence){ .started = true, .low = start, .next = end };
	return end - start;
}

/* Of another connection on the same ports than what came before. */
static bool is_another(const struct sequence *s, uint32_t start,
		       uint8_t tcp_flags)
{
	int32_t ahead = sequence_ahead(start, s->next);

	/* the same SYN again is no news */
	if (tcp_flags & PACKET_TCP_SYN && start != s->low)
		return true;
	return ahead > (int32_t)SEQUENCE_REACH ||
	       ahead < -(int32_t)SEQUENCE_REACH;
}

uint32_t sequence_add(struct sequence *s, uint32_t seq, uint8_t tcp_flags,
		      uint32_t payload_bytes)
{
	uint32_t start = sequence_payload_start(seq, tcp_flags);
	uint32_t end = start + payload_bytes;
	uint32_t added = 0;
	int32_t ahead, behind;

	/* a reset often carries a number of no meaning */
	if (tcp_flags & PACKET_TCP_RST)
		return 0;
	if (!s->started || is_another(s, start, tcp_flags))
		return begin(s, start, end);
	ahead = sequence_ahead(end, s->next);
	behind = sequence_ahead(s->low, start);
	if (behind > 0) {
		s->low = start;
		added += (uint32_t)behind;
	}
	if (ahead > 0) {
		s->next = end;
		added += (uint32_t)ahead;
	}
	/* kept near, so that it never looks as if it lay ahead */
	if (s->next - s->low > SEQUENCE_REACH)
		s->low = s->next - SEQUENCE_REACH;
	return added;
}

static void remove_hole(struct sequence_gaps *g, unsigned i)
{
	g->hole_count--;
	if (i < g->old_count)
		g->old_count--;
	for (; i < g->hole_count; i++)
		g->holes[i] = g->holes[i + 1];
}

static bool add_hole(struct sequence_gaps *g, uint32_t from, uint32_t to)
{
	if (g->hole_count == SEQUENCE_HOLES_MAX)
		return false;
	g->holes[g->hole_count].from = from;
	g->holes[g->hole_count++].to = to;
	return true;
}

/* Takes what came at last out of the holes. */
static bool fill(struct sequence_gaps *g, uint32_t start, uint32_t end)
{
	bool kept = true;

	for (unsigned i = g->hole_count; i-- > 0;) {
		uint32_t from = g->holes[i].from, to = g->holes[i].to;
		bool head = sequence_ahead(start, from) > 0;
		bool tail = sequence_ahead(to, end) > 0;

		if (sequence_ahead(start, to) >= 0 ||
		    sequence_ahead(from, end) >= 0)
			continue;
		if (head)
			g->holes[i].to = start;
		else if (tail)
			g->holes[i].from = end;
		else
			remove_hole(g, i);
		if (head && tail)
			kept = add_hole(g, end, to);
	}
	return kept;
}

bool sequence_note_segment(struct sequence_gaps *g,
			   const struct sequence *before, uint32_t seq,
			   uint8_t tcp_flags, uint32_t payload_bytes)
{
	uint32_t start = sequence_payload_start(seq, tcp_flags);
	uint32_t from = before->next;

	if (tcp_flags & PACKET_TCP_RST || !before->started)
		return true;
	if (is_another(before, start, tcp_flags)) {
		*g = (struct sequence_gaps){ .missed = g->missed };
		return true;
	}
	if (sequence_ahead(start, from) <= 0)
		return !g->hole_count || fill(g, start, start + payload_bytes);
	/* what was acknowledged is counted already */
	if (g->has_acked && sequence_ahead(g->acked, from) > 0)
		from = g->acked;
	return sequence_ahead(start, from) <= 0 || add_hole(g, from, start);
}

/* How much of [from, to) is there, 0 if to lies behind. */
static uint32_t stretch(uint32_t from, uint32_t to)
{
	int32_t n = sequence_ahead(to, from);

	return n > 0 ? (uint32_t)n : 0;
}

void sequence_note_ack(struct sequence_gaps *g, const struct sequence *seen,
		       uint32_t ack, uint8_t tcp_flags)
{
	uint32_t from = g->acked, beyond;

	/* where a connection begins, nothing before it is missing */
	if (tcp_flags & PACKET_TCP_SYN)
		*g = (struct sequence_gaps){ .missed = g->missed };
	if (!(tcp_flags & PACKET_TCP_ACK) || tcp_flags & PACKET_TCP_RST)
		return;
	/* the first: what is behind the last segment was not seen */
	if (!g->has_acked)
		from = seen->started && !(tcp_flags & PACKET_TCP_SYN)
			       ? seen->next
			       : ack;
	/* an older one comes late; one far off is of another connection */
	else if (sequence_ahead(ack, from) <= 0 &&
		 sequence_ahead(from, ack) < (int32_t)SEQUENCE_REACH)
		return;
	else if (stretch(from, ack) > SEQUENCE_REACH)
		from = ack;
	g->has_acked = true;
	g->acked = ack;
	if (seen->started && sequence_ahead(seen->next, from) > 0)
		from = seen->next;
	beyond = stretch(from, ack);
	/* SYN and FIN take a number each, and are no payload */
	if (beyond > 1)
		g->missed += beyond;
	for (unsigned i = g->hole_count; i-- > 0;) {
		uint32_t to = g->holes[i].to;

		if (sequence_ahead(to, ack) > 0)
			continue;
		g->missed += stretch(g->holes[i].from, to);
		remove_hole(g, i);
	}
}

void sequence_renew_gaps(struct sequence_gaps *g)
{
	g->missed = 0;
	while (g->old_count) {
		g->missed += stretch(g->holes[0].from, g->holes[0].to);
		remove_hole(g, 0);
	}
	g->old_count = g->hole_count;
}

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
	if (!s->started)
		return begin(s, start, end);
	/* the same SYN again is no news; another is a new connection */
	if (tcp_flags & PACKET_TCP_SYN && start != s->low)
		return begin(s, start, end);
	ahead = sequence_ahead(start, s->next);
	if (ahead > (int32_t)SEQUENCE_REACH || ahead < -(int32_t)SEQUENCE_REACH)
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

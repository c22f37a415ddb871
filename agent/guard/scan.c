// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/scan.h"

static uint32_t number_of(const struct addr *a)
{
	return (uint32_t)a->b[0] << 24 | (uint32_t)a->b[1] << 16 |
	       (uint32_t)a->b[2] << 8 | a->b[3];
}

static struct addr addr_of(uint32_t n)
{
	const uint8_t b[4] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16),
			       (uint8_t)(n >> 8), (uint8_t)n };

	return addr_v4(b);
}

void scan_init(struct scan *s, const struct cidr *own, uint64_t now_ms)
{
	uint32_t address = number_of(&own->addr);
	uint32_t mask = own->bits ? UINT32_MAX << (32 - own->bits) : 0;
	uint32_t first = address & mask, last = address | ~mask;
	uint64_t all;

	if (own->bits < 31) {
		first++;
		last--;
	}
	all = (uint64_t)last - first + 1;
	*s = (struct scan){ .own = address, .due_ms = now_ms };
	if (all > SCAN_ADDRESSES_MAX) {
		uint32_t part = address & ~(uint32_t)(SCAN_ADDRESSES_MAX - 1);

		first = part > first ? part : first;
		last = part + (SCAN_ADDRESSES_MAX - 1) < last
			       ? part + (SCAN_ADDRESSES_MAX - 1)
			       : last;
		s->skipped = all - ((uint64_t)last - first + 1);
	}
	s->first = first;
	s->last = last;
	s->next = first;
}

void scan_again(struct scan *s, uint64_t now_ms)
{
	uint64_t least_ms = s->ended_ms + SCAN_ASKED_MS;

	if (s->next <= s->last)
		return;
	s->next = s->first;
	s->due_ms = least_ms > now_ms ? least_ms : now_ms;
}

bool scan_due(struct scan *s, uint64_t now_ms, struct addr *out)
{
	if (now_ms < s->due_ms)
		return false;
	if (s->next > s->last)
		s->next = s->first; /* the next round */
	if (s->next == s->own && s->next < s->last)
		s->next++;
	*out = addr_of((uint32_t)s->next);
	s->next++;
	s->due_ms = now_ms + SCAN_PACE_MS;
	if (s->next > s->last) {
		s->rounds++;
		s->ended_ms = now_ms;
		s->due_ms = now_ms +
			    (s->rounds == 1 ? SCAN_SOON_MS : SCAN_AGAIN_MS);
	}
	return number_of(out) != s->own;
}

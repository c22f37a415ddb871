// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/burst.h"

const uint16_t burst_firm[] = { 0, 300, 700, 1200, BURST_FIRM_MS, UINT16_MAX };
const uint16_t burst_hasty[] = { 0,	    20,	 60,   120,
				 300,	    700, 1200, BURST_FIRM_MS,
				 UINT16_MAX };
const uint16_t burst_firm6[] = { 0, 300, 1200, BURST_FIRM6_MS, UINT16_MAX };
const uint16_t burst_heard[] = { 0, 30, 200, 700, UINT16_MAX };

void burst_start(struct burst *b, const uint16_t *offsets, uint64_t now_ms)
{
	*b = (struct burst){ .offsets = offsets, .start_ms = now_ms };
}

void burst_stop(struct burst *b)
{
	b->offsets = NULL;
}

uint64_t burst_next_ms(const struct burst *b)
{
	if (!b->offsets || b->offsets[b->next] == UINT16_MAX)
		return UINT64_MAX;
	return b->start_ms + b->offsets[b->next];
}

uint64_t burst_last_ms(const struct burst *b)
{
	size_t i = 0;

	while (b->offsets[i + 1] != UINT16_MAX)
		i++;
	return b->start_ms + b->offsets[i];
}

bool burst_due(struct burst *b, uint64_t now_ms)
{
	bool due = false;

	while (burst_next_ms(b) <= now_ms) {
		due = true;
		b->next++;
	}
	return due;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "upload/pace.h"

bool pace_is_due(const struct pace *p, uint64_t now_ms)
{
	return now_ms >= p->due_ms;
}

void pace_succeeded(struct pace *p, uint64_t now_ms, bool more)
{
	p->failures = 0;
	p->due_ms = more ? now_ms : now_ms + PACE_MS;
}

/* A part of it between a half and all. */
static uint64_t part_of(uint64_t ms, uint32_t random)
{
	return ms / 2 + (uint64_t)((double)(ms - ms / 2) * random / UINT32_MAX);
}

void pace_failed(struct pace *p, uint64_t now_ms, uint64_t retry_after_s,
		 uint32_t random)
{
	uint64_t wait_ms = PACE_MS, asked_ms;

	for (unsigned int i = 0; i < p->failures && wait_ms < PACE_MOST_MS; i++)
		wait_ms *= 2;
	if (wait_ms > PACE_MOST_MS)
		wait_ms = PACE_MOST_MS;
	if (p->failures < UINT32_MAX)
		p->failures++;
	wait_ms = part_of(wait_ms, random);
	asked_ms = retry_after_s > PACE_ASKED_MOST_MS / 1000
			   ? PACE_ASKED_MOST_MS
			   : retry_after_s * 1000;
	/* never sooner than asked for, and not all at the same moment */
	if (asked_ms)
		asked_ms += part_of(PACE_MS, random);
	p->due_ms = now_ms + (asked_ms > wait_ms ? asked_ms : wait_ms);
}

void pace_again(struct pace *p, uint64_t now_ms)
{
	p->due_ms = now_ms;
}

void pace_hurry(struct pace *p, uint64_t now_ms)
{
	p->failures = 0;
	p->due_ms = now_ms;
}

// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/insist.h"

/* A minute passed: whether it had so many times is known, until the next. */
static bool begin_minute(struct insist *i, uint64_t now_ms)
{
	bool over = i->on && i->times < INSIST_TIMES;

	if (over)
		i->on = false;
	i->since_ms = now_ms;
	i->times = 0;
	return over;
}

bool insist_heard(struct insist *i, uint64_t now_ms)
{
	if (!i->on && now_ms - i->since_ms >= INSIST_MS)
		(void)begin_minute(i, now_ms);
	i->times++;
	if (i->on || i->times < INSIST_TIMES)
		return false;
	i->on = true;
	return true;
}

bool insist_is_over(struct insist *i, uint64_t now_ms)
{
	return i->on && now_ms - i->since_ms >= INSIST_MS &&
	       begin_minute(i, now_ms);
}

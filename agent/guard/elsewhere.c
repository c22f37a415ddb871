// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/elsewhere.h"

bool elsewhere_heard(struct elsewhere *e, const struct addr *address,
		     uint64_t now_ms)
{
	uint64_t least = addr_equal(&e->address, address) ? ELSEWHERE_AGAIN_MS
							  : ELSEWHERE_OTHER_MS;

	if (e->proven || (e->asked_ms && now_ms - e->asked_ms < least))
		return false;
	e->address = *address;
	e->asked_ms = now_ms;
	return true;
}

bool elsewhere_answered(struct elsewhere *e, const struct addr *address,
			uint64_t now_ms)
{
	bool news = !e->proven;

	if (!e->asked_ms || !addr_equal(&e->address, address) ||
	    now_ms - e->asked_ms > ELSEWHERE_ANSWER_MS)
		return false;
	e->proven = true;
	e->answered_ms = now_ms;
	return news;
}

bool elsewhere_ask(struct elsewhere *e, uint64_t now_ms, bool *news)
{
	*news = false;
	if (!e->proven)
		return false;
	if (now_ms - e->answered_ms >= ELSEWHERE_GONE_MS) {
		e->proven = false;
		*news = true;
		return false;
	}
	if (now_ms - e->asked_ms < ELSEWHERE_ASK_MS)
		return false;
	e->asked_ms = now_ms;
	return true;
}

struct addr elsewhere_address(const struct elsewhere *e)
{
	static const struct addr none = { .family = 0 };

	return e->proven ? e->address : none;
}

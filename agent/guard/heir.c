// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/heir.h"

void heir_claims(struct heir *h, const struct mac *mac, uint64_t now_ms)
{
	if (!heir_waits(h))
		*h = (struct heir){ .due_ms = now_ms };
	h->mac = *mac;
}

void heir_clear(struct heir *h)
{
	*h = (struct heir){ .asked = 0 };
}

bool heir_waits(const struct heir *h)
{
	return !mac_is_zero(&h->mac);
}

bool heir_asks(struct heir *h, uint64_t now_ms)
{
	if (!heir_waits(h) || h->asked == HEIR_ASKS || now_ms < h->due_ms)
		return false;
	h->asked++;
	h->due_ms = now_ms + HEIR_ASK_MS;
	return true;
}

bool heir_is_due(const struct heir *h, uint64_t now_ms)
{
	return heir_waits(h) && h->asked == HEIR_ASKS && now_ms >= h->due_ms;
}

bool heir_is_over(const struct heir *h, uint64_t now_ms)
{
	return heir_is_due(h, now_ms) && now_ms >= h->due_ms + HEIR_PROVE_MS;
}

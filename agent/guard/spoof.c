// SPDX-License-Identifier: GPL-3.0-or-later
#include "guard/spoof.h"

#include <string.h>

void spoof_init(struct spoof *s, const struct mac *believed)
{
	memset(s, 0, sizeof(*s));
	s->claimants[0].mac = *believed;
	s->count = 1;
}

static struct spoof_claimant *claimant(struct spoof *s, const struct mac *mac)
{
	struct spoof_claimant *oldest = &s->claimants[1];

	for (size_t i = 0; i < s->count; i++)
		if (mac_equal(&s->claimants[i].mac, mac))
			return &s->claimants[i];
	if (s->count < SPOOF_CLAIMANTS_MAX) {
		oldest = &s->claimants[s->count++];
	} else {
		for (size_t i = 2; i < s->count; i++)
			if (s->claimants[i].last_ms < oldest->last_ms)
				oldest = &s->claimants[i];
	}
	*oldest = (struct spoof_claimant){ .mac = *mac };
	return oldest;
}

bool spoof_heard(struct spoof *s, const struct mac *mac, uint64_t now_ms)
{
	struct spoof_claimant *c = claimant(s, mac);
	const struct spoof_claimant *first = &s->claimants[0];

	c->last_ms = now_ms;
	if (c == first)
		return false;
	if (now_ms - c->claims_ms > SPOOF_CLAIMS_MS) {
		c->claims_ms = now_ms;
		c->claims = 0;
	}
	c->claims++;
	if (!first->last_ms || first->last_ms < c->claims_ms ||
	    c->claims < SPOOF_CLAIMS)
		return false;
	s->found_ms = now_ms;
	return true;
}

bool spoof_asks(struct spoof *s, const struct mac *mac, uint64_t now_ms)
{
	if (!s->count || mac_equal(mac, &s->claimants[0].mac) ||
	    (s->asked_ms && now_ms - s->asked_ms < SPOOF_ASK_MS))
		return false;
	s->asked_ms = now_ms;
	return true;
}

void spoof_found(struct spoof *s, uint64_t now_ms)
{
	s->found_ms = now_ms;
}

bool spoof_is_over(struct spoof *s, uint64_t now_ms)
{
	if (!s->found_ms || now_ms - s->found_ms < SPOOF_OVER_MS)
		return false;
	s->found_ms = 0;
	return true;
}

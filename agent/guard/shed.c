// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/clock.h"
#include "guard/state.h"
#include "guard/way.h"

/* After a sleep: how long it is waited for the router to be heard. */
#define LOOK_MOST_MS 5000

static void forget(struct guard *g, size_t i)
{
	struct six *six = &g->six;

	six->shed[i] = six->shed[--six->shed_count];
}

void shed_add(struct guard *g, const struct mac *mac,
	      const struct addr *address, uint64_t now_ms)
{
	struct six *six = &g->six;
	size_t oldest = 0;

	if (six->shed_count == SHED_MAX) {
		for (size_t i = 1; i < SHED_MAX; i++)
			if (six->shed[i].burst.start_ms <
			    six->shed[oldest].burst.start_ms)
				oldest = i;
		(void)!way6_remove(&g->net, &six->shed[oldest].address);
		forget(g, oldest);
		six->hosts.refused++;
	}
	six->shed[six->shed_count] =
		(struct shed){ .address = *address, .mac = *mac };
	burst_start(&six->shed[six->shed_count++].burst, burst_firm6, now_ms);
	guard_due(g, now_ms);
}

void shed_take_back(struct guard *g, const struct addr *address)
{
	for (size_t i = 0; i < g->six.shed_count; i++)
		if (addr_equal(&g->six.shed[i].address, address))
			forget(g, i--);
}

struct mac shed_holder(const struct guard *g, const struct shed *s)
{
	const struct host6 *host = hosts6_find(&g->six.hosts, &s->address);

	return host ? host->mac : s->mac;
}

static void say(struct guard *g, const struct shed *s)
{
	const struct six *six = &g->six;
	const struct ndpcast_host router = { six->router[0], six->router_mac };
	struct mac holder = shed_holder(g, s);

	if (!mac_equal(&holder, &router.mac) &&
	    !ndpcast_tell(&six->wire, &router, &s->address, &holder, false))
		g->counters.ndp_sent += 2;
	for (size_t i = 0; i < g->watch_count; i++) {
		const struct watch *w = &g->watches[i];
		const struct ndpcast_host to = { w->six.addresses[0], w->mac };

		if (w->six.count && !mac_equal(&w->mac, &holder) &&
		    pairs_are(g, &w->mac, &s->mac) &&
		    !ndpcast_inform(&six->wire, &to, &s->address, &holder,
				    false))
			g->counters.ndp_sent++;
	}
}

/* Whether there is nobody, any more, to be told. */
static bool is_in_vain(const struct guard *g, uint64_t now_ms)
{
	if (g->gone)
		return true;
	if (!g->linked)
		return now_ms - g->unlinked_ms >= AWAY_MOST_MS;
	return !lan_is_heard(g, &g->six.router_mac) &&
	       now_ms - g->woke_ms >= LOOK_MOST_MS;
}

void shed_turn(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;
	size_t before = six->shed_count;

	for (size_t i = 0; i < six->shed_count; i++) {
		struct shed *s = &six->shed[i];
		bool vain = is_in_vain(g, now_ms);

		if (!vain && (!g->linked || !lan_is_heard(g, &six->router_mac)))
			burst_start(&s->burst, burst_firm6, now_ms);
		else if (!vain && burst_due(&s->burst, now_ms))
			say(g, s);
		if (!vain && burst_next_ms(&s->burst) != UINT64_MAX) {
			if (g->linked)
				guard_due(g, burst_next_ms(&s->burst));
			continue;
		}
		(void)!way6_remove(&g->net, &s->address);
		forget(g, i--);
	}
	if (six->shed_count != before)
		settings_shorten(g);
}

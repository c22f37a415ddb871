// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/clock.h"
#include "guard/state.h"

/* Between two looks whether it is decided who is the router. */
#define HEIR_LOOK_MS 50

bool router6_has(const struct guard *g, const struct addr *address)
{
	const struct six *six = &g->six;

	for (size_t i = 0; i < six->router_addresses; i++)
		if (addr_equal(&six->router[i], address))
			return true;
	return false;
}

/* The router intercepted towards stays what it was poisoned as while any
 * device is. */
void router6_choose(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;
	struct router router = { .until_ms = 0 };
	const struct host6 *host;
	size_t count = 0;
	uint32_t at = 0;
	bool same;

	six->router_count = routers_now(&six->routers, now_ms, &router);
	same = mac_equal(&six->router_mac, &router.mac) &&
	       six->router_count == 1;
	for (size_t i = 0; i < g->watch_count; i++)
		if (watch6_is_changed(&g->watches[i]) && !same)
			return;
	if (six->shed_count && !same)
		return;
	if (six->router_count != 1) {
		six->router_mac = (struct mac){ { 0 } };
		six->router_addresses = 0;
		return;
	}
	host = hosts6_find(&six->hosts, &router.address);
	if (!host || !host->proven || !mac_equal(&host->mac, &router.mac))
		return;
	if (!mac_equal(&six->router_mac, &router.mac))
		spoof_init(&six->spoof, &router.mac);
	six->router_mac = router.mac;
	six->router[count++] = router.address;
	while ((host = hosts6_next(&six->hosts, &at)))
		if (host->proven && mac_equal(&host->mac, &router.mac) &&
		    !addr_equal(&host->address, &router.address) &&
		    count < UNDO_ROUTERS6_MAX)
			six->router[count++] = host->address;
	six->router_addresses = count;
}

bool router6_has_rival(const struct guard *g, uint64_t now_ms)
{
	return g->six.doubt_ms && now_ms - g->six.doubt_ms < RIVAL_MS;
}

bool router6_may_be(const struct guard *g, const struct mac *mac)
{
	const struct host *host = hosts_find(&g->hosts, mac);

	return !mac_is_group(mac) && !watches_have(g, mac) &&
	       !hosts_is_inspector(host, clock_ms());
}

/* What is written down, told and heard is of the other from now on. Addresses
 * that the router had are its until somebody else is heard at them. */
static void take_heir(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;
	struct mac old = six->router_mac, mac = six->heir.mac;

	heir_clear(&six->heir);
	six->claim_ms = six->doubt_ms = 0;
	spoof_init(&six->spoof, &mac);
	routers_succeed(&six->routers, &six->router[0], &mac);
	for (size_t i = 0; i < six->router_addresses; i++) {
		struct host6 *host = hosts6_find(&six->hosts, &six->router[i]);
		bool fresh;

		if (host && mac_equal(&host->mac, &old))
			host = hosts6_heard(&six->hosts, &mac, &six->router[i],
					    now_ms, &fresh);
		if (host && mac_equal(&host->mac, &mac))
			host->proven = true;
	}
	six->router_mac = mac;
	if (six->changed && settings_write(g))
		guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
			    "could not write the undo record");
	hold6_router_changed(g, now_ms);
	hold_set_changed(g);
}

/* Whether it is decided who is the router, as soon as it can be. */
static void turn_heir(struct guard *g, uint64_t now_ms)
{
	struct six *six = &g->six;
	struct heir *heir = &six->heir;
	struct mac mac;

	if (!heir_waits(heir))
		return;
	/* the network may be another: what is known of its router is not */
	if (!six->router_addresses || !lan_is_heard(g, &six->router_mac) ||
	    !router6_may_be(g, &heir->mac) || heir_is_over(heir, now_ms)) {
		heir_clear(heir);
		return;
	}
	if (heir_asks(heir, now_ms))
		lan6_ask_for(g, &six->router[0], &six->router_mac);
	guard_due(g, now_ms + HEIR_LOOK_MS);
	if (!heir_is_due(heir, now_ms))
		return;
	if (!net_neighbour(&g->net, g->lan.index, &six->router[0], &mac) &&
	    mac_equal(&mac, &heir->mac))
		take_heir(g, now_ms);
	else
		(void)!net_resolve(&g->net, g->lan.index, &six->router[0]);
}

bool router6_is_asked(struct guard *g, uint64_t now_ms)
{
	turn_heir(g, now_ms);
	return heir_waits(&g->six.heir);
}

/* Somebody speaks from, or for, an address of the router: who, when it is not
 * the router, which then is asked whether it is there. */
void router6_claimed(struct guard *g, const struct ndp *ndp, uint64_t now_ms)
{
	bool advertises = ndp->type == NDP_NEIGHBOUR_ADVERTISEMENT;
	const struct addr *address = advertises ? &ndp->target : &ndp->src;
	bool of_router = mac_equal(&ndp->eth_src, &g->six.router_mac);
	struct six *six = &g->six;

	if (!router6_has(g, address) ||
	    hosts_is_inspector(hosts_find(&g->hosts, &ndp->eth_src), now_ms))
		return;
	if (spoof_heard(&six->spoof, &ndp->eth_src, now_ms))
		lan_tell_spoofer(g, "the IPv6 router", &ndp->eth_src, now_ms);
	if (of_router) {
		if (six->claim_ms && now_ms - six->claim_ms < RIVAL_ASKED_MS)
			six->doubt_ms = now_ms;
		heir_clear(&six->heir);
		routers_succeed(&six->routers, &six->router[0],
				&six->router_mac);
	} else {
		six->claim_ms = now_ms;
		/* who was refuted just now is asked about no oftener */
		if (addr_equal(address, &six->router[0]) &&
		    !router6_has_rival(g, now_ms))
			heir_claims(&six->heir, &ndp->eth_src, now_ms);
	}
	if (spoof_asks(&six->spoof, &ndp->eth_src, now_ms) &&
	    lan_is_heard(g, &six->router_mac) &&
	    !ndpcast_ask(&six->wire, &six->own_link, address, &six->router_mac))
		g->counters.ndp_sent++;
}

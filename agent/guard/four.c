// SPDX-License-Identifier: GPL-3.0-or-later

#include <string.h>

#include "guard/clock.h"
#include "guard/state.h"
#include "guard/usable.h"

/* A network that had IPv4 has it no more when it is away for so long: until
 * then, an address is being asked for anew. */
#define FOUR_AWAY_MS 3000
/* If its IPv6 router is not known by then, it may be another network. */
#define FOUR_LOST_MS 20000
/* The router of IPv4 that came is waited for. */
#define FOUR_FOUND_MS	   3000
#define FOUR_FOUND_LOOK_MS 20

bool four_is_here(const struct guard *g)
{
	return lan_has_four(g) && !g->four_lost_ms;
}

/* Whether any device is intercepted, or being given back, by IPv4. */
static bool is_in_use(const struct guard *g)
{
	for (size_t i = 0; i < g->watch_count; i++)
		if (g->watches[i].step != STEP_IDLE)
			return true;
	for (size_t i = 0; i < g->pair_count; i++)
		if (g->pairs[i].four.step != STEP_IDLE)
			return true;
	return false;
}

/* What of IPv4 was changed is put back, though IPv6 goes on, and the record is
 * of the network as it is now. */
static int move_record(struct guard *g, const struct net_interface *i)
{
	struct undo *u = &g->undo;
	int err = 0;

	if (!g->changed)
		return 0;
	if (!undo_is_of_six(u))
		err = settings_put_four_back(g);
	for (enum sysctl_id id = 0;
	     !err && i->address.addr.family == 4 && id < SYSCTLS; id++)
		err = sysctl_read(id, u->interface, &u->sysctls[id]);
	if (err)
		return err;
	u->address = i->address;
	u->gateway = i->gateway;
	u->gateway_mac = g->gateway_mac;
	return settings_write(g);
}

static int move(struct guard *g, const struct net_interface *i, uint64_t now_ms)
{
	int err = move_record(g, i);

	if (err)
		return err;
	g->lan.address = i->address;
	g->lan.gateway = i->gateway;
	g->four_lost_ms = g->four_found_ms = 0;
	g->rival = (struct mac){ { 0 } };
	g->rival_proven_ms = 0;
	g->gateway_ms = now_ms;
	g->way_lost = true;
	for (size_t k = 0; k < g->watch_count; k++)
		g->watches[k].address = (struct addr){ .family = 0 };
	lan_forget_four(g, now_ms);
	guard_fault_over(g, MESSAGE_FAULT_DOWN);
	guard_read_firewall(g);
	lan_tell_chosen(g);
	return 0;
}

/* It is another network only where its router is another. */
static int leave(struct guard *g, const struct net_interface *i,
		 uint64_t now_ms)
{
	const struct mac before = g->gateway_mac;
	int err;

	if (mac_is_zero(&g->six.router_mac) ||
	    !addr_equal(&g->six.router[0], &i->gateway))
		return ERR_NOTFOUND;
	g->gateway_mac = g->six.router_mac;
	err = move(g, i, now_ms);
	if (err)
		g->gateway_mac = before;
	else if (mac_equal(&before, &g->gateway_mac))
		capture_filter(g); /* what is read goes on being read */
	else
		capture_give(g);
	return err;
}

/* ERR_AGAIN: its router is waited for. */
static int enter(struct guard *g, const struct net_interface *i,
		 uint64_t now_ms)
{
	struct mac mac;
	int err;

	if (!g->four_found_ms)
		g->four_found_ms = now_ms;
	if (net_neighbour(&g->net, i->index, &i->gateway, &mac)) {
		if (now_ms - g->four_found_ms >= FOUR_FOUND_MS)
			return ERR_NOTFOUND;
		(void)!net_resolve(&g->net, i->index, &i->gateway);
		guard_due(g, now_ms + FOUR_FOUND_LOOK_MS);
		return ERR_AGAIN;
	}
	if (!mac_equal(&mac, &g->gateway_mac))
		return ERR_NOTFOUND;
	err = move(g, i, now_ms);
	if (!err && capture_is_of_another(g))
		capture_give(g);
	return err;
}

static bool is_same(const struct guard *g, const struct net_interface *i)
{
	return addr_equal(&i->address.addr, &g->lan.address.addr) &&
	       i->address.bits == g->lan.address.bits &&
	       addr_equal(&i->gateway, &g->lan.gateway);
}

static void come_back(struct guard *g, uint64_t now_ms)
{
	g->four_lost_ms = g->four_found_ms = 0;
	g->gateway_ms = now_ms;
	scan_again(&g->scan, now_ms);
	guard_fault_over(g, MESSAGE_FAULT_DOWN);
	lan_tell_chosen(g);
}

static void go_away(struct guard *g, uint64_t now_ms)
{
	if (!g->four_lost_ms) {
		g->four_lost_ms = now_ms;
		g->way_lost = true; /* with the address */
		/* nobody answers us now whether it is the router */
		g->rival = (struct mac){ { 0 } };
		lan_tell_chosen(g);
	}
	guard_fault(g, MESSAGE_FAULT_DOWN, "",
		    "%s has lost its IPv4 address or router: until it is back, "
		    "devices are watched by IPv6 alone",
		    g->lan.name);
}

bool four_follow(struct guard *g, const struct net_interface *i,
		 uint64_t now_ms)
{
	bool comes = i->address.addr.family == 4;
	char problem[MESSAGE_TEXT_MAX];
	int err;

	if (g->four_lost_ms && is_same(g, i)) {
		come_back(g, now_ms);
		return true;
	}
	if (!comes)
		g->four_found_ms = 0;
	if (!comes && lan_has_four(g))
		go_away(g, now_ms);
	/* from one IPv4 to the next at once, or from one IPv6 */
	if (lan_has_four(g) ? !g->four_lost_ms : !comes)
		return is_same(g, i);
	usable_judge(i, problem);
	if (comes && problem[0])
		return true;
	if (is_in_use(g) || (!comes && now_ms - g->four_lost_ms < FOUR_AWAY_MS))
		return true;
	err = comes ? enter(g, i, now_ms) : leave(g, i, now_ms);
	return !err || err == ERR_AGAIN ||
	       (!comes && now_ms - g->four_lost_ms < FOUR_LOST_MS);
}

// SPDX-License-Identifier: GPL-3.0-or-later

#include <errno.h>
#include <string.h>

#include "guard/restore.h"
#include "guard/state.h"
#include "guard/way.h"

static const struct addr far_address = { .family = 4, .b = { 8, 8, 8, 8 } };

static void fill_undo(struct guard *g)
{
	struct undo *u = &g->undo;

	u->device_count = 0;
	for (size_t i = 0; i < g->watch_count; i++) {
		const struct watch *w = &g->watches[i];
		struct undo_device *d = &u->devices[u->device_count];

		if (!watch_is_changed(w))
			continue;
		*d = (struct undo_device){ w->address, w->mac, w->taken_by };
		if (mac_equal(&d->holder, &g->gateway_mac))
			d->holder = (struct mac){ { 0 } };
		u->device_count++;
	}
	u->pairs = g->pair_count > 0;
	settings6_fill(g, u);
}

int settings_write(struct guard *g)
{
	fill_undo(g);
	return undo_write(g->config->run_dir, UNDO_WHOLE, &g->undo);
}

static int begin_undo(struct guard *g)
{
	struct undo *u = &g->undo;
	int err = 0;

	/* an older record holds the true values: it comes first */
	if (undo_is_there(g->config->run_dir, UNDO_WHOLE)) {
		g->leftover = true;
		return ERR_BUSY;
	}
	u->ipv6 = false;
	message_text(u->interface, sizeof(u->interface), g->lan.name);
	u->own = g->lan.mac;
	u->address = g->lan.address;
	u->gateway = g->lan.gateway;
	u->gateway_mac = g->gateway_mac;
	for (enum sysctl_id id = 0; lan_has_four(g) && !err && id < SYSCTLS;
	     id++)
		err = sysctl_read(id, u->interface, &u->sysctls[id]);
	return err;
}

int settings_change(struct guard *g)
{
	bool fresh = !g->changed;
	int err = fresh ? begin_undo(g) : 0;

	fill_undo(g);
	if (!err)
		err = undo_write(g->config->run_dir, UNDO_WHOLE, &g->undo);
	if (!err)
		g->changed = true;
	if (!err && four_is_here(g))
		err = sysctl_change(g->undo.interface);
	if (!err && four_is_here(g) && (fresh || g->way_lost))
		err = way_open(&g->net, g->lan.index, g->lan.name,
			       &g->lan.address, &g->lan.gateway);
	if (!err && four_is_here(g))
		g->way_lost = false;
	if (err == ERR_UNSUPPORTED)
		err = 0; /* whether the one table does is looked at next */
	if (!err)
		guard_fault_over(g, MESSAGE_FAULT_SYSTEM);
	else if (err != ERR_BUSY)
		guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
			    "could not prepare forwarding on %s: %s",
			    g->lan.name, strerror(errno));
	return err;
}

int settings_put_four_back(struct guard *g)
{
	int err = way_close(&g->net, g->undo.interface, &g->undo.address);
	int failed =
		sysctl_put_back(g->undo.interface, g->undo.sysctls, !g->gone);

	return err && err != ERR_UNSUPPORTED ? err : failed;
}

/* Nothing is poisoned any more: the settings go back to what they were. */
void settings_put_back(struct guard *g)
{
	int err, failed;

	if (!g->changed)
		return;
	for (size_t i = 0; i < g->watch_count; i++)
		if (watch_is_changed(&g->watches[i]) ||
		    watch6_is_changed(&g->watches[i]))
			return;
	if (pairs_any(g) || g->six.shed_count)
		return;
	err = settings6_put_back(g);
	failed = undo_is_of_six(&g->undo) ? 0 : settings_put_four_back(g);
	err = err ? err : failed;
	if (!err)
		err = undo_remove(g->config->run_dir, UNDO_WHOLE);
	if (err) {
		guard_fault(g, MESSAGE_FAULT_SYSTEM,
			    "sudo iot-inspector restore",
			    "could not put the settings of %s back: %s",
			    g->undo.interface, err_text(err));
		if (g->stopping)
			g->failed = true;
		return;
	}
	g->changed = false;
}

/* The devices given back are no longer in the record. */
void settings_shorten(struct guard *g)
{
	if (!g->changed)
		return;
	fill_undo(g);
	if (!g->undo.device_count && !g->undo.device6_count && !g->undo.pairs)
		settings_put_back(g);
	else if (undo_write(g->config->run_dir, UNDO_WHOLE, &g->undo))
		guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
			    "could not write the undo record: %s",
			    strerror(errno));
}

/* Whether the kernel would pass the device's packets to the router, and the
 * answers to the device. */
const char *settings_problem(struct guard *g, const struct watch *w)
{
	struct net_route out, back;

	if (net_route(&g->net, &far_address, &w->address, g->lan.index, &out))
		return "this computer would not pass its packets on (a routing "
		       "rule or rp_filter)";
	if (out.interface_index != g->lan.index ||
	    !addr_equal(&out.gateway, &g->lan.gateway))
		return "this computer would pass its packets on another way (a "
		       "VPN?)";
	if (net_route(&g->net, &w->address, &far_address, g->lan.index, &back))
		return "this computer would not pass the answers on (a routing "
		       "rule or rp_filter)";
	if (back.interface_index != g->lan.index || back.gateway.family)
		return "this computer would pass the answers on another way (a "
		       "VPN?)";
	return NULL;
}

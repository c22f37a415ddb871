// SPDX-License-Identifier: GPL-3.0-or-later

#include <errno.h>
#include <string.h>

#include "guard/redirects.h"
#include "guard/state.h"
#include "guard/way.h"

static const struct addr far_address = {
	6, { 0x20, 0x01, 0x48, 0x60, 0x48, 0x60, [14] = 0x88, [15] = 0x88 }
};

void settings6_fill(const struct guard *g, struct undo *u)
{
	u->router6_count = u->device6_count = 0;
	for (size_t i = 0; i < g->six.router_addresses; i++)
		u->routers6[u->router6_count++] =
			(struct undo_device){ g->six.router[i],
					      g->six.router_mac };
	for (size_t i = 0; i < g->watch_count; i++) {
		const struct watch *w = &g->watches[i];

		for (size_t k = 0; watch6_is_changed(w) && k < w->six.count &&
				   u->device6_count < UNDO_DEVICES6_MAX;
		     k++)
			u->devices6[u->device6_count++] =
				(struct undo_device){ w->six.addresses[k],
						      w->mac };
	}
	for (size_t i = 0;
	     i < g->six.shed_count && u->device6_count < UNDO_DEVICES6_MAX;
	     i++) {
		struct undo_device shed = { g->six.shed[i].address,
					    shed_holder(g, &g->six.shed[i]) };

		if (!mac_equal(&shed.mac, &g->six.router_mac))
			u->devices6[u->device6_count++] = shed;
	}
}

/* Our own table is no news of the firewall. */
static void forget_own_change(struct guard *g)
{
	if (g->firewall_fd >= 0)
		(void)firewall_changed(g->firewall_fd);
	guard_read_firewall(g);
}

static int open_way(struct guard *g)
{
	int err = way6_open(&g->net, g->lan.index, g->lan.name,
			    &g->six.router[0]);

	for (size_t i = 0; !err && i < g->undo.device6_count; i++)
		err = way6_add(&g->net, g->lan.index,
			       &g->undo.devices6[i].address);
	return err;
}

int settings6_change(struct guard *g)
{
	int err = g->changed ? 0 : settings_change(g);

	/* what was changed in part would be read as what it was before */
	if (!err && !g->six.changed)
		err = sysctl6_plan(g->lan.name, &g->undo.sysctls6);
	if (!err) {
		g->undo.ipv6 = true;
		err = settings_write(g);
	}
	if (!err && !g->six.ready) {
		g->six.changed = true;
		err = redirects_open(g->lan.index,
				     sysctl6_is_wide(&g->undo.sysctls6));
		forget_own_change(g);
		if (!err)
			err = sysctl6_change(&g->undo.sysctls6);
		g->six.ready = !err;
	}
	if (!err)
		err = open_way(g);
	if (!err)
		guard_fault_over(g, MESSAGE_FAULT_SYSTEM);
	else
		guard_fault(g, MESSAGE_FAULT_SYSTEM, "",
			    "could not prepare the forwarding of IPv6 on %s: "
			    "%s",
			    g->lan.name,
			    err == ERR_IO ? strerror(errno) : err_text(err));
	return err;
}

int settings6_put_back(struct guard *g)
{
	int err, failed;

	if (!g->six.changed)
		return 0;
	g->six.ready = false;
	err = way6_close(&g->net, g->undo.interface);
	if (err == ERR_UNSUPPORTED)
		err = 0;
	failed = redirects_close();
	err = err ? err : failed;
	forget_own_change(g);
	failed = sysctl6_put_back(&g->undo.sysctls6);
	err = err ? err : failed;
	if (err)
		return err;
	g->six.changed = false;
	g->undo.ipv6 = false;
	return 0;
}

const char *settings6_problem(struct guard *g, const struct addr *address)
{
	struct net_route out, back;

	if (net_route(&g->net, &far_address, address, g->lan.index, &out) ||
	    net_route(&g->net, address, &far_address, g->lan.index, &back))
		return "this computer would not pass its IPv6 packets on (a "
		       "routing rule?)";
	if (out.interface_index != g->lan.index ||
	    !addr_equal(&out.gateway, &g->six.router[0]) ||
	    back.interface_index != g->lan.index || back.gateway.family)
		return "this computer would pass its IPv6 packets on another "
		       "way (a VPN?)";
	return NULL;
}

// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/restore.h"

#include <poll.h>
#include <stdio.h>

#include "guard/arpcast.h"
#include "guard/burst.h"
#include "guard/clock.h"
#include "guard/net.h"
#include "guard/undo.h"
#include "guard/way.h"

/* How long the kernel is given to find the gateway's MAC again. */
#define GATEWAY_MS 500
/* Between two looks. */
#define LOOK_MS 20

bool restore_is_needed(int run_dir)
{
	struct undo undo;

	return undo_read(run_dir, &undo) != ERR_NOTFOUND;
}

static void sleep_until(uint64_t ms)
{
	uint64_t now = clock_ms();

	if (ms > now)
		(void)!poll(NULL, 0, (int)(ms - now));
}

/* Whether this is the network of the record: own MAC, subnet, and the router
 * at the gateway's address. */
static bool is_same_network(struct net *net, const struct undo *undo,
			    const struct net_interface *i)
{
	uint64_t until = clock_ms() + GATEWAY_MS;
	struct mac mac;
	int err;

	if (!i->up || !mac_equal(&i->mac, &undo->own) ||
	    !addr_equal(&i->address.addr, &undo->address.addr) ||
	    i->address.bits != undo->address.bits)
		return false;
	err = net_neighbour(net, i->index, &undo->gateway, &mac);
	if (err && net_resolve(net, i->index, &undo->gateway))
		return false;
	while (err && clock_ms() < until) {
		sleep_until(clock_ms() + LOOK_MS);
		err = net_neighbour(net, i->index, &undo->gateway, &mac);
	}
	return !err && mac_equal(&mac, &undo->gateway_mac);
}

static int restore_arp(const struct undo *undo, int interface_index)
{
	struct arpcast_host gateway = { undo->gateway, undo->gateway_mac };
	struct burst burst;
	struct wire wire;
	int err = wire_open(interface_index, &undo->own, 0, &wire);

	if (err)
		return err;
	burst_start(&burst, burst_firm, clock_ms());
	while (burst_next_ms(&burst) != UINT64_MAX) {
		sleep_until(burst_next_ms(&burst));
		if (!burst_due(&burst, clock_ms()))
			continue;
		err = 0;
		for (size_t i = 0; i < undo->device_count; i++) {
			struct arpcast_host device = { undo->devices[i].address,
						       undo->devices[i].mac };
			int failed = arpcast_restore(&wire, &device, &gateway);

			err = failed ? failed : err;
		}
	}
	wire_close(&wire);
	return err;
}

static int put_way_back(struct net *net, const struct undo *undo)
{
	int err = way_close(net, undo->interface, &undo->address);

	return err == ERR_UNSUPPORTED ? 0 : err;
}

static int restore_record(const struct undo *undo)
{
	static struct net_interface list[MESSAGE_INTERFACES_MAX];
	const struct net_interface *i;
	struct net net;
	int count, err;

	if (net_open(&net))
		return ERR_IO;
	count = net_list(&net, list, MESSAGE_INTERFACES_MAX);
	i = count < 0 ? NULL : net_find(list, (size_t)count, undo->interface);
	err = undo->device_count ? RESTORE_ELSEWHERE : 0;
	/* first the caches, and only then what kept packets going */
	if (err && i && is_same_network(&net, undo, i))
		err = restore_arp(undo, i->index);
	if (count < 0)
		err = ERR_IO;
	else if (put_way_back(&net, undo) ||
		 sysctl_put_back(undo->interface, undo->sysctls, i))
		err = ERR_IO;
	net_close(&net);
	return err;
}

int restore_run(int run_dir)
{
	static struct undo undo;
	int err = undo_read(run_dir, &undo);

	if (err == ERR_NOTFOUND || err == ERR_IO)
		return err;
	if (err) {
		undo_set_aside(run_dir);
		return ERR_MALFORMED;
	}
	err = restore_record(&undo);
	if (err >= 0 && undo_remove(run_dir))
		err = ERR_IO;
	return err;
}

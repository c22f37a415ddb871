// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/restore.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "guard/arpcast.h"
#include "guard/burst.h"
#include "guard/clock.h"
#include "guard/net.h"
#include "guard/undo.h"
#include "guard/way.h"

/* How long the kernel is given to find the gateway's MAC again. */
#define GATEWAY_MS 1000
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

bool restore_is_of_another(int run_dir, const char *interface)
{
	static struct undo undo;

	return interface && !undo_read(run_dir, &undo) &&
	       strcmp(undo.interface, interface) != 0;
}

/* Whether the router at the record's address is the record's: 0, or what
 * restore_run() gives. */
static int find_network(struct net *net, const struct undo *undo,
			const struct net_interface *i)
{
	uint64_t until = clock_ms() + GATEWAY_MS;
	struct cidr subnet;
	struct mac mac;
	int err;

	if (!i)
		return RESTORE_ELSEWHERE;
	subnet = i->address;
	if (!i->up || !subnet.addr.family)
		return RESTORE_LATER;
	if (!undo_is_host(&subnet, &undo->gateway))
		return RESTORE_ELSEWHERE;
	/* an entry of before a sleep may be another network's */
	err = net_resolve(net, i->index, &undo->gateway);
	if (err)
		return RESTORE_LATER;
	do {
		err = net_neighbour(net, i->index, &undo->gateway, &mac);
		if (!err)
			return mac_equal(&mac, &undo->gateway_mac)
				       ? 0
				       : RESTORE_ELSEWHERE;
		sleep_until(clock_ms() + LOOK_MS);
	} while (clock_ms() < until);
	return RESTORE_LATER;
}

static int restore_arp(const struct undo *undo, const struct net_interface *i)
{
	struct arpcast_host gateway = { undo->gateway, undo->gateway_mac };
	struct burst burst;
	struct wire wire;
	int err = wire_open(i->index, &i->mac, 0, &wire);

	if (err)
		return err;
	burst_start(&burst, burst_firm, clock_ms());
	while (burst_next_ms(&burst) != UINT64_MAX) {
		sleep_until(burst_next_ms(&burst));
		if (!burst_due(&burst, clock_ms()))
			continue;
		err = 0;
		for (size_t k = 0; k < undo->device_count; k++) {
			struct arpcast_host device = { undo->devices[k].address,
						       undo->devices[k].mac };
			int failed = arpcast_restore(&wire, &device, &gateway);

			err = failed ? failed : err;
		}
	}
	wire_close(&wire);
	return err;
}

static int put_settings_back(struct net *net, const struct undo *undo,
			     bool interface_is_there)
{
	int err = way_close(net, undo->interface, &undo->address);

	if (err && err != ERR_UNSUPPORTED)
		return ERR_IO;
	return sysctl_put_back(undo->interface, undo->sysctls,
			       interface_is_there);
}

static int restore_record(const struct undo *undo, bool give_up)
{
	static struct net_interface list[MESSAGE_INTERFACES_MAX];
	const struct net_interface *i;
	struct net net;
	int count, err = ERR_IO;

	if (net_open(&net))
		return ERR_IO;
	count = net_list(&net, list, MESSAGE_INTERFACES_MAX);
	if (count < 0)
		goto out;
	i = net_find(list, (size_t)count, undo->interface);
	err = !undo->device_count ? 0
	      : give_up		  ? RESTORE_ELSEWHERE
				  : find_network(&net, undo, i);
	if (err == RESTORE_LATER)
		goto out;
	/* first the caches, and only then what kept packets going */
	if (!err && undo->device_count)
		err = restore_arp(undo, i);
	if (put_settings_back(&net, undo, i))
		err = ERR_IO;
out:
	net_close(&net);
	return err;
}

static int run(int run_dir, bool give_up)
{
	static struct undo undo;
	int err = undo_read(run_dir, &undo);

	if (err == ERR_NOTFOUND || err == ERR_IO)
		return err;
	if (err) {
		undo_set_aside(run_dir);
		return ERR_MALFORMED;
	}
	err = restore_record(&undo, give_up);
	if ((!err || err == RESTORE_ELSEWHERE) && undo_remove(run_dir))
		err = ERR_IO;
	return err;
}

int restore_run(int run_dir)
{
	return run(run_dir, false);
}

int restore_give_up(int run_dir)
{
	return run(run_dir, true);
}

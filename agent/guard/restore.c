// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/restore.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "guard/arpcast.h"
#include "guard/burst.h"
#include "guard/clock.h"
#include "guard/ndpcast.h"
#include "guard/net.h"
#include "guard/redirects.h"
#include "guard/sysctl6.h"
#include "guard/undo.h"
#include "guard/way.h"

/* How long the kernel is given to hear of the router: longer than Linux keeps
 * to an entry (1 s). One that the kernel knows is asked alone, and after this
 * by IPv4 everyone is, as it may be another's address by now. */
#define GATEWAY_MS     1600
#define GATEWAY_ALL_MS 300
/* Between two looks. */
#define LOOK_MS 20
/* Another is at the router's address: the one that was is asked by its MAC,
 * likewise. */
#define FORMER_MS 1500
#define ASK_MS	  300
/* How often it is begun anew, when the router changes meanwhile. */
#define ROUNDS 3
/* Devices of the record that are looked for meanwhile: one will do. */
#define KNOWN_MAX 8

bool restore_is_needed(int run_dir)
{
	return undo_is_there(run_dir, UNDO_WHOLE) ||
	       undo_is_there(run_dir, UNDO_SIX);
}

static void sleep_until(uint64_t ms)
{
	uint64_t now = clock_ms();

	if (ms > now)
		(void)!poll(NULL, 0, (int)(ms - now));
}

bool restore_is_of_another(int run_dir, enum undo_file file,
			   const char *interface)
{
	static struct undo undo;

	return interface && !undo_read(run_dir, file, &undo) &&
	       strcmp(undo.interface, interface) != 0;
}

/* What the record says of one family, and our address in it. */
struct family {
	struct addr own;
	struct undo_device router;
	const struct undo_device *devices;
	size_t count;
};

/* Whether the one at the router's address has its MAC: 0, or what restore_run()
 * gives. An entry that nobody has answered for lately may be of another
 * network, before a sleep, or of a router that is gone. */
static int find_host(struct net *net, const struct wire *wire,
		     const struct family *f)
{
	uint64_t now = clock_ms(), until = now + GATEWAY_MS;
	uint64_t ask_ms = now + GATEWAY_ALL_MS;
	const struct addr *address = &f->router.address;
	struct mac mac;

	if (net_check(net, wire->interface_index, address))
		return RESTORE_LATER;
	for (; now < until; now = clock_ms()) {
		if (!net_answered(net, wire->interface_index, address, &mac))
			return mac_equal(&mac, &f->router.mac)
				       ? 0
				       : RESTORE_ELSEWHERE;
		if (address->family == 4 && now >= ask_ms) {
			ask_ms = now + ASK_MS;
			/* one that is lost is asked again */
			(void)!arpcast_ask(wire, &f->own, address,
					   &wire_broadcast);
		}
		sleep_until(now + LOOK_MS);
	}
	return RESTORE_LATER;
}

static bool is_at(struct net *net, int interface_index,
		  const struct undo_device *host)
{
	struct mac mac;

	return !net_answered(net, interface_index, &host->address, &mac) &&
	       mac_equal(&mac, &host->mac);
}

/* Whether the router that was answers yet. */
static bool is_former_there(struct net *net, const struct wire *wire,
			    const struct family *f)
{
	uint64_t now = clock_ms(), until = now + FORMER_MS, ask_ms = now;
	const struct undo_device *r = &f->router;

	for (; now < until; now = clock_ms()) {
		if (now >= ask_ms) {
			ask_ms = now + ASK_MS;
			/* one that is lost is asked again */
			(void)!(r->address.family == 6
					? ndpcast_ask(wire, &f->own,
						      &r->address, &r->mac)
					: arpcast_ask(wire, &f->own,
						      &r->address, &r->mac));
		}
		if (is_at(net, wire->interface_index, r))
			return true;
		sleep_until(now + LOOK_MS);
	}
	return false;
}

/* Who is at the router's address, if not a device, as a router that took the
 * place of the record's has a device of it in its network. */
static int find_heir(struct net *net, const struct wire *wire, struct family *f)
{
	bool known = false;
	struct mac mac;

	if (net_neighbour(net, wire->interface_index, &f->router.address, &mac))
		return RESTORE_LATER;
	if (mac_is_group(&mac) || mac_equal(&mac, &wire->own))
		return RESTORE_ELSEWHERE;
	for (size_t i = 0; i < f->count; i++) {
		if (mac_equal(&mac, &f->devices[i].mac))
			return RESTORE_ELSEWHERE;
		known = known ||
			(i < KNOWN_MAX &&
			 is_at(net, wire->interface_index, &f->devices[i]));
	}
	if (!known)
		return RESTORE_ELSEWHERE;
	f->router.mac = mac;
	return 0;
}

/* Whether the network is the record's: it has its router, or another in that
 * one's place, which then is the family's. */
static int find_router(struct net *net, const struct net_interface *i,
		       struct family *f)
{
	struct wire wire;
	int err;

	if (!f->own.family) /* who asks without one is not answered */
		return RESTORE_LATER;
	if (wire_open(i->index, &i->mac, 0, &wire))
		return RESTORE_LATER;
	err = find_host(net, &wire, f);
	for (size_t k = 0;
	     err == RESTORE_ELSEWHERE && k < f->count && k < KNOWN_MAX; k++)
		(void)!net_check(net, i->index, &f->devices[k].address);
	if (err == RESTORE_ELSEWHERE)
		err = is_former_there(net, &wire, f) ? 0
						     : find_heir(net, &wire, f);
	wire_close(&wire);
	return err;
}

/* Of one router: where it was found by one of the two, what is to be said by
 * the other can be, too, as that needs no address of ours. */
static bool is_of_both(const struct undo *undo)
{
	return mac_equal(&undo->routers6[0].mac, &undo->gateway_mac);
}

/* six: its IPv6 router is there. */
static int find_network(struct net *net, struct undo *undo,
			const struct net_interface *i, bool six)
{
	struct family f = {
		.router = { .address = undo->gateway,
			    .mac = undo->gateway_mac },
		.devices = undo->devices,
		.count = undo->device_count,
	};
	int err;

	if (!i)
		return RESTORE_ELSEWHERE;
	if (!i->up)
		return RESTORE_LATER;
	/* one that has IPv6 alone by now may get its other address yet */
	if (i->address4.addr.family != 4)
		return six && is_of_both(undo) ? 0 : RESTORE_LATER;
	if (!undo_is_host(&i->address4, &undo->gateway))
		return RESTORE_ELSEWHERE;
	f.own = i->address4.addr;
	err = find_router(net, i, &f);
	undo->gateway_mac = f.router.mac;
	return err;
}

static int find_network6(struct net *net, struct undo *undo,
			 const struct net_interface *i)
{
	struct family f = {
		.router = undo->routers6[0],
		.devices = undo->devices6,
		.count = undo->device6_count,
	};
	struct addr own[MESSAGE_OWN6_MAX];
	int err, count;

	if (!i)
		return RESTORE_ELSEWHERE;
	if (!i->up)
		return RESTORE_LATER;
	if (sysctl6_is_off(undo->interface))
		return RESTORE_UNTOLD; /* it will answer nobody */
	count = net_addresses6(net, i->index, own, MESSAGE_OWN6_MAX);
	for (int k = 0; k < count; k++)
		if (addr_is_link_local(&own[k]))
			f.own = own[k];
	err = find_router(net, i, &f);
	for (size_t k = 0; k < undo->router6_count; k++)
		undo->routers6[k].mac = f.router.mac;
	return err;
}

static int say_arp(const struct wire *wire, const struct undo *undo)
{
	struct arpcast_host gateway = { undo->gateway, undo->gateway_mac };
	int err = 0;

	for (size_t i = 0; i < undo->device_count; i++) {
		const struct undo_device *d = &undo->devices[i];
		struct arpcast_host device = { d->address, d->mac };
		struct arpcast_host holder = { d->address, d->holder };
		bool taken = !mac_is_zero(&d->holder);
		int failed = arpcast_restore(wire, taken ? &holder : &device,
					     &gateway);

		if (!failed && taken)
			failed = arpcast_inform(wire, &device, &gateway.address,
						&gateway.mac);
		err = failed ? failed : err;
	}
	return err;
}

/* Who of them were told of whom is not in the record: each is told of each
 * other, and one that has no entry for it takes no notice. */
static int say_pairs(const struct wire *wire, const struct undo *undo)
{
	int err = 0;

	for (size_t i = 0; i < undo->device_count; i++) {
		const struct arpcast_host to = { undo->devices[i].address,
						 undo->devices[i].mac };

		for (size_t k = 0; k < undo->device_count; k++)
			if (i != k &&
			    arpcast_inform(wire, &to, &undo->devices[k].address,
					   &undo->devices[k].mac))
				err = ERR_IO;
	}
	return err;
}

static int say_pairs6(const struct wire *wire, const struct undo *undo)
{
	const struct undo_device *d = undo->devices6;
	int err = 0;

	for (size_t i = 0; i < undo->device6_count; i++) {
		const struct ndpcast_host to = { d[i].address, d[i].mac };

		/* to a device once, though it has several addresses */
		if (i && mac_equal(&d[i - 1].mac, &d[i].mac))
			continue;
		for (size_t k = 0; k < undo->device6_count; k++)
			if (!mac_equal(&d[i].mac, &d[k].mac) &&
			    ndpcast_inform(wire, &to, &d[k].address, &d[k].mac,
					   false))
				err = ERR_IO;
	}
	return err;
}

static int say_ndp(const struct wire *wire, const struct undo *undo)
{
	const struct ndpcast_host router = { undo->routers6[0].address,
					     undo->routers6[0].mac };
	int err = 0;

	for (size_t i = 0; i < undo->device6_count; i++) {
		const struct undo_device *d = &undo->devices6[i];
		struct ndpcast_host device = { d->address, d->mac };
		/* to a device once, though it has several addresses */
		bool again = i && mac_equal(&d[-1].mac, &d->mac);
		int failed = ndpcast_tell(wire, &router, &d->address, &d->mac,
					  false);

		for (size_t k = 0; !failed && !again && k < undo->router6_count;
		     k++)
			failed = ndpcast_tell(wire, &device,
					      &undo->routers6[k].address,
					      &router.mac, true);
		err = failed ? failed : err;
	}
	return err;
}

/* What of a record can be told: nobody is told where a router was. */
struct telling {
	const struct undo *undo;
	bool four, six;
	bool last; /* whatever is heard meanwhile */
};

/* Whether the kernel was told of another at the router's address. */
static bool is_another(struct net *net, int interface_index,
		       const struct addr *router, const struct mac *known)
{
	struct mac mac;

	return !net_neighbour(net, interface_index, router, &mac) &&
	       !mac_equal(&mac, known);
}

static bool has_changed(struct net *net, int interface_index,
			const struct telling *t)
{
	const struct undo *u = t->undo;

	return !t->last &&
	       ((t->four && is_another(net, interface_index, &u->gateway,
				       &u->gateway_mac)) ||
		(t->six &&
		 is_another(net, interface_index, &u->routers6[0].address,
			    &u->routers6[0].mac)));
}

/* Of the families whose network is there. ERR_AGAIN: the router is another. */
static int restore_caches(struct net *net, const struct net_interface *i,
			  const struct telling *t)
{
	const struct undo *undo = t->undo;
	struct burst arp, ndp;
	struct wire wire;
	uint64_t next;
	int err = wire_open(i->index, &i->mac, 0, &wire);

	if (err)
		return err;
	burst_start(&arp, burst_firm, clock_ms());
	burst_start(&ndp, burst_firm6, clock_ms());
	if (!t->four)
		burst_stop(&arp);
	if (!t->six)
		burst_stop(&ndp);
	while ((next = burst_first_ms(&arp, &ndp)) != UINT64_MAX) {
		sleep_until(next);
		if (has_changed(net, i->index, t)) {
			err = ERR_AGAIN;
			break;
		}
		if (burst_due(&arp, clock_ms()) &&
		    (say_arp(&wire, undo) ||
		     (undo->pairs && say_pairs(&wire, undo))))
			err = ERR_IO;
		if (burst_due(&ndp, clock_ms()) &&
		    (say_ndp(&wire, undo) ||
		     (undo->pairs && say_pairs6(&wire, undo))))
			err = ERR_IO;
	}
	wire_close(&wire);
	return err;
}

/* Each step is done, also where one failed: the first error. */
static int put_settings6_back(struct net *net, const struct undo *undo)
{
	int err, failed;

	if (!undo->ipv6)
		return 0;
	err = way6_close(net, undo->interface);
	for (size_t i = 0; i < undo->device6_count; i++)
		(void)!way6_remove(net, &undo->devices6[i].address);
	if (err == ERR_UNSUPPORTED)
		err = 0;
	failed = redirects_close();
	err = err ? err : failed;
	failed = sysctl6_put_back(&undo->sysctls6);
	return err ? err : failed;
}

static int put_settings_back(struct net *net, const struct undo *undo,
			     bool interface_is_there)
{
	int err, failed;

	if (undo_is_of_six(undo))
		return 0; /* nothing of IPv4 was changed */
	err = way_close(net, undo->interface, &undo->address);
	if (err == ERR_UNSUPPORTED)
		err = 0;
	failed = sysctl_put_back(undo->interface, undo->sysctls,
				 interface_is_there);
	return err ? err : failed;
}

/* What is done is no longer in the record: the rest is for later. */
static int keep_four(int run_dir, struct undo *undo)
{
	undo->ipv6 = false;
	undo->sysctls6.count = 0;
	undo->router6_count = undo->device6_count = 0;
	return undo_write(run_dir, UNDO_WHOLE, undo);
}

/* It waits beside, unless one does. */
static int keep_six(int run_dir, struct undo *undo)
{
	int err;

	/* one that is there is of the same: nothing else was begun beside it */
	if (undo_is_there(run_dir, UNDO_SIX))
		return undo_remove(run_dir, UNDO_WHOLE);
	undo_keep_six(undo);
	err = undo_write(run_dir, UNDO_SIX, undo);
	return err ? err : undo_remove(run_dir, UNDO_WHOLE);
}

int restore_six_beside(int six, int four, bool of_both)
{
	if (six != RESTORE_UNTOLD)
		return six;
	if (four == RESTORE_LATER)
		return RESTORE_LATER;
	return !four && of_both ? 0 : RESTORE_UNTOLD;
}

static int restore_record(int run_dir, struct undo *undo, bool give_up)
{
	static struct net_interface list[MESSAGE_INTERFACES_MAX];
	struct telling telling = { .undo = undo };
	const struct net_interface *i;
	int count, four, six, err = 0;
	struct net net;

	if (net_open(&net))
		return ERR_IO;
	count = net_list(&net, list, MESSAGE_INTERFACES_MAX);
	if (count < 0) {
		net_close(&net);
		return ERR_IO;
	}
	i = net_find(list, (size_t)count, undo->interface);
	/* first the caches, and only then what kept packets going */
	for (int round = 1; round <= ROUNDS; round++) {
		six = !undo->device6_count ? 0
		      : give_up		   ? RESTORE_ELSEWHERE
					   : find_network6(&net, undo, i);
		telling.six = !six && undo->device6_count;
		four = !undo->device_count ? 0
		       : give_up	   ? RESTORE_ELSEWHERE
				 : find_network(&net, undo, i, telling.six);
		telling.four = !four && undo->device_count;
		if (undo->device_count)
			six = restore_six_beside(six, four, is_of_both(undo));
		telling.six = !six && undo->device6_count;
		telling.last = round == ROUNDS;
		err = telling.four || telling.six
			      ? restore_caches(&net, i, &telling)
			      : 0;
		if (err != ERR_AGAIN)
			break;
	}
	if (six != RESTORE_LATER && put_settings6_back(&net, undo))
		err = ERR_IO;
	if (four != RESTORE_LATER && put_settings_back(&net, undo, i))
		err = ERR_IO;
	net_close(&net);
	if (err || (!four && !six))
		return err;
	if (four != RESTORE_LATER && six != RESTORE_LATER)
		return !four ? six : four;
	if (four != RESTORE_LATER)
		err = keep_six(run_dir, undo);
	else if (six != RESTORE_LATER)
		err = keep_four(run_dir, undo);
	return err ? err : RESTORE_LATER;
}

static int run(int run_dir, enum undo_file file, bool give_up)
{
	static struct undo undo;
	int err = undo_read(run_dir, file, &undo);

	if (err == ERR_NOTFOUND || err == ERR_IO)
		return err;
	if (err) {
		undo_set_aside(run_dir, file);
		return ERR_MALFORMED;
	}
	err = restore_record(run_dir, &undo, give_up);
	if (err >= 0 && err != RESTORE_LATER && undo_remove(run_dir, file))
		err = ERR_IO;
	return err;
}

int restore_run(int run_dir)
{
	bool waits = undo_is_there(run_dir, UNDO_SIX);
	int err = run(run_dir, UNDO_WHOLE, false), six;

	if (!waits)
		return err;
	six = run(run_dir, UNDO_SIX, false);
	return !err || err == ERR_NOTFOUND || six == RESTORE_LATER ? six : err;
}

int restore_one(int run_dir, enum undo_file file)
{
	return run(run_dir, file, false);
}

int restore_give_up(int run_dir, enum undo_file file)
{
	return run(run_dir, file, true);
}

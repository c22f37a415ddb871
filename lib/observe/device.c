// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/device.h"

#include <stdlib.h>
#include <string.h>

/* Live, strangers' MACs are heard, and can be made up without end. */
#define DEVICES_LIVE_MAX UINT32_C(4096)

static int exclude(struct devices *d, const struct mac *macs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct device *device = devices_get(d, &macs[i]);

		if (!device)
			return ERR_NOMEM;
		device->excluded = true;
		device->kept = true;
	}
	return 0;
}

int devices_init(struct devices *d, const struct observe_config *config,
		 struct record_counters *counters)
{
	uint32_t max = config->mode == OBSERVE_LIVE ? DEVICES_LIVE_MAX
						    : OBSERVE_DEVICES_MAX;

	*d = (struct devices){
		.mode = config->mode,
		.local_count = config->local_count,
		.gateway = config->gateway,
		.gateway_given = !mac_is_zero(&config->gateway),
		.seed = config->seed,
		.counters = counters,
	};
	table_init(&d->by_mac, sizeof(struct mac), sizeof(struct device), max,
		   config->seed);
	table_init(&d->by_addr, sizeof(struct addr),
		   sizeof(struct device_owner), DEVICE_OWNERS_MAX,
		   config->seed);
	if (config->local_count) {
		d->locals = calloc(config->local_count, sizeof(*d->locals));
		if (!d->locals)
			return ERR_NOMEM;
		memcpy(d->locals, config->locals,
		       config->local_count * sizeof(*d->locals));
	}
	return exclude(d, config->excluded, config->excluded_count);
}

void devices_done(struct devices *d)
{
	table_done(&d->by_mac);
	table_done(&d->by_addr);
	free(d->locals);
	d->locals = NULL;
}

struct device *devices_get(struct devices *d, const struct mac *mac)
{
	bool fresh;
	struct device *device = table_get(&d->by_mac, mac, &fresh);

	if (!device)
		d->counters->devices_refused++;
	else if (fresh)
		device->mac = *mac;
	return device;
}

struct device *devices_hear(struct devices *d, const struct mac *mac)
{
	struct device *device = devices_find(d, mac);

	if (!device && d->mode == OBSERVE_LIVE &&
	    d->by_mac.count >= DEVICES_LIVE_MAX - OBSERVE_WATCH_MAX) {
		d->counters->devices_refused++;
		return NULL;
	}
	return device ? device : devices_get(d, mac);
}

struct device *devices_find(const struct devices *d, const struct mac *mac)
{
	return table_find(&d->by_mac, mac);
}

bool devices_is_local(const struct devices *d, const struct addr *a)
{
	if (addr_is_private(a) || addr_is_multicast(a) || addr_is_broadcast(a))
		return true;
	for (size_t i = 0; i < d->local_count; i++) {
		if (cidr_contains(&d->locals[i], a))
			return true;
	}
	for (size_t i = 0; i < d->prefix_count; i++) {
		if (cidr_contains(&d->prefixes[i], a))
			return true;
	}
	return false;
}

/* Live: what nobody remembers as the device's has no owner. */
static void forget_owner(struct devices *d, const struct device *device,
			 const struct addr *a)
{
	const struct device_owner *owner;
	struct addr key = *a;

	if (d->mode != OBSERVE_LIVE)
		return;
	owner = table_find(&d->by_addr, a);
	if (owner && owner->device == device)
		(void)table_remove(&d->by_addr, &key);
}

static void add_addr(struct devices *d, struct device *device,
		     const struct addr *a)
{
	for (uint8_t i = 0; i < device->addr_count; i++) {
		if (addr_equal(&device->addrs[i], a))
			return;
	}
	/* the newest is worth most: it pushes out the oldest */
	if (device->addr_count == DEVICE_ADDRS_MAX) {
		forget_owner(d, device, &device->addrs[0]);
		memmove(device->addrs, device->addrs + 1,
			(DEVICE_ADDRS_MAX - 1) * sizeof(*a));
		device->addr_count--;
	}
	device->addrs[device->addr_count++] = *a;
}

static void drop_addr(struct device *device, const struct addr *a)
{
	for (uint8_t i = 0; i < device->addr_count; i++) {
		if (!addr_equal(&device->addrs[i], a))
			continue;
		memmove(device->addrs + i, device->addrs + i + 1,
			(size_t)(device->addr_count - i - 1) * sizeof(*a));
		device->addr_count--;
		return;
	}
}

/* An address stands for one host (not for none, and not for many). */
static bool is_host(const struct addr *a)
{
	return a->family && !addr_is_unspecified(a) && !addr_is_multicast(a) &&
	       !addr_is_broadcast(a);
}

static struct device *device_made_up(struct devices *d, const struct addr *a)
{
	struct mac mac = { { 2 } };

	if (a->family == 4) {
		memcpy(mac.b + 2, a->b, 4);
	} else {
		uint64_t hash = table_hash(0, a->b, sizeof(a->b));

		mac.b[0] = 6;
		memcpy(mac.b + 1, &hash, 5);
	}
	return devices_get(d, &mac);
}

/*
 * Whether an address seen to come from a device moves there from the owner it
 * has. One that carries the others' traffic sends from many addresses that
 * are not its own; live, any device may.
 */
static bool moves(const struct devices *d, const struct device_owner *owner,
		  const struct device *candidate)
{
	if (d->mode == OBSERVE_LIVE)
		return !owner->seen || !owner->device->watched ||
		       d->window - owner->last > DEVICE_SILENT_WINDOWS;
	if (!candidate->carrier)
		return true;
	return owner->device->carrier && !owner->seen;
}

/* seen: the device sent from that address itself. */
static struct device *bind(struct devices *d, const struct addr *a,
			   struct device *device, bool seen)
{
	struct device_owner *owner;
	bool fresh;

	if (!device)
		return NULL;
	owner = table_get(&d->by_addr, a, &fresh);
	if (!owner) {
		d->counters->devices_refused++;
		return NULL;
	}
	if (!fresh && owner->device != device) {
		if (!seen || !moves(d, owner, device))
			return owner->device;
		drop_addr(owner->device, a);
		fresh = true;
	}
	if (fresh)
		*owner = (struct device_owner){ .device = device };
	owner->seen |= seen;
	if (seen)
		owner->last = d->window;
	if (fresh)
		add_addr(d, device, a);
	return device;
}

void devices_refresh(struct devices *d, const struct device *device,
		     const struct addr *a)
{
	struct device_owner *owner;

	if (d->mode != OBSERVE_LIVE)
		return;
	owner = table_find(&d->by_addr, a);
	if (owner && owner->device == device)
		owner->last = d->window;
}

static struct device *of_address(struct devices *d, const struct addr *a,
				 const struct mac *mac, bool seen)
{
	bool has_mac = mac && !mac_is_zero(mac) && !mac_is_group(mac);
	struct device *owner;

	switch (d->mode) {
	case OBSERVE_HOME:
		if (has_mac && addr_is_unspecified(a) && seen)
			return devices_get(d, mac);
		if (!is_host(a) || !devices_is_local(d, a))
			return NULL;
		if (has_mac)
			return bind(d, a, devices_get(d, mac), seen);
		owner = devices_owner(d, a);
		return owner ? owner : bind(d, a, device_made_up(d, a), seen);
	case OBSERVE_ALL:
		if (has_mac && devices_is_local(d, a))
			return devices_get(d, mac);
		return device_made_up(d, a);
	case OBSERVE_LIVE:
		break;
	}
	return NULL;
}

/* Live, a device is whoever is watched and has sent from the address. */
static struct device *live_source(struct devices *d, const struct addr *a,
				  const struct mac *mac)
{
	struct device *device = mac ? devices_find(d, mac) : NULL;

	if (!device || !device->watched || device->excluded)
		return NULL;
	if (is_host(a))
		(void)bind(d, a, device, true);
	return device;
}

struct device *devices_of_source(struct devices *d, const struct addr *a,
				 const struct mac *mac)
{
	struct device *device;

	if (d->mode == OBSERVE_LIVE)
		return live_source(d, a, mac);
	device = of_address(d, a, mac, true);
	if (device && d->mode == OBSERVE_ALL && is_host(a))
		add_addr(d, device, a);
	return device;
}

struct device *devices_of_destination(struct devices *d, const struct addr *a,
				      const struct mac *mac)
{
	struct device *device;

	if (mac && mac_is_group(mac))
		return NULL;
	if (d->mode == OBSERVE_LIVE) {
		device = devices_owner(d, a);
		return device && device->watched ? device : NULL;
	}
	device = of_address(d, a, mac, false);
	if (device && d->mode == OBSERVE_ALL && is_host(a))
		add_addr(d, device, a);
	return device;
}

struct device *devices_owner(const struct devices *d, const struct addr *a)
{
	const struct device_owner *owner = table_find(&d->by_addr, a);

	return owner ? owner->device : NULL;
}

void devices_claim(struct devices *d, struct device *device,
		   const struct addr *a)
{
	if (!is_host(a))
		return;
	/* live, what is not watched owns nothing that packets are judged by */
	if (d->mode == OBSERVE_LIVE && !device->watched)
		add_addr(d, device, a);
	else
		(void)bind(d, a, device, false);
}

void devices_carried(struct devices *d, const struct mac *mac, bool from)
{
	struct device *device = devices_get(d, mac);

	if (!device)
		return;
	device->carrier = true;
	if (from)
		device->carried_from++;
	else
		device->carried_to++;
	if (d->gateway_given)
		return;
	/* whoever hands in the Internet's packets; else who is given ours */
	if (device->carried_from > d->gateway_from) {
		d->gateway_from = device->carried_from;
		d->gateway = *mac;
	} else if (!d->gateway_from && device->carried_to > d->gateway_to) {
		d->gateway_to = device->carried_to;
		d->gateway = *mac;
	}
}

static void learn_prefix(struct devices *d, const struct addr *a, uint8_t bits)
{
	if (d->mode == OBSERVE_LIVE || bits < 48 || devices_is_local(d, a) ||
	    d->prefix_count == OBSERVE_PREFIXES_MAX)
		return;
	d->prefixes[d->prefix_count++] =
		(struct cidr){ .addr = *a, .bits = bits };
}

void devices_set_prefixes(struct devices *d, const struct cidr *prefixes,
			  size_t count)
{
	memcpy(d->prefixes, prefixes, count * sizeof(*prefixes));
	d->prefix_count = count;
}

void devices_note_carrier(struct devices *d, const struct mac *mac)
{
	struct device *device = devices_hear(d, mac);

	if (device)
		device->carrier = true;
}

void devices_guess_prefix(struct devices *d, const struct packet *packet)
{
	const struct device *src, *dst;

	if (packet->src.family != 6 || devices_is_local(d, &packet->src) ||
	    devices_is_local(d, &packet->dst) || !packet->has_src_mac ||
	    !packet->has_dst_mac)
		return;
	src = devices_find(d, &packet->eth_src);
	dst = devices_find(d, &packet->eth_dst);
	if (dst && dst->carrier && src && !src->carrier && src->addr_count)
		learn_prefix(d, &packet->src, 64);
}

void devices_forget(struct devices *d)
{
	struct device *device;
	uint32_t at = 0;

	if (d->mode != OBSERVE_LIVE ||
	    d->by_mac.count < d->by_mac.max - d->by_mac.max / 4)
		return;
	/* those that were never watched: nothing else points to them */
	while ((device = table_next(&d->by_mac, &at, NULL))) {
		struct mac mac = device->mac;

		if (!device->kept && !device->share.active)
			(void)table_remove(&d->by_mac, &mac);
	}
}

void devices_hear_ndp(struct devices *d, const struct ndp *ndp)
{
	struct device *router;

	switch (ndp->type) {
	case NDP_ROUTER_ADVERTISEMENT:
		for (size_t i = 0; i < ndp->prefix_count; i++)
			learn_prefix(d, &ndp->prefixes[i].addr,
				     ndp->prefixes[i].bits);
		router = devices_get(d, &ndp->eth_src);
		if (router && ndp->router_lifetime_s)
			router->carrier = true;
		break;
	case NDP_NEIGHBOUR_SOLICITATION:
	case NDP_NEIGHBOUR_ADVERTISEMENT:
		if (is_host(&ndp->target))
			learn_prefix(d, &ndp->target, 64);
		break;
	case NDP_ROUTER_SOLICITATION:
		break;
	}
}

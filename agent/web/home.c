// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/home.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "store/lock.h"
#include "web/announced.h"

static const char *const name_kinds[HOME_NAMES] = {
	[HOME_NAME_DHCP_HOSTNAME] = "dhcp_hostname",
	[HOME_NAME_MDNS_HOST] = "mdns_host",
	[HOME_NAME_MDNS_INSTANCE] = "mdns_instance",
	[HOME_NAME_DHCP_FQDN] = "dhcp_fqdn",
	[HOME_NAME_LLMNR] = "llmnr_name",
	[HOME_NAME_NETBIOS] = "netbios_name",
};

void home_init(struct home *home, uint64_t seed)
{
	memset(home, 0, sizeof(*home));
	table_init(&home->devices, sizeof(struct mac),
		   sizeof(struct home_device), HOME_DEVICES_MAX, seed);
}

void home_done(struct home *home)
{
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(home, &at)))
		home_remove(home, device);
	table_done(&home->devices);
}

static void hash(const uint8_t key[32], const void *data, size_t len,
		 uint8_t out[32])
{
	unsigned int n = 32;

	if (!HMAC(EVP_sha256(), key, 32, data, len, out, &n))
		memset(out, 0, 32);
}

void home_hash(void *user, const void *data, size_t len, uint8_t out[32])
{
	const struct home *home = user;

	hash(home->secret, data, len, out);
}

void home_day_init(const struct home *home, uint64_t day, struct home_day *out)
{
	/* what else is hashed is no longer, or no text */
	uint8_t data[] = "key of the day \0\0\0\0\0\0\0";

	out->day = day;
	for (size_t i = 0; i < sizeof(day); i++)
		data[sizeof(data) - 1 - i] = (uint8_t)(day >> 8 * i);
	hash(home->secret, data, sizeof(data), out->key);
}

void home_day_hash(void *user, const void *data, size_t len, uint8_t out[32])
{
	const struct home_day *day = user;

	hash(day->key, data, len, out);
}

static bool make_id(const struct home *home, const struct mac *mac,
		    char out[HOME_ID_BYTES])
{
	uint8_t digest[32];
	unsigned int len = sizeof(digest);

	if (!HMAC(EVP_sha256(), home->secret, sizeof(home->secret), mac->b,
		  sizeof(mac->b), digest, &len))
		return false;
	text_hex(digest, sizeof(digest), out);
	return true;
}

static bool is_chosen(const struct home_device *device)
{
	return device->watched || device->excluded ||
	       device->lock == HOME_OPEN_OWNER ||
	       device->lock == HOME_OPEN_UNLOCKED ||
	       device->lock == HOME_LOCKED_OWNER;
}

/* Who goes first: who is not there, then who was heard longest ago. */
static bool goes_before(const struct home_device *x,
			const struct home_device *y)
{
	if (x->present != y->present)
		return !x->present;
	return x->last_ms < y->last_ms;
}

void home_remove(struct home *home, struct home_device *device)
{
	struct mac mac = device->mac; /* its own goes with it */

	withheld_wipe(&device->withheld, &home->withheld);
	withheld_wipe(&device->said, &home->said);
	identify_free(device->identify);
	free(device->trace);
	table_remove(&home->devices, &mac);
}

static void evict_one(struct home *home)
{
	struct home_device *device, *victim = NULL;
	uint32_t at = 0;

	while ((device = home_next(home, &at)))
		if (!is_chosen(device) && !device->gateway &&
		    !device->erase_due &&
		    (!victim || goes_before(device, victim)))
			victim = device;
	if (!victim)
		return;
	home->devices_evicted++;
	home_remove(home, victim);
}

struct home_device *home_get(struct home *home, const struct mac *mac)
{
	struct home_device *device = home_find(home, mac);
	bool fresh;

	if (device)
		return device;
	if (home->devices.count == HOME_DEVICES_MAX)
		evict_one(home);
	device = table_get(&home->devices, mac, &fresh);
	if (device && fresh) {
		device->mac = *mac;
		if (!make_id(home, mac, device->id)) {
			table_remove(&home->devices, mac);
			device = NULL;
		}
	}
	if (!device)
		home->devices_refused++;
	return device;
}

struct home_device *home_find(const struct home *home, const struct mac *mac)
{
	return table_find(&home->devices, mac);
}

struct home_device *home_next(const struct home *home, uint32_t *at)
{
	return table_next(&home->devices, at, NULL);
}

struct home_device *home_by_id(const struct home *home, const char *id)
{
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(home, &at)))
		if (!strcmp(device->id, id))
			return device;
	return NULL;
}

void home_load(struct home_device *device, const struct store_device *stored)
{
	device->store_id = stored->id;
	device->first_ms = stored->first_ms;
	device->last_ms = stored->last_ms;
	device->in_bytes = stored->in_bytes;
	device->out_bytes = stored->out_bytes;
	device->gateway = stored->gateway;
	device->excluded = stored->excluded;
	device->watched = stored->watched;
	/* newest first: the first of a family is the one that stays in front */
	for (size_t i = stored->addr_count; i > 0; i--)
		home_add_address(device, &stored->addrs[i - 1]);
}

void home_load_lock(struct home_device *device, struct store *store)
{
	struct store_lock stored;

	/* a number of a later version: as if nothing were known */
	if (store_lock_get(store, &device->mac, &stored) ||
	    stored.lock < HOME_IDENTIFYING || stored.lock > HOME_LEFT_ALONE)
		return;
	device->lock = (enum home_lock)stored.lock;
	device->lock_since_ms = stored.since_ms;
	device->lock_doubt = stored.doubt;
}

int home_store(struct home_device *device, struct store *store, uint64_t now_ms)
{
	if (!device->first_ms)
		device->first_ms = device->last_ms = now_ms;
	return store_device_seen(store, &device->mac, &device->address,
				 device->first_ms, device->last_ms,
				 device->gateway, &device->store_id);
}

void home_forget_network(struct home *home)
{
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(home, &at))) {
		device->has_six = false;
		device->elsewhere = (struct addr){ .family = 0 };
	}
}

void home_add_address(struct home_device *device, const struct addr *addr)
{
	size_t at = 0;

	if (!addr->family)
		return;
	while (at < device->addr_count && !addr_equal(&device->addrs[at], addr))
		at++;
	if (at == STORE_ADDRS_MAX)
		at--;
	else if (at == device->addr_count)
		device->addr_count++;
	memmove(&device->addrs[1], &device->addrs[0],
		at * sizeof(device->addrs[0]));
	device->addrs[0] = *addr;
	if (addr->family == 4 || !device->address.family)
		device->address = *addr;
}

bool home_add_name(struct home_device *device, const char *kind,
		   struct slice text)
{
	uint8_t clean[ANNOUNCED_BYTES];
	struct buf shown;
	bool changed = false;
	size_t name, length;

	for (name = 0; name < HOME_NAMES; name++)
		if (!strcmp(name_kinds[name], kind))
			break;
	if (name == HOME_NAMES || !text.len)
		return false;
	length = announced_clean(kind, text, clean);
	if (length >= HOME_NAME_BYTES / 4) /* each byte may become \xNN */
		length = HOME_NAME_BYTES / 4 - 1;
	buf_init(&shown, HOME_NAME_BYTES - 1);
	text_escape(&shown, slice_of(clean, length));
	if (!buf_check(&shown) &&
	    strcmp(device->names[name], buf_text(&shown))) {
		snprintf(device->names[name], HOME_NAME_BYTES, "%s",
			 buf_text(&shown));
		changed = true;
	}
	buf_done(&shown);
	return changed;
}

const char *home_name_kind(enum home_name name)
{
	return name_kinds[name];
}

void home_forget(struct home_device *device)
{
	memset(device->names, 0, sizeof(device->names));
	device->in_bytes = 0;
	device->out_bytes = 0;
	device->forward_in_frames = 0;
	device->forward_out_frames = 0;
	device->watch_ended_ms = 0;
	if (device->addr_count > 1) {
		device->addrs[0] = device->address;
		device->addr_count = 1;
	}
}

/* The user's choices first, then the router, who is there, who came first. */
static int by_rank(const void *a, const void *b)
{
	const struct home_device *x = *(struct home_device *const *)a;
	const struct home_device *y = *(struct home_device *const *)b;

	if (is_chosen(x) != is_chosen(y))
		return is_chosen(x) ? -1 : 1;
	if (x->gateway != y->gateway)
		return x->gateway ? -1 : 1;
	if (x->present != y->present)
		return x->present ? -1 : 1;
	if (x->first_ms != y->first_ms)
		return x->first_ms < y->first_ms ? -1 : 1;
	return memcmp(x->mac.b, y->mac.b, sizeof(x->mac.b));
}

static int by_address(const void *a, const void *b)
{
	const struct home_device *x = *(struct home_device *const *)a;
	const struct home_device *y = *(struct home_device *const *)b;
	int order = memcmp(&x->address, &y->address, sizeof(x->address));

	return order ? order : memcmp(x->mac.b, y->mac.b, sizeof(x->mac.b));
}

size_t home_list(const struct home *home, uint64_t now_ms, size_t max,
		 struct home_device *out[HOME_DEVICES_MAX], size_t *hidden)
{
	struct home_device *device;
	size_t n = 0, excluded = 0;
	uint32_t at = 0;

	while ((device = home_next(home, &at))) {
		if (!is_chosen(device) &&
		    device->last_ms + HOME_LISTED_MS <= now_ms)
			continue;
		excluded += device->excluded;
		out[n++] = device;
	}
	*hidden = 0;
	max += excluded;
	if (n > max) {
		qsort(out, n, sizeof(out[0]), by_rank);
		*hidden = n - max;
		n = max;
	}
	if (n)
		qsort(out, n, sizeof(out[0]), by_address);
	return n;
}

size_t home_watched_count(const struct home *home)
{
	struct home_device *device;
	uint32_t at = 0;
	size_t n = 0;

	while ((device = home_next(home, &at)))
		n += device->watched;
	return n;
}

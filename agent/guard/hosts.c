// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/hosts.h"

void hosts_init(struct hosts *h, uint64_t seed)
{
	table_init(&h->by_mac, sizeof(struct mac), sizeof(struct host),
		   HOSTS_MAX, seed);
	h->refused = 0;
}

void hosts_done(struct hosts *h)
{
	table_done(&h->by_mac);
}

bool hosts_is_inspector(const struct host *host, uint64_t now_ms)
{
	return host && host->beacon_ms &&
	       now_ms - host->beacon_ms < HOSTS_BEACON_MS;
}

struct host *hosts_find(const struct hosts *h, const struct mac *mac)
{
	return table_find(&h->by_mac, mac);
}

/* In a full table, the host that has been gone for longest makes room. */
static void make_room(struct hosts *h)
{
	const struct host *host, *oldest = NULL;
	struct mac mac;
	uint32_t at = 0;

	if (h->by_mac.count < HOSTS_MAX)
		return;
	while ((host = table_next(&h->by_mac, &at, NULL)))
		if (!host->present &&
		    (!oldest || host->heard_ms < oldest->heard_ms))
			oldest = host;
	if (!oldest)
		return;
	mac = oldest->mac;
	table_remove(&h->by_mac, &mac);
}

static void take_address(struct host *host, const struct addr *address,
			 uint64_t now_ms)
{
	if (!address->family || addr_equal(&host->address, address))
		return;
	if (now_ms - host->address_ms >= HOSTS_CHANGE_MS) {
		host->address_ms = now_ms;
		host->changes = 0;
	}
	if (host->address.family && host->changes++ >= HOSTS_CHANGES)
		return;
	host->address = *address;
	host->news = true;
}

struct host *hosts_heard(struct hosts *h, const struct mac *mac,
			 const struct addr *address, uint64_t now_ms,
			 uint64_t now_ns)
{
	struct host *host = hosts_find(h, mac);
	bool fresh = !host;

	if (fresh) {
		make_room(h);
		host = table_get(&h->by_mac, mac, NULL);
	}
	if (!host) {
		h->refused++;
		return NULL;
	}
	if (fresh) {
		host->mac = *mac;
		host->first_ns = now_ns;
	}
	take_address(host, address, now_ms);
	if (!host->present || now_ms - host->told_ms >= HOSTS_TELL_MS)
		host->news = true;
	host->present = true;
	host->unanswered = 0;
	host->heard_ms = now_ms;
	host->last_ns = now_ns;
	return host;
}

uint64_t hosts_ask_ms(const struct host *host)
{
	if (!host->present)
		return UINT64_MAX;
	return host->unanswered ? host->asked_ms + HOSTS_ASK_MS
				: host->heard_ms + HOSTS_PROBE_MS;
}

bool hosts_ask(struct host *host, uint64_t now_ms)
{
	if (hosts_ask_ms(host) > now_ms)
		return false;
	if (host->unanswered == HOSTS_PROBES) {
		host->present = false;
		host->news = true;
		return false;
	}
	host->unanswered++;
	host->asked_ms = now_ms;
	return true;
}

void hosts_miss(struct host *host, uint64_t now_ms)
{
	if (!host->present || now_ms - host->heard_ms < HOSTS_SILENT_MS)
		return;
	host->present = false;
	host->news = true;
}

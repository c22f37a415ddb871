// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/hosts6.h"

void hosts6_init(struct hosts6 *h, uint64_t seed)
{
	table_init(&h->by_address, sizeof(struct addr), sizeof(struct host6),
		   HOSTS6_MAX, seed);
	h->refused = 0;
}

void hosts6_done(struct hosts6 *h)
{
	table_done(&h->by_address);
}

struct host6 *hosts6_find(const struct hosts6 *h, const struct addr *address)
{
	return table_find(&h->by_address, address);
}

struct host6 *hosts6_next(const struct hosts6 *h, uint32_t *at)
{
	return table_next(&h->by_address, at, NULL);
}

/* The one that was not heard for longest: of the MAC when it has too many, of
 * all when there are too many. */
static void make_room(struct hosts6 *h, const struct mac *mac)
{
	const struct host6 *host, *oldest = NULL, *own = NULL;
	struct addr address;
	size_t count = 0;
	uint32_t at = 0;

	while ((host = hosts6_next(h, &at))) {
		if (!oldest || host->heard_ms < oldest->heard_ms)
			oldest = host;
		if (!mac_equal(&host->mac, mac))
			continue;
		count++;
		if (!own || host->heard_ms < own->heard_ms)
			own = host;
	}
	if (count >= HOSTS6_OF_ONE)
		oldest = own;
	else if (h->by_address.count < HOSTS6_MAX)
		return;
	address = oldest->address;
	(void)table_remove(&h->by_address, &address);
}

struct host6 *hosts6_heard(struct hosts6 *h, const struct mac *mac,
			   const struct addr *address, uint64_t now_ms,
			   bool *fresh)
{
	struct host6 *host = hosts6_find(h, address);

	*fresh = !host || !mac_equal(&host->mac, mac);
	if (!host) {
		make_room(h, mac);
		host = table_get(&h->by_address, address, NULL);
		if (!host) {
			h->refused++;
			return NULL;
		}
	}
	if (*fresh)
		*host = (struct host6){ .address = *address,
					.mac = *mac,
					.ask_ms = now_ms };
	host->heard_ms = now_ms;
	return host;
}

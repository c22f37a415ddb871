// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/endpoint.h"

#include <stdlib.h>
#include <string.h>

/* What endpoints are told apart by: a name, or an address. */
struct label {
	uint8_t text[QUERY_NAME_BYTES];
	uint8_t is_address;
};

void endpoint_init(struct endpoint_set *set, struct store *store,
		   int64_t device, uint64_t seed)
{
	*set = (struct endpoint_set){ .store = store, .device = device };
	table_init(&set->remotes, sizeof(int64_t), sizeof(struct endpoint *),
		   ENDPOINT_REMOTES_MAX, seed);
	table_init(&set->endpoints, sizeof(struct label),
		   sizeof(struct endpoint), ENDPOINT_MAX, seed);
}

void endpoint_done(struct endpoint_set *set)
{
	table_done(&set->remotes);
	table_done(&set->endpoints);
}

static void add_addr(struct addr *list, size_t *count, size_t max,
		     const struct addr *addr)
{
	if (!addr->family)
		return;
	for (size_t i = 0; i < *count; i++)
		if (addr_equal(&list[i], addr))
			return;
	if (*count < max)
		list[(*count)++] = *addr;
}

/* Names it, or leaves it with its address. */
static struct endpoint *labelled(struct endpoint_set *set,
				 const struct query_name *name,
				 const struct addr *remote)
{
	struct label label = { .is_address = !name->name.len };
	struct endpoint *endpoint;
	bool fresh;

	if (name->name.len)
		memcpy(label.text, name->name.data, name->name.len);
	else
		memcpy(label.text, remote, sizeof(*remote));
	endpoint = table_get(&set->endpoints, &label, &fresh);
	if (!endpoint)
		return NULL;
	if (fresh && name->name.len) {
		memcpy(endpoint->name, name->name.data, name->name.len);
		endpoint->name_len = name->name.len;
		endpoint->source = name->source;
	}
	if (name->source < endpoint->source)
		endpoint->source = name->source;
	add_addr(endpoint->addrs, &endpoint->addr_count, ENDPOINT_ADDRS_MAX,
		 remote);
	add_addr(endpoint->resolvers, &endpoint->resolver_count,
		 ENDPOINT_RESOLVERS_MAX, &name->resolver);
	return endpoint;
}

struct endpoint *endpoint_of(struct endpoint_set *set, int64_t remote_id,
			     const struct addr *remote)
{
	struct endpoint **known = table_find(&set->remotes, &remote_id);
	struct query_name name = { 0 };
	uint8_t text[QUERY_NAME_BYTES];
	struct endpoint *endpoint;
	int err;

	if (known)
		return *known;
	err = query_name(set->store, set->device, remote_id, &name, text);
	if (err == ERR_IO) {
		set->err = err;
		return NULL;
	}
	endpoint = labelled(set, &name, remote);
	known = endpoint ? table_get(&set->remotes, &remote_id, NULL) : NULL;
	if (!known) {
		set->left_out++;
		return NULL;
	}
	*known = endpoint;
	return endpoint;
}

static void add_port(struct endpoint *endpoint, uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < endpoint->port_count; i++)
		if (endpoint->ports[i].protocol == protocol &&
		    endpoint->ports[i].port == port)
			return;
	if (endpoint->port_count < ENDPOINT_PORTS_MAX)
		endpoint->ports[endpoint->port_count++] =
			(struct endpoint_port){ protocol, port };
}

void endpoint_add(struct endpoint *endpoint, const struct query_flow *flow)
{
	endpoint->local |= flow->local;
	endpoint->in_bytes += flow->in_bytes;
	endpoint->out_bytes += flow->out_bytes;
	endpoint->in_packets += flow->in_packets;
	endpoint->out_packets += flow->out_packets;
	if (!endpoint->first_ms || flow->first_ms < endpoint->first_ms)
		endpoint->first_ms = flow->first_ms;
	if (flow->last_ms > endpoint->last_ms)
		endpoint->last_ms = flow->last_ms;
	add_port(endpoint, flow->protocol, flow->remote_port);
}

static int by_bytes(const void *a, const void *b)
{
	const struct endpoint *x = *(struct endpoint *const *)a;
	const struct endpoint *y = *(struct endpoint *const *)b;
	uint64_t x_bytes = x->in_bytes + x->out_bytes;
	uint64_t y_bytes = y->in_bytes + y->out_bytes;
	int order;

	if (x_bytes != y_bytes)
		return x_bytes > y_bytes ? -1 : 1;
	order = memcmp(x->name, y->name, sizeof(x->name));
	return order ? order
		     : memcmp(&x->addrs[0], &y->addrs[0], sizeof(x->addrs[0]));
}

struct endpoint **endpoint_sorted(struct endpoint_set *set, size_t *count)
{
	struct endpoint **list, *endpoint;
	uint32_t at = 0;
	size_t n = 0;

	*count = 0;
	if (!set->endpoints.count)
		return NULL;
	list = calloc(set->endpoints.count, sizeof(struct endpoint *));
	if (!list) {
		set->err = ERR_NOMEM;
		return NULL;
	}
	while ((endpoint = table_next(&set->endpoints, &at, NULL)))
		list[n++] = endpoint;
	qsort(list, n, sizeof(struct endpoint *), by_bytes);
	*count = n;
	return list;
}

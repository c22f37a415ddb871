// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/endpoint.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/heard.h"
#include "web/gate.h"
#include "web/state.h"

/* What endpoints are told apart by: a name, or an address. */
struct label {
	uint8_t text[QUERY_NAME_BYTES];
	uint8_t is_address;
};

/* A name of an address, and when the device learnt it. */
struct named {
	struct slice name;
	enum endpoint_source source;
	struct addr resolver;
	uint64_t first_ms, last_ms;
};

/* Whom a server's certificate is of, and when that was heard last. */
struct certificate {
	struct slice subject;
	uint64_t last_ms;
};

struct remote {
	struct named *names; /* best source first */
	size_t count;
	struct certificate certificate;
};

struct service_key {
	int64_t remote_id;
	uint16_t port;
	uint8_t protocol;
};

struct service {
	enum record_application application;
	uint64_t times;
};

void endpoint_init(struct endpoint_set *set, struct hub *hub, int64_t device)
{
	*set = (struct endpoint_set){ .hub = hub, .device = device };
	table_init(&set->remotes, sizeof(int64_t), sizeof(struct remote),
		   ENDPOINT_REMOTES_MAX, hub->seed);
	table_init(&set->endpoints, sizeof(struct label),
		   sizeof(struct endpoint), ENDPOINT_MAX, hub->seed);
	table_init(&set->services, sizeof(struct service_key),
		   sizeof(struct service), ENDPOINT_SERVICES_MAX, hub->seed);
	table_init(&set->certificates, sizeof(int64_t),
		   sizeof(struct certificate), ENDPOINT_CERTIFICATES_MAX,
		   hub->seed);
	arena_init(&set->arena, ENDPOINT_TEXT_BYTES);
}

void endpoint_done(struct endpoint_set *set)
{
	table_done(&set->remotes);
	table_done(&set->endpoints);
	table_done(&set->services);
	table_done(&set->certificates);
	arena_done(&set->arena);
}

static struct service_key service_key(int64_t remote_id, uint8_t protocol,
				      uint16_t port)
{
	struct service_key key;

	memset(&key, 0, sizeof(key));
	key.remote_id = remote_id;
	key.protocol = protocol;
	key.port = port;
	return key;
}

/* Of several on one port, that which was heard most. */
static bool take_service(void *user, const struct heard_service *heard)
{
	struct endpoint_set *set = user;
	struct service_key key = service_key(heard->remote.id, heard->protocol,
					     heard->remote_port);
	struct service *service = table_get(&set->services, &key, NULL);

	if (service && heard->times > service->times) {
		service->application = heard->application;
		service->times = heard->times;
	}
	return service != NULL;
}

/* Of several of one remote, the newest. */
static bool take_certificate(void *user, const struct heard_server *server)
{
	struct endpoint_set *set = user;
	struct certificate *kept;
	size_t len = server->subject.len;
	void *copy;

	if (!len)
		return true;
	kept = table_get(&set->certificates, &server->remote.id, NULL);
	if (!kept || server->last_ms < kept->last_ms)
		return kept != NULL;
	copy = arena_copy(&set->arena, server->subject.data, len);
	if (!copy)
		return false;
	*kept = (struct certificate){ slice_of(copy, len), server->last_ms };
	return true;
}

void endpoint_hear(struct endpoint_set *set, uint64_t since_ms)
{
	int err = heard_services(set->hub->store, set->device, since_ms,
				 take_service, set);

	if (!err)
		err = heard_servers(set->hub->store, set->device, since_ms,
				    take_certificate, set);
	if (err)
		set->err = err;
}

/* Names while they are gathered. */
struct gathering {
	struct endpoint_set *set;
	struct named names[ENDPOINT_NAMES_MAX];
	size_t count;
};

static bool take_name(void *user, const struct query_named *found)
{
	struct gathering *g = user;
	struct named *named = &g->names[g->count];
	size_t len = found->name.len;
	void *copy;

	if (!found->name.len || found->name.len > QUERY_NAME_BYTES)
		return true;
	copy = arena_copy(&g->set->arena, found->name.data, found->name.len);
	if (!copy)
		return false;
	/* the others are as they stood in the packet */
	if (found->source == RECORD_NAME_DNS)
		len = text_unzone(slice_of(copy, len), false, copy, len);
	*named = (struct named){
		.name = slice_of(copy, len),
		.source = endpoint_own_source(found->source),
		.resolver = found->resolver,
		.first_ms = found->first_ms,
		.last_ms = found->last_ms,
	};
	return ++g->count < ENDPOINT_NAMES_MAX;
}

/* What other devices that may be spoken of call the address. */
static int gather_others(struct gathering *g, int64_t remote_id)
{
	const struct home_device *device;
	uint32_t at = 0;
	int err = 0;

	while (!err && !g->count &&
	       (device = home_next(&g->set->hub->home, &at))) {
		if (!device->store_id || device->store_id == g->set->device ||
		    !gate_lets(device, g->set->hub->consent.given,
			       GATE_HISTORY))
			continue;
		err = query_remote_names(g->set->hub->store, device->store_id,
					 remote_id, 1, take_name, g);
	}
	for (size_t i = 0; i < g->count; i++)
		g->names[i].source = ENDPOINT_OTHER;
	return err;
}

/* What the owner of the address calls it. */
static void take_reverse(struct gathering *g, const struct addr *addr)
{
	struct slice name = reverse_name(g->set->hub, addr);
	void *copy = NULL;

	if (name.len)
		copy = arena_copy(&g->set->arena, name.data, name.len);
	if (copy)
		g->names[g->count++] = (struct named){
			.name = slice_of(copy, name.len),
			.source = ENDPOINT_REVERSE,
		};
}

/* What other homes call it, whose owners share with the same researchers. */
static void take_crowd(struct gathering *g, const struct addr *addr)
{
	struct crowd_name name;
	void *copy = NULL;

	if (research_crowd_name(g->set->hub, addr, &name))
		copy = arena_copy(&g->set->arena, name.name.data,
				  name.name.len);
	if (copy)
		g->names[g->count++] = (struct named){
			.name = slice_of(copy, name.name.len),
			.source = ENDPOINT_CROWD,
		};
}

/* All that may be said of it. */
static int gather_names(struct gathering *g, int64_t remote_id,
			const struct addr *addr)
{
	struct endpoint_set *set = g->set;
	int err = query_remote_names(set->hub->store, set->device, remote_id,
				     ENDPOINT_NAMES_MAX, take_name, g);

	/* at home the others' names are their own business */
	if (!err && !g->count && !addr_is_private(addr) &&
	    !addr_is_multicast(addr))
		err = gather_others(g, remote_id);
	if (!err && !g->count)
		take_crowd(g, addr);
	if (!err && !g->count)
		take_reverse(g, addr);
	return err;
}

static struct remote *remote_of(struct endpoint_set *set, int64_t remote_id,
				const struct addr *addr)
{
	struct remote *remote = table_find(&set->remotes, &remote_id);
	const struct certificate *certificate = NULL;
	struct gathering g = { .set = set };
	int err = 0;

	if (remote)
		return remote;
	if (gate_names_at(&set->hub->home, addr)) {
		err = gather_names(&g, remote_id, addr);
		certificate = table_find(&set->certificates, &remote_id);
	}
	if (err) {
		set->err = err;
		return NULL;
	}
	remote = table_get(&set->remotes, &remote_id, NULL);
	if (!remote)
		return NULL;
	remote->names = arena_copy(&set->arena, g.names,
				   (g.count + 1) * sizeof(g.names[0]));
	remote->count = remote->names ? g.count : 0;
	if (certificate)
		remote->certificate = *certificate;
	return remote;
}

/* Whether a is the better answer to: what did the device mean then? */
static bool is_better(const struct named *a, const struct named *b,
		      uint64_t at_ms)
{
	bool a_known = a->first_ms <= at_ms + ENDPOINT_SLACK_MS;
	bool b_known = b->first_ms <= at_ms + ENDPOINT_SLACK_MS;
	uint64_t a_last = a->last_ms < at_ms ? a->last_ms : at_ms;
	uint64_t b_last = b->last_ms < at_ms ? b->last_ms : at_ms;

	if (a_known != b_known)
		return a_known;
	if (!a_known && a->first_ms != b->first_ms)
		return a->first_ms < b->first_ms;
	if (a->source != b->source)
		return a->source < b->source;
	if (a_last != b_last)
		return a_last > b_last;
	return a->first_ms > b->first_ms;
}

static const struct named *name_at(const struct remote *remote, uint64_t at_ms)
{
	const struct named *best = NULL;

	for (size_t i = 0; i < remote->count; i++)
		if (!best || is_better(&remote->names[i], best, at_ms))
			best = &remote->names[i];
	return best;
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

/* Under its name, or with none under its address. */
static struct endpoint *labelled(struct endpoint_set *set,
				 const struct named *name,
				 const struct addr *remote)
{
	struct label label;
	struct endpoint *endpoint;
	bool fresh;

	memset(&label, 0, sizeof(label));
	label.is_address = !name;
	if (name)
		memcpy(label.text, name->name.data, name->name.len);
	else
		memcpy(label.text, remote, sizeof(*remote));
	endpoint = table_get(&set->endpoints, &label, &fresh);
	if (!endpoint)
		return NULL;
	if (fresh)
		endpoint->source = ENDPOINT_UNNAMED;
	if (fresh && name) {
		memcpy(endpoint->name, name->name.data, name->name.len);
		endpoint->name_len = name->name.len;
	}
	if (name && name->source < endpoint->source)
		endpoint->source = name->source;
	add_addr(endpoint->addrs, &endpoint->addr_count, ENDPOINT_ADDRS_MAX,
		 remote);
	if (name)
		add_addr(endpoint->resolvers, &endpoint->resolver_count,
			 ENDPOINT_RESOLVERS_MAX, &name->resolver);
	return endpoint;
}

struct endpoint *endpoint_of(struct endpoint_set *set, int64_t remote_id,
			     const struct addr *addr, uint64_t at_ms)
{
	struct remote *remote = remote_of(set, remote_id, addr);
	struct endpoint *endpoint = NULL;

	if (remote)
		endpoint = labelled(set, name_at(remote, at_ms), addr);
	if (!endpoint && !set->err)
		set->left_out++;
	if (endpoint &&
	    remote->certificate.last_ms > endpoint->certificate_ms) {
		endpoint->certificate = remote->certificate.subject;
		endpoint->certificate_ms = remote->certificate.last_ms;
	}
	return endpoint;
}

static struct endpoint_port *port_of(struct endpoint *endpoint,
				     uint8_t protocol, uint16_t port)
{
	struct endpoint_port *fresh;

	for (size_t i = 0; i < endpoint->port_count; i++)
		if (endpoint->ports[i].protocol == protocol &&
		    endpoint->ports[i].port == port)
			return &endpoint->ports[i];
	if (endpoint->port_count == ENDPOINT_PORTS_MAX)
		return NULL;
	fresh = &endpoint->ports[endpoint->port_count++];
	*fresh = (struct endpoint_port){ .protocol = protocol, .port = port };
	return fresh;
}

void endpoint_add(struct endpoint_set *set, struct endpoint *endpoint,
		  const struct query_flow *flow)
{
	struct service_key key =
		service_key(flow->remote_id, flow->protocol, flow->remote_port);
	const struct service *service = table_find(&set->services, &key);
	struct endpoint_port *port =
		port_of(endpoint, flow->protocol, flow->remote_port);

	endpoint->local |= flow->local;
	endpoint->in_bytes += flow->in_bytes;
	endpoint->out_bytes += flow->out_bytes;
	endpoint->in_packets += flow->in_packets;
	endpoint->out_packets += flow->out_packets;
	if (!endpoint->first_ms || flow->first_ms < endpoint->first_ms)
		endpoint->first_ms = flow->first_ms;
	if (flow->last_ms > endpoint->last_ms)
		endpoint->last_ms = flow->last_ms;
	if (!port)
		return;
	port->bytes += flow->in_bytes + flow->out_bytes;
	if (service) {
		port->has_application = true;
		port->application = service->application;
	}
}

struct endpoint_facts endpoint_facts(const struct endpoint *endpoint,
				     const char *vendor)
{
	const struct endpoint_port *most = &endpoint->ports[0];

	for (size_t i = 1; i < endpoint->port_count; i++)
		if (endpoint->ports[i].bytes > most->bytes)
			most = &endpoint->ports[i];
	return (struct endpoint_facts){
		.name = slice_of(endpoint->name_len ? endpoint->name : NULL,
				 endpoint->name_len),
		.source = endpoint->source,
		.addr = endpoint->addrs[0],
		.local = endpoint->local,
		.protocol = most->protocol,
		.port = most->port,
		.has_application = most->has_application,
		.application = most->application,
		.vendor = vendor,
	};
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/windows.h"

#include <stdlib.h>
#include <string.h>

/* Of one device in one window: its contacts, and DNS. */
#define FLOWS_MAX (HOME_CONTACTS_MAX + 1)

static void take_flow(void *user, const struct traffic_flow *flow)
{
	struct windows *w = user;

	if (w->err)
		return;
	if (w->flow_count == w->flow_room) {
		size_t room = w->flow_room ? 2 * w->flow_room : 1024;
		void *more = realloc(w->flows, room * sizeof(*w->flows));

		if (!more) {
			w->err = ERR_NOMEM;
			return;
		}
		w->flows = more;
		w->flow_room = room;
	}
	w->flows[w->flow_count++] = *flow;
}

static int compare(const void *a, const void *b)
{
	const struct traffic_flow *x = a, *y = b;

	if (x->end_s != y->end_s)
		return x->end_s < y->end_s ? -1 : 1;
	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	return (x->first_ms > y->first_ms) - (x->first_ms < y->first_ms);
}

int windows_begin(struct windows *w, struct home *home,
		  const struct servers *servers, uint64_t seed, uint64_t number)
{
	struct traffic_sink sink = { take_flow, w };
	uint64_t parts[WINDOWS_KEY_BYTES / sizeof(uint64_t)];
	struct draw draw;

	memset(w, 0, sizeof(*w));
	w->home = home;
	w->servers = servers;
	w->crypto = crypto_new();
	if (!w->crypto)
		return ERR_NOMEM;
	draw_init(&draw, ~seed, number);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		parts[i] = draw_u64(&draw);
	memcpy(w->key, parts, sizeof(w->key));
	traffic_draw(home, &sink);
	if (w->err) {
		windows_end(w);
		return ERR_NOMEM;
	}
	if (w->flow_count)
		qsort(w->flows, w->flow_count, sizeof(*w->flows), compare);
	return 0;
}

void windows_end(struct windows *w)
{
	crypto_free(w->crypto);
	free(w->flows);
}

static void keyed_hash(void *user, const void *data, size_t len,
		       uint8_t out[32])
{
	struct windows *w = user;

	if (crypto_hmac_sha256(w->crypto, slice_of(w->key, sizeof(w->key)),
			       slice_of(data, len), out))
		w->err = ERR_NOMEM;
}

/* The OUI's bytes, and the device's number; a random MAC says that it is. */
static struct mac mac_of(const struct windows *w, size_t number)
{
	const struct home_device *device = &w->home->devices[number];
	struct mac mac = { .b = { 0x02, 0, 0, 0, (uint8_t)(number >> 8),
				  (uint8_t)number } };
	char digits[3] = "";

	for (size_t i = 0; device->oui && i < 3; i++) {
		memcpy(digits, device->oui + 2 * i, 2);
		mac.b[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return mac;
}

static struct addr local_addr(size_t number)
{
	uint8_t b[4] = { 192, 168, 1, (uint8_t)(2 + number) };

	return addr_v4(b);
}

/** A device's window being put together; texts live in it. */
struct building {
	struct record_window window;
	struct record_flow flows[FLOWS_MAX];
	struct record_name names[FLOWS_MAX];
	struct record_hello hellos[FLOWS_MAX];
	struct record_clue clues[16];
	struct server servers[FLOWS_MAX];
	struct addr addr;
};

static void add_hello(struct building *b, const struct traffic_flow *flow,
		      const struct server *server)
{
	const struct market_hello *hello = flow->contact->contact->hello;
	struct record_hello *out = &b->hellos[b->window.hello_count++];

	*out = (struct record_hello){
		.time_ns = (uint64_t)flow->first_ms * 1000000,
		.transport = flow->protocol == 17 ? RECORD_TRANSPORT_QUIC
						  : RECORD_TRANSPORT_TCP,
		.device = b->addr,
		.remote = server->addr,
		.device_port = flow->device_port,
		.remote_port = flow->remote_port,
		.legacy_version = hello->version > 771 ? 771 : hello->version,
		.highest_version = hello->version,
		.cipher_suites = hello->suites,
		.extensions = hello->extensions,
		.groups = hello->groups,
		.point_formats = hello->point_formats,
		.signature_algorithms = hello->signature_algorithms,
		.alpn = hello->alpn,
	};
	if (server->name[0] && !server->is_guessed)
		out->sni = slice_text(server->name);
	memcpy(out->ja3, hello->ja3, sizeof(out->ja3));
	memcpy(out->ja4, hello->ja4, sizeof(out->ja4));
}

static void add_name(struct building *b, const struct traffic_flow *flow,
		     const struct server *server)
{
	static const uint8_t router[4] = { 192, 168, 1, 1 };

	b->names[b->window.name_count++] = (struct record_name){
		.time_ns = (uint64_t)flow->first_ms * 1000000,
		.addr = server->addr,
		.name = slice_text(server->name),
		.source = RECORD_NAME_DNS,
		.resolver = addr_v4(router),
	};
}

static void add_flow(const struct windows *w, struct building *b,
		     const struct traffic_flow *flow)
{
	static const uint8_t router[4] = { 192, 168, 1, 1 };
	struct server *server = &b->servers[b->window.flow_count];
	uint64_t first_ns = (uint64_t)flow->first_ms * 1000000;

	if (flow->contact)
		servers_describe(w->servers, flow->contact, server);
	else
		*server = (struct server){ .addr = addr_v4(router) };
	b->flows[b->window.flow_count++] = (struct record_flow){
		.protocol = flow->protocol,
		.device = b->addr,
		.remote = server->addr,
		.device_port = flow->device_port,
		.remote_port = flow->remote_port,
		.local = !flow->contact,
		.opener = RECORD_OPENER_DEVICE,
		.first_ns = first_ns,
		.last_ns = first_ns,
		.in_packets = flow->in_packets,
		.out_packets = flow->out_packets,
		.in_bytes = flow->in_bytes,
		.out_bytes = flow->out_bytes,
	};
	if (flow->contact && flow->contact->naming == HOME_NAMED)
		add_name(b, flow, server);
	if (flow->has_hello)
		add_hello(b, flow, server);
}

static void add_clues(struct building *b, const struct home_device *device)
{
	for (size_t i = 0; device->model && device->announces &&
			   i < device->model->clue_count && i < 16;
	     i++) {
		struct record_clue *clue = &b->clues[b->window.clue_count++];
		int kind = 0;

		while (strcmp(record_clue_name((enum record_clue_kind)kind),
			      device->model->clues[i].kind) != 0)
			kind++;
		*clue = (struct record_clue){
			.time_ns = b->window.start_ns,
			.kind = (enum record_clue_kind)kind,
			.text = slice_text(device->model->clues[i].text),
		};
	}
}

static int add_device(struct windows *w, struct share *share,
		      const struct share_rules *rules, size_t number,
		      size_t from, size_t to)
{
	const struct home_device *device = &w->home->devices[number];
	struct building *b = calloc(1, sizeof(*b));
	bool is_first = !w->told[number];
	int err;

	if (!b)
		return ERR_NOMEM;
	w->told[number] = true;
	b->addr = local_addr(number);
	b->window = (struct record_window){
		.start_ns = share_end_ns(share) - RECORD_WINDOW_NS,
		.device = mac_of(w, number),
		.addrs = &b->addr,
		.addr_count = 1,
		.flows = b->flows,
		.names = b->names,
		.hellos = b->hellos,
		.clues = b->clues,
	};
	for (size_t i = from; i < to && b->window.flow_count < FLOWS_MAX; i++)
		add_flow(w, b, &w->flows[i]);
	if (is_first)
		add_clues(b, device);
	err = share_window(share, rules, &b->window, device->is_watched);
	if (!err && is_first && device->is_labelled) {
		struct share_label label = { device->label.name,
					     device->label.category,
					     device->label.vendor,
					     SHARE_LABEL_TYPED };

		err = share_label(share, rules, &b->window.device, true,
				  &label);
	}
	free(b);
	return err;
}

/* Those that were seen and never watched are told of once. */
static int add_others(struct windows *w, struct share *share,
		      const struct share_rules *rules)
{
	int err = 0;

	for (size_t i = 0; i < w->home->device_count && !err; i++)
		if (!w->told[i] && !w->home->devices[i].is_watched)
			err = add_device(w, share, rules, i, 0, 0);
	return err;
}

int windows_next(struct windows *w, struct share **out)
{
	struct share_rules rules = { .scrub = { .hash = keyed_hash, .user = w },
				     .fields = SHARE_ALL };
	int64_t end_s;
	struct share *share;
	size_t at = w->next;
	int err;

	if (at == w->flow_count)
		return 0;
	end_s = w->flows[at].end_s;
	err = share_new((uint64_t)end_s * 1000000000, rules.fields, &share);
	if (err)
		return err;
	if (!at)
		err = add_others(w, share, &rules);
	while (!err && at < w->flow_count && w->flows[at].end_s == end_s) {
		size_t device = w->flows[at].device, to = at;

		while (to < w->flow_count && w->flows[to].end_s == end_s &&
		       w->flows[to].device == device)
			to++;
		err = add_device(w, share, &rules, device, at, to);
		at = to;
	}
	if (!err)
		err = w->err;
	if (err) {
		share_free(share);
		return err;
	}
	w->next = at;
	*out = share;
	return 1;
}

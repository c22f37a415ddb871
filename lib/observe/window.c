// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/window.h"

#include <stdlib.h>
#include <string.h>

#include "observe/device.h"
#include "observe/flow.h"

/* A record in its list; the record itself follows, aligned. */
struct window_node {
	struct window_node *next;
	uint64_t record[];
};

static const struct {
	size_t size;
	uint32_t limit;
	size_t counter; /* of those refused */
} lists[WINDOW_LISTS] = {
	[WINDOW_NAMES] = { sizeof(struct record_name), WINDOW_NAMES_MAX,
			   offsetof(struct record_counters, names_refused) },
	[WINDOW_QUESTIONS] = { sizeof(struct record_question),
			       WINDOW_QUESTIONS_MAX,
			       offsetof(struct record_counters,
					names_refused) },
	[WINDOW_HELLOS] = { sizeof(struct record_hello), WINDOW_HELLOS_MAX,
			    offsetof(struct record_counters, hellos_refused) },
	[WINDOW_HTTP] = { sizeof(struct record_http), WINDOW_HTTP_MAX,
			  offsetof(struct record_counters, http_refused) },
	[WINDOW_CLUES] = { sizeof(struct record_clue), WINDOW_CLUES_MAX,
			   offsetof(struct record_counters, clues_refused) },
	[WINDOW_SERVERS] = { sizeof(struct record_server), WINDOW_SERVERS_MAX,
			     offsetof(struct record_counters,
				      servers_refused) },
	[WINDOW_SERVICES] = { sizeof(struct record_service),
			      WINDOW_SERVICES_MAX,
			      offsetof(struct record_counters,
				       services_refused) },
	[WINDOW_DOMAINS] = { sizeof(struct slice), WINDOW_DOMAINS_MAX,
			     offsetof(struct record_counters, names_refused) },
};

void window_init(struct window *w, struct record_counters *counters)
{
	*w = (struct window){ .counters = counters };
	arena_init(&w->arena, WINDOW_BYTES_MAX);
}

void window_done(struct window *w)
{
	arena_done(&w->arena);
	free(w->flows);
	*w = (struct window){ 0 };
}

void window_mark(struct window *w, struct device *device)
{
	if (device->share.active)
		return;
	device->share.active = true;
	if (w->tail)
		w->tail->share.next_active = device;
	else
		w->head = device;
	w->tail = device;
}

static int side_of(const struct flow *flow, const struct device *device)
{
	return flow->device[0] == device ? 0 : 1;
}

void window_add_flow(struct window *w, struct device *device, struct flow *flow)
{
	struct window_share *share = &device->share;
	int side = side_of(flow, device);

	window_mark(w, device);
	flow->in_window[side] = true;
	flow->next_of[side] = NULL;
	if (share->flow_tail)
		share->flow_tail->next_of[side_of(share->flow_tail, device)] =
			flow;
	else
		share->flow_head = flow;
	share->flow_tail = flow;
	share->flow_count++;
}

bool window_drop_flow(struct window *w, struct flow *flow, int side)
{
	struct device *device = flow->device[side];
	struct window_share *share = &device->share;
	struct flow *before = NULL, *next = flow->next_of[side];

	if (w->drops == WINDOW_DROPS_MAX)
		return false;
	w->drops++;
	for (struct flow *f = share->flow_head; f != flow;
	     f = f->next_of[side_of(f, device)])
		before = f;
	if (before)
		before->next_of[side_of(before, device)] = next;
	else
		share->flow_head = next;
	if (!next)
		share->flow_tail = before;
	share->flow_count--;
	flow->in_window[side] = false;
	flow->next_of[side] = NULL;
	return true;
}

bool window_copy(struct window *w, struct slice from, struct slice *out)
{
	if (from.data) {
		const char *copy = arena_text(&w->arena, from);

		if (!copy)
			return false;
		from = slice_of(copy, from.len);
	}
	*out = from;
	return true;
}

void window_refuse(struct window *w, enum window_list list)
{
	uint8_t *counters = (uint8_t *)w->counters;

	++*(uint64_t *)(void *)(counters + lists[list].counter);
}

bool window_is_full(struct window *w, const struct device *device,
		    enum window_list list)
{
	if (device->share.lists[list].count < lists[list].limit)
		return false;
	window_refuse(w, list);
	return true;
}

void window_add(struct window *w, struct device *device, enum window_list list,
		const void *record)
{
	struct window_share *share = &device->share;
	struct window_node *node = NULL;

	if (share->lists[list].count < lists[list].limit)
		node = arena_alloc(&w->arena, sizeof(*node) + lists[list].size);
	if (!node) {
		window_refuse(w, list);
		return;
	}
	memcpy(node->record, record, lists[list].size);
	if (share->lists[list].tail)
		share->lists[list].tail->next = node;
	else
		share->lists[list].head = node;
	share->lists[list].tail = node;
	share->lists[list].count++;
	window_mark(w, device);
}

bool window_has_name(const struct device *device,
		     const struct record_name *name)
{
	const struct window_node *n = device->share.lists[WINDOW_NAMES].head;

	for (; n; n = n->next) {
		const struct record_name *r = (const void *)n->record;

		if (r->source == name->source &&
		    r->device_port == name->device_port &&
		    addr_equal(&r->addr, &name->addr) &&
		    slice_equal(r->name, name->name))
			return true;
	}
	return false;
}

bool window_has_clue(const struct device *device,
		     const struct record_clue *clue)
{
	const struct window_node *n = device->share.lists[WINDOW_CLUES].head;

	for (; n; n = n->next) {
		const struct record_clue *r = (const void *)n->record;

		if (r->kind == clue->kind && slice_equal(r->text, clue->text))
			return true;
	}
	return false;
}

struct record_server *window_find_server(const struct device *device,
					 const struct record_server *like)
{
	struct window_node *n = device->share.lists[WINDOW_SERVERS].head;

	for (; n; n = n->next) {
		struct record_server *r = (void *)n->record;

		if (r->device_port == like->device_port &&
		    r->remote_port == like->remote_port &&
		    addr_equal(&r->remote, &like->remote) &&
		    addr_equal(&r->device, &like->device))
			return r;
	}
	return NULL;
}

struct record_service *window_find_service(const struct device *device,
					   const struct record_service *like)
{
	struct window_node *n = device->share.lists[WINDOW_SERVICES].head;

	for (; n; n = n->next) {
		struct record_service *r = (void *)n->record;

		if (r->application == like->application &&
		    r->protocol == like->protocol &&
		    (r->remote_port == like->remote_port ||
		     r->device_port == like->device_port) &&
		    addr_equal(&r->remote, &like->remote))
			return r;
	}
	return NULL;
}

/* The records of a list side by side; NULL, counted, when memory is out. */
static const void *list_array(struct window *w, const struct device *device,
			      enum window_list list, size_t *count)
{
	size_t n = device->share.lists[list].count, size = lists[list].size;
	const struct window_node *node = device->share.lists[list].head;
	uint8_t *array, *at;

	*count = 0;
	if (!n)
		return NULL;
	array = arena_alloc(&w->arena, n * size);
	if (!array) {
		for (; node; node = node->next)
			window_refuse(w, list);
		return NULL;
	}
	for (at = array; node; node = node->next, at += size)
		memcpy(at, node->record, size);
	*count = n;
	return array;
}

static size_t flow_array(struct window *w, const struct device *device)
{
	const struct window_share *share = &device->share;
	size_t n = 0;

	if (share->flow_count > w->flow_room) {
		struct record_flow *flows;

		flows = realloc(w->flows, share->flow_count * sizeof(*flows));
		if (flows) {
			w->flows = flows;
			w->flow_room = share->flow_count;
		}
	}
	for (const struct flow *f = share->flow_head; f;) {
		int side = side_of(f, device);

		if (n < w->flow_room)
			flow_record(f, side, &w->flows[n++]);
		else
			w->counters->flows_refused++;
		f = f->next_of[side];
	}
	return n;
}

static void emit_device(struct window *w, const struct device *device,
			const struct mac *gateway,
			void (*emit)(void *, const struct record_window *),
			void *user)
{
	struct record_window out = {
		.start_ns = w->index * RECORD_WINDOW_NS,
		.device = device->mac,
		.is_gateway = !mac_is_zero(gateway) &&
			      mac_equal(&device->mac, gateway),
		.addrs = device->addrs,
		.addr_count = device->addr_count,
		.seen_as = device->share.seen_as,
		.answered_past = device->share.answered_past,
		.forward_in_frames = device->share.forward_in_frames,
		.forward_out_frames = device->share.forward_out_frames,
	};

	out.names = list_array(w, device, WINDOW_NAMES, &out.name_count);
	out.questions =
		list_array(w, device, WINDOW_QUESTIONS, &out.question_count);
	out.hellos = list_array(w, device, WINDOW_HELLOS, &out.hello_count);
	out.http = list_array(w, device, WINDOW_HTTP, &out.http_count);
	out.clues = list_array(w, device, WINDOW_CLUES, &out.clue_count);
	out.servers = list_array(w, device, WINDOW_SERVERS, &out.server_count);
	out.services =
		list_array(w, device, WINDOW_SERVICES, &out.service_count);
	out.domains = list_array(w, device, WINDOW_DOMAINS, &out.domain_count);
	out.flow_count = flow_array(w, device);
	out.flows = out.flow_count ? w->flows : NULL;
	emit(user, &out);
}

void window_close(struct window *w, const struct mac *gateway,
		  void (*emit)(void *, const struct record_window *),
		  void *user)
{
	struct device *device = w->head, *next;

	for (; device; device = next) {
		next = device->share.next_active;
		if (emit)
			emit_device(w, device, gateway, emit, user);
		device->share = (struct window_share){ 0 };
	}
	w->head = NULL;
	w->tail = NULL;
	w->drops = 0;
	arena_reset(&w->arena);
}

void window_seen_as(struct device *device, const struct addr *addr)
{
	if (device && addr->family && !addr_is_private(addr))
		device->share.seen_as = *addr;
}

void window_answered_past(struct device *device, unsigned int family)
{
	if (device)
		device->share.answered_past |=
			family == 6 ? RECORD_PAST_IPV6 : RECORD_PAST_IPV4;
}

static bool has_domain(const struct device *device, struct slice domain)
{
	const struct window_node *n = device->share.lists[WINDOW_DOMAINS].head;

	for (; n; n = n->next)
		if (slice_equal(*(const struct slice *)(const void *)n->record,
				domain))
			return true;
	return false;
}

void window_add_domain(struct window *w, struct device *device,
		       struct slice domain)
{
	if (has_domain(device, domain) ||
	    window_is_full(w, device, WINDOW_DOMAINS))
		return;
	if (!window_copy(w, domain, &domain)) {
		window_refuse(w, WINDOW_DOMAINS);
		return;
	}
	window_add(w, device, WINDOW_DOMAINS, &domain);
}

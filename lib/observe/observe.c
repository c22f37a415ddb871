// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/observe.h"

#include <stdlib.h>
#include <string.h>

#include "decode/ja.h"
#include "decode/ndp.h"
#include "observe/clue.h"
#include "observe/context.h"
#include "observe/datagram.h"
#include "observe/flow.h"
#include "observe/fragment.h"
#include "observe/initial.h"
#include "observe/payload.h"

/* Packets remembered to know a copy by: of more, a burst that is passed on
 * whole, the rest counts twice. */
#define RECENT_MAX 16u

/* Frames looked at before the first of them is worked on: enough to hide how
 * long memory takes, few enough to stay in the first cache. */
#define AHEAD_MAX 32u

/* What is known of a frame before its turn. */
struct ahead {
	struct packet packet;
	struct flow_key key; /* these three: of an IP packet */
	uint32_t hash;
	int side;
	bool is_ip;
	int err, fault; /* packet_decode()'s */
};

/* What stays of a packet when it is passed on, and what falls. */
struct recent {
	const struct flow *flow;
	uint32_t ip_id, tcp_seq, tcp_ack, payload_bytes;
	uint16_t fragment_offset;
	int8_t side;
	uint8_t ttl;
};

struct observe {
	enum observe_mode mode;
	struct mac own;
	struct addr own_addrs[OBSERVE_OWN_ADDRS_MAX];
	struct addr own6[OBSERVE_OWN_ADDRS_MAX];
	size_t own6_count;
	size_t own_addr_count;
	struct observe_sink sink;
	struct record_counters counters;
	struct devices devices;
	struct flows flows;
	struct streams streams;
	struct fragments fragments;
	struct initials initials;
	struct crypto *crypto, *own_crypto;
	struct buf scratch;
	struct window window;
	uint16_t generation; /* of the watched set */
	struct ahead ahead[AHEAD_MAX];
	/* in files: of the latest packets */
	struct recent recent[RECENT_MAX];
	uint32_t recent_at;
};

struct observe *observe_new(const struct observe_config *config,
			    const struct observe_sink *sink)
{
	struct observe *o;

	if (config->own_addr_count > OBSERVE_OWN_ADDRS_MAX)
		return NULL;
	o = calloc(1, sizeof(*o));
	if (!o)
		return NULL;
	o->mode = config->mode;
	o->own = config->own;
	o->own_addr_count = config->own_addr_count;
	if (config->own_addr_count)
		memcpy(o->own_addrs, config->own_addrs,
		       config->own_addr_count * sizeof(*o->own_addrs));
	o->sink = *sink;
	streams_init(&o->streams, &o->counters);
	flows_init(&o->flows,
		   o->mode == OBSERVE_LIVE ? FLOW_LIVE_MAX : FLOW_FILE_MAX,
		   config->seed, &o->streams);
	fragments_init(&o->fragments, config->seed, &o->streams);
	window_init(&o->window, &o->counters);
	buf_init(&o->scratch, JA_TEXT_MAX_BYTES);
	if (!config->crypto)
		o->own_crypto = crypto_new();
	o->crypto = config->crypto ? config->crypto : o->own_crypto;
	if (!o->crypto || devices_init(&o->devices, config, &o->counters)) {
		observe_free(o);
		return NULL;
	}
	return o;
}

void observe_free(struct observe *o)
{
	if (!o)
		return;
	streams_done(&o->streams);
	fragments_done(&o->fragments);
	crypto_free(o->own_crypto);
	buf_done(&o->scratch);
	flows_done(&o->flows);
	window_done(&o->window);
	devices_done(&o->devices);
	free(o);
}

const struct record_counters *observe_counters(const struct observe *o)
{
	return &o->counters;
}

struct observe_path observe_path_of(const struct observe *o,
				    const struct mac *device)
{
	const struct device *d = devices_find(&o->devices, device);

	return d ? d->path : (struct observe_path){ 0 };
}

static void close_window(struct observe *o)
{
	window_close(&o->window, &o->devices.gateway, o->sink.window,
		     o->sink.user);
	flows_expire(&o->flows, o->window.serial);
	streams_expire(&o->streams, o->window.serial);
	devices_forget(&o->devices);
}

static void set_window(struct observe *o, uint64_t time_ns)
{
	struct window *w = &o->window;
	uint64_t index = time_ns / RECORD_WINDOW_NS;

	if (w->open && index == w->index)
		return;
	if (w->open && index < w->index &&
	    w->index - index <= OBSERVE_LATE_WINDOWS) {
		o->counters.late_frames++;
		return;
	}
	if (w->open)
		close_window(o);
	w->serial += w->open && index > w->index ? index - w->index : 1;
	w->open = true;
	w->index = index;
	o->devices.window = w->serial;
}

void observe_advance(struct observe *o, uint64_t now_ns)
{
	if (o->window.open && now_ns / RECORD_WINDOW_NS > o->window.index)
		set_window(o, now_ns);
}

void observe_finish(struct observe *o)
{
	if (o->window.open)
		close_window(o);
	o->window.open = false;
}

int observe_watch(struct observe *o, const struct mac *devices, size_t count)
{
	struct device *device;
	uint32_t at = 0;

	if (count > OBSERVE_WATCH_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++) {
		if (!devices_get(&o->devices, &devices[i]))
			return ERR_LIMIT;
	}
	while ((device = table_next(&o->devices.by_mac, &at, NULL)))
		device->watched = false;
	for (size_t i = 0; i < count; i++) {
		device = devices_find(&o->devices, &devices[i]);
		device->watched = !device->excluded;
		device->kept = true;
	}
	o->generation++;
	return 0;
}

int observe_network6(struct observe *o, const struct addr *own,
		     size_t own_count, const struct cidr *prefixes,
		     size_t prefix_count)
{
	if (own_count > OBSERVE_OWN_ADDRS_MAX ||
	    prefix_count > OBSERVE_PREFIXES_MAX)
		return ERR_LIMIT;
	memcpy(o->own6, own, own_count * sizeof(*own));
	o->own6_count = own_count;
	devices_set_prefixes(&o->devices, prefixes, prefix_count);
	o->generation++;
	return 0;
}

static struct flow_leg leg_of(const struct packet *p)
{
	struct flow_leg leg = { 0 };

	if (p->has_src_mac)
		leg.src = p->eth_src;
	if (p->has_dst_mac)
		leg.dst = p->eth_dst;
	return leg;
}

static bool leg_equal(const struct flow_leg *a, const struct flow_leg *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* Who asks, as far as the first packet seen tells; *opener: -1 if it is not
 * the first of all. */
static int guess_client(const struct packet *p, int side, int8_t *opener)
{
	const uint8_t reply_flags = PACKET_TCP_SYN | PACKET_TCP_ACK;
	uint8_t flags = p->tcp_flags & reply_flags;
	bool reply = p->sport < 1024 && p->dport >= 1024;

	*opener = -1;
	if (p->layer != PACKET_LAYER_TRANSPORT) {
		*opener = (int8_t)side;
		return side;
	}
	if (p->ip_protocol == PACKET_PROTOCOL_TCP) {
		if (flags == PACKET_TCP_SYN)
			*opener = (int8_t)side;
		else if (flags == reply_flags)
			*opener = (int8_t)!side;
		if (*opener >= 0)
			return *opener;
		return p->dport <= p->sport ? side : !side;
	}
	/* from a server's port: the question came before the capture */
	if (reply)
		return !side;
	*opener = (int8_t)side;
	return side;
}

static bool is_own_addr(const struct observe *o, const struct addr *a)
{
	for (size_t i = 0; i < o->own_addr_count; i++) {
		if (addr_equal(&o->own_addrs[i], a))
			return true;
	}
	for (size_t i = 0; i < o->own6_count; i++) {
		if (addr_equal(&o->own6[i], a))
			return true;
	}
	return false;
}

/* What the packet's two ends are to us. */
struct ends {
	struct device *src, *dst;
	enum flow_verdict verdict;
};

static bool any_excluded(const struct ends *e)
{
	return (e->src && e->src->excluded) || (e->dst && e->dst->excluded);
}

/* Live: by source MAC, else by the address of a watched device among the
 * frames addressed to us; what leaves us is the second leg. */
static struct ends live_ends(struct observe *o, const struct packet *p)
{
	struct ends e = { .verdict = FLOW_OTHER };
	bool to_us = p->has_dst_mac && mac_equal(&p->eth_dst, &o->own);

	if (!p->has_src_mac)
		return e;
	if (mac_equal(&p->eth_src, &o->own)) {
		/* what this host itself says is none of a device's path */
		if (is_own_addr(o, &p->src))
			return e;
		e.src = devices_owner(&o->devices, &p->src);
		e.dst = devices_owner(&o->devices, &p->dst);
		if ((e.src && e.src->watched) || (e.dst && e.dst->watched))
			e.verdict = FLOW_SECOND;
		return e;
	}
	e.src = devices_of_source(&o->devices, &p->src, &p->eth_src);
	if (to_us || e.src)
		e.dst = devices_of_destination(&o->devices, &p->dst,
					       &p->eth_dst);
	if (any_excluded(&e))
		e.verdict = FLOW_EXCLUDED;
	else if (e.src || e.dst)
		e.verdict = to_us && !is_own_addr(o, &p->dst)
				    ? FLOW_COUNT_FORWARDED
				    : FLOW_COUNT;
	return e;
}

/* Notes who carries the Internet's traffic. */
static void note_carriers(struct observe *o, const struct packet *p)
{
	if (p->has_src_mac && !devices_is_local(&o->devices, &p->src))
		devices_carried(&o->devices, &p->eth_src, true);
	if (p->has_dst_mac && !mac_is_group(&p->eth_dst) &&
	    !devices_is_local(&o->devices, &p->dst))
		devices_carried(&o->devices, &p->eth_dst, false);
}

static struct ends home_ends(struct observe *o, const struct packet *p)
{
	struct ends e = { .verdict = FLOW_OTHER };

	devices_guess_prefix(&o->devices, p);
	note_carriers(o, p);
	e.src = devices_of_source(&o->devices, &p->src,
				  p->has_src_mac ? &p->eth_src : NULL);
	e.dst = devices_of_destination(&o->devices, &p->dst,
				       p->has_dst_mac ? &p->eth_dst : NULL);
	if (any_excluded(&e))
		e.verdict = FLOW_EXCLUDED;
	else if (e.src || e.dst)
		e.verdict = FLOW_COUNT;
	return e;
}

static struct ends all_ends(struct observe *o, const struct packet *p,
			    bool from_client)
{
	const struct mac *src_mac = p->has_src_mac ? &p->eth_src : NULL;
	const struct mac *dst_mac = p->has_dst_mac ? &p->eth_dst : NULL;
	struct ends e = { .verdict = FLOW_OTHER };

	if (!from_client)
		e.dst = devices_of_destination(&o->devices, &p->dst, dst_mac);
	/* nobody is behind a group's address: then it is the sender's */
	if (!e.dst)
		e.src = devices_of_source(&o->devices, &p->src, src_mac);
	if (any_excluded(&e))
		e.verdict = FLOW_EXCLUDED;
	else if (e.src || e.dst)
		e.verdict = FLOW_COUNT;
	return e;
}

/* Takes a side's device away; false when that must wait. */
static bool clear_device(struct observe *o, struct flow *flow, int side)
{
	if (flow->in_window[side] &&
	    !window_drop_flow(&o->window, flow, side)) {
		flow->unsettled = true;
		return false;
	}
	flow->device[side] = NULL;
	return true;
}

/* Gives a side of the flow its device. */
static void set_device(struct observe *o, struct flow *flow, int side,
		       struct device *device)
{
	if (!device || flow->device[side] == device)
		return;
	/* one flow of one device, though both ends are its: the client's */
	if (flow->device[!side] == device &&
	    (flow->client != side || !clear_device(o, flow, !side)))
		return;
	if (clear_device(o, flow, side))
		flow->device[side] = device;
}

static enum flow_verdict decide(struct observe *o, const struct packet *p,
				struct flow *flow, int side)
{
	struct ends e = { 0 };

	switch (o->mode) {
	case OBSERVE_HOME:
		e = home_ends(o, p);
		break;
	case OBSERVE_ALL:
		e = all_ends(o, p, flow->client == side);
		break;
	case OBSERVE_LIVE:
		e = live_ends(o, p);
		break;
	}
	flow->local[side] = devices_is_local(&o->devices, &p->src);
	flow->local[!side] = devices_is_local(&o->devices, &p->dst);
	if (e.verdict == FLOW_COUNT || e.verdict == FLOW_COUNT_FORWARDED) {
		set_device(o, flow, side, e.src);
		set_device(o, flow, !side, e.dst);
	}
	return e.verdict;
}

/*
 * A packet that is passed on comes by twice: the second time from the one who
 * was its destination. What counts is the leg towards that one.
 */
static enum flow_verdict second_leg(struct observe *o, struct flow_lane *lane)
{
	if (lane->verdict == FLOW_EXCLUDED ||
	    (lane->verdict == FLOW_OTHER && o->mode == OBSERVE_LIVE))
		return (enum flow_verdict)lane->verdict;
	if (!lane->has_second)
		devices_note_carrier(&o->devices, &lane->leg.dst);
	lane->has_second = true;
	return FLOW_SECOND;
}

static void remember(struct observe *o, const struct packet *p,
		     const struct flow *flow, int side)
{
	o->recent[o->recent_at++ % RECENT_MAX] = (struct recent){
		.flow = flow,
		.ip_id = p->ip_id,
		.tcp_seq = p->tcp_seq,
		.tcp_ack = p->tcp_ack,
		.payload_bytes = p->payload_bytes,
		.fragment_offset = p->fragment_offset,
		.side = (int8_t)side,
		.ttl = p->ttl,
	};
}

/*
 * Whether a packet is one of those just seen, on another interface of the same
 * capture: of a router, whose sides have MACs of their own, or of a bridge and
 * its ports, as "any" interface has them. IPv4 numbers its packets; of others
 * only the hop tells a copy from a repetition.
 */
static bool is_copy(const struct observe *o, const struct packet *p,
		    const struct flow *flow, int side)
{
	for (uint32_t i = 0; i < RECENT_MAX; i++) {
		const struct recent *r = &o->recent[i];

		if (r->flow != flow || r->side != side ||
		    r->ip_id != p->ip_id || r->tcp_seq != p->tcp_seq ||
		    r->tcp_ack != p->tcp_ack ||
		    r->payload_bytes != p->payload_bytes ||
		    r->fragment_offset != p->fragment_offset)
			continue;
		if (p->ip_id ? p->ttl <= r->ttl : p->ttl + 1 == r->ttl)
			return true;
	}
	return false;
}

static enum flow_verdict verdict_of(struct observe *o, const struct packet *p,
				    struct flow *flow, int side)
{
	struct flow_lane *lane = &flow->lane[side];
	struct flow_leg leg = leg_of(p);
	enum flow_verdict verdict;

	if (lane->verdict != FLOW_UNDECIDED) {
		bool same = leg_equal(&leg, &lane->leg);
		/* as in cooked captures, of several interfaces at once */
		bool half_known = p->has_src_mac && !p->has_dst_mac;

		if (same && (!half_known || o->mode == OBSERVE_LIVE))
			return lane->verdict;
		if (p->has_dst_mac && mac_equal(&leg.src, &lane->leg.dst))
			return second_leg(o, lane);
		if (o->mode != OBSERVE_LIVE && is_copy(o, p, flow, side))
			return FLOW_SECOND;
		if (same)
			return lane->verdict;
	}
	verdict = decide(o, p, flow, side);
	/* live, the second leg may be the first that is seen of it */
	if (verdict != FLOW_SECOND) {
		lane->leg = leg;
		lane->verdict = (uint8_t)verdict;
	}
	return verdict;
}

/* Verdicts are by the devices watched then: after a change they are void. */
static void reset_flow(struct observe *o, struct flow *flow)
{
	flow->unsettled = false;
	for (int i = 0; i < 2; i++) {
		struct flow_lane *lane = &flow->lane[i];

		lane->verdict = FLOW_UNDECIDED;
		lane->has_second = false;
		streams_release(&o->streams, &lane->stream);
		/* what it did so far in this window stays told */
		if (flow->in_window[i])
			flow->unsettled = true;
		else
			flow->device[i] = NULL;
	}
	flow->generation = o->generation;
}

/* Live, strangers' packets leave no trace. */
static bool is_followed(struct observe *o, const struct packet *p)
{
	struct ends e;

	if (o->mode != OBSERVE_LIVE)
		return true;
	e = live_ends(o, p);
	return e.verdict != FLOW_OTHER && e.verdict != FLOW_EXCLUDED;
}

static struct flow *new_flow(struct observe *o, const struct packet *p,
			     const struct flow_key *key, int side)
{
	struct flow *flow = flows_new(&o->flows, key, o->window.serial);

	if (!flow) {
		o->counters.flows_refused++;
		return NULL;
	}
	flow->generation = o->generation;
	flow->client = (int8_t)guess_client(p, side, &flow->opener);
	return flow;
}

/* Whether any router would pass it on: its life does not end here, its header
 * is whole, and its ends can be hosts beyond this link (RFC 1812 5.3.7, RFC
 * 4291 2.5.6). */
static bool is_to_pass(const struct packet *p)
{
	bool on_link = p->src.family == 6 && (addr_is_link_local(&p->src) ||
					      addr_is_link_local(&p->dst));

	return p->ttl > 1 && !p->ip_refused && !on_link &&
	       !addr_is_loopback(&p->src) && !addr_is_loopback(&p->dst) &&
	       !addr_is_unspecified(&p->src) && !addr_is_unspecified(&p->dst) &&
	       !addr_is_multicast(&p->src) && !addr_is_broadcast(&p->src) &&
	       !addr_is_broadcast(&p->dst);
}

static struct observe_passed *passed_of(struct device *device,
					const struct flow *flow)
{
	return flow_key(flow)->family == 6 ? &device->path.v6
					   : &device->path.v4;
}

/* Live: a packet on its way through us, of one device or the other end's. */
static void count_forwarded(const struct packet *p, const struct flow *flow,
			    int side)
{
	struct device *src = flow->device[side], *dst = flow->device[!side];
	struct observe_passed *passed;

	if (!is_to_pass(p))
		return;
	if (src) {
		passed = passed_of(src, flow);
		src->share.forward_in_frames++;
		passed->from_device++;
	}
	if (dst) { /* between two watched devices, it is both's */
		passed = passed_of(dst, flow);
		dst->share.forward_in_frames++;
		passed->from_gateway++;
	}
}

static void count_second(struct observe *o, const struct flow *flow, int side)
{
	struct device *src = flow->device[side], *dst = flow->device[!side];

	o->counters.second_copies++;
	if (o->mode != OBSERVE_LIVE)
		return;
	if (src) {
		src->share.forward_out_frames++;
		passed_of(src, flow)->to_gateway++;
		window_mark(&o->window, src);
	}
	if (dst) {
		dst->share.forward_out_frames++;
		passed_of(dst, flow)->to_device++;
		window_mark(&o->window, dst);
	}
}

/* What is behind the IP header. */
static void hear_transport(const struct context *c, struct flow *flow, int side)
{
	const struct packet *p = c->packet;
	struct flow_lane *lane = &flow->lane[side];
	struct sequence before = lane->sequence;

	if (p->layer != PACKET_LAYER_TRANSPORT)
		return;
	if (p->ip_protocol != PACKET_PROTOCOL_TCP) {
		datagram_hear(c, flow, side);
		return;
	}
	lane->sequence_bytes += sequence_add(&lane->sequence, p->tcp_seq,
					     p->tcp_flags, p->payload_bytes);
	if (!sequence_note_segment(&flow->gaps[side], &before, p->tcp_seq,
				   p->tcp_flags, p->payload_bytes))
		c->counters->gaps_refused++;
	sequence_note_ack(&flow->gaps[!side], &flow->lane[!side].sequence,
			  p->tcp_ack, p->tcp_flags);
	payload_tcp(c, flow, side, &before);
}

static void count(struct observe *o, const struct context *c, struct flow *flow,
		  int side)
{
	const struct packet *p = c->packet;
	struct flow_lane *lane = &flow->lane[side];

	for (int i = 0; i < 2; i++) {
		if (flow->device[i] && !flow->in_window[i])
			window_add_flow(&o->window, flow->device[i], flow);
	}
	if (flow->device[side] && !lane->packets)
		devices_refresh(&o->devices, flow->device[side], &p->src);
	if (!flow->first_ns)
		flow->first_ns = c->time_ns;
	lane->last_ns = c->time_ns;
	lane->packets++;
	lane->bytes += p->frame_bytes;
	hear_transport(c, flow, side);
	if (c->whole) {
		struct context whole = *c;

		whole.packet = c->whole;
		hear_transport(&whole, flow, side);
	}
}

/* Live: what one who is not watched says to everyone. */
static void hear_stranger(struct observe *o, const struct context *c)
{
	const struct packet *p = c->packet;
	struct device *device;

	o->counters.other_traffic++;
	if (p->layer != PACKET_LAYER_TRANSPORT ||
	    p->ip_protocol != PACKET_PROTOCOL_UDP || !p->has_src_mac ||
	    !p->has_dst_mac || !mac_is_group(&p->eth_dst) ||
	    mac_equal(&p->eth_src, &o->own))
		return;
	if (!datagram_is_announcement(p))
		return;
	device = devices_hear(&o->devices, &p->eth_src);
	if (!device || device->excluded)
		return;
	devices_claim(&o->devices, device, &p->src);
	datagram_announcement(c, device);
}

/* Live, guard hears it. */
static void hear_ndp(struct observe *o, const struct context *c,
		     struct slice frame)
{
	struct device *router;
	struct ndp ndp;

	if (ndp_decode(frame, &ndp))
		return;
	devices_hear_ndp(&o->devices, &ndp);
	if (!ndp.resolver_count)
		return;
	router = devices_hear(&o->devices, &ndp.eth_src);
	if (router && !router->excluded)
		clue_ndp(c, router, &ndp);
}

static void hear_ip(struct observe *o, const struct context *c,
		    const struct ahead *a)
{
	const struct packet *p = c->packet;
	struct flow *flow;
	int side = a->side;
	enum flow_verdict verdict;

	flow = flows_find(&o->flows, &a->key, a->hash);
	if (!flow) {
		if (!is_followed(o, p)) {
			hear_stranger(o, c);
			return;
		}
		flow = new_flow(o, p, &a->key, side);
		if (!flow)
			return;
	} else if (flow->generation != o->generation) {
		reset_flow(o, flow);
	}
	if (flow->window != o->window.serial) {
		flow_renew(&o->flows, flow, o->window.serial);
		if (flow->unsettled)
			reset_flow(o, flow);
	}
	verdict = verdict_of(o, p, flow, side);
	if (o->mode != OBSERVE_LIVE)
		remember(o, p, flow, side);
	switch (verdict) {
	case FLOW_COUNT_FORWARDED:
		count(o, c, flow, side);
		count_forwarded(p, flow, side);
		break;
	case FLOW_COUNT:
		count(o, c, flow, side);
		break;
	case FLOW_SECOND:
		count_second(o, flow, side);
		break;
	case FLOW_OTHER:
		if (o->mode == OBSERVE_LIVE) {
			hear_stranger(o, c);
			break;
		}
		o->counters.other_traffic++;
		count(o, c, flow, side);
		break;
	case FLOW_EXCLUDED:
	case FLOW_UNDECIDED:
		break;
	}
}

static void hear_arp(struct observe *o, const struct context *c)
{
	const struct packet *p = c->packet;
	struct fact fact = { .kind = FACT_ARP };
	struct device *device;
	struct arp arp;

	if (o->mode == OBSERVE_LIVE && mac_equal(&p->eth_src, &o->own))
		return;
	if (arp_decode(p->payload, &arp)) {
		o->counters.malformed++;
		return;
	}
	/* a made-up sender would fill the table with strangers */
	if (mac_is_zero(&arp.sender_mac) || mac_is_group(&arp.sender_mac))
		device = NULL;
	else
		device = devices_hear(&o->devices, &arp.sender_mac);
	if (device && device->excluded)
		return;
	fact.arp = &arp;
	context_fact(c, &fact);
	if (!device)
		return;
	devices_claim(&o->devices, device, &arp.sender_ip);
	window_mark(&o->window, device);
}

static void note_fault(struct observe *o, int fault)
{
	if (fault == ERR_TRUNCATED)
		o->counters.truncated++;
	else if (fault == ERR_UNSUPPORTED)
		o->counters.unsupported++;
	else if (fault)
		o->counters.malformed++;
}

static void find_key(const struct observe *o, struct ahead *a)
{
	a->side = flow_key_of(&a->packet, &a->key);
	a->hash = flows_expect(&o->flows, &a->key);
}

/* What can be done for a frame before its turn: all that depends on nothing
 * but itself. */
static void look_ahead(const struct observe *o,
		       const struct observe_frame *frame, struct ahead *a)
{
	a->fault = 0;
	a->err = packet_decode(frame->link, frame->bytes, frame->wire_bytes,
			       &a->packet, &a->fault);
	a->is_ip = !a->err && a->packet.layer >= PACKET_LAYER_NETWORK;
	if (a->is_ip)
		find_key(o, a);
}

static void hear_frame(struct observe *o, const struct observe_frame *frame,
		       struct ahead *a)
{
	struct packet *p = &a->packet;
	struct packet whole;
	struct context c = {
		.packet = p,
		.time_ns = frame->time_ns,
		.frame = frame->number,
		.devices = &o->devices,
		.streams = &o->streams,
		.initials = &o->initials,
		.crypto = o->crypto,
		.scratch = &o->scratch,
		.window = &o->window,
		.counters = &o->counters,
		.sink = &o->sink,
	};

	o->counters.frames++;
	o->counters.bytes += frame->wire_bytes;
	set_window(o, frame->time_ns);
	if (a->err || a->fault)
		note_fault(o, a->err ? a->err : a->fault);
	if (a->err)
		return;
	switch (p->layer) {
	case PACKET_LAYER_LINK:
		o->counters.other_traffic++;
		return;
	case PACKET_LAYER_ARP:
		hear_arp(o, &c);
		return;
	case PACKET_LAYER_FRAGMENT:
		o->counters.fragments++;
		break;
	case PACKET_LAYER_ICMP:
		if (p->ip_protocol == PACKET_PROTOCOL_ICMPV6 &&
		    o->mode == OBSERVE_HOME &&
		    frame->link == PACKET_LINK_ETHERNET)
			hear_ndp(o, &c, frame->bytes);
		break;
	case PACKET_LAYER_NETWORK:
	case PACKET_LAYER_TRANSPORT:
		break;
	}
	if (p->fragment.data && is_followed(o, p)) {
		if (fragments_add(&o->fragments, p, o->window.serial, &whole))
			c.whole = &whole;
		/* a later fragment has its ports from the first one */
		find_key(o, a);
	}
	hear_ip(o, &c, a);
}

void observe_frames(struct observe *o, const struct observe_frame *frames,
		    size_t count)
{
	while (count) {
		size_t n = count < AHEAD_MAX ? count : AHEAD_MAX;

		for (size_t i = 0; i < n; i++)
			look_ahead(o, &frames[i], &o->ahead[i]);
		for (size_t i = 0; i < n; i++) {
			if (o->ahead[i].is_ip)
				flows_approach(&o->flows, o->ahead[i].hash);
		}
		for (size_t i = 0; i < n; i++)
			hear_frame(o, &frames[i], &o->ahead[i]);
		frames += n;
		count -= n;
	}
}

void observe_frame(struct observe *o, enum packet_link link, uint64_t time_ns,
		   struct slice frame, uint32_t wire_bytes)
{
	const struct observe_frame one = {
		.number = o->counters.frames + 1,
		.time_ns = time_ns,
		.bytes = frame,
		.wire_bytes = wire_bytes,
		.link = link,
	};

	observe_frames(o, &one, 1);
}

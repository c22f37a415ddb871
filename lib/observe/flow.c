// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/flow.h"

#include <string.h>

#include "observe/stream.h"

void flows_init(struct flows *f, uint32_t max, uint64_t seed,
		struct streams *streams)
{
	*f = (struct flows){ .streams = streams };
	table_init(&f->table, sizeof(struct flow_key), sizeof(struct flow), max,
		   seed);
}

void flows_done(struct flows *f)
{
	table_done(&f->table);
	*f = (struct flows){ 0 };
}

int flow_key_of(const struct packet *packet, struct flow_key *out)
{
	bool ports = packet->layer == PACKET_LAYER_TRANSPORT ||
		     packet->layer == PACKET_LAYER_FRAGMENT;
	uint16_t sport = ports ? packet->sport : 0;
	uint16_t dport = ports ? packet->dport : 0;
	uint64_t src[2], dst[2];
	int side;

	memcpy(src, packet->src.b, sizeof(src));
	memcpy(dst, packet->dst.b, sizeof(dst));
	/* any order will do, so long as both directions agree on it */
	if (src[0] != dst[0])
		side = src[0] > dst[0];
	else if (src[1] != dst[1])
		side = src[1] > dst[1];
	else
		side = sport > dport;
	memcpy(out->addr[side], src, sizeof(src));
	memcpy(out->addr[!side], dst, sizeof(dst));
	out->port[side] = sport;
	out->port[!side] = dport;
	out->protocol = packet->ip_protocol;
	out->family = packet->src.family;
	memset(out->nobody, 0, sizeof(out->nobody));
	/* many ask for one at the same time (RFC 2131 4.1) */
	if (!(src[0] | src[1]) && packet->has_src_mac) {
		uint64_t hash = table_hash(0, &packet->eth_src,
					   sizeof(packet->eth_src));

		memcpy(out->nobody, &hash, sizeof(out->nobody));
	}
	return side;
}

uint32_t flows_expect(const struct flows *f, const struct flow_key *key)
{
	return table_expect(&f->table, key);
}

void flows_approach(const struct flows *f, uint32_t hash)
{
	table_approach(&f->table, hash);
}

struct flow *flows_find(const struct flows *f, const struct flow_key *key,
			uint32_t hash)
{
	return table_find_hashed(&f->table, key, hash);
}

static void unlink_flow(struct flows *f, struct flow *flow)
{
	if (flow->older)
		flow->older->newer = flow->newer;
	else
		f->oldest = flow->newer;
	if (flow->newer)
		flow->newer->older = flow->older;
	else
		f->newest = flow->older;
}

static void append_flow(struct flows *f, struct flow *flow)
{
	flow->older = f->newest;
	flow->newer = NULL;
	if (f->newest)
		f->newest->newer = flow;
	else
		f->oldest = flow;
	f->newest = flow;
}

static void remove_oldest(struct flows *f)
{
	struct flow *flow = f->oldest;
	struct flow_key key = *flow_key(flow);

	for (int i = 0; i < 2; i++)
		streams_release(f->streams, &flow->lane[i].stream);
	unlink_flow(f, flow);
	(void)table_remove(&f->table, &key);
}

struct flow *flows_new(struct flows *f, const struct flow_key *key,
		       uint64_t window)
{
	struct flow *flow;

	if (f->table.count >= f->table.max && f->oldest &&
	    f->oldest->window != window)
		remove_oldest(f);
	flow = table_get(&f->table, key, NULL);
	if (!flow)
		return NULL;
	flow->window = window;
	flow->opener = -1;
	flow->client = -1;
	append_flow(f, flow);
	return flow;
}

void flow_renew(struct flows *f, struct flow *flow, uint64_t window)
{
	flow->window = window;
	flow->first_ns = 0;
	flow->told = 0;
	for (int i = 0; i < 2; i++) {
		flow->in_window[i] = false;
		flow->next_of[i] = NULL;
		flow->lane[i].packets = 0;
		flow->lane[i].bytes = 0;
		flow->lane[i].sequence_bytes = 0;
		flow->lane[i].last_ns = 0;
		sequence_renew_gaps(&flow->gaps[i]);
	}
	if (f->newest == flow)
		return;
	unlink_flow(f, flow);
	append_flow(f, flow);
}

void flows_expire(struct flows *f, uint64_t window)
{
	while (f->oldest && f->oldest->window + FLOW_IDLE_WINDOWS < window)
		remove_oldest(f);
}

struct addr flow_addr(const struct flow *flow, int side)
{
	struct addr a = { .family = flow_key(flow)->family };

	memcpy(a.b, flow_key(flow)->addr[side], sizeof(a.b));
	return a;
}

void flow_record(const struct flow *flow, int side, struct record_flow *out)
{
	const struct flow_lane *own = &flow->lane[side];
	const struct flow_lane *other = &flow->lane[!side];

	*out = (struct record_flow){
		.protocol = flow_key(flow)->protocol,
		.device = flow_addr(flow, side),
		.remote = flow_addr(flow, !side),
		.device_port = flow_key(flow)->port[side],
		.remote_port = flow_key(flow)->port[!side],
		.local = flow->local[!side],
		.opener = flow->opener < 0	 ? RECORD_OPENER_UNKNOWN
			  : flow->opener == side ? RECORD_OPENER_DEVICE
						 : RECORD_OPENER_REMOTE,
		.first_ns = flow->first_ns,
		.last_ns = own->last_ns > other->last_ns ? own->last_ns
							 : other->last_ns,
		.in_packets = other->packets,
		.out_packets = own->packets,
		.in_bytes = other->bytes,
		.out_bytes = own->bytes,
		.in_sequence_bytes = other->sequence_bytes,
		.out_sequence_bytes = own->sequence_bytes,
		.in_missed_bytes = flow->gaps[!side].missed,
		.out_missed_bytes = flow->gaps[side].missed,
	};
}

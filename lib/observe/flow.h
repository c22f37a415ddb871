// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_FLOW_H
#define OBSERVE_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/table.h"
#include "decode/packet.h"
#include "observe/sequence.h"
#include "record/record.h"

/*
 * Conversations: one entry for the packets of both directions between two
 * endpoints. An entry outlives its window, so that sequence numbers and streams
 * go on; its counts are of the open window. Both ends may be devices, then it
 * is a flow of each.
 */

/** Most kept: a file may be a campus; live, they must fit a small computer. */
#define FLOW_FILE_MAX (UINT32_C(1) << 18)
#define FLOW_LIVE_MAX (UINT32_C(1) << 15)
/** Windows without a packet until a conversation is forgotten (2 minutes). */
#define FLOW_IDLE_WINDOWS 24u

struct device;
struct stream;
struct streams;

/** Both endpoints, the smaller first. Compared as bytes. */
struct flow_key {
	uint8_t addr[2][16];
	uint16_t port[2];
	uint8_t protocol, family;
	uint8_t nobody[2]; /* of a MAC, while its host has no address */
};

/** The Ethernet addresses that a direction's packets travel between. */
struct flow_leg {
	struct mac src, dst;
};

/** What to do with the packets of a direction. */
enum flow_verdict {
	FLOW_UNDECIDED, /* none seen yet */
	FLOW_COUNT,
	FLOW_COUNT_FORWARDED, /* live: and it is ours to pass on */
	FLOW_SECOND,	      /* counted on its other leg */
	FLOW_OTHER,	      /* of no device */
	FLOW_EXCLUDED,
};

/**
 * One direction: what endpoint number i sends. Laid out to fill a cache line:
 * with many conversations, fetching lines is what a packet costs.
 */
struct flow_lane {
	uint32_t packets;
	uint8_t verdict;     /* enum flow_verdict */
	bool has_second;     /* whoever is at the end of leg passes it on */
	struct flow_leg leg; /* the one that the verdict is of */
	struct sequence sequence;
	uint64_t bytes, sequence_bytes;
	uint64_t last_ns;
	struct stream *stream; /* being put together, or NULL */
};

struct flow {
	uint64_t window; /* serial number of the one that its counts are of */
	uint16_t generation; /* of the watched set its verdicts are by */
	int8_t opener;	     /* side that opened it, or -1 */
	int8_t client;	     /* side that asks: the opener or a good guess */
	bool unsettled;	     /* a device could not be changed in mid-window */
	bool in_window[2];   /* chained in that side's device */
	bool local[2];	     /* that side is on the LAN, not the Internet */
	uint8_t quic_told;   /* kinds of QUIC packets that were named */
	uint8_t quic_asks;   /* the side that sent a hello that nothing came
			      * for yet, plus one; 0: none */
	uint8_t talks; /* what may change to TLS yet: see decode/command.h */
	uint32_t hello_mark;  /* over UDP: of the ClientHello told last; 0: none
			       */
	uint32_t answer_mark; /* and of the ServerHello */
	/* a bit for each enum record_application: recognised, and told in this
	 * window */
	uint32_t known, told;
	struct flow_lane lane[2];
	struct sequence_gaps gaps[2]; /* of what each side sends */
	uint64_t first_ns;
	struct device *device[2];
	struct flow *next_of[2];    /* next in the window of that device */
	struct flow *older, *newer; /* by window of last use */
};

_Static_assert(sizeof(struct flow_lane) == 64, "a lane is a cache line");

struct flows {
	struct table table;
	struct flow *oldest, *newest;
	struct streams *streams; /* what forgotten ones had there is released */
};

void flows_init(struct flows *f, uint32_t max, uint64_t seed,
		struct streams *streams);
void flows_done(struct flows *f);

/** The key of a packet from the network layer on; returns the source's side,
 * 0 or 1. */
int flow_key_of(const struct packet *packet, struct flow_key *out);

/** A key that is looked up soon: see table_expect(). */
uint32_t flows_expect(const struct flows *f, const struct flow_key *key);
void flows_approach(const struct flows *f, uint32_t hash);
/** hash: flows_expect()'s of the key. */
struct flow *flows_find(const struct flows *f, const struct flow_key *key,
			uint32_t hash);
/**
 * A new one, in window index. NULL when there is no room: the oldest gives
 * way only if it is idle in this window.
 */
struct flow *flows_new(struct flows *f, const struct flow_key *key,
		       uint64_t window);

/** Its first packet in this window: sets its counts to nothing. */
void flow_renew(struct flows *f, struct flow *flow, uint64_t window);

/** Forgets those without a packet for FLOW_IDLE_WINDOWS. */
void flows_expire(struct flows *f, uint64_t window);

static inline const struct flow_key *flow_key(const struct flow *flow)
{
	return table_key(flow, sizeof(struct flow_key));
}

struct addr flow_addr(const struct flow *flow, int side);

/** The record of it as the device at that side sees it. */
void flow_record(const struct flow *flow, int side, struct record_flow *out);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ENDPOINT_H
#define WEB_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "store/query.h"

/*
 * Remote addresses of one device, gathered under the name the device knew
 * them by: its best evidence (DNS, then SNI, then HTTP Host), else the address
 * itself. Lives for one reply.
 */

/** Different endpoints that one reply keeps apart; the rest is one. */
#define ENDPOINT_MAX 5000
/** Different remote addresses looked up for one reply. */
#define ENDPOINT_REMOTES_MAX 50000
/** Listed of one endpoint. */
#define ENDPOINT_ADDRS_MAX     32
#define ENDPOINT_PORTS_MAX     32
#define ENDPOINT_RESOLVERS_MAX 8

struct endpoint_port {
	uint8_t protocol;
	uint16_t port;
};

struct endpoint {
	uint8_t name[QUERY_NAME_BYTES]; /* name_len 0: no name */
	size_t name_len;
	enum record_name_source source;
	bool local;
	struct addr addrs[ENDPOINT_ADDRS_MAX];
	struct addr resolvers[ENDPOINT_RESOLVERS_MAX];
	struct endpoint_port ports[ENDPOINT_PORTS_MAX];
	size_t addr_count, resolver_count, port_count;
	uint64_t in_bytes, out_bytes, in_packets, out_packets;
	uint64_t first_ms, last_ms;
	size_t place; /* the caller's */
};

struct endpoint_set {
	struct store *store;
	int64_t device;
	struct table remotes;	/* remote id -> struct endpoint * */
	struct table endpoints; /* label -> struct endpoint */
	uint64_t left_out;	/* remotes past a limit */
	int err;		/* of the store */
};

void endpoint_init(struct endpoint_set *set, struct store *store,
		   int64_t device, uint64_t seed);
void endpoint_done(struct endpoint_set *set);

/** The endpoint of a remote; NULL past a limit (counted) or on an error. */
struct endpoint *endpoint_of(struct endpoint_set *set, int64_t remote_id,
			     const struct addr *remote);

/** Adds traffic with one remote port. */
void endpoint_add(struct endpoint *endpoint, const struct query_flow *flow);

/**
 * All of them, most bytes first, in a new array for the caller to free; NULL
 * with *count 0 when there are none or memory is out (then set->err).
 */
struct endpoint **endpoint_sorted(struct endpoint_set *set, size_t *count);

#endif

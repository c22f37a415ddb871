// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ENDPOINT_H
#define WEB_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/table.h"
#include "judge/endpoint.h"
#include "store/query.h"

struct hub;

/*
 * Remote addresses of one device, gathered under the name the device knew them
 * by when it talked to them: its best evidence (DNS, then SNI, then HTTP Host),
 * else another device's, else what other homes call it, else what the address's
 * owner does, else the address itself; and no name of a device of the home
 * that is closed. Lives for one reply.
 */

/** Different endpoints that one reply keeps apart; the rest is one. */
#define ENDPOINT_MAX 5000
/** Different remote addresses looked up for one reply. */
#define ENDPOINT_REMOTES_MAX 50000
/** Names of one address that are chosen among: a proxy has more, and then the
 * newest of the best source. */
#define ENDPOINT_NAMES_MAX 32
/** Bytes of all names: far more than that many endpoints have. */
#define ENDPOINT_TEXT_BYTES ((size_t)16 << 20)
/** Listed of one endpoint. */
#define ENDPOINT_ADDRS_MAX     32
#define ENDPOINT_PORTS_MAX     32
#define ENDPOINT_RESOLVERS_MAX 8
/** What conversations were, of one device. */
#define ENDPOINT_SERVICES_MAX 20000
/** Remotes whose servers showed a certificate in clear, of one device. */
#define ENDPOINT_CERTIFICATES_MAX 20000
/** A window: what is learnt within it may be known a moment later. */
#define ENDPOINT_SLACK_MS 5000

struct endpoint_port {
	uint8_t protocol;
	uint16_t port;
	bool has_application;
	enum record_application application;
	uint64_t bytes;
};

struct endpoint {
	uint8_t name[QUERY_NAME_BYTES]; /* name_len 0: no name */
	size_t name_len;
	enum endpoint_source source;
	bool local;
	/* whom the newest certificate that came in clear is of; or absent */
	struct slice certificate;
	uint64_t certificate_ms;
	struct addr addrs[ENDPOINT_ADDRS_MAX];
	struct addr resolvers[ENDPOINT_RESOLVERS_MAX];
	struct endpoint_port ports[ENDPOINT_PORTS_MAX];
	size_t addr_count, resolver_count, port_count;
	uint64_t in_bytes, out_bytes, in_packets, out_packets;
	uint64_t first_ms, last_ms;
	size_t place; /* the caller's */
};

struct endpoint_set {
	struct hub *hub;
	int64_t device;
	struct table remotes;	   /* remote id -> its names */
	struct table endpoints;	   /* label -> struct endpoint */
	struct table services;	   /* remote and port -> what it was */
	struct table certificates; /* remote id -> whom its newest is of */
	struct arena arena;	   /* the names, and of certificates */
	uint64_t left_out;	   /* remotes past a limit */
	int err;		   /* of the store */
};

void endpoint_init(struct endpoint_set *set, struct hub *hub, int64_t device);
void endpoint_done(struct endpoint_set *set);

/** What conversations since then turned out to be, and whom certificates were
 * of, for endpoint_of() and endpoint_add(). */
void endpoint_hear(struct endpoint_set *set, uint64_t since_ms);

/** The endpoint that a remote was at a time; NULL past a limit (counted) or on
 * an error. */
struct endpoint *endpoint_of(struct endpoint_set *set, int64_t remote_id,
			     const struct addr *remote, uint64_t at_ms);

/** Adds traffic with one remote port. */
void endpoint_add(struct endpoint_set *set, struct endpoint *endpoint,
		  const struct query_flow *flow);

/**
 * All of them, most bytes first, in a new array for the caller to free; NULL
 * with *count 0 when there are none or memory is out (then set->err).
 */
struct endpoint **endpoint_sorted(struct endpoint_set *set, size_t *count);

/** What is known of it before it is judged: by the port with most bytes. */
struct endpoint_facts endpoint_facts(const struct endpoint *endpoint,
				     const char *vendor);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_ROUTERS_H
#define GUARD_ROUTERS_H

#include <stdbool.h>

#include "decode/ndp.h"

/*
 * Who advertises itself as an IPv6 router of the link, and which prefixes are
 * said to be on it (RFC 4861 6.3.4). Who they are is their MAC; of two that
 * advertise from one address one is a router, and which is found elsewhere
 * (heir.h).
 */

/** Past this many nothing is chosen among them anyway. */
#define ROUTERS_MAX	     8
#define ROUTERS_PREFIXES_MAX 16
/** Domains of all of them; past it the oldest goes. */
#define ROUTERS_DOMAINS_MAX 8
/** Resolvers of all of them; past it the oldest goes. */
#define ROUTERS_RESOLVERS_MAX 8

struct router {
	struct mac mac;
	struct addr address;  /* link-local, as it last advertised from */
	uint64_t until_ms;    /* its lifetime's end */
	struct addr resolver; /* of the link, as it last named one; family 0:
			       * none */
};

struct routers {
	struct router routers[ROUTERS_MAX];
	size_t count;
	struct cidr prefixes[ROUTERS_PREFIXES_MAX];
	size_t prefix_count;
	char domains[ROUTERS_DOMAINS_MAX][NDP_DOMAIN_BYTES];
	size_t domain_count;
	/* that any named last, of the link or not */
	struct addr resolvers[ROUTERS_RESOLVERS_MAX];
	size_t resolver_count;
	uint64_t domains_left_out; /* by ndp_decode(), or for a newer one */
	/* routers and prefixes past the limit each time they are heard, and
	 * resolvers that made room */
	uint64_t refused;
};

/** Takes a router advertisement. True when something is new. */
bool routers_heard(struct routers *r, const struct ndp *ndp, uint64_t now_ms);

/** The router of a link-local address is this MAC, and what others advertised
 * from it is its. */
void routers_succeed(struct routers *r, const struct addr *address,
		     const struct mac *mac);

/** How many addresses of default routers there are now; *out is the first
 * heard, if any. */
size_t routers_now(const struct routers *r, uint64_t now_ms,
		   struct router *out);

/** Whether a host of the link may have the address, as far as is known. */
bool routers_is_on_link(const struct routers *r, const struct addr *address);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef KNOW_RESOLVER_H
#define KNOW_RESOLVER_H

#include <stddef.h>

#include "base/addr.h"
#include "base/slice.h"

/*
 * Public DNS resolvers, as their operators publish names and addresses: what
 * a device that ignores the home's own resolver asks instead. A table in the
 * program, for it is used where packets are.
 */

/** How a resolver answers; bits. */
enum resolver_way {
	RESOLVER_PLAIN = 1, /* UDP and TCP port 53 */
	RESOLVER_DOT = 2,   /* RFC 7858, TCP port 853 */
	RESOLVER_DOH = 4,   /* RFC 8484, HTTPS */
	RESOLVER_DOQ = 8,   /* RFC 9250, UDP port 853 */
};

struct resolver {
	const char *name;   /* of the service: "Google Public DNS" */
	unsigned int ways;  /* enum resolver_way */
	const char *source; /* where the operator says so */
};

/**
 * The resolver that a name belongs to: its own host names and what is below
 * them, by whole labels (a customer's id.dns.nextdns.io is NextDNS's). Names
 * are lower case without a final dot. NULL for none known.
 */
const struct resolver *resolver_by_host(struct slice host);

/** The resolver that answers at an address; NULL for none known. */
const struct resolver *resolver_by_addr(const struct addr *addr);

/** How many host names and addresses are known. */
size_t resolver_count(void);

#endif

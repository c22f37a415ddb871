// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_GIVEN_H
#define WEB_GIVEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

struct hub;

/*
 * The resolvers that the home gave: those that DHCP and IPv6's routers named
 * are kept in the store, by the hardware address of the network's router, so
 * that a new start knows them before they are named again; and those of this
 * computer, which has been given them too, or was set so by its owner.
 */

/** Networks kept; past it the one that was heard longest ago goes. */
#define GIVEN_NETWORKS_MAX 4
/** Resolvers kept of each family: a network that names more is not kept, as a
 * part of them would accuse who asks the others. */
#define GIVEN_KEPT_MAX 4
/** What was heard longest ago and still counts: by then a lease is renewed. */
#define GIVEN_KEPT_MS (30 * 24 * 3600 * 1000ull)
/** How often the time is stored while nothing else changes. */
#define GIVEN_SAVE_MS (24 * 3600 * 1000ull)
/** Of resolv.conf; the C library has three servers and six domains. */
#define GIVEN_FILE_BYTES  16384
#define GIVEN_HOST_MAX	  8
#define GIVEN_DOMAINS_MAX 8

/** What resolv.conf says (resolv.conf(5)); the words are views of it. */
struct given_host {
	struct addr servers[GIVEN_HOST_MAX]; /* none of this computer itself */
	size_t server_count;
	struct slice domains[GIVEN_DOMAINS_MAX];
	size_t domain_count;
};

struct given {
	struct mac router; /* of the network that the home's resolvers are of */
	uint64_t saved_ms; /* 0: nothing was stored of it */
	uint64_t looked_ms;
};

void given_read(struct slice file, struct given_host *out);

/** After hub->network was set: looks at this computer's resolv.conf, and in
 * another network takes what is kept of it. */
void given_take_network(struct hub *hub);

/** Out of the store; of the network that is there, until it changes or for
 * GIVEN_SAVE_MS. */
void given_forget(struct hub *hub);

/** Stores what has changed, of itself at most once a second. */
void given_tick(struct hub *hub);

/**
 * Whom to ask for names of addresses: a resolver of the home's own network
 * that DHCP named, else one that this computer asks, else guard's: the router
 * or what IPv6's names. Family 0: none is known.
 */
struct addr given_resolver(const struct hub *hub);

#endif

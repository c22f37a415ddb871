// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_HOSTS6_H
#define GUARD_HOSTS6_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/table.h"

/*
 * Which IPv6 address is whose, learnt from neighbour discovery: several of
 * one MAC, those made up for privacy (RFC 8981) among them.
 */

/** Most addresses kept: two of each host there can be. */
#define HOSTS6_MAX 4096
/** Most of one MAC: a week's privacy addresses, and its own. The one that was
 * not heard for longest makes room. */
#define HOSTS6_OF_ONE 16

struct host6 {
	struct addr address;
	struct mac mac;
	uint64_t heard_ms;
	bool proven;	 /* the kernel was given this MAC for it */
	uint64_t ask_ms; /* when the kernel is to ask next */
	uint32_t asked;
	bool told; /* to the hub */
};

struct hosts6 {
	struct table by_address;
	uint64_t refused;
};

void hosts6_init(struct hosts6 *h, uint64_t seed);
void hosts6_done(struct hosts6 *h);

/** A MAC spoke from an address, or for it. *fresh: it was not known to be
 * this MAC's. NULL when there is no room (counted). */
struct host6 *hosts6_heard(struct hosts6 *h, const struct mac *mac,
			   const struct addr *address, uint64_t now_ms,
			   bool *fresh);
struct host6 *hosts6_find(const struct hosts6 *h, const struct addr *address);
/** One after the other; *at is 0 before the first. */
struct host6 *hosts6_next(const struct hosts6 *h, uint32_t *at);

#endif

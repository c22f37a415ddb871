// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_REVERSE_H
#define WEB_REVERSE_H

#include <stdint.h>

#include "base/slice.h"
#include "base/table.h"
#include "message/message.h"

struct hub;

/*
 * Names of addresses that no device named, as the home's own resolver tells
 * them: a guess, for it is the address's owner who chose them. Asked through
 * discover, only of the router of the chosen network, only after consent, only
 * when the owner lets it (settings), and only for what an open device's page
 * shows: what a locked device talks to is never asked for. Kept in memory.
 */

/** Addresses whose name is known or was asked for. */
#define REVERSE_ADDRS_MAX 4096
/** Asked again after so long, named or not. */
#define REVERSE_AGAIN_MS ((uint64_t)24 * 3600 * 1000)
/** Asked, and not answered yet: discover's own limit. */
#define REVERSE_ASKED_MAX 64

struct reverse_names {
	struct table names; /* struct addr -> its name */
	uint32_t asked;	    /* not answered yet */
	uint64_t asked_ms;  /* the last */
};

void reverse_init(struct reverse_names *r, uint64_t seed);
void reverse_done(struct reverse_names *r);

/** The name of an address; absent when none is known. Then it is asked for,
 * and may be there the next time. Lives until the next call. */
struct slice reverse_name(struct hub *hub, const struct addr *address);
/** Discover's answer. */
void reverse_take(struct hub *hub, const struct message_host_name *answer);
/** Discover is gone: what it was asked will not be answered. */
void reverse_lost(struct hub *hub);

#endif

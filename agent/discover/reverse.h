// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DISCOVER_REVERSE_H
#define DISCOVER_REVERSE_H

#include <poll.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "message/message.h"

/*
 * Reverse DNS (RFC 1035 3.5, RFC 3596 2.5) through the home's own resolver,
 * and no other: an address of the home's network, as DHCP or IPv6's router
 * named it, else the router (agent/web/given.h). One UDP socket, bound by the
 * kernel to a port that is hard to guess; an answer counts if it comes from
 * the resolver and its number and question are those of the query.
 */

/** Asked and not answered yet. */
#define REVERSE_WAITING_MAX 64
/** A query is sent again after so long, once; then there is no answer. */
#define REVERSE_WAIT_MS 2000
#define REVERSE_TRIES	2

struct reverse;

/**
 * told is called once for each query taken, with "" when there is no name.
 * ERR_NOMEM.
 */
int reverse_new(struct reverse **out,
		void (*told)(void *user, const struct addr *address,
			     const char *name),
		void *user) must_check;
/** NULL is accepted. What is waiting is not answered. */
void reverse_free(struct reverse *r);

/**
 * Asks a resolver for the name of an address. What cannot be asked, of a
 * resolver that is neither private nor of the home's network among it, is told
 * at once as having none.
 */
void reverse_ask(struct reverse *r, const struct message_ask_name *ask,
		 uint64_t now_ms);

/** What to poll, and for how long at most (or -1). */
void reverse_poll(const struct reverse *r, uint64_t now_ms, struct pollfd *out,
		  int *timeout_ms);
/** Reads what came, and asks again or gives up what waited long enough. */
void reverse_run(struct reverse *r, uint64_t now_ms);

#endif

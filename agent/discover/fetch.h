// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DISCOVER_FETCH_H
#define DISCOVER_FETCH_H

#include <poll.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * One document of a device, by HTTP from that device's own address and from
 * nowhere else: an address that names another host, a user, or no port is
 * refused, and a redirect is not followed. Bounded in size and time.
 */

/** A description has some kB. */
#define FETCH_BYTES_MAX ((size_t)64 << 10)
#define FETCH_TIME_MS	5000
/** At once; what comes then is refused. */
#define FETCH_MAX 4
/** Longest address. */
#define FETCH_URL_MAX 512

struct fetch_set;

/**
 * To be called before the process is confined. done is called once for each
 * that was fetched whole, with status 200; body is lent until it returns.
 * ERR_NOMEM.
 */
int fetch_open(void (*done)(void *user, const struct addr *device,
			    struct slice body),
	       void *user, struct fetch_set **out) must_check;
/** NULL is accepted. */
void fetch_close(struct fetch_set *set);

/**
 * Begins. url as the device gave it; index: of the interface that an IPv6
 * address is behind. ERR_INVALID for one that is not the device's own,
 * ERR_LIMIT, ERR_NOMEM.
 */
int fetch_begin(struct fetch_set *set, const struct addr *own,
		const struct addr *device, uint32_t index,
		struct slice url) must_check;

/** Descriptors that can be waited for beside the fetches: more than discover
 * has. */
#define FETCH_POLLS_MAX 32

/** Waits as poll(2) does, for the fetches too; and goes on with them. -1 also
 * for more than FETCH_POLLS_MAX. */
int fetch_poll(struct fetch_set *set, struct pollfd *polls, size_t count,
	       int timeout_ms);

/** Begun and not ended. */
size_t fetch_count(const struct fetch_set *set);
/** Not fetched: refused, failed, too large or too slow. */
uint64_t fetch_failures(const struct fetch_set *set);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "web/http.h"
#include "web/share.h"

struct hub;
struct server;

/*
 * The HTTP server of the page: libmicrohttpd without a thread, run by the
 * hub's loop. Every request passes one check here before a route sees it, in
 * this order: its Host (DNS rebinding), where it comes from (Origin,
 * Sec-Fetch-Site), its session, its path, method, content type and size.
 */

/** Of one connection: its headers and a block of its answer. */
#define SERVER_CONNECTION_BYTES ((size_t)32768)
/** A connection that does nothing is closed. Streams do not count. */
#define SERVER_IDLE_S 30
/** A body past its limit is read to its end up to here, to be answered. */
#define SERVER_DISCARD_BYTES ((uint64_t)1 << 20)

struct server_counters {
	uint64_t requests;
	uint64_t refused_host, refused_origin, refused_session;
	uint64_t refused_other; /* path, method, type, size, body */
	const struct share *share;
};

/** Takes listen_fd in any case. ERR_IO, ERR_NOMEM. */
int server_start(struct hub *hub, int listen_fd,
		 struct server **out) must_check;
/** Ends the streams and all connections. NULL is accepted. */
void server_stop(struct server *server);

/** What to poll, and for how long at most (or -1). */
void server_poll(struct server *server, struct pollfd *out, int *timeout_ms);
/** Does what can be done without waiting. */
void server_run(struct server *server);

const struct server_counters *server_counters(const struct server *server);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_HTTP_H
#define COLLECTOR_HTTP_H

#include "collector/collector.h"

/*
 * The HTTP server: libmicrohttpd with a thread for each processor, each of
 * which waits for many connections. Of a client's address no more is read than
 * the network that it is in (struct account_place), where no proxy is between.
 */

/** A request takes no longer, from its head to the end of its body. */
#define HTTP_REQUEST_S 10
/** A connection without a request is closed after so long. */
#define HTTP_IDLE_S 30
/** What waits for the store is put off after so long; inspectors give up a
 * connection on which nothing came for 30 s. */
#define HTTP_ANSWER_S 20
/** Of a connection: the head of a request, and a piece of its body. */
#define HTTP_CONNECTION_BYTES ((size_t)6144)
/** A body past its limit is read up to here to be answered, then cut off. */
#define HTTP_DISCARD_BYTES ((uint64_t)4 << 20)
/** Of all bodies that are on their way in: more get 503. */
#define HTTP_BODIES_BYTES ((uint64_t)64 << 20)

struct http_options {
	int listen_fd;
	unsigned threads;
	unsigned connections_max;
	uint64_t request_ms, idle_ms, answer_ms;
	const char *cert_pem, *key_pem; /* NULL: no TLS */
};

struct http;

/** Takes listen_fd in any case. ERR_IO: it does not start. */
int http_start(struct collector *collector, const struct http_options *options,
	       struct http **out) must_check;
/**
 * Closes all there is, the listening socket too. Nothing may wait to be
 * resumed any more. NULL is accepted.
 */
void http_stop(struct http *http);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * A small HTTPS client (libcurl): one request at a time, over a connection
 * that is kept. It is of one user: a request of another, or of nobody, goes
 * over a new one, and no TLS session is resumed, so that two users cannot be
 * known for one by it. Certificates are verified, against the system's
 * authorities or those given; TLS 1.2 at least. Plain HTTP goes to this
 * computer alone. No redirect is followed, no proxy used, no cookie kept, and
 * nothing read from the environment.
 *
 * The files that it needs of the system are read by client_new(); from then on
 * the resolver's are all that it opens, so that a process can confine itself.
 */

#define CLIENT_URL_MAX	  512
#define CLIENT_USER_MAX	  64
#define CLIENT_WHY_BYTES  256
#define CLIENT_CONNECT_MS 10000
/** A request is whole after so long, or over. */
#define CLIENT_TOTAL_MS 60000
/** … but one whose reply goes to a file, while it moves. */
#define CLIENT_STALL_S 30
/** Where the system keeps the authorities it trusts; none is longer. */
#define CLIENT_AUTHORITIES_MAX ((size_t)4 << 20)

struct client;

struct client_request {
	bool post;
	const char *url;
	const char *user, *password;  /* HTTP Basic; NULL: none */
	const char *content_type;     /* of a body; NULL: none */
	const char *content_encoding; /* NULL: none */
	struct slice body;	      /* lent until the request has ended */
	/* authorities to trust instead of the system's, PEM: the certificate
	 * of a collector on trial; absent: the system's */
	struct slice authorities;
	size_t reply_max; /* a longer one fails */
	int reply_fd;	  /* where the reply is written to; -1: the buffer */
};

struct client_reply {
	long status;		    /* of HTTP; 0: none came */
	uint64_t retry_after_s;	    /* 0: not said */
	uint64_t sent_bytes;	    /* of the body */
	uint64_t length;	    /* of the reply's body */
	struct slice body;	    /* current until the next request */
	char why[CLIENT_WHY_BYTES]; /* one line, when status is 0 */
};

/** ERR_NOMEM, ERR_IO when the TLS library cannot be set up. */
int client_new(struct client **out) must_check;
/** NULL is accepted. */
void client_free(struct client *client);

/** Whether an address is one to send to: https with a host, or http to this
 * computer; no user, query or fragment in it. */
bool client_url_is_good(const char *url);

/** ERR_BUSY while one is under way, ERR_INVALID for such an address or a user
 * longer than CLIENT_USER_MAX, ERR_NOMEM. */
int client_begin(struct client *client,
		 const struct client_request *request) must_check;
bool client_is_busy(const struct client *client);
/** Ends what is under way, without a reply. */
void client_stop(struct client *client);

/** Waits as poll(2) does, for the request too, and goes on with it. */
int client_poll(struct client *client, struct pollfd *polls, size_t count,
		int timeout_ms);

/** Once for each request, when it has ended. */
bool client_take(struct client *client, struct client_reply *out);

/** The whole request at once, for who has nothing else to do. Errors as
 * client_begin(); a request that failed is a reply with status 0. */
int client_run(struct client *client, const struct client_request *request,
	       struct client_reply *out) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_SHARE_H
#define WEB_SHARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "web/session.h"

/*
 * Who holds the server's connections. All come from this computer, so no
 * address tells clients apart: a session does. One session gets its share and
 * no more; those that have not shown one together get a small share, and the
 * oldest of them makes room. So neither a page gone wrong nor a program
 * without a session keeps the others out.
 */

/** A page has six connections and a stream; this is for some pages. */
#define SHARE_CONNECTIONS_MAX 64
/** Of one session: the streams that there can be, and as many requests. */
#define SHARE_SESSION_MAX 32
/** Of all that have not shown a session yet. */
#define SHARE_STRANGERS_MAX 16

struct share_client {
	int fd;
	uint64_t since; /* in order of their coming; 0: unused */
	char session[SESSION_NONCE_HEX + 1]; /* "": not shown yet */
};

struct share {
	struct share_client clients[SHARE_CONNECTIONS_MAX];
	uint64_t opened;  /* ever */
	uint64_t refused; /* requests past a session's share */
	uint64_t cut;	  /* strangers that made room */
};

/** A new connection; NULL when there are more than the server lets in. */
struct share_client *share_open(struct share *share, int fd);
/** NULL is accepted. */
void share_close(struct share_client *client);

/** The connection shows a good session cookie: whether it may go on. */
bool share_claim(struct share *share, struct share_client *client,
		 struct slice cookie);

#endif

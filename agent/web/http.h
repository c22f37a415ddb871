// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

struct MHD_Connection;

/*
 * One request that the server let through, and its answer: what routes see of
 * HTTP.
 */

/** A body asked of a page is a few names; this is room for all of them. */
#define HTTP_BODY_BYTES ((size_t)65536)

struct http_request {
	struct MHD_Connection *connection;
	const char *path; /* without the query */
	bool post;
	/** what stands for {id} in the route's path; "" when nothing does */
	char id[72];
	json_t *body; /* POST: an object */
};

struct http_reply {
	unsigned int status;
	json_t *json; /* the server's from here on */
	/* instead of it, a file of this length: the server's too */
	bool is_file;
	int file;
	uint64_t file_bytes;
	const char *file_name; /* to save it under; of static storage */
};

/** The query's value of a name, or NULL. */
const char *http_query(const struct http_request *request, const char *name);

/** 200 with what json says; takes it. NULL is out of memory. */
void http_reply_json(struct http_reply *reply, json_t *json);

/** 200 with a file of JSON lines, to be saved under a name of static storage;
 * takes the descriptor. */
void http_reply_file(struct http_reply *reply, int file, uint64_t bytes,
		     const char *name);

/** An error as api/agent.yaml has it. code is one of its enum. */
void http_reply_error(struct http_reply *reply, unsigned int status,
		      const char *code, const char *text);

/** 503 for what the store could not do. */
void http_reply_store_error(struct http_reply *reply, const char *why);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_EXCHANGE_H
#define COLLECTOR_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "collector/account.h"
#include "collector/commit.h"
#include "collector/parse.h"

/*
 * A request and its reply, apart from how they came and go.
 */

/** After which who is put off for the store's sake, or for memory, comes
 * again. */
#define EXCHANGE_RETRY_S 15

struct collector;
struct exchange;

/** What a request is of; views that live until the reply is sent. */
struct exchange_request {
	const char *method, *path;
	/* headers, or NULL */
	const char *authorization, *content_type, *content_encoding;
	struct slice body;
	struct account_place place;
};

/** A body that is made while it is sent. */
struct exchange_stream {
	/** Appends more of it: 1, or 0 at the end; negative breaks it off, so
	 * that the client sees that it is not whole. */
	int (*more)(void *user, struct buf *out);
	void (*close)(void *user);
	void *user; /* NULL: the reply has its body in memory */
};

/** What is made of a stream at a time, and no more than this. */
#define EXCHANGE_PIECE_BYTES	 ((size_t)32768)
#define EXCHANGE_PIECE_BYTES_MAX ((size_t)1 << 20)

struct exchange_reply {
	unsigned status;
	const char *type; /* of the body */
	struct buf body;
	unsigned retry_after_s; /* or 0 */
	bool challenge;		/* WWW-Authenticate: Basic */
	struct exchange_stream stream;
};

/** Most bytes of a reply that is held in memory. */
#define EXCHANGE_REPLY_BYTES ((size_t)1 << 20)

struct exchange {
	struct exchange_request request;
	struct exchange_reply reply;
	struct account_login login;
	struct store_account account;
	/* of an upload, or another change, until it is committed */
	struct commit_job job;
	struct arena arena;
	struct parse_upload parsed;
	struct store_consent consent;
	struct store_erasure erasure;
	uint64_t erased_rows;
	struct researcher *researcher; /* one that waits to be written down */
	struct collector *collector;
	/** Called once, from any thread, when a reply comes later. */
	void (*resume)(struct exchange *e);
};

/** Whose job it is. */
static inline struct exchange *exchange_of(struct commit_job *job)
{
	return (struct exchange *)((char *)job -
				   offsetof(struct exchange, job));
}

void exchange_init(struct exchange *e, struct collector *collector,
		   void (*resume)(struct exchange *e));
void exchange_done(struct exchange *e);

/** {"error":"…"}; replaces what the reply had. */
void exchange_fail(struct exchange *e, unsigned status, const char *format, ...)
	printf_like(3, 4);
/** 429: past a limit, for so long. */
void exchange_limit(struct exchange *e, unsigned retry_after_s,
		    const char *why);
/** 503: try again after so long. */
void exchange_busy(struct exchange *e, unsigned retry_after_s, const char *why);
/** Appends a text as a JSON string, quotes included. */
void exchange_json_text(struct buf *out, const char *text);

#endif

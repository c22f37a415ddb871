// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "record/record.h"
#include "store/store.h"

/*
 * Reading. Each function calls visit for each row until it gives false; rows
 * are lent until visit returns. Ranges of more than an hour or a minute are
 * read from the sums where these are, so a row may come in several parts: add
 * those of the same remote. All give ERR_IO.
 */

/** A device's traffic with one remote port in (a part of) a time range. */
struct query_flow {
	int64_t remote_id;
	struct addr remote;
	uint8_t protocol;
	uint16_t remote_port;
	bool local;
	uint64_t first_ms, last_ms;
	uint64_t in_packets, out_packets, in_bytes, out_bytes;
	/* TCP payload that passed without us, as in record_flow */
	uint64_t in_missed_bytes, out_missed_bytes;
};

int query_flows(struct store *s, int64_t device, int64_t from_s, int64_t to_s,
		bool (*visit)(void *user, const struct query_flow *flow),
		void *user) must_check;

/** A device's traffic with one remote in one step. */
struct query_step {
	int64_t remote_id;
	struct addr remote;
	int64_t start_s; /* a multiple of the step */
	uint64_t in_bytes, out_bytes;
};

int query_steps(struct store *s, int64_t device, int64_t from_s, int64_t to_s,
		int64_t step_s,
		bool (*visit)(void *user, const struct query_step *step),
		void *user) must_check;

/** The best name of a remote, by the device's own evidence. */
struct query_name {
	struct slice name;
	enum record_name_source source;
	struct addr resolver;
};

/** The id of a remote address. ERR_NOTFOUND, ERR_IO. */
int query_remote(struct store *s, const struct addr *remote,
		 int64_t *id) must_check;

/**
 * Best source first, then the newest. The name is copied into text.
 * ERR_NOTFOUND, ERR_IO; ERR_LIMIT when it is longer than a name can be.
 */
#define QUERY_NAME_BYTES 256
int query_name(struct store *s, int64_t device, int64_t remote_id,
	       struct query_name *out,
	       uint8_t text[QUERY_NAME_BYTES]) must_check;

/** A name that the device itself connected with a remote. */
struct query_named {
	struct slice name;
	enum record_name_source source;
	struct addr resolver;
	uint64_t first_ms, last_ms;
};

/** Those of one remote, best source first, then the newest, at most so many. */
int query_remote_names(struct store *s, int64_t device, int64_t remote_id,
		       size_t most,
		       bool (*visit)(void *user,
				     const struct query_named *name),
		       void *user) must_check;

struct query_clue {
	const char *kind; /* as record_clue_name() gives it */
	struct slice text;
	uint64_t first_ms, last_ms;
};

/** Newest first, at most so many. */
int query_clues(struct store *s, int64_t device, size_t most,
		bool (*visit)(void *user, const struct query_clue *clue),
		void *user) must_check;

/** Those that name it, newest last. */
int query_names(struct store *s, int64_t device,
		bool (*visit)(void *user, const struct query_clue *clue),
		void *user) must_check;

#endif

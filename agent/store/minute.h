// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_MINUTE_H
#define STORE_MINUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/table.h"

/*
 * The sums of the minutes that are not over, so that storing one need not
 * read its flows back. Only what saw every flow of a minute counts: after a
 * start, a rollback, a deletion, a late window or too many remotes, the
 * minutes that have begun are summed from the file.
 */

struct store;

/** Sums held: as many as a window can have flows. 4 MB. */
#define MINUTE_SUMS_MAX 32768u

struct minute_key {
	int64_t device, start_s, remote; /* start_s: of the window, or minute */
	uint32_t protocol, remote_port;
};

struct minute_sum {
	int64_t local;
	int64_t first_ms, last_ms;
	int64_t in_packets, out_packets, in_bytes, out_bytes;
	int64_t in_missed_bytes, out_missed_bytes;
};

struct minutes {
	struct table sums;
	int64_t newest_s; /* newest window of the file when it was opened */
	int64_t from_s;	  /* minutes from here on are whole */
};

void minute_init(struct minutes *m);
void minute_done(struct minutes *m);

/** Adds a flow to its minute. */
void minute_add(struct store *s, const struct minute_key *key,
		const struct minute_sum *flow);

/** What has begun will be summed from the file. */
void minute_forget(struct store *s);

/** Whether the minutes from here on were seen whole. */
bool minute_is_whole(const struct store *s, int64_t from_s);

/** Stores the sums of the minutes that begin before to_s. ERR_IO, ERR_NOMEM. */
int minute_store(struct store *s, int64_t to_s) must_check;

/** The same of the flows of the file, from a time on. */
int minute_store_flows(struct store *s, int64_t from_s,
		       int64_t to_s) must_check;

#endif

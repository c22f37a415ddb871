// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_SIFT_H
#define STORE_SIFT_H

#include "store/judged.h"

/*
 * Erasing what is told of a device by the rows of others, wherever it stands:
 * by whoever knows what it is called. Its address alone stays.
 */

/** What a text is: of a clue, its record_clue_kind; else one of these. */
enum sift_text {
	SIFT_HOST = -1, /* the name of a host */
	SIFT_FREE = -2, /* what a client or a server says of itself */
};

struct sift {
	void *user;
	/** Whether a finding goes. */
	bool (*finding)(void *user, const struct judged_finding *finding);
	/** True when only what is in out remains of the sums, which is less. */
	bool (*sums)(void *user, struct slice sums, struct buf *out);
	/** Whether a text names it. */
	bool (*text)(void *user, int kind, struct slice text);
	/* where it is: what is said of these in words goes too */
	const struct addr *addrs;
	size_t addr_count;
};

/**
 * Erases all that the sieve holds back: overwritten, as in erase.h. Walks
 * every name, clue and text once; what refers to names only when some go.
 * Flows, of which most of the file is, have none. Its own transaction.
 * ERR_IO.
 */
int sift_all(struct store *s, const struct sift *sieve) must_check;

/** For store.c: what the statements need. ERR_IO. */
int sift_register(struct store *s) must_check;

#endif

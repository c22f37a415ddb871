// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_CROWD_H
#define COLLECTOR_CROWD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "collector/store/store.h"

struct collector;
struct exchange;

/* As they are where nothing else is asked for. */
#define CROWD_ACCOUNTS	 3u
#define CROWD_LEAST_DAYS 7u
#define CROWD_EVERY_S	 600u
/** Of memory: for the names of 20,000 homes, and half of what a collector takes
 * besides its connections. */
#define CROWD_BYTES ((size_t)64 << 20)
/** How far back it looks: names of addresses change owners. */
#define CROWD_DAYS 60u

/*
 * What homes are given back. It is as old as the last upkeep, and empty before
 * the first and after an erasure, until the next: what was erased is not told.
 */
struct crowd {
	pthread_mutex_t lock;
	struct store_crowd *now; /* NULL: nothing is known, to be made anew */
	bool stale;		 /* to be renewed at once */
	bool held;	  /* something is being erased: nothing is read */
	bool forgotten;	  /* what is being made has what was erased */
	atomic_bool stop; /* breaks off what is being read for it */
	uint32_t least_accounts;
	_Atomic uint64_t bytes;	  /* of memory, when last renewed */
	_Atomic uint64_t dropped; /* rows that went to stay within the limit */
};

void crowd_init(struct crowd *c, uint32_t least_accounts);
void crowd_done(struct crowd *c);
/** Takes what was made anew; unless something was erased meanwhile. */
void crowd_set(struct crowd *c, struct store_crowd *made);
/** Adds what came since to what there is, a piece at a time, between which it
 * is asked. ERR_NOTFOUND: it is to be made anew. ERR_IO: or it was broken
 * off. */
int crowd_renew(struct crowd *c, const char *folder) must_check;
/** Something is about to be erased: breaks off what is being read, which would
 * keep it in the logs, and lets nothing begin until it is let go. What was made
 * before is still told. */
void crowd_hold(struct crowd *c);
/** Nothing was erased. */
void crowd_let_go(struct crowd *c);
/** Something was erased: forgets all, and lets go. */
void crowd_forget(struct crowd *c);
/** Whether it is renewed now, where that is due or it waits for it; from then
 * on what is erased counts. */
bool crowd_begin(struct crowd *c, bool is_due);

/** Names in an upload's reply, at most. */
#define CROWD_NAMES_MAX 64u
/** Appends a JSON list of names for the addresses that the upload names
 * nowhere: [{"address":…,"name":…,"accounts":…}]. */
void crowd_put_names(struct crowd *c, const struct store_upload *upload,
		     struct buf *out);

/* Each as struct route's answer. */

/** GET /v1/labels: what owners call their devices. */
bool crowd_labels(struct collector *c, struct exchange *e);
/** POST /v1/ask/device: what a device probably is. */
bool crowd_ask_device(struct collector *c, struct exchange *e);
/** POST /v1/ask/normal: how many devices of a kind contact a domain. */
bool crowd_ask_normal(struct collector *c, struct exchange *e);

#endif

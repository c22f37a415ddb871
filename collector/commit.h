// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_COMMIT_H
#define COLLECTOR_COMMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/counters.h"
#include "collector/store/store.h"

/*
 * The one thread that writes: what waits is written in one transaction, and
 * only when that is durable is anybody told. So a disk that takes its time
 * makes transactions larger, not slower.
 */

/** Most bytes that wait, unless told otherwise: what validated uploads take in
 * memory. One that is more waits alone, so that none is put off for ever. */
#define COMMIT_BYTES_MAX ((size_t)64 << 20)
/** A transaction is ended at this many rows; more wait for the next. */
#define COMMIT_ROWS 20000u
/** How long a transaction waits for more, so that few uploads share one. */
#define COMMIT_LINGER_MS 5

/** A piece of work; embedded in what it belongs to. */
struct commit_job {
	/**
	 * On the writer's thread, within the transaction. ERR_IO and
	 * ERR_NOMEM undo all of the transaction; other errors are this job's
	 * alone, which then has written nothing.
	 */
	int (*run)(struct store *store, struct commit_job *job);
	/** On the writer's thread; err: what run gave, or the commit. Or on
	 * that of commit_expire(), without run. */
	void (*done)(struct commit_job *job, int err);
	size_t bytes; /* of memory */
	uint64_t rows;
	bool lasting; /* waits however long it takes, and is run alone */
	/* the writer's own */
	struct commit_job *next;
	uint64_t put_ms;
	int err;
};

struct commit_counters {
	uint64_t jobs, refused, failed;
	uint64_t transactions;
	uint64_t insert_ns, sync_ns; /* CPU of the writer; time of commits */
	uint64_t waiting, waiting_bytes;
};

struct commit;

/** Starts the thread. The store is its own until commit_stop(). bytes_max: that
 * may wait. */
int commit_start(struct store *store, size_t bytes_max,
		 struct commit **out) must_check;
/** What waits is written first. NULL is accepted. */
void commit_stop(struct commit *c);
/** After who may still put a job has ended. NULL is accepted. */
void commit_free(struct commit *c);

/**
 * Takes the job; its done is called later. ERR_BUSY: too much waits, and the
 * job stays the caller's.
 */
int commit_put(struct commit *c, struct commit_job *job) must_check;

/**
 * Takes back what was put before that time (clock_steady_ms()) and not begun
 * yet, but for what is lasting: each is done with ERR_BUSY, and counted as
 * COUNTER_SLOW_STORE.
 */
void commit_expire(struct commit *c, uint64_t before_ms,
		   struct counters *counters);

void commit_read(struct commit *c, struct commit_counters *counters,
		 struct store_counters *store, bool *full);

#endif

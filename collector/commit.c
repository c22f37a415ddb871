// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/commit.h"

#include <pthread.h>
#include <stdlib.h>

#include "collector/clock.h"

struct commit {
	struct store *store;
	size_t bytes_max;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct commit_job *first, **end;
	uint64_t rows; /* that wait */
	bool stopping;
	/* of the last transaction, for who asks */
	struct commit_counters counters;
	struct store_counters store_counters;
	bool full;
};

/* Takes the job at this place out of what waits. The lock is held. */
static struct commit_job *unlink_job(struct commit *c, struct commit_job **at)
{
	struct commit_job *job = *at;

	*at = job->next;
	if (!*at)
		c->end = at;
	job->next = NULL;
	c->rows -= job->rows;
	c->counters.waiting--;
	c->counters.waiting_bytes -= job->bytes;
	return job;
}

/* What is lasting commits by itself what it does, and has to be done also where
 * an upload beside it fails, as all do on a disk that is full: it is alone. */
static bool fits(const struct commit_job *batch, const struct commit_job *job,
		 uint64_t rows)
{
	return !batch->lasting && !job->lasting &&
	       (rows == 0 || rows + job->rows <= COMMIT_ROWS);
}

/* Takes what waits, the first and up to a transaction's size. The lock is
 * held. */
static struct commit_job *take(struct commit *c)
{
	struct commit_job *batch = NULL, **end = &batch;
	uint64_t rows = 0;

	do {
		*end = unlink_job(c, &c->first);
		rows += (*end)->rows;
		end = &(*end)->next;
	} while (c->first && fits(batch, c->first, rows));
	return batch;
}

/* A little, for more. The lock is held. */
static void linger(struct commit *c)
{
	const struct timespec until = clock_steady_in(COMMIT_LINGER_MS);

	while (c->rows < COMMIT_ROWS && !c->stopping &&
	       !pthread_cond_timedwait(&c->changed, &c->lock, &until))
		;
}

/* NULL: it is to stop, and nothing waits. */
static struct commit_job *wait_for_batch(struct commit *c)
{
	struct commit_job *batch = NULL;

	pthread_mutex_lock(&c->lock);
	do {
		while (!c->first && !c->stopping)
			pthread_cond_wait(&c->changed, &c->lock);
		linger(c);
		/* all of it may have expired meanwhile */
	} while (!c->first && !c->stopping);
	if (c->first)
		batch = take(c);
	pthread_mutex_unlock(&c->lock);
	return batch;
}

static int run_all(struct commit *c, struct commit_job *batch)
{
	int err = store_begin(c->store, clock_now_s());

	for (struct commit_job *job = batch; job && !err; job = job->next) {
		job->err = job->run(c->store, job);
		if (job->err == ERR_IO || job->err == ERR_NOMEM)
			err = job->err;
	}
	return err;
}

static void finish(struct commit *c, struct commit_job *batch, int err,
		   uint64_t insert_ns, uint64_t sync_ns)
{
	uint64_t jobs = 0;

	/* counted before anybody is answered, who may then ask */
	for (struct commit_job *job = batch; job; job = job->next)
		jobs++;
	pthread_mutex_lock(&c->lock);
	c->counters.jobs += jobs;
	c->counters.failed += err ? jobs : 0;
	c->counters.transactions++;
	c->counters.insert_ns += insert_ns;
	c->counters.sync_ns += sync_ns;
	c->store_counters = *store_counters(c->store);
	c->full = store_is_full(c->store);
	pthread_mutex_unlock(&c->lock);
	while (batch) {
		struct commit_job *job = batch;

		batch = job->next;
		job->done(job, err ? err : job->err);
	}
}

static void *write_all(void *user)
{
	struct commit *c = user;
	struct commit_job *batch;

	while ((batch = wait_for_batch(c))) {
		uint64_t began = clock_cpu_ns(), inserted, sync;
		int err = run_all(c, batch);

		inserted = clock_cpu_ns();
		sync = clock_read_ns(CLOCK_MONOTONIC);
		if (err)
			store_rollback(c->store);
		else
			err = store_commit(c->store);
		finish(c, batch, err, inserted - began,
		       clock_read_ns(CLOCK_MONOTONIC) - sync);
	}
	return NULL;
}

int commit_start(struct store *store, size_t bytes_max, struct commit **out)
{
	struct commit *c = calloc(1, sizeof(*c));
	pthread_condattr_t steady;

	if (!c)
		return ERR_NOMEM;
	c->store = store;
	c->bytes_max = bytes_max;
	c->end = &c->first;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&c->changed, &steady);
	pthread_condattr_destroy(&steady);
	if (pthread_create(&c->thread, NULL, write_all, c)) {
		free(c);
		return ERR_NOMEM;
	}
	*out = c;
	return 0;
}

void commit_stop(struct commit *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stopping = true;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
}

void commit_free(struct commit *c)
{
	if (!c)
		return;
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

int commit_put(struct commit *c, struct commit_job *job)
{
	bool refused;

	pthread_mutex_lock(&c->lock);
	refused = c->stopping ||
		  (c->counters.waiting &&
		   c->counters.waiting_bytes + job->bytes > c->bytes_max);
	if (refused) {
		c->counters.refused++;
	} else {
		job->next = NULL;
		job->err = 0;
		job->put_ms = clock_steady_ms();
		*c->end = job;
		c->end = &job->next;
		c->counters.waiting++;
		c->counters.waiting_bytes += job->bytes;
		/* the writer sleeps where there was nothing, or too little */
		if (c->counters.waiting == 1 ||
		    (c->rows < COMMIT_ROWS &&
		     c->rows + job->rows >= COMMIT_ROWS))
			pthread_cond_signal(&c->changed);
		c->rows += job->rows;
	}
	pthread_mutex_unlock(&c->lock);
	return refused ? ERR_BUSY : 0;
}

void commit_expire(struct commit *c, uint64_t before_ms,
		   struct counters *counters)
{
	struct commit_job *expired = NULL, **end = &expired, **at;
	uint64_t count = 0;

	pthread_mutex_lock(&c->lock);
	at = &c->first;
	/* in the order of their times, but for those that are lasting */
	while (*at && ((*at)->lasting || (*at)->put_ms < before_ms)) {
		if ((*at)->lasting) {
			at = &(*at)->next;
			continue;
		}
		*end = unlink_job(c, at);
		end = &(*end)->next;
		count++;
	}
	pthread_mutex_unlock(&c->lock);
	/* before anybody is answered, who may then ask */
	counters_add(counters, COUNTER_SLOW_STORE, count);
	while (expired) {
		struct commit_job *job = expired;

		expired = job->next;
		job->done(job, ERR_BUSY);
	}
}

void commit_read(struct commit *c, struct commit_counters *counters,
		 struct store_counters *store, bool *full)
{
	pthread_mutex_lock(&c->lock);
	*counters = c->counters;
	*store = c->store_counters;
	*full = c->full;
	pthread_mutex_unlock(&c->lock);
}

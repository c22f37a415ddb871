// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/upkeep.h"

#include <stddef.h>
#include <stdlib.h>

#include "collector/clock.h"

struct upkeep {
	struct collector *collector;
	struct upkeep_options options;
	pthread_t thread;
	pthread_mutex_t lock; /* of stopping */
	pthread_cond_t stopped;
	bool stopping;
	uint64_t crowd_ms;	   /* when it was made; 0: never */
	uint64_t crowd_rest_ms;	   /* before that it is not made again */
	_Atomic uint64_t purge_ms; /* when it is to be asked for */
	struct commit_job purge;
	uint64_t purged_rows; /* by it */
	_Atomic bool purging;
	atomic_bool leaving; /* break off what takes long */
};

static struct upkeep *upkeep_of(struct commit_job *job)
{
	return (struct upkeep *)((char *)job - offsetof(struct upkeep, purge));
}

static int purge(struct store *store, struct commit_job *job)
{
	return store_purge_step(store, clock_now_s(),
				&upkeep_of(job)->purged_rows);
}

static void purged(struct commit_job *job, int err)
{
	struct upkeep *u = upkeep_of(job);

	/* after what was uploaded meanwhile; where too much of that waits, or
	 * the program is to end, it is left to the next */
	if (err > 0 && !commit_put(u->collector->commit, &u->purge))
		return;
	counters_add(&u->collector->counters,
		     err ? COUNTER_UPKEEP_FAILED : COUNTER_PURGES, 1);
	if (u->purged_rows)
		crowd_forget(&u->collector->crowd);
	u->purge_ms =
		clock_steady_ms() + (err ? UPKEEP_AGAIN_MS : UPKEEP_PURGE_MS);
	u->purging = false;
}

/* What is past its time goes by itself, on the thread that writes; and soon,
 * what an erasure had to leave. */
static void ask_purge(struct upkeep *u)
{
	uint64_t now_ms = clock_steady_ms();

	if (u->purging)
		return;
	/* nearer, never further: erasures that fail may come all the time */
	if (atomic_exchange(&u->collector->unfinished, false) &&
	    u->purge_ms > now_ms + UPKEEP_AGAIN_MS)
		u->purge_ms = now_ms + UPKEEP_AGAIN_MS;
	if (now_ms < u->purge_ms)
		return;
	u->purging = true;
	u->purged_rows = 0;
	u->purge = (struct commit_job){ .run = purge,
					.done = purged,
					.lasting = true };
	if (commit_put(u->collector->commit, &u->purge))
		u->purging = false;
}

/* One that fails is tried again at the next look. */
static void seal(struct upkeep *u)
{
	int sealed = store_seal(u->collector->data_dir);

	if (sealed)
		counters_add(
			&u->collector->counters,
			sealed > 0 ? COUNTER_SEALED : COUNTER_UPKEEP_FAILED, 1);
}

/* What sealed days have is read once, and what the open day has as it comes:
 * all of it again only where a day has turned, or something was erased. */
static int make_crowd(struct upkeep *u)
{
	struct store_crowd *made;
	int err = crowd_renew(&u->collector->crowd, u->collector->data_dir);

	if (err != ERR_NOTFOUND)
		return err;
	err = store_crowd_make(u->collector->data_dir, &u->options.crowd,
			       &made);
	if (!err)
		crowd_set(&u->collector->crowd, made);
	return err;
}

static void renew_crowd(struct upkeep *u)
{
	uint64_t now_ms = clock_steady_ms();
	bool is_due =
		!u->crowd_ms ||
		now_ms - u->crowd_ms >= u->options.crowd_every_s * 1000ull;

	if (now_ms < u->crowd_rest_ms ||
	    !crowd_begin(&u->collector->crowd, is_due))
		return;
	if (u->leaving) /* as upkeep_stop() set it before crowd_begin() */
		return;
	u->crowd_ms = now_ms;
	if (!make_crowd(u))
		counters_add(&u->collector->counters, COUNTER_CROWD_MADE, 1);
	else if (!u->collector->crowd.stop)
		counters_add(&u->collector->counters, COUNTER_UPKEEP_FAILED, 1);
	/* as long as it took: who erases all the time has half of a processor
	 * and not all of it */
	u->crowd_rest_ms = clock_steady_ms();
	u->crowd_rest_ms += u->crowd_rest_ms - now_ms;
}

static bool wait(struct upkeep *u)
{
	const struct timespec until = clock_steady_in(UPKEEP_EVERY_MS);
	bool stopping;

	pthread_mutex_lock(&u->lock);
	if (!u->stopping)
		pthread_cond_timedwait(&u->stopped, &u->lock, &until);
	stopping = u->stopping;
	pthread_mutex_unlock(&u->lock);
	return !stopping;
}

static void *keep_up(void *user)
{
	struct upkeep *u = user;

	do {
		/* a day that both work on would be sealed again and again */
		if (!u->purging)
			seal(u);
		ask_purge(u);
		renew_crowd(u);
	} while (wait(u));
	return NULL;
}

int upkeep_start(struct collector *collector,
		 const struct upkeep_options *options, struct upkeep **out)
{
	struct upkeep *u = calloc(1, sizeof(*u));
	pthread_condattr_t steady;

	if (!u)
		return ERR_NOMEM;
	u->collector = collector;
	u->options = *options;
	u->options.crowd.stop = &collector->crowd.stop;
	pthread_mutex_init(&u->lock, NULL);
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&u->stopped, &steady);
	pthread_condattr_destroy(&steady);
	if (pthread_create(&u->thread, NULL, keep_up, u)) {
		free(u);
		return ERR_NOMEM;
	}
	*out = u;
	return 0;
}

void upkeep_stop(struct upkeep *u)
{
	if (!u)
		return;
	atomic_store(&u->leaving, true);
	atomic_store(&u->collector->crowd.stop, true);
	pthread_mutex_lock(&u->lock);
	u->stopping = true;
	pthread_cond_signal(&u->stopped);
	pthread_mutex_unlock(&u->lock);
	pthread_join(u->thread, NULL);
}

void upkeep_free(struct upkeep *u)
{
	if (!u)
		return;
	pthread_cond_destroy(&u->stopped);
	pthread_mutex_destroy(&u->lock);
	free(u);
}

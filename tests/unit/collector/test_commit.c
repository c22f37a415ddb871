// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/commit.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"

#define DEADLINE_S 30
#define ROUNDS	   5

struct fixture {
	char folder[SCRATCH_BYTES];
	struct store *store;
	struct commit *commit;
	struct counters counters;
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/** A piece of work that does nothing. */
struct work {
	struct commit_job job; /* first */
	struct fixture *fixture;
	bool waits; /* until it is let go on */
	bool is_begun, is_done;
	int gives, err;
};

static int set_up(void **state)
{
	const struct store_options options = { .seed = 5 };
	struct fixture *f = calloc(1, sizeof(*f));
	char why[STORE_WHY_BYTES];

	if (scratch_make("collector", f->folder))
		return -1;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->changed, NULL);
	assert_int_equal(store_open(f->folder, &options, &f->store, why), 0);
	assert_int_equal(commit_start(f->store, COMMIT_BYTES_MAX, &f->commit),
			 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	commit_stop(f->commit);
	commit_free(f->commit);
	store_close(f->store);
	scratch_remove(f->folder);
	pthread_cond_destroy(&f->changed);
	pthread_mutex_destroy(&f->lock);
	free(f);
	return 0;
}

static void set(struct work *w, bool *what, bool to)
{
	pthread_mutex_lock(&w->fixture->lock);
	*what = to;
	pthread_cond_broadcast(&w->fixture->changed);
	pthread_mutex_unlock(&w->fixture->lock);
}

static void wait_for(struct work *w, const bool *what, bool to)
{
	struct timespec until;
	bool is;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += DEADLINE_S;
	pthread_mutex_lock(&w->fixture->lock);
	while (*what != to &&
	       !pthread_cond_timedwait(&w->fixture->changed, &w->fixture->lock,
				       &until))
		;
	is = *what;
	pthread_mutex_unlock(&w->fixture->lock);
	assert_int_equal(is, to);
}

static int run(struct store *store, struct commit_job *job)
{
	struct work *w = (struct work *)job;

	(void)store;
	set(w, &w->is_begun, true);
	wait_for(w, &w->waits, false);
	return w->gives;
}

static void done(struct commit_job *job, int err)
{
	struct work *w = (struct work *)job;

	w->err = err;
	set(w, &w->is_done, true);
}

static void put(struct fixture *f, struct work *w)
{
	w->fixture = f;
	w->job.run = run;
	w->job.done = done;
	assert_int_equal(commit_put(f->commit, &w->job), 0);
}

/* The writer is at this one, and what is put then waits. */
static void put_first(struct fixture *f, struct work *w)
{
	w->waits = true;
	put(f, w);
	wait_for(w, &w->is_begun, true);
}

/* It waits a little for more, of what is there no more then. */
static void a_writer_whose_work_expired_goes_on(void **state)
{
	/* about where it waits, and where it is done with that; wherever it
	 * is, the claim holds */
	const struct timespec in_it = { .tv_nsec = 1000000 };
	const struct timespec past_it = { .tv_nsec =
						  3000000 * COMMIT_LINGER_MS };
	struct fixture *f = *state;

	for (int i = 0; i < ROUNDS; i++) {
		struct work before = { 0 }, late = { 0 }, after = { 0 };

		put_first(f, &before);
		put(f, &late);
		set(&before, &before.waits, false);
		wait_for(&before, &before.is_done, true);
		(void)nanosleep(&in_it, NULL);
		commit_expire(f->commit, UINT64_MAX, &f->counters);
		wait_for(&late, &late.is_done, true);
		assert_true(late.is_begun || late.err == ERR_BUSY);
		(void)nanosleep(&past_it, NULL);
		put(f, &after);
		wait_for(&after, &after.is_done, true);
		assert_int_equal(after.err, 0);
	}
}

static void what_expires_is_counted_and_what_is_lasting_does_not(void **state)
{
	struct work before = { 0 }, late = { 0 };
	struct work lasting = { .job.lasting = true };
	struct fixture *f = *state;

	put_first(f, &before);
	put(f, &lasting);
	put(f, &late);
	commit_expire(f->commit, UINT64_MAX, &f->counters);
	assert_true(late.is_done);
	assert_false(late.is_begun);
	assert_int_equal(late.err, ERR_BUSY);
	assert_int_equal(counters_get(&f->counters, COUNTER_SLOW_STORE), 1);
	set(&before, &before.waits, false);
	wait_for(&lasting, &lasting.is_done, true);
	assert_int_equal(lasting.err, 0);
	assert_int_equal(before.err, 0);
}

/* On a full disk all uploads fail, and an owner may erase all the same. */
static void what_is_lasting_is_done_though_what_is_beside_it_fails(void **state)
{
	struct work before = { 0 }, fails = { .gives = ERR_IO };
	struct work lasting = { .job.lasting = true };
	struct work too = { .gives = ERR_IO };
	struct fixture *f = *state;

	put_first(f, &before);
	put(f, &fails);
	put(f, &lasting);
	put(f, &too);
	set(&before, &before.waits, false);
	wait_for(&too, &too.is_done, true);
	assert_int_equal(fails.err, ERR_IO);
	assert_true(lasting.is_begun);
	assert_int_equal(lasting.err, 0);
	assert_int_equal(too.err, ERR_IO);
}

/* What is more than it may have waits alone, or it would never be taken. */
static void a_full_queue_takes_no_more_until_it_is_written(void **state)
{
	struct work before = { 0 },
		    large = { .job.bytes = COMMIT_BYTES_MAX + 1 };
	struct work small = { .job = { .bytes = 1, .run = run, .done = done } };
	struct store_counters of_store;
	struct commit_counters counters;
	struct fixture *f = *state;
	bool full;

	put_first(f, &before);
	put(f, &large);
	small.fixture = f;
	assert_int_equal(commit_put(f->commit, &small.job), ERR_BUSY);
	assert_false(small.is_done);
	commit_read(f->commit, &counters, &of_store, &full);
	assert_int_equal(counters.refused, 1);
	set(&before, &before.waits, false);
	wait_for(&large, &large.is_done, true);
	put(f, &small);
	wait_for(&small, &small.is_done, true);
	assert_int_equal(small.err, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_writer_whose_work_expired_goes_on),
		TEST(what_expires_is_counted_and_what_is_lasting_does_not),
		TEST(what_is_lasting_is_done_though_what_is_beside_it_fails),
		TEST(a_full_queue_takes_no_more_until_it_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

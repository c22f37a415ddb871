// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../record/sample.h"
#include "scratch.h"
#include "store/database.h"
#include "store/device.h"
#include "store/join.h"
#include "store/judged.h"
#include "store/merge.h"
#include "store/write.h"

#define NS_PER_S 1000000000ull
#define START_MS UINT64_C(1500000000000)

struct fixture {
	char dir[64], path[96];
	struct store *store;
	int64_t older, newer;
};

static const char *const tables[] = {
	"flow",	   "minute",	"hour",	   "name",	     "question",
	"hello",   "http",	"server",  "service",	     "clue",
	"finding", "judgement", "pending", "device_address",
};

static int64_t write_at(struct store *s, uint8_t last, uint64_t seconds)
{
	struct record_window window = sample_window;
	int64_t id;

	window.device = (struct mac){ { 2, 0, 0, 0, 0, last } };
	window.start_ns += seconds * NS_PER_S;
	assert_int_equal(write_window(s, &window, &id), 0);
	return id;
}

static void put_finding(struct store *s, int64_t device, int64_t state,
			uint64_t at_ms)
{
	struct judged_finding finding = {
		.device = device,
		.kind = "plaintext_http",
		.subject = "image.example",
		.since_ms = at_ms,
		.last_ms = at_ms,
		.hits = 3,
		.state = state,
		.evidence = slice_text("evidence"),
	};

	assert_int_equal(judged_put_finding(s, &finding), 0);
}

/* Two in the same hour, and one later, by which that hour is summed. */
static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char why[STORE_ERROR_BYTES];
	struct store *s;

	snprintf(f->dir, sizeof(f->dir), "/tmp/join-test-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/inspector.db", f->dir);
	*state = f;
	if (store_open(f->path, &f->store, why))
		return -1;
	s = f->store;
	f->older = write_at(s, 1, 0);
	f->newer = write_at(s, 2, 60);
	write_at(s, 2, 7200);
	put_finding(s, f->older, 1, START_MS);
	put_finding(s, f->newer, 0, START_MS + 60000);
	assert_int_equal(judged_put_sums(s, f->older, START_MS,
					 slice_text("habits")),
			 0);
	merge_to_read(s);
	return store_commit(s);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	scratch_remove(f->dir, f->path);
	free(f);
	return 0;
}

static int64_t number_of(struct store *s, const char *format, ...)
	printf_like(2, 3);

static int64_t number_of(struct store *s, const char *format, ...)
{
	sqlite3_stmt *stmt;
	char sql[256];
	va_list args;
	int64_t value;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

static int64_t bytes_in(struct store *s, const char *table)
{
	return number_of(s, "SELECT sum(in_bytes) FROM %s", table);
}

static void all_of_one_becomes_the_others(void **state)
{
	struct fixture *f = *state;
	struct store *s = f->store;
	int64_t flow = bytes_in(s, "flow"), minute = bytes_in(s, "minute");
	int64_t hour = bytes_in(s, "hour"), all = bytes_in(s, "device");
	int64_t asked = number_of(s, "SELECT sum(times) FROM question");
	int64_t hellos = number_of(s, "SELECT count(*) FROM hello");

	assert_true(hour > 0 && asked > 0 && hellos > 0);
	assert_int_equal(store_join(s, f->older, f->newer), 0);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		assert_int_equal(number_of(s,
					   "SELECT count(*) FROM %s "
					   "WHERE device = %lld",
					   tables[i], (long long)f->older),
				 0);
		if (strcmp(tables[i], "pending") != 0)
			assert_true(number_of(s,
					      "SELECT count(*) FROM %s "
					      "WHERE device = %lld",
					      tables[i],
					      (long long)f->newer) > 0);
	}
	assert_int_equal(number_of(s, "SELECT count(*) FROM device"), 1);
	assert_int_equal(bytes_in(s, "flow"), flow);
	assert_int_equal(bytes_in(s, "minute"), minute);
	assert_int_equal(bytes_in(s, "hour"), hour);
	assert_int_equal(bytes_in(s, "device"), all);
	assert_int_equal(number_of(s, "SELECT sum(times) FROM question"),
			 asked);
	assert_int_equal(number_of(s, "SELECT count(*) FROM hello"), hellos);
	assert_int_equal(number_of(s, "SELECT first_ms FROM device"), START_MS);
}

static void of_what_was_found_of_both_the_newer_state_stays(void **state)
{
	struct fixture *f = *state;
	struct store *s = f->store;

	assert_int_equal(store_join(s, f->older, f->newer), 0);
	assert_int_equal(number_of(s, "SELECT count(*) FROM finding"), 1);
	assert_int_equal(number_of(s, "SELECT hits FROM finding"), 6);
	assert_int_equal(number_of(s, "SELECT state FROM finding"), 0);
	assert_int_equal(number_of(s, "SELECT since_ms FROM finding"),
			 START_MS);
	assert_int_equal(number_of(s, "SELECT last_ms FROM finding"),
			 START_MS + 60000);
}

static void what_comes_then_is_summed_with_it(void **state)
{
	struct fixture *f = *state;
	struct store *s = f->store;
	int64_t hour, flow;

	assert_int_equal(write_at(s, 2, 7260), f->newer);
	assert_int_equal(store_join(s, f->older, f->newer), 0);
	assert_int_equal(write_at(s, 2, 2 * 7200), f->newer);
	assert_int_equal(store_commit(s), 0);
	hour = bytes_in(s, "hour");
	flow = number_of(s, "SELECT sum(in_bytes) FROM flow "
			    "WHERE start_s < (SELECT max(start_s) FROM flow)");
	assert_int_equal(hour, flow);
}

static void nothing_is_joined_with_itself(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(store_join(f->store, f->newer, f->newer), ERR_INVALID);
	assert_int_equal(number_of(f->store, "SELECT count(*) FROM device"), 2);
}

static void what_cannot_be_joined_stays_as_it_was(void **state)
{
	struct fixture *f = *state;
	sqlite3 *other;

	assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL,
				      NULL),
			 SQLITE_OK);
	assert_int_equal(store_join(f->store, f->older, f->newer), ERR_IO);
	sqlite3_close(other);
	assert_int_equal(number_of(f->store, "SELECT count(*) FROM device"), 2);
	assert_int_equal(store_join(f->store, f->older, f->newer), 0);
}

#define JOIN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		JOIN_TEST(all_of_one_becomes_the_others),
		JOIN_TEST(of_what_was_found_of_both_the_newer_state_stays),
		JOIN_TEST(what_comes_then_is_summed_with_it),
		JOIN_TEST(nothing_is_joined_with_itself),
		JOIN_TEST(what_cannot_be_joined_stays_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

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

#include "scratch.h"
#include "store/database.h"
#include "store/erase.h"
#include "store/trim.h"
#include "store/write.h"

#define NS_PER_S 1000000000ull
#define DAY_S	 86400
/* A Sunday at noon, a multiple of an hour. */
#define NOON_S ((int64_t)1795305600)

#define WINDOWS	     60
#define FLOOD	     200 /* rows a window, of the hostile device */
#define LIMIT_BYTES  ((int64_t)3 << 18)
#define CALLS_MAX    6
#define SHAPE_SUITES 600

static const struct mac quiet = { { 2, 0, 0, 0, 0, 1 } };
static const struct mac hostile = { { 2, 0, 0, 0, 0, 2 } };

struct fixture {
	char dir[SCRATCH_DIR_BYTES], path[SCRATCH_PATH_BYTES];
	struct store *store;
	int64_t quiet, hostile;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	*state = f;
	return scratch_open(f->dir, f->path, &f->store);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	scratch_remove(f->dir, f->path);
	free(f);
	return 0;
}

static int64_t used_bytes(struct store *s)
{
	return (scratch_number(s, "PRAGMA page_count") -
		scratch_number(s, "PRAGMA freelist_count")) *
	       scratch_number(s, "PRAGMA page_size");
}

static struct addr remote_of(uint32_t number)
{
	struct addr out = { .family = 4, .b = { 198, 51 } };

	out.b[2] = (uint8_t)(number >> 8);
	out.b[3] = (uint8_t)number;
	return out;
}

/* Rows of one window, of each kind; number tells the windows apart. */
struct flood {
	struct record_flow flows[FLOOD];
	struct record_name names[FLOOD];
	struct record_question questions[FLOOD];
	struct record_hello hellos[FLOOD];
	struct record_http http[FLOOD];
	struct record_server servers[FLOOD];
	struct record_service services[FLOOD];
	char texts[FLOOD][64];
	uint8_t suites[FLOOD][SHAPE_SUITES];
};

static void fill(struct flood *flood, uint64_t number, size_t rows)
{
	uint64_t at_ns = (uint64_t)NOON_S * NS_PER_S + number * 5 * NS_PER_S;

	memset(flood, 0, sizeof(*flood));
	for (size_t i = 0; i < rows; i++) {
		uint32_t row = (uint32_t)(number * FLOOD + i);
		struct addr remote = remote_of(row);
		struct slice text;

		snprintf(flood->texts[i], sizeof(flood->texts[i]),
			 "row-%u.some-where.example", row);
		memcpy(flood->suites[i], &row, sizeof(row));
		text = slice_text(flood->texts[i]);
		flood->flows[i] = (struct record_flow){
			.protocol = 6,
			.remote = remote,
			.remote_port = 443,
			.first_ns = at_ns,
			.last_ns = at_ns,
			.in_bytes = 100,
		};
		flood->names[i] = (struct record_name){ .time_ns = at_ns,
							.addr = remote,
							.name = text };
		flood->questions[i] =
			(struct record_question){ .time_ns = at_ns,
						  .name = text };
		flood->hellos[i] = (struct record_hello){
			.time_ns = at_ns,
			.remote = remote,
			.cipher_suites =
				slice_of(flood->suites[i], SHAPE_SUITES),
			.extensions = slice_text(""),
		};
		flood->http[i] = (struct record_http){ .time_ns = at_ns,
						       .remote = remote,
						       .host = text,
						       .user_agent = text };
		flood->servers[i] = (struct record_server){ .time_ns = at_ns,
							    .remote = remote,
							    .subject = text };
		flood->services[i] = (struct record_service){ .time_ns = at_ns,
							      .remote = remote,
							      .detail = text };
	}
}

enum what {
	FLOWS,
	NAMES,
	QUESTIONS,
	HELLOS,
	REQUESTS,
	SERVERS,
	SERVICES,
	EVERYTHING
};

static int64_t write_flood(struct store *s, const struct mac *device,
			   uint64_t number, enum what what, size_t rows)
{
	struct flood *flood = malloc(sizeof(*flood));
	struct record_window window = {
		.start_ns = (uint64_t)NOON_S * NS_PER_S + number * 5 * NS_PER_S,
		.device = *device,
	};
	int64_t id = 0;
	bool all = what == EVERYTHING;

	assert_non_null(flood);
	fill(flood, number, rows);
	window.flows = flood->flows;
	window.flow_count = all || what == FLOWS ? rows : 0;
	window.names = flood->names;
	window.name_count = all || what == NAMES ? rows : 0;
	window.questions = flood->questions;
	window.question_count = all || what == QUESTIONS ? rows : 0;
	window.hellos = flood->hellos;
	window.hello_count = all || what == HELLOS ? rows : 0;
	window.http = flood->http;
	window.http_count = all || what == REQUESTS ? rows : 0;
	window.servers = flood->servers;
	window.server_count = all || what == SERVERS ? rows : 0;
	window.services = flood->services;
	window.service_count = all || what == SERVICES ? rows : 0;
	assert_int_equal(write_window(s, &window, &id), 0);
	free(flood);
	return id;
}

/* One row of everything a window for the quiet device, and a flood. */
static void write_both(struct fixture *f, enum what what)
{
	for (uint64_t i = 0; i < WINDOWS; i++) {
		f->quiet = write_flood(f->store, &quiet, i, EVERYTHING, 1);
		f->hostile = write_flood(f->store, &hostile, i, what, FLOOD);
	}
	assert_int_equal(store_commit(f->store), 0);
}

static void assert_quiet_is_whole(struct fixture *f)
{
	static const char *const tables[] = {
		"flow", "name",	  "question", "hello",
		"http", "server", "service",
	};
	char sql[128];

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		snprintf(sql, sizeof(sql),
			 "SELECT count(*) FROM %s WHERE device = %d", tables[i],
			 (int)f->quiet);
		assert_int_equal(scratch_number(f->store, sql), WINDOWS);
	}
}

static void a_flood_of(struct fixture *f, enum what what, const char *table,
		       const char *time)
{
	int64_t newest_s = NOON_S + (WINDOWS - 1) * 5, newest, rows;
	char sql[128];

	write_both(f, what);
	assert_true(used_bytes(f->store) > LIMIT_BYTES);
	for (int i = 0; i < CALLS_MAX; i++)
		trim_to(f->store, LIMIT_BYTES);
	assert_string_equal(store_error(f->store), "");
	assert_true(used_bytes(f->store) <= LIMIT_BYTES);
	assert_true(store_counters(f->store)->rows_expired > 0);
	assert_quiet_is_whole(f);
	/* of the hostile one the newest stay */
	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s WHERE device = %d",
		 table, (int)f->hostile);
	rows = scratch_number(f->store, sql);
	assert_true(rows > 0 && rows < WINDOWS * FLOOD);
	snprintf(sql, sizeof(sql), "SELECT max(%s) FROM %s WHERE device = %d",
		 time, table, (int)f->hostile);
	newest = scratch_number(f->store, sql);
	assert_int_equal(newest,
			 strcmp(time, "start_s") ? newest_s * 1000 : newest_s);
}

#define FLOOD_TEST(name, what, table, time)                             \
	static void a_flood_of_##name##_costs_nobody_else(void **state) \
	{                                                               \
		a_flood_of(*state, what, table, time);                  \
	}

FLOOD_TEST(flows, FLOWS, "flow", "start_s")
FLOOD_TEST(names, NAMES, "name", "last_ms")
FLOOD_TEST(questions, QUESTIONS, "question", "last_ms")
FLOOD_TEST(hellos, HELLOS, "hello", "time_ms")
FLOOD_TEST(requests, REQUESTS, "http", "time_ms")
FLOOD_TEST(servers, SERVERS, "server", "last_ms")
FLOOD_TEST(services, SERVICES, "service", "last_ms")

static void a_file_that_fits_is_left_alone(void **state)
{
	struct fixture *f = *state;

	write_both(f, FLOWS);
	trim_to(f->store, (int64_t)64 << 20);
	assert_int_equal(store_counters(f->store)->rows_expired, 0);
	assert_int_equal(scratch_number(f->store, "SELECT count(*) FROM flow"),
			 WINDOWS * (FLOOD + 1));
}

static void what_is_not_summed_yet_stays(void **state)
{
	struct fixture *f = *state;
	int64_t whole;

	write_both(f, FLOWS);
	whole = scratch_number(f->store, "SELECT sum(in_bytes) FROM flow");
	/* less than any file has: all goes that may */
	for (int i = 0; i < CALLS_MAX; i++)
		trim_to(f->store, 1);
	assert_int_equal(scratch_number(f->store,
					"SELECT min(start_s) FROM flow"),
			 f->store->rolled_s[0]);
	assert_true(scratch_number(f->store, "SELECT sum(in_bytes) FROM flow") <
		    whole);
}

static void the_tick_trims_now_and_then(void **state)
{
	struct fixture *f = *state;

	write_both(f, FLOWS);
	store_tick(f->store, TRIM_EVERY_MS);
	assert_int_equal(f->store->trimmed_ms, TRIM_EVERY_MS);
	assert_int_equal(store_counters(f->store)->rows_expired, 0);
}

static int64_t flows(struct store *s)
{
	return scratch_number(s, "SELECT count(*) FROM flow");
}

static void expire_at(struct store *s, int64_t at_s)
{
	erase_expired(s, (uint64_t)at_s * 1000);
	assert_string_equal(store_error(s), "");
}

static void a_clock_that_jumped_deletes_nothing(void **state)
{
	struct fixture *f = *state;
	struct store *s = f->store;
	int64_t kept, far = NOON_S + 3650 * (int64_t)DAY_S;

	write_both(f, FLOWS);
	kept = flows(s);
	expire_at(s, NOON_S + 600);
	/* ten years ahead for some hours, and back */
	for (int64_t at = 0; at < 20; at++)
		expire_at(s, far + at * 3600);
	assert_int_equal(flows(s), kept);
	expire_at(s, NOON_S + DAY_S);
	/* there and back each time: never believed */
	for (int64_t at = 0; at < 5; at++) {
		expire_at(s, far + at * DAY_S / 2);
		expire_at(s, NOON_S + DAY_S);
	}
	assert_int_equal(flows(s), kept);
}

static void a_computer_that_was_off_for_long_forgets_a_day_later(void **state)
{
	struct fixture *f = *state;
	int64_t kept, later = NOON_S + 90 * (int64_t)DAY_S;
	char why[STORE_ERROR_BYTES];

	write_both(f, FLOWS);
	kept = flows(f->store);
	expire_at(f->store, NOON_S + 600);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(f->path, &f->store, why), 0);
	expire_at(f->store, later);
	expire_at(f->store, later + DAY_S / 2);
	assert_int_equal(flows(f->store), kept);
	/* the wait outlives a restart */
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(f->path, &f->store, why), 0);
	expire_at(f->store, later + DAY_S + 1);
	assert_int_equal(flows(f->store), 0);
}

static void the_first_time_it_goes_by_the_newest_window(void **state)
{
	struct fixture *f = *state;
	char why[STORE_ERROR_BYTES];
	int64_t kept;

	write_both(f, FLOWS);
	kept = flows(f->store);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(f->path, &f->store, why), 0);
	expire_at(f->store, NOON_S + 3650 * (int64_t)DAY_S);
	assert_int_equal(flows(f->store), kept);
}

#define TRIM_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TRIM_TEST(a_flood_of_flows_costs_nobody_else),
		TRIM_TEST(a_flood_of_names_costs_nobody_else),
		TRIM_TEST(a_flood_of_questions_costs_nobody_else),
		TRIM_TEST(a_flood_of_hellos_costs_nobody_else),
		TRIM_TEST(a_flood_of_requests_costs_nobody_else),
		TRIM_TEST(a_flood_of_servers_costs_nobody_else),
		TRIM_TEST(a_flood_of_services_costs_nobody_else),
		TRIM_TEST(a_file_that_fits_is_left_alone),
		TRIM_TEST(what_is_not_summed_yet_stays),
		TRIM_TEST(the_tick_trims_now_and_then),
		TRIM_TEST(a_clock_that_jumped_deletes_nothing),
		TRIM_TEST(a_computer_that_was_off_for_long_forgets_a_day_later),
		TRIM_TEST(the_first_time_it_goes_by_the_newest_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

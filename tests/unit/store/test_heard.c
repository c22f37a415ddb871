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
#include "store/erase.h"
#include "store/heard.h"
#include "store/merge.h"
#include "store/query.h"
#include "store/write.h"

#define START_MS    UINT64_C(1500000000000)
#define LISTED_MAX  4
#define TABLES_MAX  32
#define TABLE_BYTES 64

struct fixture {
	char dir[64], path[96];
	struct store *store;
	int64_t device;
};

/* The sample, and half of it again five seconds later. */
static int set_up(void **state)
{
	struct record_window later = sample_window;
	struct fixture *f = calloc(1, sizeof(*f));
	struct record_service service = sample_services[0];
	struct record_hello hello = sample_hellos[0];
	struct record_server server = sample_servers[0];
	char why[STORE_ERROR_BYTES];

	snprintf(f->dir, sizeof(f->dir), "/tmp/store-test-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/inspector.db", f->dir);
	*state = f;
	if (store_open(f->path, &f->store, why) ||
	    write_window(f->store, &sample_window, &f->device))
		return -1;
	later.start_ns += RECORD_WINDOW_NS;
	service.time_ns += RECORD_WINDOW_NS;
	service.credentials_in_clear = false;
	service.detail = (struct slice){ 0 };
	later.services = &service;
	hello.time_ns += RECORD_WINDOW_NS;
	hello.sni = (struct slice){ 0 };
	later.hellos = &hello;
	server.time_ns += RECORD_WINDOW_NS;
	later.servers = &server;
	if (write_window(f->store, &later, &f->device))
		return -1;
	return store_commit(f->store);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	store_close(f->store);
	scratch_remove(f->dir, f->path);
	free(f);
	return 0;
}

static void assert_slice(struct slice is, const char *want)
{
	assert_non_null(is.data);
	assert_int_equal(is.len, strlen(want));
	assert_memory_equal(is.data, want, is.len);
}

static void assert_remote(const struct heard_remote *remote)
{
	assert_true(remote->id > 0);
	assert_true(addr_equal(&remote->addr, &sample_flows[0].remote));
}

static bool see_service(void *user, const struct heard_service *service)
{
	size_t *count = user;

	++*count;
	assert_remote(&service->remote);
	assert_int_equal(service->protocol, 6);
	assert_int_equal(service->remote_port, 1883);
	assert_int_equal(service->application, RECORD_APPLICATION_MQTT);
	/* what a later window lacks is not forgotten */
	assert_slice(service->detail, "camera-7");
	assert_int_equal(service->times, 2);
	assert_int_equal(service->clear_times, 1);
	assert_int_equal(service->first_ms, START_MS + 3500);
	assert_int_equal(service->last_ms, START_MS + 8500);
	return true;
}

static void a_service_is_told_with_how_often_and_when(void **state)
{
	struct fixture *f = *state;
	size_t count = 0;

	assert_int_equal(heard_services(f->store, f->device, START_MS,
					see_service, &count),
			 0);
	assert_int_equal(count, 1);
	count = 0;
	assert_int_equal(heard_services(f->store, f->device, START_MS + 8501,
					see_service, &count),
			 0);
	assert_int_equal(count, 0);
}

static bool see_server(void *user, const struct heard_server *server)
{
	size_t *count = user;

	++*count;
	assert_remote(&server->remote);
	assert_int_equal(server->remote_port, 443);
	assert_int_equal(server->transport, RECORD_TRANSPORT_TCP);
	assert_int_equal(server->version, 0x0303);
	assert_int_equal(server->cipher_suite, 0xc02f);
	assert_string_equal(server->ja3s, sample_servers[0].ja3s);
	assert_slice(server->subject, "CN=www.example.org");
	assert_int_equal(server->times, 2);
	assert_int_equal(server->first_ms, START_MS + 1700);
	assert_int_equal(server->last_ms, START_MS + 6700);
	return true;
}

static void a_server_is_told_with_what_it_chose(void **state)
{
	struct fixture *f = *state;
	size_t count = 0;

	assert_int_equal(
		heard_servers(f->store, f->device, 0, see_server, &count), 0);
	assert_int_equal(count, 1);
}

static bool see_hello(void *user, const struct heard_hello *hello)
{
	size_t *count = user;

	++*count;
	assert_remote(&hello->remote);
	assert_string_equal(hello->ja3, sample_hellos[0].ja3);
	assert_string_equal(hello->ja4, sample_hellos[0].ja4);
	assert_true(hello->ech);
	assert_int_equal(hello->legacy_version, 0x0303);
	assert_int_equal(hello->highest_version, 0x0304);
	assert_slice(hello->cipher_suites, "\x13\x01\x13\x02");
	assert_slice(hello->alpn, "\x02h2\x08http/1.1");
	assert_int_equal(hello->times, 2);
	assert_int_equal(hello->unnamed_times, 1);
	assert_int_equal(hello->first_ms, START_MS + 1600);
	assert_int_equal(hello->last_ms, START_MS + 6600);
	return true;
}

static void hellos_are_told_by_their_shape(void **state)
{
	struct fixture *f = *state;
	size_t count = 0;

	assert_int_equal(
		heard_hellos(f->store, f->device, 0, see_hello, &count), 0);
	assert_int_equal(count, 1);
}

static void hellos_of_other_fingerprints_are_apart(void **state)
{
	struct fixture *f = *state;
	struct record_hello hello = sample_hellos[0];
	struct record_window window = { .start_ns = sample_window.start_ns,
					.device = sample_window.device,
					.hellos = &hello,
					.hello_count = 1 };
	sqlite3_stmt *stmt;

	hello.transport = RECORD_TRANSPORT_QUIC;
	hello.ja4[0] = 'q';
	assert_int_equal(write_window(f->store, &window, NULL), 0);
	assert_int_equal(sqlite3_prepare_v2(f->store->db,
					    "SELECT count(DISTINCT ja4) "
					    "FROM hello_shape",
					    -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(stmt, 0), 2);
	sqlite3_finalize(stmt);
}

static bool see_http(void *user, const struct heard_http *http)
{
	size_t *count = user;

	assert_remote(&http->remote);
	assert_int_equal(http->remote_port, 80);
	assert_slice(http->method, "GET");
	assert_null(http->host.data);
	assert_slice(http->user_agent, "");
	return ++*count < LISTED_MAX;
}

static void requests_are_told_newest_first_and_no_more_than_asked(void **state)
{
	struct fixture *f = *state;
	size_t count = 0;

	assert_int_equal(
		heard_http(f->store, f->device, 0, 10, see_http, &count), 0);
	assert_int_equal(count, 2);
	count = 0;
	assert_int_equal(
		heard_http(f->store, f->device, 0, 1, see_http, &count), 0);
	assert_int_equal(count, 1);
}

static bool see_question(void *user, const struct heard_question *question)
{
	size_t *count = user;

	++*count;
	assert_slice(question->name, "example.org");
	assert_int_equal(question->type, 28);
	assert_true(
		addr_equal(&question->resolver, &sample_questions[0].resolver));
	assert_int_equal(question->times, 2);
	return true;
}

static bool see_name(void *user, const struct heard_name *name)
{
	size_t *seen = user;

	assert_remote(&name->remote);
	assert_slice(name->name, name->source == RECORD_NAME_DNS
					 ? "example.org"
					 : "www.example.org");
	seen[name->source]++;
	return true;
}

static void questions_and_names_are_told_with_their_resolver(void **state)
{
	struct fixture *f = *state;
	size_t count = 0, seen[3] = { 0 };

	assert_int_equal(heard_questions(f->store, f->device, 0, see_question,
					 &count),
			 0);
	assert_int_equal(count, 1);
	assert_int_equal(heard_names(f->store, f->device, 0, see_name, seen),
			 0);
	assert_int_equal(seen[RECORD_NAME_DNS], 1);
	assert_int_equal(seen[RECORD_NAME_SNI], 1);
}

static bool add_missed(void *user, const struct query_flow *flow)
{
	uint64_t *sum = user;

	sum[0] += flow->in_missed_bytes;
	sum[1] += flow->out_missed_bytes;
	return true;
}

static void what_passed_without_us_is_in_the_sums_too(void **state)
{
	struct fixture *f = *state;
	struct record_window later = { .start_ns = sample_window.start_ns +
						   7200 * 1000000000ull,
				       .device = sample_window.device };
	int64_t start_s = (int64_t)(START_MS / 1000);
	uint64_t missed[2] = { 0 };

	assert_int_equal(write_window(f->store, &later, NULL), 0);
	assert_true(f->store->rolled_s[1] > start_s);
	assert_int_equal(query_flows(f->store, f->device, start_s / 3600 * 3600,
				     start_s + 3600, add_missed, missed),
			 0);
	assert_int_equal(missed[0], 2 * 1448);
	assert_int_equal(missed[1], 0);
}

/* The tables, as the file itself lists them. */
static size_t tables_of(struct store *s, char names[TABLES_MAX][TABLE_BYTES])
{
	sqlite3_stmt *stmt;
	size_t count = 0;

	assert_int_equal(sqlite3_prepare_v2(s->db,
					    "SELECT name FROM sqlite_schema "
					    "WHERE type = 'table' AND name NOT "
					    "LIKE 'sqlite_%'",
					    -1, &stmt, NULL),
			 SQLITE_OK);
	while (sqlite3_step(stmt) == SQLITE_ROW) {
		assert_true(count < TABLES_MAX);
		snprintf(names[count++], TABLE_BYTES, "%s",
			 (const char *)sqlite3_column_text(stmt, 0));
	}
	sqlite3_finalize(stmt);
	return count;
}

static int64_t rows_in(struct store *s, const char *table)
{
	char sql[128];
	sqlite3_stmt *stmt;
	int64_t rows;

	snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
	assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	rows = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return rows;
}

static void what_waited_long_enough_is_merged_and_adds_up(void **state)
{
	struct fixture *f = *state;
	struct record_window quiet = { .start_ns = sample_window.start_ns +
						   MERGE_EVERY_S *
							   UINT64_C(1000000000),
				       .device = sample_window.device };
	size_t count = 0;

	assert_true(rows_in(f->store, "pending") > 0);
	assert_int_equal(write_window(f->store, &quiet, NULL), 0);
	assert_int_equal(rows_in(f->store, "pending"), 0);
	assert_int_equal(
		heard_services(f->store, f->device, 0, see_service, &count), 0);
	assert_int_equal(count, 1);
}

static void what_waits_outlives_a_restart(void **state)
{
	struct fixture *f = *state;
	char why[STORE_ERROR_BYTES];
	size_t count = 0;

	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(f->path, &f->store, why), 0);
	assert_true(rows_in(f->store, "pending") > 0);
	assert_int_equal(
		heard_services(f->store, f->device, 0, see_service, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rows_in(f->store, "pending"), 0);
}

static void run_sql(struct store *s, const char *sql)
{
	assert_int_equal(sqlite3_exec(s->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static bool see_times(void *user, const struct heard_service *service)
{
	*(uint64_t *)user = service->times;
	return true;
}

/* As a run leaves it that wrote, and ended before it could merge. */
static void more_than_memory_takes_at_once_is_merged_in_parts(void **state)
{
	struct fixture *f = *state;
	uint64_t times = 0;
	int64_t hellos;

	merge_to_read(f->store);
	hellos = rows_in(f->store, "hello");
	assert_int_equal(write_window(f->store, &sample_window, NULL), 0);
	for (int i = 0; i < 13; i++)
		run_sql(f->store, "INSERT INTO pending(device, facts) "
				  "SELECT device, facts FROM pending");
	/* five facts of a window are not all that it has */
	assert_true(rows_in(f->store, "pending") * 5 > MERGE_FACTS_MAX);
	assert_int_equal(
		heard_services(f->store, f->device, 0, see_times, &times), 0);
	assert_int_equal(times, 2 + (1 << 13));
	assert_int_equal(rows_in(f->store, "hello"),
			 hellos + (SAMPLE_COUNT(sample_hellos) << 13));
	assert_int_equal(rows_in(f->store, "pending"), 0);
}

static void what_waits_damaged_is_counted_and_costs_nothing_else(void **state)
{
	struct fixture *f = *state;
	size_t count = 0;

	/* no fact; half of one; a clue of no kind, which no row may have */
	run_sql(f->store, "INSERT INTO pending(device, facts) "
			  "VALUES(1, x'63'), (1, x'0002'), (1, x'04000102')");
	assert_int_equal(
		heard_services(f->store, f->device, 0, see_service, &count), 0);
	assert_int_equal(count, 1);
	assert_int_equal(rows_in(f->store, "pending"), 0);
	assert_int_equal(store_counters(f->store)->failures, 3);
	assert_int_equal(write_window(f->store, &sample_window, NULL), 0);
	assert_int_equal(store_commit(f->store), 0);
}

/* That the device is there, under its newest address, and how far the summing
 * got is what stays; a table added later is in the test by itself. */
static void a_deleted_device_leaves_no_row_in_any_table(void **state)
{
	static const char *const stay[] = { "setting", "start_token", "device",
					    "device_address" };
	struct fixture *f = *state;
	char tables[TABLES_MAX][TABLE_BYTES];
	size_t count = tables_of(f->store, tables), filled = 0;
	uint64_t rows;

	merge_to_read(f->store);
	assert_int_equal(write_window(f->store, &sample_window, NULL), 0);
	for (size_t i = 0; i < count; i++)
		filled += rows_in(f->store, tables[i]) > 0;
	assert_true(filled >= 14);
	assert_int_equal(erase_device(f->store, f->device, &rows), 0);
	assert_int_equal(rows_in(f->store, "device"), 1);
	assert_int_equal(rows_in(f->store, "device_address"), 1);
	for (size_t i = 0; i < count; i++) {
		bool stays = false;

		for (size_t k = 0; k < sizeof(stay) / sizeof(stay[0]); k++)
			stays |= !strcmp(tables[i], stay[k]);
		if (!stays && rows_in(f->store, tables[i]))
			fail_msg("%s has rows", tables[i]);
	}
}

#define HEARD_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static bool note_port(void *user, uint16_t port)
{
	*(unsigned int *)user = *(unsigned int *)user * 100000 + port;
	return true;
}

/* One that others began, and that the device said something in. */
static void its_open_ports_are_those_it_answered_at(void **state)
{
	static const struct {
		uint16_t port;
		enum record_opener opener;
		uint64_t said;
	} cases[] = { { 9100, RECORD_OPENER_REMOTE, 5 },
		      { 9100, RECORD_OPENER_REMOTE, 6 },
		      { 23, RECORD_OPENER_REMOTE, 0 },
		      { 40001, RECORD_OPENER_DEVICE, 7 } };
	struct fixture *f = *state;
	struct record_window window = sample_window;
	struct record_flow flows[4];
	unsigned int ports = 0;

	for (size_t i = 0; i < 4; i++) {
		flows[i] = sample_flows[0];
		flows[i].remote.b[3] = (uint8_t)i;
		flows[i].device_port = cases[i].port;
		flows[i].opener = cases[i].opener;
		flows[i].out_sequence_bytes = cases[i].said;
	}
	window.start_ns += 3600ull * 1000000000;
	window.flows = flows;
	window.flow_count = 4;
	assert_int_equal(write_window(f->store, &window, NULL), 0);
	assert_int_equal(heard_ports(f->store, f->device, START_MS + 60000,
				     note_port, &ports),
			 0);
	assert_int_equal(ports, 9100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		HEARD_TEST(a_service_is_told_with_how_often_and_when),
		HEARD_TEST(a_server_is_told_with_what_it_chose),
		HEARD_TEST(hellos_are_told_by_their_shape),
		HEARD_TEST(hellos_of_other_fingerprints_are_apart),
		HEARD_TEST(
			requests_are_told_newest_first_and_no_more_than_asked),
		HEARD_TEST(questions_and_names_are_told_with_their_resolver),
		HEARD_TEST(what_waited_long_enough_is_merged_and_adds_up),
		HEARD_TEST(what_waits_outlives_a_restart),
		HEARD_TEST(more_than_memory_takes_at_once_is_merged_in_parts),
		HEARD_TEST(
			what_waits_damaged_is_counted_and_costs_nothing_else),
		HEARD_TEST(what_passed_without_us_is_in_the_sums_too),
		HEARD_TEST(a_deleted_device_leaves_no_row_in_any_table),
		HEARD_TEST(its_open_ports_are_those_it_answered_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "scratch.h"
#include "store/database.h"
#include "store/device.h"
#include "store/erase.h"
#include "store/merge.h"
#include "store/migrate.h"
#include "store/query.h"
#include "store/store.h"
#include "store/write.h"

#define NS_PER_S 1000000000ull
/* A Sunday at noon, a multiple of an hour. */
#define NOON_S ((int64_t)1795305600)

static const struct mac tv = { { 0x3c, 0x5a, 0xb4, 1, 2, 3 } };
static const struct mac camera = { { 0x3c, 0x5a, 0xb4, 4, 5, 6 } };

struct fixture {
	char dir[SCRATCH_DIR_BYTES], path[SCRATCH_PATH_BYTES];
	struct store *store;
};

static struct addr addr(const char *text)
{
	struct addr out;

	assert_int_equal(addr_parse(text, &out), 0);
	return out;
}

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

static struct record_flow flow(const char *remote, uint16_t port, int64_t at_s,
			       uint64_t in, uint64_t out)
{
	return (struct record_flow){
		.protocol = 6,
		.device = addr("192.168.1.20"),
		.remote = addr(remote),
		.device_port = 40000,
		.remote_port = port,
		.first_ns = (uint64_t)at_s * NS_PER_S,
		.last_ns = (uint64_t)at_s * NS_PER_S + NS_PER_S,
		.in_packets = 1,
		.out_packets = 2,
		.in_bytes = in,
		.out_bytes = out,
	};
}

static int64_t write_flows(struct store *s, const struct mac *device,
			   int64_t at_s, const struct record_flow *flows,
			   size_t count)
{
	struct record_window window = {
		.start_ns = (uint64_t)at_s * NS_PER_S,
		.device = *device,
		.flows = flows,
		.flow_count = count,
	};
	int64_t id = 0;

	assert_int_equal(write_window(s, &window, &id), 0);
	return id;
}

static int64_t write_name_of(struct store *s, int64_t at_s, const char *remote,
			     const char *host, enum record_name_source source)
{
	struct record_name name = {
		.time_ns = (uint64_t)at_s * NS_PER_S,
		.addr = addr(remote),
		.name = slice_text(host),
		.source = source,
		.resolver = addr("192.168.1.1"),
	};
	struct record_window window = {
		.start_ns = (uint64_t)at_s * NS_PER_S,
		.device = tv,
		.names = &name,
		.name_count = 1,
	};
	int64_t id = 0;

	assert_int_equal(write_window(s, &window, &id), 0);
	return id;
}

struct sum {
	uint64_t rows, in, out, first_ms, last_ms;
};

static bool add_flow(void *user, const struct query_flow *flow)
{
	struct sum *sum = user;

	sum->rows++;
	sum->in += flow->in_bytes;
	sum->out += flow->out_bytes;
	if (!sum->first_ms || flow->first_ms < sum->first_ms)
		sum->first_ms = flow->first_ms;
	if (flow->last_ms > sum->last_ms)
		sum->last_ms = flow->last_ms;
	return true;
}

static struct sum sum_of(struct store *s, int64_t id, int64_t from_s,
			 int64_t to_s)
{
	struct sum sum = { 0 };

	assert_int_equal(query_flows(s, id, from_s, to_s, add_flow, &sum), 0);
	return sum;
}

static bool add_step(void *user, const struct query_step *step)
{
	struct sum *sum = user;

	sum->rows++;
	sum->in += step->in_bytes;
	sum->out += step->out_bytes;
	return true;
}

static void what_was_written_is_read_back(void **state)
{
	struct fixture *f = *state;
	struct record_flow flows[] = {
		flow("198.51.100.7", 443, NOON_S, 1000, 300),
		flow("2001:db8::7", 80, NOON_S, 20, 30),
	};
	int64_t id = write_flows(f->store, &tv, NOON_S, flows, 2);
	struct sum sum;

	assert_int_equal(store_commit(f->store), 0);
	sum = sum_of(f->store, id, NOON_S, NOON_S + 5);
	assert_int_equal(sum.rows, 2);
	assert_int_equal(sum.in, 1020);
	assert_int_equal(sum.out, 330);
	assert_int_equal(sum.first_ms, NOON_S * 1000);
	assert_int_equal(sum.last_ms, NOON_S * 1000 + 1000);
	assert_int_equal(sum_of(f->store, id, NOON_S + 5, NOON_S + 10).rows, 0);
	assert_int_equal(sum_of(f->store, id + 1, 0, NOON_S * 2).rows, 0);
}

static void a_window_in_parts_adds_up(void **state)
{
	struct fixture *f = *state;
	struct record_flow one = flow("198.51.100.7", 443, NOON_S, 7, 5);
	int64_t id = write_flows(f->store, &tv, NOON_S, &one, 1);
	struct sum sum;

	assert_int_equal(write_flows(f->store, &tv, NOON_S, &one, 1), id);
	sum = sum_of(f->store, id, NOON_S, NOON_S + 5);
	assert_int_equal(sum.rows, 1);
	assert_int_equal(sum.in, 14);
	assert_int_equal(sum.out, 10);
}

static void assert_name(struct store *s, int64_t id, const char *remote,
			const char *want, enum record_name_source source)
{
	struct addr address = addr(remote);
	uint8_t text[QUERY_NAME_BYTES];
	struct query_name name;
	int64_t remote_id;

	assert_int_equal(query_remote(s, &address, &remote_id), 0);
	assert_int_equal(query_name(s, id, remote_id, &name, text), 0);
	assert_int_equal(name.name.len, strlen(want));
	assert_memory_equal(name.name.data, want, name.name.len);
	assert_int_equal(name.source, source);
}

static void the_best_evidence_names_then_the_newest(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	const char *at = "198.51.100.7";
	int64_t id;

	id = write_name_of(s, NOON_S, at, "host.example",
			   RECORD_NAME_HTTP_HOST);
	assert_name(s, id, at, "host.example", RECORD_NAME_HTTP_HOST);
	write_name_of(s, NOON_S - 5, at, "sni.example", RECORD_NAME_SNI);
	assert_name(s, id, at, "sni.example", RECORD_NAME_SNI);
	write_name_of(s, NOON_S - 10, at, "old.example", RECORD_NAME_DNS);
	assert_name(s, id, at, "old.example", RECORD_NAME_DNS);
	write_name_of(s, NOON_S + 5, at, "new.example", RECORD_NAME_DNS);
	assert_name(s, id, at, "new.example", RECORD_NAME_DNS);
	/* asked for again: the newest once more */
	write_name_of(s, NOON_S + 10, at, "old.example", RECORD_NAME_DNS);
	assert_name(s, id, at, "old.example", RECORD_NAME_DNS);
}

static void one_devices_names_do_not_name_anothers_traffic(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	struct record_flow one = flow("198.51.100.7", 443, NOON_S, 7, 5);
	struct addr remote = addr("198.51.100.7");
	uint8_t text[QUERY_NAME_BYTES];
	struct query_name name;
	int64_t id, remote_id;

	write_name_of(s, NOON_S, "198.51.100.7", "tv.example", RECORD_NAME_DNS);
	id = write_flows(s, &camera, NOON_S, &one, 1);
	assert_int_equal(query_remote(s, &remote, &remote_id), 0);
	assert_int_equal(query_name(s, id, remote_id, &name, text),
			 ERR_NOTFOUND);
}

/* Two hours of windows, each with two flows. */
static int64_t write_two_hours(struct store *s)
{
	int64_t id = 0;

	for (int64_t at = NOON_S; at < NOON_S + 7200; at += 5) {
		struct record_flow flows[] = {
			flow("198.51.100.7", 443, at, 100, 10),
			flow("198.51.100.8", 80, at, 1, 2),
		};

		id = write_flows(s, &tv, at, flows, 2);
	}
	assert_int_equal(store_commit(s), 0);
	return id;
}

static void sums_by_minute_and_hour_equal_their_flows(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	int64_t id = write_two_hours(s);
	static const struct {
		int64_t from, to;
	} ranges[] = {
		{ 0, 7200 },	{ 5, 7195 },	{ 60, 120 },	{ 55, 125 },
		{ 3600, 7200 }, { 3595, 3605 }, { 0, 5 },	{ 4000, 7200 },
		{ 0, 3600 },	{ 10, 3610 },	{ 7100, 7200 },
	};

	assert_int_equal(s->rolled_s[0], NOON_S + 7140);
	assert_int_equal(s->rolled_s[1], NOON_S + 3600);
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		uint64_t windows =
			(uint64_t)(ranges[i].to - ranges[i].from) / 5;
		struct sum sum = sum_of(s, id, NOON_S + ranges[i].from,
					NOON_S + ranges[i].to);

		assert_int_equal(sum.in, windows * 101);
		assert_int_equal(sum.out, windows * 12);
	}
}

static void steps_of_any_length_add_up(void **state)
{
	static const int64_t steps[] = { 5, 10, 60, 90, 600, 3600, 7200 };
	struct store *s = ((struct fixture *)*state)->store;
	int64_t id = write_two_hours(s);

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct sum sum = { 0 };

		assert_int_equal(query_steps(s, id, NOON_S, NOON_S + 7200,
					     steps[i], add_step, &sum),
				 0);
		assert_int_equal(sum.in, 1440 * 101);
		assert_int_equal(sum.out, 1440 * 12);
		assert_true(sum.rows >= (uint64_t)(2 * 7200 / steps[i]));
	}
}

static void a_late_window_is_summed_too(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	int64_t id = write_two_hours(s);
	struct record_flow late = flow("198.51.100.9", 443, NOON_S, 5000, 1);
	struct record_flow now = flow("198.51.100.7", 443, NOON_S + 7200, 0, 0);

	write_flows(s, &tv, NOON_S + 5, &late, 1);
	write_flows(s, &tv, NOON_S + 7200, &now, 1);
	assert_int_equal(sum_of(s, id, NOON_S, NOON_S + 3600).in,
			 720 * 101 + 5000);
}

static int64_t count_rows(struct store *s, const char *sql)
{
	merge_to_read(s);
	return scratch_number(s, sql);
}

/* However the minutes' sums came about, they are those of the flows. */
static void assert_minutes_equal_flows(struct store *s)
{
	static const char differences[] =
		"SELECT count(*) FROM (SELECT device, start_s, remote, "
		"protocol, remote_port, local, first_ms, last_ms, in_packets, "
		"out_packets, in_bytes, out_bytes, in_missed_bytes, "
		"out_missed_bytes FROM minute EXCEPT "
		"SELECT device, start_s / 60 * 60, remote, protocol, "
		"remote_port, max(local), min(first_ms), max(last_ms), "
		"sum(in_packets), sum(out_packets), sum(in_bytes), "
		"sum(out_bytes), sum(in_missed_bytes), sum(out_missed_bytes) "
		"FROM flow GROUP BY 1, 2, 3, 4, 5)";
	int64_t newest_s = count_rows(s, "SELECT max(start_s) FROM minute");
	char all[160];

	assert_int_equal(count_rows(s, differences), 0);
	snprintf(all, sizeof(all),
		 "SELECT (SELECT sum(in_bytes) FROM minute) - "
		 "(SELECT sum(in_bytes) FROM flow WHERE start_s < %lld)",
		 (long long)newest_s + 60);
	assert_int_equal(count_rows(s, all), 0);
}

static void write_some_minutes(struct store *s, int64_t from_s, int64_t to_s)
{
	for (int64_t at = NOON_S + from_s; at < NOON_S + to_s; at += 5) {
		struct record_flow flows[] = {
			flow("198.51.100.7", 443, at, (uint64_t)(at % 97), 10),
			flow("198.51.100.7", 443, at, 3, (uint64_t)(at % 13)),
			flow("198.51.100.8", 80, at, 1, 2),
		};

		flows[1].device_port++;
		flows[1].local = at % 2;
		flows[2].in_missed_bytes = 1448;
		write_flows(s, &tv, at, flows, 3);
		write_flows(s, &camera, at, flows, 2);
		assert_int_equal(store_commit(s), 0);
	}
}

static void minutes_are_the_same_by_memory_and_by_file(void **state)
{
	struct fixture *f = *state;
	struct record_flow late = flow("198.51.100.9", 1, NOON_S, 5000, 1);
	char why[STORE_ERROR_BYTES];
	struct store *s = f->store;
	uint64_t rows;
	int64_t id;

	write_some_minutes(s, 20, 400);
	assert_true(minute_is_whole(s, NOON_S + 300));
	assert_minutes_equal_flows(s);
	/* started anew in the middle of a minute */
	store_close(s);
	f->store = NULL;
	assert_int_equal(store_open(f->path, &f->store, why), 0);
	s = f->store;
	write_some_minutes(s, 400, 600);
	assert_minutes_equal_flows(s);
	/* a window that comes late, of a minute stored and of one that is not
	 */
	write_flows(s, &tv, NOON_S + 200, &late, 1);
	write_flows(s, &tv, NOON_S + 595, &late, 1);
	write_some_minutes(s, 600, 800);
	assert_minutes_equal_flows(s);
	/* a transaction that is lost */
	write_flows(s, &tv, NOON_S + 800, &late, 1);
	database_rollback(s);
	write_some_minutes(s, 800, 1000);
	assert_minutes_equal_flows(s);
	/* a device deleted */
	id = write_flows(s, &camera, NOON_S + 1000, &late, 1);
	assert_int_equal(erase_device(s, id, &rows), 0);
	write_some_minutes(s, 1000, 1300);
	assert_minutes_equal_flows(s);
	assert_true(minute_is_whole(s, NOON_S + 1200));
}

static void too_many_remotes_a_minute_are_summed_from_the_file(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	static struct record_flow flows[MINUTE_SUMS_MAX + 5];

	for (size_t i = 0; i < MINUTE_SUMS_MAX + 5; i++) {
		flows[i] = flow("198.51.100.7", (uint16_t)i, NOON_S + 60, 1, 1);
		flows[i].protocol = (uint8_t)(6 + (i >> 16));
	}
	write_some_minutes(s, 0, 60);
	write_flows(s, &tv, NOON_S + 60, flows, MINUTE_SUMS_MAX + 5);
	assert_int_equal(store_commit(s), 0);
	assert_false(minute_is_whole(s, NOON_S + 60));
	write_some_minutes(s, 65, 300);
	assert_minutes_equal_flows(s);
}

static void a_full_disk_loses_the_transaction_and_says_so(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	struct record_flow one = flow("198.51.100.7", 443, NOON_S, 1, 1);
	struct record_window window = { .device = tv,
					.flows = &one,
					.flow_count = 1 };
	int64_t id = write_flows(s, &tv, NOON_S, &one, 1);
	uint64_t failed = 0;

	assert_int_equal(store_commit(s), 0);
	assert_int_equal(sqlite3_exec(s->db, "PRAGMA max_page_count = 1", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	for (int i = 0; i < 5000 && !failed; i++) {
		/* addresses that take new pages */
		one.remote = addr("2001:db8::1");
		memcpy(&one.remote.b[12], &i, sizeof(i));
		window.start_ns = (uint64_t)(NOON_S + 5 + 5 * i) * NS_PER_S;
		failed = write_window(s, &window, NULL) != 0;
	}
	assert_true(failed);
	assert_true(store_counters(s)->windows_lost > 0);
	assert_string_equal(store_error(s), "database or disk is full");
	assert_int_equal(sum_of(s, id, NOON_S, NOON_S + 5).in, 1);
	/* room again: it goes on, and says so */
	assert_int_equal(sqlite3_exec(s->db, "PRAGMA max_page_count = 100000",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(write_window(s, &window, NULL), 0);
	assert_int_equal(store_commit(s), 0);
	assert_string_equal(store_error(s), "");
}

static void a_locked_file_is_counted_and_recovers(void **state)
{
	struct fixture *f = *state;
	struct record_flow one = flow("198.51.100.7", 443, NOON_S, 1, 1);
	struct record_window window = { .start_ns = NOON_S * NS_PER_S,
					.device = tv,
					.flows = &one,
					.flow_count = 1 };
	sqlite3 *other;

	assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL,
				      NULL),
			 SQLITE_OK);
	assert_int_equal(write_window(f->store, &window, NULL), ERR_IO);
	assert_int_equal(store_counters(f->store)->windows_lost, 1);
	assert_string_equal(store_error(f->store), "database is locked");
	sqlite3_close(other);
	assert_int_equal(write_window(f->store, &window, NULL), 0);
	assert_int_equal(store_commit(f->store), 0);
	assert_string_equal(store_error(f->store), "");
}

static void a_kill_in_a_transaction_loses_it_alone(void **state)
{
	struct fixture *f = *state;
	struct record_flow one = flow("198.51.100.7", 443, NOON_S, 1, 1);
	char why[STORE_ERROR_BYTES];
	int64_t id;
	int status;
	pid_t pid;

	store_close(f->store);
	f->store = NULL;
	pid = fork();
	if (!pid) {
		struct store *s;

		if (store_open(f->path, &s, why))
			_exit(1);
		write_flows(s, &tv, NOON_S, &one, 1);
		store_commit(s);
		write_flows(s, &tv, NOON_S + 5, &one, 1);
		kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	assert_int_equal(store_open(f->path, &f->store, why), 0);
	id = write_name_of(f->store, NOON_S, "198.51.100.7", "a.example",
			   RECORD_NAME_DNS);
	assert_int_equal(sum_of(f->store, id, NOON_S, NOON_S + 60).in, 1);
}

static void settings_come_back_and_go(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	uint8_t value[STORE_SETTING_BYTES];
	static const uint8_t large[STORE_SETTING_BYTES + 1];

	assert_int_equal(store_setting_get(s, "consent", value), ERR_NOTFOUND);
	assert_int_equal(store_setting_put(s, "consent", slice_text("1 2")), 0);
	assert_int_equal(store_setting_put(s, "consent", slice_text("3 4")), 0);
	assert_int_equal(store_setting_get(s, "consent", value), 3);
	assert_memory_equal(value, "3 4", 3);
	assert_int_equal(store_setting_put(s, "consent", (struct slice){ 0 }),
			 0);
	assert_int_equal(store_setting_get(s, "consent", value), ERR_NOTFOUND);
	assert_int_equal(store_setting_put(s, "large",
					   slice_of(large, sizeof(large))),
			 ERR_LIMIT);
}

static void a_token_works_once(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;

	assert_int_equal(store_token_use(s, "a", 1), 0);
	assert_int_equal(store_token_use(s, "b", 2), 0);
	assert_int_equal(store_token_use(s, "a", 3), ERR_EXISTS);
}

struct devices {
	struct store_device list[4];
	size_t count;
};

static bool add_device(void *user, const struct store_device *device)
{
	struct devices *devices = user;

	devices->list[devices->count++] = *device;
	return true;
}

static struct devices devices_of(struct store *s)
{
	struct devices devices = { 0 };

	assert_int_equal(store_device_each(s, add_device, &devices), 0);
	return devices;
}

static void devices_and_choices_outlive_a_restart(void **state)
{
	struct fixture *f = *state;
	struct addr first = addr("192.168.1.20"), second = addr("192.168.1.21");
	char why[STORE_ERROR_BYTES];
	struct devices devices;
	int64_t id, other;

	assert_int_equal(store_device_seen(f->store, &tv, &first, 1000, 2000,
					   false, &id),
			 0);
	assert_int_equal(store_device_seen(f->store, &tv, &second, 1500, 3000,
					   false, &id),
			 0);
	assert_int_equal(store_device_seen(f->store, &camera, NULL, 1, 1, true,
					   &other),
			 0);
	assert_int_equal(store_device_watch(f->store, id, true), 0);
	assert_int_equal(store_device_exclude(f->store, other, true), 0);
	store_close(f->store);
	f->store = NULL;
	assert_int_equal(store_open(f->path, &f->store, why), 0);
	devices = devices_of(f->store);
	assert_int_equal(devices.count, 2);
	assert_true(devices.list[0].watched && !devices.list[0].excluded);
	assert_int_equal(devices.list[0].first_ms, 1000);
	assert_int_equal(devices.list[0].last_ms, 3000);
	assert_int_equal(devices.list[0].addr_count, 2);
	assert_true(addr_equal(&devices.list[0].addrs[0], &second));
	assert_true(devices.list[1].excluded && devices.list[1].gateway);
}

static void a_choice_for_a_device_that_is_not_there_fails(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	int64_t id;

	assert_int_equal(store_device_seen(s, &tv, NULL, 1, 1, false, &id), 0);
	database_rollback(s);
	assert_int_equal(store_device_watch(s, id, true), ERR_IO);
	assert_int_equal(store_device_exclude(s, id, true), ERR_IO);
}

static void a_devices_addresses_are_bounded(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	struct addr at = addr("2001:db8::1");
	struct devices devices;
	int64_t id;

	for (uint8_t i = 0; i < 100; i++) {
		at.b[15] = i;
		assert_int_equal(store_device_seen(s, &tv, &at, 1, 1000u + i,
						   false, &id),
				 0);
	}
	devices = devices_of(s);
	assert_int_equal(devices.list[0].addr_count, STORE_ADDRS_MAX);
	assert_int_equal(devices.list[0].addrs[0].b[15], 99);
}

static bool file_has(const char *path, const char *text)
{
	FILE *file = fopen(path, "rb");
	size_t len, n = strlen(text);
	bool found = false;
	char *bytes;

	if (!file)
		return false;
	fseek(file, 0, SEEK_END);
	len = (size_t)ftell(file);
	rewind(file);
	bytes = malloc(len + 1);
	assert_int_equal(fread(bytes, 1, len, file), len);
	fclose(file);
	for (size_t i = 0; !found && i + n <= len; i++)
		found = !memcmp(bytes + i, text, n);
	free(bytes);
	return found;
}

static void what_is_deleted_is_no_longer_in_the_file(void **state)
{
	struct fixture *f = *state;
	char log[128];
	uint64_t rows;
	int64_t id;

	snprintf(log, sizeof(log), "%s-wal", f->path);
	id = write_name_of(f->store, NOON_S, "198.51.100.7",
			   "very-private-name.example", RECORD_NAME_DNS);
	assert_int_equal(store_commit(f->store), 0);
	assert_true(file_has(f->path, "very-private-name") ||
		    file_has(log, "very-private-name"));
	assert_int_equal(erase_device(f->store, id, &rows), 0);
	assert_int_equal(rows, 1);
	assert_false(file_has(f->path, "very-private-name"));
	assert_false(file_has(log, "very-private-name"));
}

static void deleting_one_device_leaves_the_others(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	struct record_flow one = flow("198.51.100.7", 443, NOON_S, 7, 5);
	int64_t a = write_flows(s, &tv, NOON_S, &one, 1);
	int64_t b = write_flows(s, &camera, NOON_S, &one, 1);
	uint64_t rows;

	assert_int_equal(erase_device(s, a, &rows), 0);
	assert_int_equal(rows, 1);
	assert_int_equal(sum_of(s, a, NOON_S, NOON_S + 5).rows, 0);
	assert_int_equal(sum_of(s, b, NOON_S, NOON_S + 5).in, 7);
	assert_int_equal(erase_all(s, &rows), 0);
	assert_int_equal(sum_of(s, b, NOON_S, NOON_S + 5).rows, 0);
	assert_int_equal(devices_of(s).count, 0);
}

/* Time passes, as it does, a day at most at once. */
static void expire_until(struct store *s, int64_t from_s, int64_t to_s)
{
	for (int64_t at = from_s; at < to_s; at += 86400)
		erase_expired(s, (uint64_t)at * 1000);
	erase_expired(s, (uint64_t)to_s * 1000);
}

static void what_is_too_old_goes_and_its_sums_stay(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	int64_t id = write_two_hours(s);
	int64_t later = NOON_S + (STORE_FLOW_DAYS + 1) * 86400;

	expire_until(s, NOON_S, later);
	assert_int_equal(store_counters(s)->rows_expired, 2880);
	/* the hour is read from its sum; the rest was not summed by hour */
	assert_int_equal(sum_of(s, id, NOON_S, NOON_S + 3600).in, 720 * 101);
	assert_int_equal(sum_of(s, id, NOON_S + 60, NOON_S + 120).in, 12 * 101);
	expire_until(s, later, NOON_S + (STORE_HOUR_DAYS + 1) * 86400);
	assert_int_equal(sum_of(s, id, NOON_S, NOON_S + 7200).in, 0);
}

static void names_and_addresses_go_after_the_last_that_needs_them(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	struct record_flow flows[] = {
		flow("198.51.100.7", 443, NOON_S, 1, 1),
		flow("198.51.100.8", 443, NOON_S, 1, 1),
	};
	int64_t later = NOON_S + 300 * 86400;
	int64_t end = NOON_S + (STORE_HOUR_DAYS + 2) * 86400;
	struct record_flow again = flow("198.51.100.7", 443, later, 1, 1);
	struct record_clue clue = { .kind = RECORD_CLUE_MDNS_TXT,
				    .text = slice_text("a=b"),
				    .time_ns = NOON_S * NS_PER_S };
	struct record_window heard = { .start_ns = NOON_S * NS_PER_S,
				       .device = camera,
				       .clues = &clue,
				       .clue_count = 1 };

	assert_int_equal(write_window(s, &heard, NULL), 0);
	write_flows(s, &tv, NOON_S, flows, 2);
	write_name_of(s, NOON_S, "198.51.100.7", "a.example", RECORD_NAME_DNS);
	write_flows(s, &camera, NOON_S, flows, 1);
	expire_until(s, NOON_S, later);
	write_flows(s, &tv, later, &again, 1);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM remote"), 2);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM host"), 0);
	expire_until(s, later, end);
	/* one was used since, as was the TV; the camera was not */
	assert_int_equal(count_rows(s, "SELECT count(*) FROM remote"), 1);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM device"), 1);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM clue"), 0);
}

static void clues_are_bounded_and_the_newest_stay(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	char text[32];
	struct record_clue clue = { .kind = RECORD_CLUE_MDNS_TXT };
	struct record_window window = { .start_ns = NOON_S * NS_PER_S,
					.device = tv,
					.clues = &clue,
					.clue_count = 1 };

	for (int i = 0; i < STORE_CLUES_MAX + 50; i++) {
		snprintf(text, sizeof(text), "n=%d", i);
		clue.text = slice_text(text);
		clue.time_ns = (uint64_t)(NOON_S + i) * NS_PER_S;
		assert_int_equal(write_window(s, &window, NULL), 0);
	}
	assert_int_equal(count_rows(s, "SELECT count(*) FROM clue"),
			 STORE_CLUES_MAX);
	assert_int_equal(count_rows(s, "SELECT min(last_ms) FROM clue"),
			 (NOON_S + 50) * 1000);
}

static void the_log_does_not_grow_without_end(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	uint64_t most = 0;

	for (int64_t i = 0; i < 3000; i++) {
		struct record_flow flows[20];

		for (size_t k = 0; k < 20; k++)
			flows[k] = flow("198.51.100.7", (uint16_t)k,
					NOON_S + 5 * i, 1, 1);
		write_flows(s, &tv, NOON_S + 5 * i, flows, 20);
		assert_int_equal(store_commit(s), 0);
		if (store_counters(s)->wal_bytes > most)
			most = store_counters(s)->wal_bytes;
	}
	/* a checkpoint comes after 1,000 pages of 4 KiB, and one commit */
	assert_true(most > 0 && most < 2 * (uint64_t)STORE_WAL_BYTES);
}

static void the_file_is_its_owners_alone(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_newer_database_is_left_alone(void **state)
{
	struct fixture *f = *state;
	char why[STORE_ERROR_BYTES];
	struct store *other;

	assert_int_equal(sqlite3_exec(f->store->db,
				      "PRAGMA user_version = 4711", NULL, NULL,
				      NULL),
			 SQLITE_OK);
	assert_int_equal(store_open(f->path, &other, why), ERR_UNSUPPORTED);
	assert_string_equal(why, "made by a newer version of this program");
}

static void run_sql(sqlite3 *db, const char *sql)
{
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void an_old_databases_flows_are_kept(void **state)
{
	struct fixture *f = *state;
	char path[128], why[STORE_ERROR_BYTES];
	struct store *s;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/old.db", f->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(migrate(db, 1), 0);
	run_sql(db, "INSERT INTO device(id, mac, first_ms, last_ms) VALUES"
		    "(1, x'020000000001', 1, 2), (2, x'020000000002', 1, 2);"
		    "INSERT INTO remote VALUES(9, x'c6336407', 20000);"
		    "INSERT INTO flow VALUES"
		    "(1, 1795305600, 9, 6, 443, 1, 0, 1, 7, 8, 1, 1, 10, 20, "
		    " 3, 4),"
		    "(1, 1795305600, 9, 6, 443, 2, 0, 1, 7, 9, 1, 1, 1, 2, "
		    " 3, 4),"
		    "(1, 1795305605, 9, 6, 443, 1, 0, 1, 9, 9, 1, 1, 5, 6, "
		    " 3, 4),"
		    "(2, 1795305600, 9, 6, 443, 1, 0, 1, 7, 8, 1, 1, 100, 200,"
		    " 3, 4);");
	sqlite3_close(db);
	assert_true(store_outdated(path) > 0);
	assert_int_equal(store_open(path, &s, why), 0);
	assert_int_equal(store_outdated(path), 0);
	assert_int_equal(store_outdated("/nowhere"), 0);
	assert_int_equal(sum_of(s, 1, NOON_S, NOON_S + 5).in, 11);
	assert_int_equal(sum_of(s, 1, NOON_S, NOON_S + 10).out, 28);
	assert_int_equal(sum_of(s, 1, NOON_S, NOON_S + 10).first_ms, 7);
	assert_int_equal(sum_of(s, 2, NOON_S, NOON_S + 10).in, 100);
	store_close(s);
	unlink(path);
}

/* Of the version before packed flows, with what was not merged yet. */
static void an_old_databases_rows_become_packed(void **state)
{
	struct fixture *f = *state;
	char path[128], why[STORE_ERROR_BYTES];
	struct store *s;
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/old.db", f->dir);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(migrate(db, 7), 0);
	run_sql(db, "INSERT INTO device(id, mac, first_ms, last_ms) VALUES"
		    "(1, x'020000000001', 1, 2);"
		    "INSERT INTO remote VALUES(9, x'c6336407', 20000);"
		    "INSERT INTO host VALUES(4, CAST('a.example' AS BLOB), 1);"
		    "INSERT INTO flow_window VALUES(3, 1, 1795305600, 2);"
		    "INSERT INTO flow_row VALUES(3 << 16, 9, 6, 443, 40000, 0, "
		    " 1, 1795305600007, 1795305604999, 1, 2, 1 << 40, 20, 3, "
		    " 4, 5, 6),((3 << 16) + 1, 9, 17, 53, 65535, 1, 2, "
		    " 1795305599000, 8, 1, 1, 1, 2, 3, 4, 5, 6);"
		    "INSERT INTO minute VALUES(1, 1795305540, 9, 6, 443, 0, 7, "
		    " 8, 1, 2, 10, 20, 5, 6);"
		    "INSERT INTO name VALUES(1, 9, 0, 4, NULL, 7, 5, 6);"
		    "INSERT INTO name_new VALUES(1, 9, 0, 4, NULL, 8, 9);"
		    "INSERT INTO question_new VALUES(1, 4, 1, x'', 5),"
		    "(1, 4, 1, x'', 6);"
		    "INSERT INTO service_new VALUES(1, 9, 6, 443, 'tls', NULL, "
		    " 1, 6);");
	sqlite3_close(db);
	assert_int_equal(store_open(path, &s, why), 0);
	assert_int_equal(
		count_rows(s, "SELECT count(*) FROM flow WHERE "
			      "(device, start_s, remote, protocol, remote_port,"
			      "device_port, local, opener, first_ms, last_ms,"
			      "in_packets, out_packets, in_bytes, out_bytes,"
			      "in_sequence_bytes, out_sequence_bytes,"
			      "in_missed_bytes, out_missed_bytes) IN (VALUES"
			      "(1, 1795305600, 9, 6, 443, 40000, 0, 1, "
			      "1795305600007, 1795305604999, 1, 2, 1 << 40, "
			      "20, 3, 4, 5, 6),(1, 1795305600, 9, 17, 53, "
			      "65535, 1, 2, 1795305599000, 8, 1, 1, 1, 2, 3, "
			      "4, 5, 6))"),
		2);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM minute WHERE "
				       "start_s = 1795305540 AND in_bytes = 10 "
				       "AND out_missed_bytes = 6"),
			 1);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM name WHERE "
				       "device_port = 8 AND first_ms = 5 AND "
				       "last_ms = 9"),
			 1);
	assert_int_equal(count_rows(s, "SELECT times FROM question"), 2);
	assert_int_equal(count_rows(s, "SELECT clear_times FROM service"), 1);
	store_close(s);
	unlink(path);
}

static void what_is_no_database_is_said_so(void **state)
{
	struct fixture *f = *state;
	char path[128], why[STORE_ERROR_BYTES];
	struct store *other;
	FILE *file;

	snprintf(path, sizeof(path), "%s/other.db", f->dir);
	file = fopen(path, "wb");
	assert_non_null(file);
	for (int i = 0; i < 1000; i++)
		fputs("no database ", file);
	fclose(file);
	assert_int_equal(store_open(path, &other, why), ERR_MALFORMED);
	assert_string_equal(why, "file is not a database");
	unlink(path);
}

static void hellos_of_one_client_share_their_shape(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	static const uint8_t suites[] = { 0x13, 0x01, 0xc0, 0x2f };
	struct record_hello hellos[3] = { 0 };
	struct record_window window = { .start_ns = NOON_S * NS_PER_S,
					.device = tv,
					.hellos = hellos,
					.hello_count = 3 };

	for (size_t i = 0; i < 3; i++) {
		hellos[i].time_ns = NOON_S * NS_PER_S;
		hellos[i].remote = addr("198.51.100.7");
		hellos[i].cipher_suites = slice_of(suites, sizeof(suites));
	}
	/* empty is not absent */
	hellos[2].alpn = slice_text("");
	assert_int_equal(write_window(s, &window, NULL), 0);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM hello"), 3);
	assert_int_equal(count_rows(s, "SELECT count(*) FROM hello_shape"), 2);
}

#define STORE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_was_written_is_read_back),
		STORE_TEST(a_window_in_parts_adds_up),
		STORE_TEST(the_best_evidence_names_then_the_newest),
		STORE_TEST(one_devices_names_do_not_name_anothers_traffic),
		STORE_TEST(sums_by_minute_and_hour_equal_their_flows),
		STORE_TEST(steps_of_any_length_add_up),
		STORE_TEST(a_late_window_is_summed_too),
		STORE_TEST(minutes_are_the_same_by_memory_and_by_file),
		STORE_TEST(too_many_remotes_a_minute_are_summed_from_the_file),
		STORE_TEST(a_full_disk_loses_the_transaction_and_says_so),
		STORE_TEST(a_locked_file_is_counted_and_recovers),
		STORE_TEST(a_kill_in_a_transaction_loses_it_alone),
		STORE_TEST(settings_come_back_and_go),
		STORE_TEST(a_token_works_once),
		STORE_TEST(devices_and_choices_outlive_a_restart),
		STORE_TEST(a_choice_for_a_device_that_is_not_there_fails),
		STORE_TEST(a_devices_addresses_are_bounded),
		STORE_TEST(what_is_deleted_is_no_longer_in_the_file),
		STORE_TEST(deleting_one_device_leaves_the_others),
		STORE_TEST(what_is_too_old_goes_and_its_sums_stay),
		STORE_TEST(
			names_and_addresses_go_after_the_last_that_needs_them),
		STORE_TEST(clues_are_bounded_and_the_newest_stay),
		STORE_TEST(the_log_does_not_grow_without_end),
		STORE_TEST(the_file_is_its_owners_alone),
		STORE_TEST(a_newer_database_is_left_alone),
		STORE_TEST(an_old_databases_flows_are_kept),
		STORE_TEST(an_old_databases_rows_become_packed),
		STORE_TEST(what_is_no_database_is_said_so),
		STORE_TEST(hellos_of_one_client_share_their_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

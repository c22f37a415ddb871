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
#include "store/erase.h"
#include "store/lock.h"
#include "store/write.h"

#define NOW_MS 1767612000000ull

/* Numbers of the caller's, and the set of those that nobody made by hand. */
#define FOUND	  1
#define BY_HAND	  2
#define CLOSED	  4
#define FOUND_SET (1u << FOUND | 1u << CLOSED)

struct fixture {
	char dir[SCRATCH_DIR_BYTES], path[SCRATCH_PATH_BYTES];
	struct store *store;
	unsigned int walks; /* over what only others refer to */
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

static struct mac mac_number(uint32_t number)
{
	struct mac mac = { .b = { 0x02, 0 } };

	memcpy(mac.b + 2, &number, sizeof(number));
	return mac;
}

static int lock_of(struct store *s, const struct mac *mac)
{
	struct store_lock lock;

	return store_lock_get(s, mac, &lock) ? 0 : lock.lock;
}

static int put(struct store *s, const struct mac *mac, int lock,
	       uint64_t since_ms)
{
	const struct store_lock stored = { lock, 40, since_ms };

	return store_lock_put(s, mac, &stored);
}

static struct mac write_sample(struct store *s, uint32_t number)
{
	struct record_window window = sample_window;

	window.device = mac_number(number);
	assert_int_equal(write_window(s, &window, NULL), 0);
	assert_int_equal(store_commit(s), 0);
	return window.device;
}

static int note_walk(unsigned int kind, void *user, void *stmt, void *sql)
{
	struct fixture *f = user;

	(void)kind;
	(void)stmt;
	f->walks += strstr(sql, "DELETE FROM remote WHERE id NOT IN") != NULL;
	return 0;
}

static void made_up_macs_never_push_out_what_was_locked_by_hand(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	struct mac by_hand = mac_number(1), first = mac_number(2), mac;

	assert_int_equal(put(s, &by_hand, BY_HAND, 1), 0);
	for (uint32_t i = 0; i < STORE_LOCKS_MAX + 20; i++) {
		mac = mac_number(i + 2);
		assert_int_equal(put(s, &mac, CLOSED, NOW_MS + i), 0);
	}
	assert_int_equal(store_lock_trim(s, FOUND_SET), 0);
	assert_int_equal(scratch_number(s, "SELECT count(*) FROM device_lock"),
			 STORE_LOCKS_MAX);
	assert_int_equal(lock_of(s, &by_hand), BY_HAND);
	assert_int_equal(lock_of(s, &first), 0); /* the oldest of the others */
	assert_int_equal(lock_of(s, &mac), CLOSED);
}

static void of_who_was_never_stored_nothing_is_walked_or_made(void **state)
{
	struct fixture *f = *state;
	struct mac mac = mac_number(7);
	int64_t id;

	write_sample(f->store, 1);
	sqlite3_trace_v2(f->store->db, SQLITE_TRACE_STMT, note_walk, f);
	assert_int_equal(store_lock_erase(f->store, &mac), 0);
	assert_int_equal(
		scratch_number(f->store, "SELECT count(*) FROM device"), 1);
	/* one that was only seen has no rows that refer to anything */
	assert_int_equal(store_device_seen(f->store, &mac, &sample_addrs[0],
					   NOW_MS, NOW_MS, false, &id),
			 0);
	assert_int_equal(store_lock_erase(f->store, &mac), 0);
	assert_int_equal(
		scratch_number(f->store, "SELECT count(*) FROM device"), 1);
	assert_int_equal(f->walks, 0);
	mac = mac_number(1);
	assert_int_equal(store_lock_erase(f->store, &mac), 0);
	assert_int_equal(f->walks, 1);
	assert_int_equal(
		scratch_number(f->store, "SELECT count(*) FROM remote"), 0);
}

static void what_was_left_of_closed_devices_is_erased(void **state)
{
	struct store *s = ((struct fixture *)*state)->store;
	struct mac closed = write_sample(s, 1), open = write_sample(s, 2);
	struct mac excluded = write_sample(s, 3);
	int64_t id;

	assert_int_equal(put(s, &closed, CLOSED, 1), 0);
	assert_int_equal(put(s, &open, FOUND, 1), 0);
	/* excluded, and a lock from before does not take that away */
	assert_int_equal(put(s, &excluded, CLOSED, 1), 0);
	assert_int_equal(
		store_device_seen(s, &excluded, NULL, 1, 1, false, &id), 0);
	assert_int_equal(store_commit(s), 0);
	assert_int_equal(sqlite3_exec(s->db,
				      "UPDATE device SET excluded = 1 "
				      "WHERE mac = x'020003000000'",
				      NULL, NULL, NULL),
			 SQLITE_OK);
	assert_int_equal(store_lock_erase_closed(s, 1u << CLOSED), 0);
	assert_int_equal(scratch_number(s, "SELECT count(*) FROM device"), 2);
	assert_int_equal(scratch_number(s, "SELECT count(*) FROM device "
					   "WHERE excluded"),
			 1);
	assert_int_equal(
		scratch_number(s, "SELECT count(DISTINCT device) FROM flow"),
		1);
	assert_int_equal(
		scratch_number(s, "SELECT count(DISTINCT device) FROM clue"),
		1);
	assert_int_equal(lock_of(s, &closed), CLOSED);
	assert_int_equal(store_lock_erase_closed(s, 1u << CLOSED), 0);
}

static void what_is_erased_while_it_is_read_leaves_the_log_later(void **state)
{
	struct fixture *f = *state;
	struct mac mac = write_sample(f->store, 1);
	uint64_t tick_ms = STORE_LOG_RETRY_MS;
	sqlite3_stmt *stmt;
	sqlite3 *other;

	assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(other, "SELECT * FROM device", -1,
					    &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	assert_int_equal(store_lock_erase(f->store, &mac), 0);
	assert_true(store_counters(f->store)->wal_bytes > 0);
	assert_int_equal(store_counters(f->store)->log_delays, 1);
	store_tick(f->store, tick_ms); /* it still is */
	assert_int_equal(store_counters(f->store)->log_delays, 2);
	sqlite3_finalize(stmt);
	sqlite3_close(other);
	store_tick(f->store, tick_ms + STORE_LOG_RETRY_MS - 1);
	assert_true(store_counters(f->store)->wal_bytes > 0);
	store_tick(f->store, tick_ms + STORE_LOG_RETRY_MS);
	assert_int_equal(store_counters(f->store)->wal_bytes, 0);
	assert_int_equal(store_counters(f->store)->log_delays, 2);
}

#define LOCK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOCK_TEST(made_up_macs_never_push_out_what_was_locked_by_hand),
		LOCK_TEST(of_who_was_never_stored_nothing_is_walked_or_made),
		LOCK_TEST(what_was_left_of_closed_devices_is_erased),
		LOCK_TEST(what_is_erased_while_it_is_read_leaves_the_log_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

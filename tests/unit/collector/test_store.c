// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/store.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define TODAY_S	 (20000ull * STORE_DAY_S)
#define TOMORROW (TODAY_S + STORE_DAY_S)

struct fixture {
	char folder[64];
	struct store *store;
	struct store_account account;
	struct store_consent consent;
};

static const uint8_t device_id[STORE_DEVICE_BYTES] = "a TV in the hall";
static const uint8_t remote[4] = { 203, 0, 113, 7 };

static const struct store_cell device_row[] = {
	{ STORE_CELL_BYTES, STORE_DEVICE_BYTES, { .bytes = device_id } },
	{ STORE_CELL_NONE },
	{ STORE_CELL_NUMBER, 0, { .number = 1 } },
};

static const struct store_cell flow_row[11] = {
	[0] = { STORE_CELL_NUMBER },
	[1] = { STORE_CELL_NUMBER, 0, { .number = 6 } },
	[2] = { STORE_CELL_ADDRESS, 4, { .bytes = remote } },
};

static void open_store(struct fixture *f, uint64_t pages_max)
{
	const struct store_options options = { .seed = 5,
					       .pages_max = pages_max };
	char why[STORE_WHY_BYTES];

	assert_int_equal(store_open(f->folder, &options, &f->store, why), 0);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/collector-store-XXXXXX");
	if (!mkdtemp(f->folder))
		return -1;
	open_store(f, 0);
	f->consent = (struct store_consent){ .text = (char *)(uintptr_t) "text",
					     .approval = (char *)(uintptr_t) "",
					     .contact = (char *)(uintptr_t) "",
					     .retention_days = 1 };
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_consent_add(f->store, &f->consent), 0);
	f->account.consent = f->consent.id;
	assert_int_equal(store_account_add(f->store, &f->account), 0);
	assert_int_equal(store_commit(f->store), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	const struct dirent *entry;
	char path[512];
	DIR *dir;

	store_close(f->store);
	dir = opendir(f->folder);
	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", f->folder, entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(f->folder);
	free(f);
	return 0;
}

static int upload(struct fixture *f, uint64_t number)
{
	const struct store_segment segment = {
		.number = number,
		.end_s = 1767225600,
		.rows = { [SHAPE_DEVICE] = { device_row, 1 },
			  [SHAPE_FLOW] = { flow_row, 1 } },
	};
	const struct store_upload u = { .account = f->account.id,
					.consent = f->consent.id,
					.client = "0.1.0",
					.segments = &segment,
					.segment_count = 1 };

	return store_upload(f->store, &u);
}

static void commit_one(struct fixture *f, uint64_t number, uint64_t now_s)
{
	assert_int_equal(store_begin(f->store, now_s), 0);
	assert_int_equal(upload(f, number), 0);
	assert_int_equal(store_commit(f->store), 0);
}

static struct store_totals totals(const struct fixture *f)
{
	struct store_reader *reader;
	struct store_totals read;
	char why[STORE_WHY_BYTES];

	assert_int_equal(store_reader_open(f->folder, &reader, why), 0);
	assert_int_equal(store_totals(reader, &read), 0);
	store_reader_close(reader);
	return read;
}

static void what_is_not_committed_is_not_held(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(upload(f, 1), 0);
	assert_int_equal(totals(f).segments, 0);
	store_rollback(f->store);
	assert_int_equal(totals(f).segments, 0);
	/* nor is it taken for held */
	commit_one(f, 1, TODAY_S);
	assert_int_equal(totals(f).segments, 1);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 1);
	assert_int_equal(store_counters(f->store)->segments, 1);
}

static void a_segment_counts_once_on_any_day(void **state)
{
	struct fixture *f = *state;

	commit_one(f, 1, TODAY_S);
	commit_one(f, 1, TODAY_S + 1);
	commit_one(f, 1, TOMORROW);
	commit_one(f, 2, TOMORROW);
	store_close(f->store);
	open_store(f, 0);
	commit_one(f, 1, TOMORROW + STORE_DAY_S);
	commit_one(f, 2, TOMORROW + 5ull * STORE_DAY_S);
	assert_int_equal(totals(f).segments, 2);
	assert_int_equal(totals(f).days, 4);
	assert_int_equal(totals(f).devices, 1);
	assert_int_equal(totals(f).addresses, 1);
}

static void a_clock_that_goes_back_stays_in_its_day(void **state)
{
	struct fixture *f = *state;

	commit_one(f, 1, TOMORROW);
	commit_one(f, 2, TODAY_S);
	commit_one(f, 3, 0);
	assert_int_equal(totals(f).days, 2); /* set_up's, and the next */
	assert_int_equal(totals(f).segments, 3);
}

static void a_store_has_one_writer(void **state)
{
	const struct store_options options = { .seed = 5 };
	struct fixture *f = *state;
	char why[STORE_WHY_BYTES];
	struct store *other;

	assert_int_equal(store_open(f->folder, &options, &other, why),
			 ERR_BUSY);
	assert_string_equal(why, "another collector uses it");
}

static void beside_a_collector_a_text_can_be_set(void **state)
{
	const struct store_options options = { .seed = 5, .beside = true };
	struct fixture *f = *state;
	struct store_consent text = f->consent, found;
	struct store_reader *reader;
	char why[STORE_WHY_BYTES];
	struct store *beside;

	text.hash[0] = 1;
	assert_int_equal(store_open(f->folder, &options, &beside, why), 0);
	assert_int_equal(store_begin(beside, TODAY_S), 0);
	assert_int_equal(store_consent_add(beside, &text), 0);
	assert_int_equal(store_commit(beside), 0);
	assert_int_equal(store_begin(beside, TODAY_S), 0);
	assert_int_equal(store_consent_add(beside, &text), ERR_EXISTS);
	store_rollback(beside);
	store_close(beside);
	commit_one(f, 1, TODAY_S);
	assert_int_equal(store_reader_open(f->folder, &reader, why), 0);
	assert_int_equal(store_consent_current(reader, &found), 0);
	assert_int_equal(found.id, text.id);
	store_consent_done(&found);
	store_reader_close(reader);
}

static void a_name_is_one_accounts(void **state)
{
	struct fixture *f = *state;
	struct store_account other = f->account, found;
	struct store_reader *reader;
	char why[STORE_WHY_BYTES];

	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_account_add(f->store, &other), ERR_EXISTS);
	other.name[0] = 1;
	other.secret[0] = 2;
	assert_int_equal(store_account_add(f->store, &other), 0);
	assert_int_equal(store_commit(f->store), 0);
	assert_int_equal(store_reader_open(f->folder, &reader, why), 0);
	assert_int_equal(store_account_find(reader, other.name, &found), 0);
	assert_int_equal(found.id, other.id);
	assert_int_equal(found.secret[0], 2);
	assert_false(found.consent_withdrawn);
	other.name[0] = 9;
	assert_int_equal(store_account_find(reader, other.name, &found),
			 ERR_NOTFOUND);
	store_reader_close(reader);
}

static void an_erased_account_is_not_found(void **state)
{
	struct fixture *f = *state;

	f->account.id += 1000;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(upload(f, 1), ERR_NOTFOUND);
	assert_int_equal(store_commit(f->store), 0);
	assert_int_equal(totals(f).segments, 0);
}

static void a_full_disk_is_told_and_holds_what_was_held(void **state)
{
	struct fixture *f = *state;
	uint64_t held = 0;
	int err;

	store_close(f->store);
	open_store(f, 20);
	do {
		assert_int_equal(store_begin(f->store, TODAY_S), 0);
		err = 0;
		for (uint64_t i = 1; i <= 500 && !err; i++)
			err = upload(f, held + i);
		if (!err)
			err = store_commit(f->store);
		else
			store_rollback(f->store);
		held += err ? 0 : 500;
		assert_true(held < 100000);
	} while (!err);
	assert_int_equal(err, ERR_IO);
	assert_true(store_is_full(f->store));
	assert_string_equal(store_error(f->store), "database or disk is full");
	assert_int_equal(totals(f).segments, held);
	store_close(f->store);
	open_store(f, 0);
	commit_one(f, held + 1, TODAY_S);
	assert_false(store_is_full(f->store));
	assert_int_equal(totals(f).segments, held + 1);
}

/* The tables of a day have the columns of the shapes, in their order. */
static void every_table_takes_a_row(void **state)
{
	struct fixture *f = *state;
	struct store_cell cells[SHAPE_COLUMNS_MAX] = {
		[0] = { STORE_CELL_NUMBER }
	};
	struct store_segment segment = {
		.number = 1,
		.end_s = 1767225600,
		.rows = { [SHAPE_DEVICE] = { device_row, 1 } },
	};
	const struct store_upload u = { .account = f->account.id,
					.consent = f->consent.id,
					.client = "0.1.0",
					.segments = &segment,
					.segment_count = 1 };
	struct store_totals held;

	for (int i = SHAPE_FLOW; i < SHAPE_TABLES; i++)
		segment.rows[i] = (struct store_rows){ cells, 1 };
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_upload(f->store, &u), 0);
	assert_int_equal(store_commit(f->store), 0);
	held = totals(f);
	for (int i = SHAPE_FLOW; i < SHAPE_TABLES; i++)
		assert_int_equal(held.rows[i], 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_not_committed_is_not_held),
		TEST(a_segment_counts_once_on_any_day),
		TEST(a_clock_that_goes_back_stays_in_its_day),
		TEST(a_store_has_one_writer),
		TEST(beside_a_collector_a_text_can_be_set),
		TEST(a_name_is_one_accounts),
		TEST(an_erased_account_is_not_found),
		TEST(a_full_disk_is_told_and_holds_what_was_held),
		TEST(every_table_takes_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

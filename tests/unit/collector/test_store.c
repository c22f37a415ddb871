// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/store.h"

#include <dirent.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"
#include "scratch.h"

#define TODAY_S	 (20000ull * STORE_DAY_S)
#define TOMORROW (TODAY_S + STORE_DAY_S)

struct fixture {
	char folder[SCRATCH_BYTES];
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

	/* no name that only stands for itself */
	if (scratch_make("collector #%41?", f->folder))
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

/* What a day counted of a table as it came, if it did, is what it has. */
static void check_tally(sqlite3 *db, int shape)
{
	char sql[256];
	int64_t wrong = -1;

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM day.tally WHERE shape = %d AND rows <> "
		 "(SELECT count(*) FROM day.%s)",
		 shape, shape == SHAPE_DEVICE ? "segment" : shapes[shape].name);
	assert_int_equal(database_number(db, sql, &wrong), 0);
	assert_int_equal(wrong, 0);
}

/* The same of how long each account inspected, and of its devices. */
static void check_activity(sqlite3 *db)
{
	char kept[ROLLUP_SQL_BYTES], sql[4 * ROLLUP_SQL_BYTES];
	const char *rows = rollup_queries[ROLLUP_ACTIVITY];
	int64_t wrong = -1;

	assert_int_equal(rollup_source(db, "day", ROLLUP_ACTIVITY, kept), 0);
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM (SELECT * FROM (SELECT * FROM (%s) "
		 "EXCEPT SELECT * FROM (%s)) UNION ALL SELECT * FROM (SELECT * "
		 "FROM (%s) EXCEPT SELECT * FROM (%s)))",
		 rows, kept, kept, rows);
	assert_int_equal(database_number(db, sql, &wrong), 0);
	assert_int_equal(wrong, 0);
}

/* Whatever was uploaded, erased and sealed. */
static void check_counts(const struct fixture *f)
{
	char name[DATABASE_DAY_BYTES], path[SCRATCH_BYTES + sizeof(name)];
	sqlite3 *db;
	sqlite3_stmt *attach = NULL;
	uint32_t *days;
	size_t count;

	assert_int_equal(
		database_open(f->folder, DATABASE_MAIN, DATABASE_READ, &db), 0);
	assert_int_equal(database_days(db, &days, &count), 0);
	for (size_t i = 0; i < count; i++) {
		database_day_name(days[i], name);
		snprintf(path, sizeof(path), "%s/%s", f->folder, name);
		assert_int_equal(database_ready(db, &attach, "ATTACH ? AS day",
						"t", path),
				 0);
		assert_int_equal(database_run(attach), 0);
		for (int shape = 0; shape < SHAPE_TABLES; shape++)
			check_tally(db, shape);
		check_activity(db);
		assert_int_equal(database_exec(db, "DETACH day"), 0);
	}
	free(days);
	sqlite3_finalize(attach);
	sqlite3_close(db);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	check_counts(f);
	store_close(f->store);
	scratch_remove(f->folder);
	free(f);
	return 0;
}

static int upload_segment(struct fixture *f,
			  const struct store_segment *segment)
{
	const struct store_upload u = { .account = f->account.id,
					.consent = f->consent.id,
					.client = "0.1.0",
					.segments = segment,
					.segment_count = 1 };

	return store_upload(f->store, &u);
}

static int upload(struct fixture *f, uint64_t number)
{
	const struct store_segment segment = {
		.number = number,
		.end_s = 1767225600,
		.rows = { [SHAPE_DEVICE] = { device_row, 1 },
			  [SHAPE_FLOW] = { flow_row, 1 } },
	};
	return upload_segment(f, &segment);
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
	/* who has nothing to write finds no room either */
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_commit(f->store), 0);
	assert_true(store_is_full(f->store));
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

static int refuse(void *user)
{
	(void)user;
	return 1;
}

static int end(void *user)
{
	(void)user;
	_exit(7);
}

/* Whether a file of the store has these bytes, its logs included. */
static bool is_in_files(const struct fixture *f, const void *bytes, size_t len)
{
	static uint8_t content[1 << 20];
	DIR *dir = opendir(f->folder);
	const struct dirent *entry;
	bool found = false;

	while ((entry = readdir(dir))) {
		char path[512];
		size_t size;
		FILE *file;

		snprintf(path, sizeof(path), "%s/%s", f->folder, entry->d_name);
		file = fopen(path, "rb");
		if (!file)
			continue;
		size = fread(content, 1, sizeof(content), file);
		fclose(file);
		found |= memmem(content, size, bytes, len) != NULL;
	}
	closedir(dir);
	return found;
}

static void what_the_day_did_not_take_leaves_nothing(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(upload(f, 1), 0);
	sqlite3_commit_hook(f->store->day, refuse, NULL);
	assert_int_equal(store_commit(f->store), ERR_IO);
	sqlite3_commit_hook(f->store->day, NULL, NULL);
	assert_int_equal(totals(f).addresses, 1);
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(totals(f).addresses, 0);
	assert_int_equal(totals(f).devices, 0);
	assert_false(is_in_files(f, device_id, sizeof(device_id)));
	assert_int_equal(store_counters(f->store)->segments, 0);
	commit_one(f, 1, TODAY_S);
	assert_int_equal(totals(f).addresses, 1);
	assert_int_equal(store_counters(f->store)->segments, 1);
}

static void an_end_between_both_commits_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t pid;

	store_close(f->store);
	f->store = NULL;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		open_store(f, 0);
		if (store_begin(f->store, TODAY_S) || upload(f, 1))
			_exit(1);
		sqlite3_commit_hook(f->store->day, end, NULL);
		_exit(store_commit(f->store) ? 2 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_true(is_in_files(f, device_id, sizeof(device_id)));
	open_store(f, 0);
	assert_int_equal(totals(f).devices, 0);
	assert_false(is_in_files(f, device_id, sizeof(device_id)));
	commit_one(f, 1, TODAY_S);
	assert_int_equal(totals(f).segments, 1);
}

static void a_home_with_too_many_devices_leaves_none_of_them(void **state)
{
	static uint8_t ids[STORE_SEGMENT_DEVICES_MAX][STORE_DEVICE_BYTES];
	static struct store_cell rows[STORE_SEGMENT_DEVICES_MAX * 3];
	const uint64_t full = STORE_DEVICES_MAX / STORE_SEGMENT_DEVICES_MAX;
	struct fixture *f = *state;
	struct store_segment segment = {
		.end_s = 1767225600,
		.rows = { [SHAPE_DEVICE] = { rows,
					     STORE_SEGMENT_DEVICES_MAX } },
	};
	const struct store_upload u = { .account = f->account.id,
					.consent = f->consent.id,
					.client = "0.1.0",
					.segments = &segment,
					.segment_count = 1 };

	for (segment.number = 1; segment.number <= full + 1; segment.number++) {
		bool fits = segment.number <= full;

		for (unsigned i = 0; i < STORE_SEGMENT_DEVICES_MAX; i++) {
			/* the last names one that is known, and new ones */
			ids[i][0] = fits || i ? (uint8_t)segment.number : 1;
			ids[i][1] = (uint8_t)(i >> 8);
			ids[i][2] = (uint8_t)i;
			rows[3 * i] = (struct store_cell){
				.type = STORE_CELL_BYTES,
				.len = STORE_DEVICE_BYTES,
				.bytes = ids[i],
			};
		}
		if (!fits) { /* room for one */
			assert_int_equal(store_begin(f->store, TODAY_S), 0);
			assert_int_equal(store_write_main(f->store), 0);
			assert_int_equal(database_exec(f->store->main,
						       "DELETE FROM device "
						       "WHERE id = 16384"),
					 0);
			store_forget(f->store);
			assert_int_equal(store_commit(f->store), 0);
		}
		assert_int_equal(store_begin(f->store, TODAY_S), 0);
		assert_int_equal(store_upload(f->store, &u),
				 fits ? 0 : ERR_LIMIT);
		assert_int_equal(store_commit(f->store), 0);
	}
	assert_int_equal(totals(f).devices, STORE_DEVICES_MAX - 1);
	/* those of long ago count no more, and stay */
	segment.number = full + 2;
	for (uint32_t days = STORE_DEVICES_DAYS - 1; days <= STORE_DEVICES_DAYS;
	     days++) {
		assert_int_equal(
			store_begin(f->store, TODAY_S + days * STORE_DAY_S), 0);
		assert_int_equal(store_upload(f->store, &u),
				 days < STORE_DEVICES_DAYS ? ERR_LIMIT : 0);
		assert_int_equal(store_commit(f->store), 0);
	}
	assert_int_equal(totals(f).devices,
			 STORE_DEVICES_MAX + STORE_SEGMENT_DEVICES_MAX - 2);
}

static int64_t number_in(const struct fixture *f, uint32_t day, const char *sql)
{
	int64_t out = -1;
	sqlite3 *db;

	assert_int_equal(database_open_day(f->folder, day, DATABASE_READ, &db),
			 0);
	assert_int_equal(database_number(db, sql, &out), 0);
	sqlite3_close(db);
	return out;
}

static void erase_everything(struct fixture *f)
{
	struct store_erasure erasure = { .what = STORE_ERASE_EVERYTHING,
					 .until_s = 1 };
	uint64_t rows;

	memcpy(erasure.account_name, f->account.name,
	       sizeof(erasure.account_name));
	assert_int_equal(store_begin(f->store, TOMORROW + STORE_DAY_S), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
}

/* Two homes on one sealed day, of which one erases: the other's sums stay, and
 * no day is read anew. */
static void an_erasure_is_taken_from_what_a_sealed_day_counted(void **state)
{
	static const char references[] =
		"SELECT coalesce(sum(rows), 0) FROM reference WHERE "
		"dictionary = 1";
	const uint32_t day = TODAY_S / STORE_DAY_S;
	struct fixture *f = *state;
	struct store_account first = f->account;

	commit_one(f, 1, TODAY_S);
	f->account.name[0] = 1;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_account_add(f->store, &f->account), 0);
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, 1, TODAY_S);
	commit_one(f, 2, TOMORROW);
	while (store_seal(f->folder) > 0)
		;
	assert_int_equal(number_in(f, day, references), 2);
	erase_everything(f);
	assert_int_equal(number_in(f, day, references), 1);
	assert_int_equal(
		number_in(f, day, "SELECT count(*) FROM rollup_endpoint"), 1);
	assert_int_equal(
		number_in(f, day, "SELECT count(*) FROM rollup_activity"), 1);
	assert_int_equal(store_seal(f->folder), 1); /* TOMORROW, over by now */
	assert_int_equal(store_seal(f->folder), 0);
	assert_int_equal(totals(f).addresses, 1);
	f->account = first;
	erase_everything(f);
	assert_int_equal(number_in(f, day, references), 0);
	assert_int_equal(totals(f).addresses, 0);
	assert_int_equal(totals(f).devices, 0);
}

/* Somebody reads while it is erased: no receipt before he has ended. */
static void an_erasure_is_not_over_while_its_log_is_read(void **state)
{
	struct store_erasure erasure = { .what = STORE_ERASE_EVERYTHING };
	struct fixture *f = *state;
	uint64_t rows;
	sqlite3 *db;

	commit_one(f, 1, TODAY_S);
	assert_int_equal(database_open_day(f->folder, TODAY_S / STORE_DAY_S,
					   DATABASE_READ, &db),
			 0);
	assert_int_equal(database_exec(db, "BEGIN; SELECT count(*) FROM flow"),
			 0);
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), ERR_BUSY);
	assert_int_equal(store_purge(f->store, TODAY_S, &rows), ERR_BUSY);
	assert_int_equal(totals(f).accounts, 1);
	assert_int_equal(database_exec(db, "COMMIT"), 0);
	sqlite3_close(db);
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_purge(f->store, TODAY_S, &rows), 0);
	assert_int_equal(totals(f).accounts, 0);
	assert_false(is_in_files(f, device_id, sizeof(device_id)));
	assert_false(is_in_files(f, remote, sizeof(remote)));
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* A seal holds a day for minutes: who has nothing there is erased meanwhile,
 * and who has is put off, before what is uploaded waits for long. */
static void an_erasure_does_not_wait_for_a_seal(void **state)
{
	struct store_erasure erasure = { .what = STORE_ERASE_EVERYTHING };
	struct fixture *f = *state;
	uint64_t rows, began_ms;
	sqlite3 *db;

	commit_one(f, 1, TODAY_S);
	f->account.name[0] = 1;
	assert_int_equal(store_begin(f->store, TOMORROW), 0);
	assert_int_equal(store_account_add(f->store, &f->account), 0);
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, 1, TOMORROW);
	assert_int_equal(store_purge(f->store, TODAY_S, &rows), 0);
	assert_int_equal(database_open_day(f->folder, TODAY_S / STORE_DAY_S,
					   DATABASE_WRITE, &db),
			 0);
	assert_int_equal(database_exec(db, "BEGIN IMMEDIATE"), 0);
	assert_int_equal(store_begin(f->store, TOMORROW), 0);
	began_ms = now_ms();
	assert_int_equal(store_erase(f->store, &erasure, &rows), ERR_BUSY);
	assert_true(now_ms() - began_ms < DATABASE_BUSY_MS);
	erasure.account_name[0] = 1;
	assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
	assert_int_equal(totals(f).accounts, 1);
	assert_int_equal(database_exec(db, "COMMIT"), 0);
	sqlite3_close(db);
	assert_int_equal(store_purge(f->store, TODAY_S, &rows), 0);
	assert_int_equal(totals(f).accounts, 0);
}

/* Uploads are read on other threads: one may be overtaken. */
static void what_a_delete_overtook_is_not_taken(void **state)
{
	struct store_erasure erasure = { .what = STORE_ERASE_DEVICE,
					 .until_segment = 1 };
	struct fixture *f = *state;
	uint64_t rows;

	memcpy(erasure.device_key, device_id, sizeof(device_id));
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), ERR_NOTFOUND);
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, 1, TODAY_S);
	assert_int_equal(totals(f).segments, 1);
	assert_int_equal(totals(f).devices, 0);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 0);
	commit_one(f, 2, TODAY_S);
	assert_int_equal(totals(f).devices, 1);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 1);
}

/* It could not be carried out at once: what comes until it is stays. */
static void an_erasure_that_was_put_off_takes_nothing_later(void **state)
{
	static const char endpoints[] = "SELECT count(*) FROM rollup_endpoint";
	struct store_erasure erasure = { .what = STORE_ERASE_DEVICE,
					 .until_segment = 1,
					 .until_s = TODAY_S };
	const uint32_t day = TODAY_S / STORE_DAY_S;
	struct fixture *f = *state;
	uint64_t rows;
	sqlite3 *db;

	memcpy(erasure.device_key, device_id, sizeof(device_id));
	commit_one(f, 1, TODAY_S);
	assert_int_equal(database_open_day(f->folder, day, DATABASE_READ, &db),
			 0);
	assert_int_equal(database_exec(db, "BEGIN; SELECT count(*) FROM flow"),
			 0);
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), ERR_BUSY);
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, 2, TODAY_S);
	assert_int_equal(database_exec(db, "COMMIT"), 0);
	sqlite3_close(db);
	commit_one(f, 3, TOMORROW);
	assert_int_equal(store_seal(f->folder), 1);
	assert_int_equal(store_begin(f->store, TOMORROW), 0);
	/* the device once more, up to the same segment, before it is over */
	assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
	assert_int_equal(store_purge(f->store, TODAY_S, &rows), 0);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 2);
	assert_int_equal(totals(f).devices, 1);
	assert_int_equal(totals(f).addresses, 1);
	assert_int_equal(store_seal(f->folder), 1);
	assert_int_equal(number_in(f, day, endpoints), 1);
	assert_int_equal(
		number_in(f, day, "SELECT windows FROM rollup_endpoint"), 1);
}

/* So that who is told of erased rows hears of these, and of no others. */
static void a_purge_tells_how_many_rows_it_erased(void **state)
{
	struct store_erasure erasure = { .what = STORE_ERASE_EVERYTHING };
	struct fixture *f = *state;
	uint64_t rows = 5;
	sqlite3 *db;

	commit_one(f, 1, TODAY_S);
	assert_int_equal(store_purge(f->store, TODAY_S, &rows), 0);
	assert_int_equal(rows, 0);
	commit_one(f, 2, TOMORROW);
	assert_int_equal(database_open_day(f->folder, TODAY_S / STORE_DAY_S,
					   DATABASE_WRITE, &db),
			 0);
	assert_int_equal(database_exec(db, "BEGIN IMMEDIATE"), 0);
	assert_int_equal(store_begin(f->store, TOMORROW), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), ERR_BUSY);
	assert_int_equal(database_exec(db, "COMMIT"), 0);
	sqlite3_close(db);
	assert_int_equal(store_purge(f->store, TODAY_S, &rows), 0);
	assert_int_equal(rows, 1);
	assert_int_equal(totals(f).accounts, 0);
}

/* A purge takes rows of a day, and it is sealed anew, while it is read: the
 * rows that are left have other numbers. */
static void sums_that_were_made_anew_are_not_read_on(void **state)
{
	struct fixture *f = *state;
	struct store_reader *reader;
	struct store_sums_row row;
	struct store_sums *sums;
	char why[STORE_WHY_BYTES];
	uint64_t rows;

	commit_one(f, 1, TODAY_S);
	f->consent.hash[0] = 1;
	f->consent.retention_days = 1000;
	f->account.name[0] = 1;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_consent_add(f->store, &f->consent), 0);
	assert_int_equal(store_account_add(f->store, &f->account), 0);
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, 1, TODAY_S);
	commit_one(f, 2, TOMORROW);
	assert_int_equal(store_seal(f->folder), 1);
	assert_int_equal(store_reader_open(f->folder, &reader, why), 0);
	assert_int_equal(
		store_sums_open(reader, STORE_SUMS_ENDPOINT, false, &sums), 0);
	assert_int_equal(store_sums_next(sums, &row), 1);
	store_sums_pause(sums);
	assert_int_equal(store_sums_next(sums, &row), 1);
	store_sums_pause(sums);
	assert_int_equal(store_begin(f->store, TODAY_S + 9 * STORE_DAY_S), 0);
	assert_int_equal(
		store_purge(f->store, TODAY_S + 9 * STORE_DAY_S, &rows), 0);
	assert_int_equal(rows, 1);
	assert_int_equal(store_seal(f->folder), 1);
	assert_int_equal(store_sums_next(sums, &row), ERR_IO);
	store_sums_close(sums);
	store_reader_close(reader);
}

static int upload_name_of(struct fixture *f, uint64_t number,
			  const uint8_t address[4], const char *host,
			  const char *source)
{
	const struct store_cell name_row[7] = {
		[0] = { STORE_CELL_NUMBER },
		[2] = { STORE_CELL_ADDRESS, 4, { .bytes = address } },
		[3] = { STORE_CELL_BYTES,
			(uint32_t)strlen(host),
			{ .bytes = (const uint8_t *)host } },
		[4] = { source ? STORE_CELL_BYTES : STORE_CELL_NONE,
			source ? (uint32_t)strlen(source) : 0,
			{ .bytes = (const uint8_t *)source } },
	};
	const struct store_segment segment = {
		.number = number,
		.end_s = 1767225600,
		.rows = { [SHAPE_DEVICE] = { device_row, 1 },
			  [SHAPE_NAME] = { name_row, 1 } },
	};
	return upload_segment(f, &segment);
}

static int upload_name(struct fixture *f, uint64_t number, const char *host)
{
	return upload_name_of(f, number, remote, host, NULL);
}

static void commit_name(struct fixture *f, uint64_t number, const char *host,
			uint64_t now_s)
{
	assert_int_equal(store_begin(f->store, now_s), 0);
	assert_int_equal(upload_name(f, number, host), 0);
	assert_int_equal(store_commit(f->store), 0);
}

/* One that others may be told. */
static void commit_dns(struct fixture *f, uint64_t number, const char *host,
		       uint64_t now_s)
{
	assert_int_equal(store_begin(f->store, now_s), 0);
	assert_int_equal(upload_name_of(f, number, remote, host, "dns"), 0);
	assert_int_equal(store_commit(f->store), 0);
}

#define DUE (TODAY_S + 2 * STORE_DAY_S) /* what came on TODAY_S */

/* One sealed day, and the open one, which refers to some of what that does. */
static void make_old_day(struct fixture *f)
{
	commit_one(f, 1, TODAY_S);
	commit_name(f, 2, "old.example", TODAY_S);
	commit_name(f, 3, "kept.example", TODAY_S);
	commit_name(f, 4, "kept.example", TOMORROW);
	assert_int_equal(store_seal(f->folder), 1);
}

static bool has_file(const struct fixture *f, uint32_t day)
{
	char name[DATABASE_DAY_BYTES], path[128];

	database_day_name(day, name);
	snprintf(path, sizeof(path), "%s/%s", f->folder, name);
	if (!access(path, F_OK))
		return true;
	snprintf(path, sizeof(path), "%s/%s.gone", f->folder, name);
	return !access(path, F_OK);
}

static void check_old_day_is_gone(const struct fixture *f)
{
	const uint32_t day = TODAY_S / STORE_DAY_S;
	int64_t left;

	assert_false(has_file(f, day));
	assert_int_equal(totals(f).days, 1);
	assert_int_equal(totals(f).texts, 1);
	assert_int_equal(totals(f).addresses, 1);
	assert_int_equal(totals(f).rows[SHAPE_NAME], 1);
	assert_false(is_in_files(f, "old.example", 11));
	assert_true(is_in_files(f, "kept.example", 12));
	assert_int_equal(database_number(f->store->main,
					 "SELECT (SELECT count(*) FROM "
					 "suspect) + (SELECT count(*) FROM day "
					 "WHERE state = 3)",
					 &left),
			 0);
	assert_int_equal(left, 0);
}

static void a_day_that_is_past_its_time_goes_with_its_file(void **state)
{
	struct fixture *f = *state;
	uint64_t rows;

	make_old_day(f);
	assert_int_equal(store_purge(f->store, DUE - 1, &rows), 0);
	assert_int_equal(rows, 0);
	assert_int_equal(store_purge(f->store, DUE, &rows), 0);
	assert_int_equal(rows, 3);
	check_old_day_is_gone(f);
}

/* Nobody finds it from then on, and who has it open is waited for. */
static void a_day_that_is_read_goes_when_that_ends(void **state)
{
	const uint32_t day = TODAY_S / STORE_DAY_S;
	struct fixture *f = *state;
	struct store_walk *walk;
	struct store_reader *reader;
	struct store_row row;
	char why[STORE_WHY_BYTES];
	uint64_t rows;

	make_old_day(f);
	assert_int_equal(store_reader_open(f->folder, &reader, why), 0);
	assert_int_equal(store_walk_open(reader, SHAPE_NAME, 0, &walk), 0);
	assert_int_equal(store_walk_next(walk, &row), 1);
	assert_int_equal(row.segment, 2);
	store_walk_pause(walk);
	assert_int_equal(store_purge(f->store, DUE, &rows), ERR_AGAIN);
	assert_int_equal(rows, 3);
	assert_int_equal(totals(f).days, 1);
	assert_true(has_file(f, day));
	assert_int_equal(store_walk_next(walk, &row), 1);
	assert_int_equal(row.segment, 4);
	store_walk_pause(walk);
	assert_int_equal(store_purge(f->store, DUE, &rows), 0);
	assert_int_equal(rows, 0);
	check_old_day_is_gone(f);
	store_walk_close(walk);
	store_reader_close(reader);
}

static void a_purge_goes_on_wherever_it_ended(void **state)
{
	struct fixture *f = *state;
	uint64_t rows = 0;
	int more = 1;

	make_old_day(f);
	for (unsigned most = 1; more; most++) {
		store_close(f->store);
		open_store(f, 0);
		more = 1;
		for (unsigned i = 0; i < most && more; i++) {
			more = store_purge_step(f->store, DUE, &rows);
			assert_true(more >= 0);
		}
	}
	check_old_day_is_gone(f);
}

/* An owner is told that all is gone only when it is. */
static void a_receipt_waits_for_days_that_are_past_their_time(void **state)
{
	const uint32_t day = TODAY_S / STORE_DAY_S;
	struct fixture *f = *state;
	uint64_t rows = 0;

	make_old_day(f);
	while (!rows)
		assert_int_equal(store_purge_step(f->store, DUE, &rows), 1);
	assert_true(has_file(f, day));
	erase_everything(f);
	assert_false(has_file(f, day));
	assert_int_equal(totals(f).texts, 0);
	assert_int_equal(store_purge(f->store, DUE, &rows), 0);
}

/* What is uploaded between two steps, whichever these are, may refer to what
 * nothing referred to when the purge looked. */
static void what_comes_while_it_is_purged_stays_whole(void **state)
{
	static const char broken[] =
		"SELECT count(*) FROM name n WHERE NOT EXISTS (SELECT 1 FROM "
		"main_db.text t WHERE t.id = n.name) OR NOT EXISTS (SELECT 1 "
		"FROM main_db.device d WHERE d.id = n.device)";
	struct fixture *f = *state;
	uint64_t number = 0;

	for (unsigned at = 0; at < 24; at++) {
		const uint64_t day_s = TODAY_S + at * 3ull * STORE_DAY_S;
		const uint64_t open_s = day_s + STORE_DAY_S;
		uint64_t rows = 0;
		int64_t found = -1;
		char host[32];
		sqlite3 *db;
		int more = 1;

		snprintf(host, sizeof(host), "host%u.example", at);
		commit_name(f, ++number, host, day_s);
		commit_one(f, ++number, open_s);
		while (at % 2 && store_seal(f->folder) > 0)
			;
		for (unsigned i = 0; more || i <= at / 2; i++) {
			if (i == at / 2)
				commit_name(f, ++number, host, open_s);
			if (more)
				more = store_purge_step(
					f->store, open_s + STORE_DAY_S, &rows);
			assert_true(more >= 0);
		}
		assert_true(rows > 0);
		assert_int_equal(
			database_open_day(f->folder,
					  (uint32_t)(open_s / STORE_DAY_S),
					  DATABASE_READ, &db),
			0);
		assert_int_equal(database_attach_main(db, f->folder), 0);
		assert_int_equal(database_number(db, broken, &found), 0);
		assert_int_equal(found, 0);
		sqlite3_close(db);
	}
}

/* More goes from the dictionaries than one step takes: what of it comes again
 * between two such steps stays. */
static void what_comes_again_before_it_is_dropped_stays(void **state)
{
	const unsigned count = 2 * STORE_STEP_ENTRIES + 10;
	struct fixture *f = *state;
	uint64_t rows = 0;
	char host[32] = "";
	int more = 1;

	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	for (unsigned i = 1; i <= count; i++) {
		snprintf(host, sizeof(host), "host%u.example", i);
		assert_int_equal(upload_name(f, i, host), 0);
	}
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, count + 1, TOMORROW);
	assert_int_equal(store_seal(f->folder), 1);
	while (more && totals(f).texts == count)
		more = store_purge_step(f->store, DUE, &rows);
	assert_int_equal(more, 1);
	assert_true(totals(f).texts > 0);
	commit_name(f, count + 2, host, TOMORROW);
	while (more > 0)
		more = store_purge_step(f->store, DUE, &rows);
	assert_int_equal(more, 0);
	assert_int_equal(rows, count);
	assert_int_equal(totals(f).texts, 1);
	assert_true(is_in_files(f, host, strlen(host)));
}

/* Two consents on a day: the one's rows go, in pieces. */
static void what_is_past_its_time_of_a_day_goes_in_steps(void **state)
{
	const unsigned count = STORE_STEP_SEGMENTS + 100;
	struct fixture *f = *state;
	struct store_consent longer = f->consent;
	uint64_t rows = 0, before;
	unsigned steps = 0;
	int more = 1;

	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	for (unsigned i = 1; i <= count; i++)
		assert_int_equal(upload(f, i), 0);
	assert_int_equal(store_commit(f->store), 0);
	longer.hash[0] ^= 1;
	longer.retention_days = 100;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_consent_add(f->store, &longer), 0);
	f->consent.id = longer.id;
	assert_int_equal(upload(f, count + 1), 0);
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, count + 2, TOMORROW);
	assert_int_equal(store_seal(f->folder), 1);
	/* else each step would read all segments */
	assert_int_equal(number_in(f, TODAY_S / STORE_DAY_S,
				   "SELECT count(*) FROM pragma_index_info("
				   "'segment_consent') WHERE name = 'consent'"),
			 1);
	while (more) {
		before = rows;
		more = store_purge_step(f->store, DUE, &rows);
		assert_true(more >= 0);
		assert_true(rows - before <= STORE_STEP_SEGMENTS);
		steps += rows > before;
	}
	assert_int_equal(steps, 2);
	assert_int_equal(rows, count);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 2);
	assert_int_equal(totals(f).segments, 2);
	assert_int_equal(store_seal(f->folder), 1);
}

/* Of two homes on a day the one's consent keeps less: neither that it was there
 * nor when is told by what stays of the day. */
static void who_went_left_nothing_in_a_day_that_others_keep(void **state)
{
	static const uint8_t end[] = { 0x5a, 0x5a, 0x5a, 0x5a };
	static const char active[] = "SELECT count(*) FROM active";
	static const char accepted[] = "SELECT count(*) FROM accepted";
	const struct store_segment segment = {
		.number = 1,
		.end_s = 0x5a5a5a5a,
		.rows = { [SHAPE_DEVICE] = { device_row, 1 },
			  [SHAPE_FLOW] = { flow_row, 1 } },
	};
	const uint32_t day = TODAY_S / STORE_DAY_S;
	struct fixture *f = *state;
	uint64_t rows;

	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(upload_segment(f, &segment), 0);
	f->consent.hash[0] ^= 1;
	f->consent.retention_days = 100;
	assert_int_equal(store_consent_add(f->store, &f->consent), 0);
	f->account.name[0] = 1;
	f->account.consent = f->consent.id;
	assert_int_equal(store_account_add(f->store, &f->account), 0);
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, 1, TODAY_S);
	commit_one(f, 2, TOMORROW);
	assert_int_equal(number_in(f, day, active), 3);
	assert_int_equal(number_in(f, day, accepted), 2);
	assert_true(is_in_files(f, end, sizeof(end)));
	assert_int_equal(store_seal(f->folder), 1);
	assert_int_equal(store_purge(f->store, DUE, &rows), 0);
	assert_int_equal(rows, 1);
	assert_int_equal(totals(f).accounts, 1);
	assert_int_equal(number_in(f, day, active), 0);
	assert_int_equal(number_in(f, day, accepted), 0);
	assert_false(is_in_files(f, end, sizeof(end)));
	/* whose rows stay has none of it taken twice */
	commit_one(f, 1, TOMORROW);
	assert_int_equal(totals(f).segments, 2);
	while (store_seal(f->folder) > 0)
		;
	erase_everything(f);
	assert_int_equal(totals(f).segments, 0);
}

/* What a day counted may be as much as its rows: it goes in steps, too, and is
 * made anew of what stays. */
static void what_a_day_counted_goes_in_steps(void **state)
{
	static const char left[] = "SELECT count(*) FROM sqlite_master WHERE "
				   "name LIKE 'aside%'";
	const uint32_t day = TODAY_S / STORE_DAY_S;
	const unsigned count = STORE_STEP_ROWS + 100;
	struct fixture *f = *state;
	uint64_t rows = 0;
	unsigned steps = 0;
	char host[32];
	int more = 1;

	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	for (unsigned i = 1; i <= count; i++) {
		snprintf(host, sizeof(host), "host%u.example", i);
		assert_int_equal(upload_name(f, i, host), 0);
	}
	f->consent.hash[0] ^= 1;
	f->consent.retention_days = 100;
	assert_int_equal(store_consent_add(f->store, &f->consent), 0);
	assert_int_equal(upload_name(f, count + 1, "kept.example"), 0);
	assert_int_equal(store_commit(f->store), 0);
	commit_one(f, count + 2, TOMORROW);
	assert_int_equal(store_seal(f->folder), 1);
	while (!rows) {
		assert_int_equal(store_purge_step(f->store, DUE, &rows), 1);
		steps++;
	}
	/* begun, put aside, 5,103 references and 5,101 names in two each */
	assert_true(steps >= 6);
	while (more > 0)
		more = store_purge_step(f->store, DUE, &rows);
	assert_int_equal(more, 0);
	assert_int_equal(rows, count);
	assert_int_equal(number_in(f, day, left), 0);
	assert_int_equal(totals(f).texts, 1);
	assert_int_equal(store_seal(f->folder), 1);
	assert_int_equal(number_in(f, day, "SELECT count(*) FROM rollup_name"),
			 1);
}

/* What is there already is not read again; a day that turns is seen. */
static void a_crowd_is_renewed_by_what_came_since(void **state)
{
	const struct store_crowd_options options = { .least_accounts = 1,
						     .least_days = 1,
						     .days = 60 };
	struct fixture *f = *state;
	char name[STORE_NAME_BYTES];
	struct store_crowd *crowd;
	uint32_t homes;

	commit_dns(f, 1, "one.example", TODAY_S);
	assert_int_equal(store_crowd_make(f->folder, &options, &crowd), 0);
	assert_int_equal(store_crowd_name(crowd, remote, 4, name, &homes), 0);
	assert_string_equal(name, "one.example");
	assert_int_equal(store_crowd_renew(crowd, f->folder), 0);
	/* another home has another name: now neither is of most */
	f->account.name[0] = 1;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_account_add(f->store, &f->account), 0);
	assert_int_equal(store_commit(f->store), 0);
	commit_dns(f, 1, "two.example", TODAY_S);
	assert_int_equal(store_crowd_renew(crowd, f->folder), 0);
	assert_int_equal(store_crowd_name(crowd, remote, 4, name, &homes),
			 ERR_NOTFOUND);
	commit_dns(f, 2, "two.example", TOMORROW);
	assert_int_equal(store_crowd_renew(crowd, f->folder), ERR_NOTFOUND);
	store_crowd_free(crowd);
}

/* Cut in the midst of a letter it would spoil the reply that it is in. */
static void a_name_that_is_too_long_for_one_is_not_told(void **state)
{
	const struct store_crowd_options options = { .least_accounts = 1,
						     .least_days = 1,
						     .days = 60 };
	char host[STORE_NAME_BYTES + 1], name[STORE_NAME_BYTES];
	struct fixture *f = *state;
	struct store_crowd *crowd;
	uint32_t homes;

	memset(host, 'a', sizeof(host));
	host[STORE_NAME_BYTES] = '\0';
	commit_dns(f, 1, host, TODAY_S);
	assert_int_equal(store_crowd_make(f->folder, &options, &crowd), 0);
	assert_int_equal(store_crowd_name(crowd, remote, 4, name, &homes),
			 ERR_NOTFOUND);
	store_crowd_free(crowd);
}

/* The crowd of a sealed day and that of its rows are the same. */
static void a_crowd_of_sealed_days_knows_what_their_rows_did(void **state)
{
	const struct store_crowd_options options = { .least_accounts = 1,
						     .least_days = 2,
						     .days = 60 };
	struct fixture *f = *state;
	char name[STORE_NAME_BYTES];
	struct store_crowd *crowd;
	uint32_t homes;

	commit_dns(f, 1, "one.example", TODAY_S);
	commit_one(f, 2, TOMORROW);
	for (int sealed = 0; sealed < 2; sealed++) {
		assert_int_equal(store_crowd_make(f->folder, &options, &crowd),
				 0);
		assert_int_equal(
			store_crowd_name(crowd, remote, 4, name, &homes), 0);
		assert_string_equal(name, "one.example");
		store_crowd_free(crowd);
		assert_int_equal(store_seal(f->folder), !sealed);
	}
}

static void add_account(struct fixture *f, const char *name, uint64_t now_s)
{
	memset(f->account.name, 0, sizeof(f->account.name));
	memcpy(f->account.name, name, strlen(name));
	assert_int_equal(store_begin(f->store, now_s), 0);
	assert_int_equal(store_account_add(f->store, &f->account), 0);
	assert_int_equal(store_commit(f->store), 0);
}

static void commit_device(struct fixture *f, uint64_t number, uint64_t now_s)
{
	const struct store_segment segment = {
		.number = number,
		.end_s = 1767225600,
		.rows = { [SHAPE_DEVICE] = { device_row, 1 } },
	};

	assert_int_equal(store_begin(f->store, now_s), 0);
	assert_int_equal(upload_segment(f, &segment), 0);
	assert_int_equal(store_commit(f->store), 0);
}

/* A home named a device, of which it sent nothing, and was not heard of any
 * more: neither outlives what it could have sent then. */
static void who_was_not_seen_for_as_long_goes(void **state)
{
	static const char idle[] = "an idle account";
	struct fixture *f = *state;
	struct store_account other = f->account;
	uint64_t rows;

	add_account(f, idle, TODAY_S);
	commit_device(f, 1, TODAY_S);
	f->account = other;
	commit_one(f, 1, TODAY_S);
	commit_device(f, 2, TOMORROW);
	assert_int_equal(store_purge(f->store, DUE - 1, &rows), 0);
	assert_int_equal(totals(f).devices, 2);
	assert_int_equal(store_purge(f->store, DUE, &rows), 0);
	assert_int_equal(totals(f).devices, 1);
	assert_int_equal(totals(f).accounts, 1);
	assert_false(is_in_files(f, idle, sizeof(idle)));
	assert_true(is_in_files(f, device_id, sizeof(device_id)));
	assert_int_equal(store_begin(f->store, DUE + STORE_DAY_S), 0);
	assert_int_equal(store_purge(f->store, DUE + STORE_DAY_S, &rows), 0);
	assert_int_equal(totals(f).devices, 0);
	assert_false(is_in_files(f, device_id, sizeof(device_id)));
	/* its segment is not new when it returns */
	add_account(f, idle, DUE + 9 * STORE_DAY_S);
	commit_one(f, 1, DUE + 9 * STORE_DAY_S);
	commit_one(f, 2, DUE + 9 * STORE_DAY_S);
	assert_int_equal(totals(f).accounts, 1);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 1);
	/* nor later, when it goes once more */
	assert_int_equal(store_begin(f->store, DUE + 99 * STORE_DAY_S), 0);
	assert_int_equal(store_purge(f->store, DUE + 99 * STORE_DAY_S, &rows),
			 0);
	assert_int_equal(totals(f).accounts, 0);
	add_account(f, idle, DUE + 99 * STORE_DAY_S);
	commit_one(f, 1, DUE + 99 * STORE_DAY_S);
	commit_one(f, 2, DUE + 99 * STORE_DAY_S);
	commit_one(f, 3, DUE + 99 * STORE_DAY_S);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 1);
}

/* It agreed to a text that keeps less; what it sent before is kept longer. */
static void who_has_rows_that_are_kept_longer_stays(void **state)
{
	struct fixture *f = *state;
	struct store_consent longer = f->consent;
	const int64_t shorter = f->consent.id;
	uint64_t rows;

	longer.hash[0] ^= 1;
	longer.retention_days = 100;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_consent_add(f->store, &longer), 0);
	assert_int_equal(store_commit(f->store), 0);
	for (int sealed = 0; sealed < 2; sealed++) {
		const uint64_t at_s = TODAY_S + sealed * 10ull * STORE_DAY_S;

		add_account(f, sealed ? "sealed" : "not", at_s);
		f->consent.id = longer.id;
		commit_one(f, 1, at_s);
		f->consent.id = shorter;
		commit_device(f, 2, at_s);
		assert_int_equal(store_begin(f->store, at_s + 5 * STORE_DAY_S),
				 0);
		while (sealed && store_seal(f->folder) > 0)
			;
		assert_int_equal(store_purge(f->store, at_s + 5 * STORE_DAY_S,
					     &rows),
				 0);
		assert_int_equal(totals(f).devices, 1 + sealed);
		assert_int_equal(totals(f).accounts, 1 + sealed);
		assert_int_equal(totals(f).rows[SHAPE_FLOW], 1 + sealed);
	}
	assert_int_equal(
		store_purge(f->store, TODAY_S + 200 * STORE_DAY_S, &rows), 0);
	assert_int_equal(totals(f).devices, 0);
	assert_int_equal(totals(f).accounts, 0);
}

/* Between the making of a day's tables and its being called sealed a purge
 * drops them: it is sealed anew, and not called so without. */
static void a_day_that_lost_its_tables_is_not_called_sealed(void **state)
{
	const uint32_t day = TODAY_S / STORE_DAY_S;
	struct fixture *f = *state;
	const int64_t shorter = f->consent.id;
	uint64_t rows;
	int64_t sealed;

	commit_one(f, 1, TODAY_S);
	f->consent.hash[0] ^= 1;
	f->consent.retention_days = 100;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_consent_add(f->store, &f->consent), 0);
	assert_int_equal(store_commit(f->store), 0);
	assert_true(f->consent.id != shorter);
	commit_one(f, 2, TODAY_S);
	commit_one(f, 3, TOMORROW);
	assert_int_equal(store_seal_rows(f->folder, day), 0);
	assert_int_equal(store_purge(f->store, DUE, &rows), 0);
	assert_int_equal(rows, 1);
	assert_int_equal(store_seal_mark(f->folder, day), 0);
	assert_int_equal(database_number(f->store->main,
					 "SELECT count(*) FROM day WHERE "
					 "state = 2",
					 &sealed),
			 0);
	assert_int_equal(sealed, 0);
	assert_int_equal(store_seal(f->folder), 1);
	assert_int_equal(number_in(f, day,
				   "SELECT sum(windows) FROM rollup_endpoint"),
			 1);
}

/* A text goes while the crowd has its number; the next that comes is not told
 * by its name. */
static void a_text_that_went_does_not_stand_for_another(void **state)
{
	const struct store_crowd_options options = { .least_accounts = 1,
						     .least_days = 1,
						     .days = 60 };
	struct store_erasure erasure = { .what = STORE_ERASE_NAMES };
	static const uint8_t elsewhere[4] = { 203, 0, 113, 9 };
	struct fixture *f = *state;
	char name[STORE_NAME_BYTES];
	struct store_crowd *crowd;
	uint32_t homes;
	uint64_t rows;

	commit_dns(f, 1, "old.example", TODAY_S);
	assert_int_equal(store_crowd_make(f->folder, &options, &crowd), 0);
	erasure.until_segment = 1;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
	assert_int_equal(upload_name_of(f, 2, elsewhere, "new.example", "dns"),
			 0);
	assert_int_equal(store_commit(f->store), 0);
	assert_int_equal(store_crowd_renew(crowd, f->folder), 0);
	assert_int_equal(store_crowd_name(crowd, elsewhere, 4, name, &homes),
			 0);
	assert_string_equal(name, "new.example");
	store_crowd_free(crowd);
}

/* By number first, and then all that was observed until then. */
static void a_tombstone_keeps_out_by_number_and_by_time(void **state)
{
	struct store_erasure erasure = { .what = STORE_ERASE_DEVICE,
					 .until_s = 1767225600,
					 .until_segment = 1 };
	struct fixture *f = *state;
	uint64_t rows;

	memcpy(erasure.device_key, device_id, sizeof(device_id));
	commit_one(f, 1, TODAY_S);
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
	/* a later segment comes by number, whatever its clock says */
	commit_one(f, 2, TODAY_S);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 1);
	erasure.until_segment = 0;
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
	commit_one(f, 3, TODAY_S);
	assert_int_equal(totals(f).rows[SHAPE_FLOW], 0);
	assert_int_equal(totals(f).devices, 0);
}

/* Who copies the store hears of everything that went meanwhile. */
static void whatever_is_erased_is_counted(void **state)
{
	struct store_erasure erasure = { .what = STORE_ERASE_DEVICE,
					 .until_s = 1767225600 };
	struct fixture *f = *state;
	int64_t before, after;
	uint64_t rows;

	memcpy(erasure.device_key, device_id, sizeof(device_id));
	for (erasure.until_segment = 1; erasure.until_segment <= 2;
	     erasure.until_segment++) {
		commit_one(f, erasure.until_segment, TODAY_S);
		assert_int_equal(store_erasures_counted(f->folder, &before), 0);
		assert_int_equal(store_begin(f->store, TODAY_S), 0);
		assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
		assert_int_equal(store_erasures_counted(f->folder, &after), 0);
		assert_true(after > before);
	}
	commit_name(f, 3, "old.example", TODAY_S);
	commit_one(f, 4, TOMORROW);
	before = after;
	assert_int_equal(store_purge(f->store, DUE, &rows), 0);
	assert_int_equal(store_erasures_counted(f->folder, &after), 0);
	assert_true(after > before);
	before = after;
	assert_int_equal(store_purge(f->store, DUE, &rows), 0);
	assert_int_equal(store_erasures_counted(f->folder, &after), 0);
	assert_int_equal(after, before);
}

#define HOMES	3
#define MANY	400
#define DEVICES 2

/* Homes whose clocks go back, too, and what they erase. */
struct random_homes {
	struct store_account accounts[HOMES];
	uint64_t numbers[HOMES];
	unsigned seed;
};

static unsigned draw(struct random_homes *r, unsigned below)
{
	r->seed = r->seed * 1103515245u + 12345u;
	return (r->seed >> 16) % below;
}

static void upload_some(struct fixture *f, struct random_homes *r,
			unsigned home)
{
	uint8_t keys[DEVICES][STORE_DEVICE_BYTES] = { { 1 }, { 2 } };
	struct store_cell devices[3 * DEVICES] = { 0 }, flows[11 * DEVICES];
	const unsigned count = draw(r, DEVICES + 1);
	struct store_segment segment = {
		.number = ++r->numbers[home],
		.end_s = 1767225600 + 5 * (uint32_t)r->numbers[home] -
			 5 * (draw(r, 20) ? 0 : draw(r, 9)),
		.rows = { [SHAPE_DEVICE] = { devices, DEVICES },
			  [SHAPE_FLOW] = { flows, count } },
	};

	for (unsigned i = 0; i < DEVICES; i++) {
		devices[3 * i] = (struct store_cell){ STORE_CELL_BYTES,
						      STORE_DEVICE_BYTES,
						      { .bytes = keys[i] } };
		memcpy(&flows[11 * (size_t)i], flow_row, sizeof(flow_row));
		flows[11 * (size_t)i].number = draw(r, DEVICES);
	}
	f->account = r->accounts[home];
	assert_int_equal(upload_segment(f, &segment), 0);
}

static void erase_some(struct fixture *f, struct random_homes *r, unsigned home,
		       uint64_t now_s)
{
	struct store_erasure erasure = {
		.what = (enum store_erase_what)draw(r, 3),
		.until_s = 1,
		.until_segment = draw(r, 2) ? 0 : 1 + draw(r, 40),
		.device_key = { 1 },
	};
	uint64_t rows;
	int err;

	memcpy(erasure.account_name, r->accounts[home].name,
	       sizeof(erasure.account_name));
	assert_int_equal(store_begin(f->store, now_s), 0);
	err = store_erase(f->store, &erasure, &rows);
	assert_true(!err || err == ERR_NOTFOUND);
	assert_int_equal(store_commit(f->store), 0);
	if (err || erasure.what != STORE_ERASE_EVERYTHING)
		return;
	assert_int_equal(store_begin(f->store, now_s), 0);
	assert_int_equal(store_account_add(f->store, &r->accounts[home]), 0);
	assert_int_equal(store_commit(f->store), 0);
}

/* As a program that did not count left it. */
static void forget_counts(struct fixture *f, uint64_t now_s)
{
	sqlite3 *db;

	store_close(f->store);
	assert_int_equal(database_open_day(f->folder,
					   (uint32_t)(now_s / STORE_DAY_S),
					   DATABASE_WRITE, &db),
			 0);
	assert_int_equal(database_exec(db,
				       "DELETE FROM tally; DELETE FROM active;"
				       "UPDATE accepted SET windows = NULL, "
				       "first_s = NULL, last_s = NULL"),
			 0);
	sqlite3_close(db);
	open_store(f, 0);
}

/* What the open day counts as it comes is what its rows come to, after whatever
 * was erased, whoever came again, and also where the program began anew. */
static void what_a_day_counts_is_what_it_has(void **state)
{
	struct fixture *f = *state;
	struct random_homes r = { .seed = 1 };
	uint64_t now_s = TODAY_S;

	for (unsigned i = 0; i < HOMES; i++) {
		add_account(f,
			    i == 0   ? "one"
			    : i == 1 ? "two"
				     : "three",
			    now_s);
		r.accounts[i] = f->account;
	}
	for (unsigned at = 1; at <= MANY; at++) {
		assert_int_equal(store_begin(f->store, now_s), 0);
		for (unsigned i = draw(&r, 4); i < 4; i++)
			upload_some(f, &r, draw(&r, HOMES));
		if (draw(&r, 10))
			assert_int_equal(store_commit(f->store), 0);
		else
			store_rollback(f->store);
		if (at % 20 == 0)
			erase_some(f, &r, draw(&r, HOMES), now_s);
		if (at % 30 == 0) {
			store_close(f->store);
			open_store(f, 0);
		}
		if (at % 90 == 0)
			now_s += STORE_DAY_S;
		if (at % 150 == 0)
			assert_true(store_seal(f->folder) >= 0);
		if (at == 330)
			forget_counts(f, now_s);
		if (at % 10 == 0)
			check_counts(f);
	}
}

/* Of a child process: its folder is a disk of so many bytes, which nobody else
 * sees. False: that is not allowed here. */
static bool mount_disk(const char *folder, const char *size)
{
	char options[64];

	snprintf(options, sizeof(options), "size=%s", size);
	return (!unshare(CLONE_NEWNS) ||
		!unshare(CLONE_NEWUSER | CLONE_NEWNS)) &&
	       !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) &&
	       !mount("tmpfs", folder, "tmpfs", 0, options);
}

/* Takes what is left of the disk. */
static void fill_disk(const struct fixture *f)
{
	static const char zeros[512];
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/filler", f->folder);
	file = fopen(path, "w");
	assert_non_null(file);
	setbuf(file, NULL);
	while (fwrite(zeros, 1, sizeof(zeros), file) == sizeof(zeros))
		;
	fclose(file);
}

static void erase_on_a_full_disk(struct fixture *f)
{
	const struct store_options options = { .seed = 5,
					       .reserve_bytes = 4 << 20 };
	struct store_erasure erasure = { .what = STORE_ERASE_NAMES };
	char why[STORE_WHY_BYTES], host[32];
	uint64_t rows = 0;

	assert_int_equal(store_open(f->folder, &options, &f->store, why), 0);
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_consent_add(f->store, &f->consent), 0);
	f->account.consent = f->consent.id;
	assert_int_equal(store_account_add(f->store, &f->account), 0);
	for (unsigned i = 1; i <= 2 * STORE_STEP_SEGMENTS + 100; i++) {
		snprintf(host, sizeof(host), "host%u.example", i);
		assert_int_equal(upload_name(f, i, host), 0);
	}
	assert_int_equal(store_commit(f->store), 0);
	fill_disk(f);
	/* as much as a commit writes is not there any more */
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(upload_name(f, 10000, "late.example"), 0);
	assert_int_equal(store_commit(f->store), ERR_IO);
	assert_true(store_is_full(f->store));
	assert_int_equal(store_begin(f->store, TODAY_S), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
	assert_int_equal(rows, 2 * STORE_STEP_SEGMENTS + 100);
	assert_false(is_in_files(f, "host7.example", 13));
	assert_int_equal(totals(f).texts, 0);
	/* and once more: the room was taken for it again */
	fill_disk(f);
	erasure.what = STORE_ERASE_EVERYTHING;
	assert_int_equal(store_begin(f->store, TOMORROW), 0);
	assert_int_equal(store_erase(f->store, &erasure, &rows), 0);
	assert_int_equal(totals(f).segments, 0);
	assert_int_equal(totals(f).accounts, 0);
	assert_false(is_in_files(f, device_id, sizeof(device_id)));
	store_close(f->store);
}

/* Where there is no room for an upload there is some for what takes none in the
 * end. */
static void an_owner_can_erase_on_a_full_disk(void **state)
{
	struct fixture *f = *state;
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		if (!mount_disk(f->folder, "32m"))
			_exit(77);
		erase_on_a_full_disk(f);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip();
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
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
		TEST(what_the_day_did_not_take_leaves_nothing),
		TEST(an_end_between_both_commits_leaves_nothing),
		TEST(a_home_with_too_many_devices_leaves_none_of_them),
		TEST(an_erasure_is_taken_from_what_a_sealed_day_counted),
		TEST(an_erasure_is_not_over_while_its_log_is_read),
		TEST(an_erasure_does_not_wait_for_a_seal),
		TEST(what_a_delete_overtook_is_not_taken),
		TEST(an_erasure_that_was_put_off_takes_nothing_later),
		TEST(a_purge_tells_how_many_rows_it_erased),
		TEST(sums_that_were_made_anew_are_not_read_on),
		TEST(a_day_that_is_past_its_time_goes_with_its_file),
		TEST(a_day_that_is_read_goes_when_that_ends),
		TEST(a_purge_goes_on_wherever_it_ended),
		TEST(a_receipt_waits_for_days_that_are_past_their_time),
		TEST(what_comes_while_it_is_purged_stays_whole),
		TEST(what_comes_again_before_it_is_dropped_stays),
		TEST(what_is_past_its_time_of_a_day_goes_in_steps),
		TEST(who_went_left_nothing_in_a_day_that_others_keep),
		TEST(what_a_day_counted_goes_in_steps),
		TEST(a_crowd_is_renewed_by_what_came_since),
		TEST(a_name_that_is_too_long_for_one_is_not_told),
		TEST(a_crowd_of_sealed_days_knows_what_their_rows_did),
		TEST(an_owner_can_erase_on_a_full_disk),
		TEST(who_was_not_seen_for_as_long_goes),
		TEST(who_has_rows_that_are_kept_longer_stays),
		TEST(a_day_that_lost_its_tables_is_not_called_sealed),
		TEST(a_text_that_went_does_not_stand_for_another),
		TEST(a_tombstone_keeps_out_by_number_and_by_time),
		TEST(whatever_is_erased_is_counted),
		TEST(what_a_day_counts_is_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

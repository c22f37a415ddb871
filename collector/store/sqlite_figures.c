// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "base/table.h"
#include "collector/store/reader.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"

#define WINDOW_S 5
/* Accounts and devices of which something is added up over the days; a
 * collector of a million homes has fewer. */
#define COUNTED_MAX (1u << 24)

/** As a row has it: numbers of texts. */
struct label {
	int64_t name, category, vendor, source;
};

struct reading {
	struct store_reader *reader;
	struct table accounts; /* int64_t -> uint64_t: windows of all days */
	struct table labelled; /* int64_t: devices -> struct label, the last */
	/* windows of each account, of the day or of all */
	uint64_t *windows;
	size_t count, room;
};

static int add_windows(struct reading *r, uint64_t windows)
{
	size_t room = r->room ? 2 * r->room : 1024;
	uint64_t *grown;

	if (r->count == r->room) {
		grown = realloc(r->windows, room * sizeof(*grown));
		if (!grown)
			return ERR_NOMEM;
		r->windows = grown;
		r->room = room;
	}
	r->windows[r->count++] = windows;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

/* What was added, which is forgotten. */
static struct store_spans sum_up(struct reading *r)
{
	struct store_spans out = { .accounts = r->count };

	if (r->count) {
		qsort(r->windows, r->count, sizeof(*r->windows), by_size);
		out.median_s = WINDOW_S * r->windows[(r->count - 1) / 2];
		out.p90_s = WINDOW_S * r->windows[(r->count - 1) * 9 / 10];
	}
	for (size_t i = 0; i < r->count; i++)
		out.total_s += WINDOW_S * r->windows[i];
	r->count = 0;
	return out;
}

static int add_account(struct reading *r, sqlite3_stmt *row,
		       struct store_day_figures *day)
{
	int64_t account = sqlite3_column_int64(row, 0);
	uint64_t windows = (uint64_t)sqlite3_column_int64(row, 1);
	uint64_t *all = table_get(&r->accounts, &account, NULL);

	if (!all)
		return ERR_NOMEM;
	*all += windows;
	day->devices += (uint64_t)sqlite3_column_int64(row, 2);
	day->fresh += sqlite3_column_int64(row, 3) == day->day;
	return add_windows(r, windows);
}

static int add_activity(struct reading *r, sqlite3 *db,
			struct store_day_figures *day)
{
	char source[ROLLUP_SQL_BYTES], sql[ROLLUP_SQL_BYTES + 160];
	sqlite3_stmt *stmt = NULL;
	int rc = SQLITE_ERROR;
	int err = rollup_source(db, "main", ROLLUP_ACTIVITY, source);

	if (err)
		return err;
	snprintf(sql, sizeof(sql),
		 "SELECT r.account, r.windows, r.devices, a.made_s / %u FROM "
		 "(%s) r JOIN main_db.account a ON a.id = r.account",
		 STORE_DAY_S, source);
	if (!database_ready(db, &stmt, sql, ""))
		while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
			err = add_account(r, stmt, day);
	sqlite3_finalize(stmt);
	if (!err && rc != SQLITE_DONE)
		err = ERR_IO;
	day->inspected = sum_up(r);
	return err;
}

/* One that says what the last of its device said was sent again, and is none:
 * homes do so where they do not know whether it came. */
static int add_label(struct reading *r, sqlite3_stmt *row,
		     struct store_day_figures *day)
{
	const int64_t device = sqlite3_column_int64(row, 0);
	const struct label label = {
		.name = sqlite3_column_int64(row, 1),
		.category = sqlite3_column_int64(row, 2),
		.vendor = sqlite3_column_int64(row, 3),
		.source = sqlite3_column_int64(row, 4),
	};
	bool fresh;
	struct label *last = table_get(&r->labelled, &device, &fresh);

	if (!last)
		return ERR_NOMEM;
	day->labels += fresh || memcmp(last, &label, sizeof(label)) != 0;
	*last = label;
	return 0;
}

static int add_labels(struct reading *r, sqlite3 *db,
		      struct store_day_figures *day)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0, rc = SQLITE_ERROR;

	if (!database_ready(db, &stmt,
			    "SELECT device, name, category, vendor, source "
			    "FROM label ORDER BY id",
			    ""))
		while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
			err = add_label(r, stmt, day);
	sqlite3_finalize(stmt);
	return err ? err : rc == SQLITE_DONE ? 0 : ERR_IO;
}

static int read_day(struct reading *r, struct store_day_figures *day)
{
	sqlite3 *db;
	int err = reader_open_day(r->reader, day->day, &db);

	if (err)
		return err;
	/* where rows are read, what is sorted may be more than the memory; it
	 * is numbers alone */
	if (!day->sealed)
		err = database_exec(db, "PRAGMA temp_store = FILE");
	if (!err)
		err = add_activity(r, db, day);
	if (!err)
		err = add_labels(r, db, day);
	sqlite3_close(db);
	return err;
}

static int is_sealed(struct store_reader *r, uint32_t day, bool *out)
{
	sqlite3_stmt *stmt = NULL;
	int err = database_ready(r->main, &stmt,
				 "SELECT state FROM day WHERE day = ?", "i",
				 (int64_t)day);

	if (!err)
		err = database_row(stmt);
	if (!err)
		*out = sqlite3_column_int(stmt, 0) == STORE_DAY_SEALED;
	sqlite3_finalize(stmt);
	return err;
}

static int read_days(struct reading *r,
		     int (*take)(void *user,
				 const struct store_day_figures *day),
		     void *user)
{
	uint32_t *days;
	size_t count;
	int err = database_days(r->reader->main, &days, &count);

	if (err)
		return err;
	for (size_t i = 0; i < count && !err; i++) {
		struct store_day_figures day = { .day = days[i] };

		err = is_sealed(r->reader, days[i], &day.sealed);
		if (!err)
			err = read_day(r, &day);
		if (!err)
			err = take(user, &day);
		else if (err == ERR_NOTFOUND) /* purged meanwhile */
			err = 0;
	}
	free(days);
	return err;
}

static int count_main(sqlite3 *main, const char *sql, uint64_t *out)
{
	int64_t number;
	int err = database_number(main, sql, &number);

	if (!err)
		*out = (uint64_t)number;
	return err;
}

/* When something was last written: to a day's file, or its log. */
static void read_written(const char *folder, uint32_t day,
			 struct store_figures *out)
{
	static const char *const endings[] = { "", "-wal" };
	char name[DATABASE_DAY_BYTES], path[PATH_MAX];
	struct stat st;

	database_day_name(day, name);
	for (int i = 0; i < 2; i++) {
		if (snprintf(path, sizeof(path), "%s/%s%s", folder, name,
			     endings[i]) >= (int)sizeof(path) ||
		    stat(path, &st))
			continue;
		if ((uint64_t)st.st_mtime > out->written_s)
			out->written_s = (uint64_t)st.st_mtime;
	}
}

static int read_health(struct store_reader *r, struct store_figures *out)
{
	struct statvfs disk;
	uint64_t newest = 0;
	char unsealed[80];
	int err;

	snprintf(unsealed, sizeof(unsealed),
		 "SELECT count(*) FROM day WHERE state = %d", STORE_DAY_CLOSED);
	err = count_main(r->main, unsealed, &out->unsealed);
	if (!err)
		err = count_main(r->main, "SELECT count(*) FROM erasure",
				 &out->erasures);
	if (!err)
		err = count_main(r->main,
				 "SELECT count(*) FROM device WHERE watched",
				 &out->watched);
	if (!err)
		err = count_main(r->main,
				 "SELECT coalesce(max(day), 0) FROM day",
				 &newest);
	if (!err && statvfs(r->folder, &disk))
		err = ERR_IO;
	if (err)
		return err;
	out->free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
	read_written(r->folder, (uint32_t)newest, out);
	return 0;
}

static int add_up(struct reading *r, struct store_figures *out)
{
	const uint64_t *windows;
	uint32_t at = 0;
	int err = 0;

	while (!err && (windows = table_next(&r->accounts, &at, NULL)))
		err = add_windows(r, *windows);
	out->inspected = sum_up(r);
	out->labelled = r->labelled.count;
	return err;
}

int store_figures(struct store_reader *reader,
		  int (*take)(void *user, const struct store_day_figures *day),
		  void *user, struct store_figures *out)
{
	struct reading r = { .reader = reader };
	struct store_figures figures = { 0 };
	int err;

	table_init(&r.accounts, sizeof(int64_t), sizeof(uint64_t), COUNTED_MAX,
		   0);
	table_init(&r.labelled, sizeof(int64_t), sizeof(struct label),
		   COUNTED_MAX, 0);
	err = read_days(&r, take, user);
	if (!err)
		err = add_up(&r, &figures);
	if (!err)
		err = read_health(reader, &figures);
	if (!err)
		*out = figures;
	table_done(&r.accounts);
	table_done(&r.labelled);
	free(r.windows);
	return err;
}

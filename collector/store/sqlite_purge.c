// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collector/store/reader.h"
#include "collector/store/sqlite.h"

/* Consents of one day; more are the next purge's. */
#define CONSENTS_MAX 64

/* Until when each consent of a day lets it be kept; ?1: the day. */
static const char deadlines[] =
	"SELECT c.id, min((?1 + 1 + c.retention_days) * 86400, "
	"coalesce((SELECT value + 365 * 86400 FROM main_db.setting WHERE "
	"key = 'published' AND value >= (?1 + 1) * 86400), "
	"9223372036854775807)) FROM main_db.consent c WHERE c.id IN "
	"(SELECT consent FROM segment)";

_Static_assert(STORE_AFTER_PUBLICATION_DAYS == 365, "as the query has it");

/** What of a day is past its time. */
struct due {
	int64_t consents[CONSENTS_MAX];
	size_t count;
	uint64_t next_s; /* of what is not; UINT64_MAX: nothing is left */
};

static int read_due(sqlite3 *day_db, uint32_t day, uint64_t now_s,
		    struct due *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = SQLITE_ERROR;

	*out = (struct due){ .next_s = UINT64_MAX };
	if (!database_ready(day_db, &stmt, deadlines, "i", (int64_t)day))
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
			uint64_t at_s = (uint64_t)sqlite3_column_int64(stmt, 1);

			if (at_s > now_s || out->count == CONSENTS_MAX)
				out->next_s =
					at_s < out->next_s ? at_s : out->next_s;
			else
				out->consents[out->count++] =
					sqlite3_column_int64(stmt, 0);
		}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : ERR_IO;
}

static int find_due(struct store *s, uint32_t day, uint64_t now_s,
		    struct due *out)
{
	sqlite3 *db;
	int err;

	err = database_open_day(s->folder, day, DATABASE_READ, &db);
	if (err)
		return err;
	err = database_attach_main(db, s->folder);
	if (!err)
		err = read_due(db, day, now_s, out);
	if (err)
		store_failed(s, db);
	sqlite3_close(db);
	return err;
}

static int set_empty(struct store *s, uint32_t day)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "UPDATE day SET state = %d WHERE day = %u",
		 STORE_DAY_EMPTY, day);
	return database_exec(s->main, sql) ? store_failed(s, s->main) : 0;
}

static void unlink_day(const char *folder, uint32_t day)
{
	static const char *const endings[] = { "", "-wal", "-shm" };
	char name[DATABASE_DAY_BYTES], path[PATH_MAX];

	database_day_name(day, name);
	for (size_t i = 0; i < 3; i++)
		if (snprintf(path, sizeof(path), "%s/%s%s", folder, name,
			     endings[i]) < (int)sizeof(path))
			(void)unlink(path);
}

/* Files of days of which nothing is left: emptied by the purge before this, so
 * that who read them then has ended. */
static int remove_empty(struct store *s)
{
	sqlite3_stmt *stmt = NULL;
	int rc = SQLITE_ERROR;

	if (!database_ready(s->main, &stmt,
			    "SELECT day FROM day WHERE "
			    "state = ?",
			    "i", (int64_t)STORE_DAY_EMPTY))
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
			unlink_day(s->folder,
				   (uint32_t)sqlite3_column_int64(stmt, 0));
	sqlite3_finalize(stmt);
	if (rc != SQLITE_DONE ||
	    database_exec(s->main, "DELETE FROM day WHERE state = 3"))
		return store_failed(s, s->main);
	return 0;
}

_Static_assert(STORE_DAY_EMPTY == 3, "as the statement has it");

/* ERR_BUSY: it is to be looked at again. */
static int purge_day(struct store *s, uint32_t day, uint64_t now_s,
		     uint64_t *rows)
{
	bool busy = false;
	struct due due;
	int err = find_due(s, day, now_s, &due);

	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	for (size_t i = 0; i < due.count && !err; i++) {
		struct erasing e = { .store = s,
				     .what = STORE_ERASE_EVERYTHING,
				     .consent = due.consents[i] };

		err = erase_day(&e, day);
		*rows += e.rows;
		busy |= e.busy;
	}
	if (!err && busy)
		return ERR_BUSY;
	if (!err && due.next_s == UINT64_MAX)
		err = set_empty(s, day);
	return err;
}

static bool has_suspects(struct store *s)
{
	int64_t count = 0;

	return !database_number(s->main, "SELECT count(*) FROM suspect",
				&count) &&
	       count > 0;
}

static int cut_logs(struct store *s)
{
	uint32_t *days;
	size_t count;
	int err;

	s->uncut = false;
	if (database_days(s->main, &days, &count))
		return store_failed(s, s->main);
	err = store_cut(s, s->main);
	for (size_t i = 0; i < count && (!err || err == ERR_BUSY); i++) {
		sqlite3 *db;

		err = database_open_day(s->folder, days[i], DATABASE_WRITE,
					&db);
		if (!err) {
			err = store_cut(s, db);
			sqlite3_close(db);
		}
		if (err == ERR_NOTFOUND)
			err = 0;
	}
	free(days);
	if (err && err != ERR_BUSY)
		return err;
	return s->uncut ? ERR_BUSY : 0;
}

int store_purge(struct store *s, uint64_t now_s, uint64_t *rows)
{
	uint64_t erased = 0;
	uint32_t *days;
	size_t count;
	bool busy;
	int err = store_commit(s);

	*rows = 0;
	if (!err)
		err = store_erase_resume(s, rows);
	busy = err == ERR_BUSY;
	if (!err || busy)
		err = remove_empty(s);
	if (err)
		return err;
	if (database_days(s->main, &days, &count))
		return store_failed(s, s->main);
	for (size_t i = 0; i < count && !err; i++) {
		if (days[i] != s->today)
			err = purge_day(s, days[i], now_s, &erased);
		busy |= err == ERR_BUSY;
		if (err == ERR_BUSY)
			err = 0;
	}
	free(days);
	/* also what a purge left that did not come to its end */
	if (!err && (erased || has_suspects(s)))
		err = store_sweep(s);
	if (!err && (erased || s->uncut))
		err = cut_logs(s);
	if (!err && busy)
		err = ERR_BUSY;
	if (erased) {
		dictionary_forget(&s->texts);
		dictionary_forget(&s->addresses);
		store_forget(s);
	}
	*rows += erased;
	return err;
}

int store_set_published(struct store *s, uint64_t time_s)
{
	char sql[128];
	int err = store_write_main(s);

	if (err)
		return err;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM setting WHERE key = 'published';"
		 "INSERT INTO setting SELECT 'published', %llu WHERE %llu > 0",
		 (unsigned long long)time_s, (unsigned long long)time_s);
	return database_exec(s->main, sql) ? store_failed(s, s->main) : 0;
}

int store_deadline(struct store_reader *r, uint64_t *time_s)
{
	uint64_t first = UINT64_MAX;
	uint32_t *days;
	size_t count;
	int err = database_days(r->main, &days, &count);

	for (size_t i = 0; i < count && !err; i++) {
		struct due due;
		sqlite3 *db;

		err = reader_open_day(r, days[i], &db);
		if (!err) {
			err = read_due(db, days[i], 0, &due);
			sqlite3_close(db);
		}
		if (!err && due.next_s < first)
			first = due.next_s;
		if (err == ERR_NOTFOUND)
			err = 0;
	}
	free(days);
	if (!err && first == UINT64_MAX)
		err = ERR_NOTFOUND;
	if (!err)
		*time_s = first;
	return err;
}

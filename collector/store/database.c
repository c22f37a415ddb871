// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/database.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define DAY_S 86400

void database_day_name(uint32_t day, char out[DATABASE_DAY_BYTES])
{
	time_t at = (time_t)day * DAY_S;
	struct tm tm;

	gmtime_r(&at, &tm);
	snprintf(out, DATABASE_DAY_BYTES, "day-%04u%02u%02u.db",
		 (unsigned)(tm.tm_year + 1900) % 10000,
		 (unsigned)(tm.tm_mon + 1) % 100, (unsigned)tm.tm_mday % 100);
}

int database_open(const char *folder, const char *name, enum database_mode mode,
		  sqlite3 **out)
{
	static const int flags[] = {
		/* a reader must be able to make the log's index */
		[DATABASE_READ] = SQLITE_OPEN_READWRITE,
		[DATABASE_WRITE] = SQLITE_OPEN_READWRITE,
		[DATABASE_CREATE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	char path[PATH_MAX];
	sqlite3 *db = NULL;
	int rc;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) >=
	    (int)sizeof(path))
		return ERR_LIMIT;
	rc = sqlite3_open_v2(path, &db, flags[mode] | SQLITE_OPEN_NOMUTEX,
			     NULL);
	if (rc)
		goto failed;
	sqlite3_busy_timeout(db, DATABASE_BUSY_MS);
	/* what was erased is gone from the file, too; durable is on the disk */
	if (database_exec(db, "PRAGMA secure_delete = ON;"
			      "PRAGMA synchronous = FULL;"
			      "PRAGMA temp_store = MEMORY;") ||
	    (mode == DATABASE_READ &&
	     database_exec(db, "PRAGMA query_only = ON")) ||
	    (mode == DATABASE_CREATE &&
	     database_exec(db, "PRAGMA journal_mode = WAL")))
		goto failed;
	*out = db;
	return 0;
failed:
	sqlite3_close(db);
	/* not to be confused with a file that cannot be opened just now: a day
	 * that is passed over would keep what is to be erased */
	return rc == SQLITE_CANTOPEN && access(path, F_OK) && errno == ENOENT
		       ? ERR_NOTFOUND
		       : ERR_IO;
}

int database_open_day(const char *folder, uint32_t day, enum database_mode mode,
		      sqlite3 **out)
{
	char name[DATABASE_DAY_BYTES];
	int64_t version;
	sqlite3 *db;
	int err;

	database_day_name(day, name);
	err = database_open(folder, name, mode, &db);
	if (err)
		return err;
	err = database_number(db, "PRAGMA user_version", &version);
	if (!err && !version)
		err = ERR_NOTFOUND;
	if (err)
		sqlite3_close(db);
	else
		*out = db;
	return err;
}

int database_exec(sqlite3 *db, const char *sql)
{
	return sqlite3_exec(db, sql, NULL, NULL, NULL) ? ERR_IO : 0;
}

static int bind_one(sqlite3_stmt *stmt, int at, char kind, va_list *args)
{
	struct slice bytes;

	switch (kind) {
	case 'i':
		return sqlite3_bind_int64(stmt, at, va_arg(*args, int64_t));
	case 't':
		return sqlite3_bind_text(stmt, at, va_arg(*args, const char *),
					 -1, SQLITE_STATIC);
	case 'b':
		bytes = va_arg(*args, struct slice);
		if (bytes.data && !bytes.len)
			return sqlite3_bind_zeroblob(stmt, at, 0);
		return sqlite3_bind_blob64(stmt, at, bytes.data, bytes.len,
					   SQLITE_STATIC);
	default:
		return SQLITE_MISUSE;
	}
}

static int bind_all(sqlite3_stmt *stmt, const char *format, va_list *args)
{
	for (int i = 0; format[i]; i++)
		if (bind_one(stmt, i + 1, format[i], args))
			return ERR_IO;
	return 0;
}

int database_bind(sqlite3_stmt *stmt, const char *format, ...)
{
	va_list args;
	int err;

	va_start(args, format);
	err = bind_all(stmt, format, &args);
	va_end(args);
	return err;
}

int database_ready(sqlite3 *db, sqlite3_stmt **stmt, const char *sql,
		   const char *format, ...)
{
	va_list args;
	int err;

	if (!*stmt && sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT,
					 stmt, NULL))
		return ERR_IO;
	va_start(args, format);
	err = bind_all(*stmt, format, &args);
	va_end(args);
	return err;
}

int database_run(sqlite3_stmt *stmt)
{
	int rc;

	do
		rc = sqlite3_step(stmt);
	while (rc == SQLITE_ROW);
	sqlite3_reset(stmt);
	if (rc == SQLITE_DONE)
		return 0;
	return rc == SQLITE_CONSTRAINT ? ERR_EXISTS : ERR_IO;
}

int database_row(sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return 0;
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? ERR_NOTFOUND : ERR_IO;
}

struct slice database_bytes(sqlite3_stmt *stmt, int column)
{
	const void *data = sqlite3_column_blob(stmt, column);
	int len = sqlite3_column_bytes(stmt, column);

	/* sqlite gives NULL for what is empty, too */
	if (!data && sqlite3_column_type(stmt, column) != SQLITE_NULL)
		data = "";
	return slice_of(data, (size_t)len);
}

int database_number(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int err;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL))
		return ERR_IO;
	err = database_row(stmt);
	if (!err)
		*out = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return err;
}

int database_has_table(sqlite3 *db, const char *schema, const char *name,
		       bool *out)
{
	char sql[160];
	int64_t count;
	int err;

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM %s.sqlite_master WHERE name = '%s'",
		 schema, name);
	err = database_number(db, sql, &count);
	if (!err)
		*out = count;
	return err;
}

int database_days(sqlite3 *main, uint32_t **days, size_t *count)
{
	sqlite3_stmt *stmt = NULL;
	uint32_t *found = NULL;
	size_t used = 0;
	int64_t all;
	int rc;

	if (database_number(main, "SELECT count(*) FROM day WHERE state < 3",
			    &all) ||
	    database_ready(main, &stmt,
			   "SELECT day FROM day WHERE state < 3 "
			   "ORDER BY day",
			   ""))
		return ERR_IO;
	found = calloc((size_t)all + 1, sizeof(*found));
	if (!found) {
		sqlite3_finalize(stmt);
		return ERR_NOMEM;
	}
	/* one that began meanwhile is the next reading's */
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && used < (size_t)all)
		found[used++] = (uint32_t)sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	if (rc != SQLITE_ROW && rc != SQLITE_DONE) {
		free(found);
		return ERR_IO;
	}
	*days = found;
	*count = used;
	return 0;
}

int database_attach_main(sqlite3 *db, const char *folder)
{
	char path[PATH_MAX];
	sqlite3_stmt *attach = NULL;
	int err;

	if (snprintf(path, sizeof(path), "%s/%s", folder, DATABASE_MAIN) >=
	    (int)sizeof(path))
		return ERR_LIMIT;
	err = database_ready(db, &attach, "ATTACH ? AS main_db", "t", path);
	if (!err)
		err = database_run(attach);
	sqlite3_finalize(attach);
	return err;
}

int database_try_write(sqlite3 *db)
{
	int err;

	sqlite3_busy_timeout(db, DATABASE_TRY_MS);
	err = database_exec(db, "BEGIN IMMEDIATE");
	if (err && sqlite3_errcode(db) == SQLITE_BUSY)
		err = ERR_BUSY;
	sqlite3_busy_timeout(db, DATABASE_BUSY_MS);
	return err;
}

int database_cut_log(sqlite3 *db)
{
	int left = 0, done = 0, rc;
	int err = database_try_write(db);

	if (!err)
		err = database_exec(db, "ROLLBACK");
	if (err)
		return err;
	sqlite3_busy_timeout(db, DATABASE_CUT_MS);
	rc = sqlite3_wal_checkpoint_v2(db, "main", SQLITE_CHECKPOINT_TRUNCATE,
				       &left, &done);
	sqlite3_busy_timeout(db, DATABASE_BUSY_MS);
	switch (rc) {
	case SQLITE_OK:
		return left > 0 ? ERR_BUSY : 0;
	case SQLITE_BUSY:
		return ERR_BUSY;
	default:
		return ERR_IO;
	}
}

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_DATABASE_H
#define COLLECTOR_STORE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Private to this folder: connections to SQLite files, and statements.
 *
 * The store's folder has "collector.db", which holds accounts, consents, the
 * dictionaries that rows refer to, and what each account sent until the open
 * day; and a file for each day, "day-YYYYMMDD.db", which holds that day's rows
 * and what each account sent until its end. A commit is that of the day's
 * file, so rows and accepted numbers are one; what it refers to was committed
 * to collector.db before, so that the worst that a crash leaves there are
 * entries that nothing refers to, which are known and removed (sqlite_batch.c).
 * A day's file that is past its time is called "day-YYYYMMDD.db.gone" while it
 * is overwritten, so that nobody opens it.
 */

#define DATABASE_MAIN "collector.db"
/** Room for the name of a day's file, terminated. */
#define DATABASE_DAY_BYTES 24

/** Waits for another connection's lock: a backup's, or that of upkeep. */
#define DATABASE_BUSY_MS 5000
/** Waits for who reads what was before: one piece of a stream takes less. */
#define DATABASE_CUT_MS 2000
/** Waits for who writes where it may be a seal, which takes minutes: all other
 * transactions of upkeep take less. */
#define DATABASE_TRY_MS 500

enum database_mode {
	DATABASE_READ,
	DATABASE_WRITE,
	DATABASE_CREATE,
};

/** ERR_NOTFOUND, ERR_IO. The connection is the caller's to close. */
int database_open(const char *folder, const char *name, enum database_mode mode,
		  sqlite3 **out) must_check;
/** The name of a day's file. day: days since the epoch. */
void database_day_name(uint32_t day, char out[DATABASE_DAY_BYTES]);

/** A day's file. ERR_NOTFOUND: there is none, or it has no tables yet. */
int database_open_day(const char *folder, uint32_t day, enum database_mode mode,
		      sqlite3 **out) must_check;

/** One or more statements without results. ERR_IO. */
int database_exec(sqlite3 *db, const char *sql) must_check;

/**
 * Binds by format, a letter a parameter: i int64_t, t terminated text, b
 * struct slice (lent until the statement is reset; absent is null).
 */
int database_bind(sqlite3_stmt *stmt, const char *format, ...) must_check;
/** Prepares (once, into *stmt) and binds. */
int database_ready(sqlite3 *db, sqlite3_stmt **stmt, const char *sql,
		   const char *format, ...) must_check;
/** Runs what is bound to its end, and resets it. ERR_EXISTS: a constraint. */
int database_run(sqlite3_stmt *stmt) must_check;
/** The first row: 0, ERR_NOTFOUND or ERR_IO; to be reset if 0. */
int database_row(sqlite3_stmt *stmt) must_check;

struct slice database_bytes(sqlite3_stmt *stmt, int column);
/** The number that a query of one row and column gives. */
int database_number(sqlite3 *db, const char *sql, int64_t *out) must_check;

/** Whether a schema of the connection has a table. ERR_IO. */
int database_has_table(sqlite3 *db, const char *schema, const char *name,
		       bool *out) must_check;

/** Attaches collector.db to a day's connection, as "main_db". */
int database_attach_main(sqlite3 *db, const char *folder) must_check;
/** The days that collector.db knows, oldest first; the caller's to free(). */
int database_days(sqlite3 *main, uint32_t **days, size_t *count) must_check;
/** Begins a transaction that writes. ERR_BUSY: somebody else writes, and may
 * do so for long. ERR_IO. */
int database_try_write(sqlite3 *db) must_check;
/**
 * Writes the write-ahead log back and cuts it to nothing, so that what was
 * erased is in no file. ERR_BUSY: somebody reads what was before, or writes.
 */
int database_cut_log(sqlite3 *db) must_check;

#endif

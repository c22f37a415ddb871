// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "collector/store/reference.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"

int store_seal_rows(const char *folder, uint32_t day)
{
	bool sealed = false, counted = false;
	sqlite3 *db;
	int err;

	err = database_open_day(folder, day, DATABASE_WRITE, &db);
	if (err)
		return err;
	/* what is sorted may be more than the memory; it is numbers alone */
	err = database_exec(db, "PRAGMA temp_store = FILE; BEGIN IMMEDIATE");
	if (!err)
		err = rollup_has(db, "main", &sealed);
	if (!err)
		err = reference_has(db, &counted);
	/* it may have been made, and only not been called so */
	if (!err && !(sealed && counted))
		err = rollup_make(db);
	if (!err && !(sealed && counted))
		err = reference_make(db);
	if (!err)
		err = database_exec(db, "COMMIT");
	sqlite3_close(db); /* undoes what was not committed */
	return err;
}

static int mark(sqlite3 *db, uint32_t day)
{
	bool sealed = false, counted = false;
	char sql[96];
	int err = database_exec(db, "BEGIN IMMEDIATE");

	if (!err)
		err = rollup_has(db, "main", &sealed);
	if (!err)
		err = reference_has(db, &counted);
	snprintf(sql, sizeof(sql),
		 "UPDATE main_db.day SET state = 2 WHERE day = %u AND "
		 "state = 1",
		 day);
	if (!err && sealed && counted)
		err = database_exec(db, sql);
	return err ? err : database_exec(db, "COMMIT");
}

/* Both files are locked meanwhile. */
int store_seal_mark(const char *folder, uint32_t day)
{
	sqlite3 *db;
	int err = database_open_day(folder, day, DATABASE_WRITE, &db);

	if (err)
		return err;
	err = database_attach_main(db, folder);
	if (!err)
		err = mark(db, day);
	sqlite3_close(db);
	return err;
}

/* One of which there is no file has nothing. */
static int mark_lost(sqlite3 *main, int64_t day)
{
	char sql[64];

	snprintf(sql, sizeof(sql),
		 "UPDATE day SET state = 2 WHERE day = %lld AND state = 1",
		 (long long)day);
	return database_exec(main, sql);
}

/*
 * Beside the writer: it adds to the open day alone, and an erasure in this one
 * waits for its file, or is waited for. It drops the tables and sets the state
 * back; whoever reads then finds no tables and reads the rows, and the day is
 * sealed anew.
 */
int store_seal(const char *folder)
{
	int64_t day = 0;
	sqlite3 *main;
	int err = database_open(folder, DATABASE_MAIN, DATABASE_WRITE, &main);

	if (err)
		return err;
	err = database_number(main,
			      "SELECT coalesce(min(day), 0) FROM day "
			      "WHERE state = 1",
			      &day);
	if (!err && day)
		err = store_seal_rows(folder, (uint32_t)day);
	if (!err && day)
		err = store_seal_mark(folder, (uint32_t)day);
	if (err == ERR_NOTFOUND)
		err = mark_lost(main, day);
	sqlite3_close(main);
	return err ? err : day > 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "collector/store/reference.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"

static int seal_day(const char *folder, uint32_t day)
{
	sqlite3 *db;
	int err;

	err = database_open_day(folder, day, DATABASE_WRITE, &db);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	/* what is sorted may be more than the memory; it is numbers alone */
	err = database_exec(db, "PRAGMA temp_store = FILE; BEGIN IMMEDIATE");
	if (!err)
		err = rollup_make(db);
	if (!err)
		err = reference_make(db);
	if (!err)
		err = database_exec(db, "COMMIT");
	sqlite3_close(db); /* undoes what was not committed */
	return err;
}

/*
 * Beside the writer: it adds to the open day alone, and an erasure in this one
 * waits for its file, or is waited for. It drops the tables and sets the state
 * back; where it does so in between, whoever reads finds no tables and reads
 * the rows.
 */
int store_seal(const char *folder)
{
	char sql[96];
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
		err = seal_day(folder, (uint32_t)day);
	snprintf(sql, sizeof(sql),
		 "UPDATE day SET state = 2 WHERE day = %lld AND state = 1",
		 (long long)day);
	if (!err && day)
		err = database_exec(main, sql);
	sqlite3_close(main);
	return err ? err : day > 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "collector/store/migrate.h"
#include "collector/store/reference.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"

/* Whether all its tables are there. */
static int is_made(sqlite3 *day, bool *out)
{
	bool summed = false, counted = false;
	int err = rollup_has(day, "main", &summed);

	if (!err)
		err = reference_has(day, &counted);
	if (!err)
		*out = summed && counted;
	return err;
}

/* Where the day did not count its rows as they came. */
static int count_rows(sqlite3 *day)
{
	char sql[192];
	int err = 0;

	for (int i = 0; i < SHAPE_TABLES && !err; i++) {
		snprintf(sql, sizeof(sql),
			 "INSERT OR IGNORE INTO tally SELECT %d, count(*) FROM "
			 "%s WHERE NOT EXISTS (SELECT 1 FROM tally WHERE "
			 "shape = %d)",
			 i, i == SHAPE_DEVICE ? "segment" : shapes[i].name, i);
		err = database_exec(day, sql);
	}
	return err;
}

int store_seal_rows(const char *folder, uint32_t day)
{
	bool made = false;
	sqlite3 *db;
	int err;

	err = database_open_day(folder, day, DATABASE_WRITE, &db);
	if (err)
		return err;
	/* one that began under an earlier program */
	err = migrate_day(db);
	if (err) {
		sqlite3_close(db);
		return err;
	}
	/* what is sorted may be more than the memory; it is numbers alone */
	err = database_exec(db, "PRAGMA temp_store = FILE; BEGIN IMMEDIATE");
	if (!err)
		err = is_made(db, &made);
	/* it may have been made, and only not been called so */
	if (!err && !made)
		err = rollup_make(db);
	if (!err && !made)
		err = reference_make(db);
	if (!err && !made)
		err = count_rows(db);
	if (!err)
		err = database_exec(db, "COMMIT");
	sqlite3_close(db); /* undoes what was not committed */
	return err;
}

/* By collector.db, which the connection has as this schema. */
static int mark(sqlite3 *db, const char *schema, uint32_t day)
{
	char sql[96];

	snprintf(sql, sizeof(sql),
		 "UPDATE %s.day SET state = 2 WHERE day = %u AND state = 1",
		 schema, day);
	return database_exec(db, sql);
}

static int mark_made(sqlite3 *db, uint32_t day)
{
	bool made = false;
	int err = database_exec(db, "BEGIN IMMEDIATE");

	if (!err)
		err = is_made(db, &made);
	if (!err && made)
		err = mark(db, "main_db", day);
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
		err = mark_made(db, day);
	sqlite3_close(db);
	return err;
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
	/* one of which there is no file has nothing */
	if (err == ERR_NOTFOUND)
		err = mark(main, "main", (uint32_t)day);
	sqlite3_close(main);
	return err ? err : day > 0;
}

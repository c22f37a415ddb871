// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TEST_STORE_SCRATCH_H
#define TEST_STORE_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/database.h"

#define SCRATCH_DIR_BYTES  64
#define SCRATCH_PATH_BYTES 96

/** A new store in a folder of its own: 0, or less than 0. */
static inline int scratch_open(char dir[SCRATCH_DIR_BYTES],
			       char path[SCRATCH_PATH_BYTES],
			       struct store **store)
{
	char why[STORE_ERROR_BYTES];

	snprintf(dir, SCRATCH_DIR_BYTES, "/tmp/store-test-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, SCRATCH_PATH_BYTES, "%s/inspector.db", dir);
	return store_open(path, store, why);
}

/** Removes a closed database, with what SQLite lays beside it, and its
 * folder. */
static inline void scratch_remove(const char *dir, const char *path)
{
	static const char *const suffixes[] = { "", "-wal", "-shm" };
	char name[128];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, suffixes[i]);
		unlink(name);
	}
	rmdir(dir);
}

/** The one number that the statement gives. */
static inline int64_t scratch_number(struct store *s, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t number;

	assert_int_equal(sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	number = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return number;
}

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/reader.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

int reader_days(struct store_reader *r, uint32_t **days, size_t *count)
{
	sqlite3_stmt *stmt = NULL;
	uint32_t *found = NULL;
	size_t used = 0;
	int64_t all;
	int rc;

	if (database_number(r->main, "SELECT count(*) FROM day", &all) ||
	    database_ready(r->main, &stmt, "SELECT day FROM day ORDER BY day",
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

int reader_open_day(struct store_reader *r, uint32_t day, sqlite3 **out)
{
	char name[DATABASE_DAY_BYTES], path[PATH_MAX];
	sqlite3_stmt *attach = NULL;
	sqlite3 *db;
	int err;

	database_day_name(day, name);
	err = database_open(r->folder, name, DATABASE_READ, &db);
	if (err)
		return err;
	if (snprintf(path, sizeof(path), "%s/%s", r->folder, DATABASE_MAIN) >=
	    (int)sizeof(path))
		err = ERR_LIMIT;
	if (!err)
		err = database_ready(db, &attach, "ATTACH ? AS main_db", "t",
				     path);
	if (!err)
		err = database_run(attach);
	sqlite3_finalize(attach);
	if (err)
		sqlite3_close(db);
	else
		*out = db;
	return err;
}

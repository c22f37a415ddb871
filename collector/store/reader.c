// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/reader.h"

#include <stdio.h>

int reader_has_day(sqlite3 *db, uint32_t day, bool *out)
{
	char sql[96];
	int64_t held;

	snprintf(sql, sizeof(sql),
		 "SELECT EXISTS(SELECT 1 FROM main_db.day WHERE day = %u AND "
		 "state < 3)",
		 day);
	if (database_number(db, sql, &held))
		return ERR_IO;
	*out = held;
	return 0;
}

int reader_open_day(struct store_reader *r, uint32_t day, sqlite3 **out)
{
	bool held = false;
	sqlite3 *db;
	int err;

	err = database_open_day(r->folder, day, DATABASE_READ, &db);
	if (err)
		return err;
	err = database_attach_main(db, r->folder);
	if (!err)
		err = reader_has_day(db, day, &held);
	if (!err && !held)
		err = ERR_NOTFOUND;
	if (err)
		sqlite3_close(db);
	else
		*out = db;
	return err;
}

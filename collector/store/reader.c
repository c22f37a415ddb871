// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/reader.h"

int reader_open_day(struct store_reader *r, uint32_t day, sqlite3 **out)
{
	sqlite3 *db;
	int err;

	err = database_open_day(r->folder, day, DATABASE_READ, &db);
	if (err)
		return err;
	err = database_attach_main(db, r->folder);
	if (err)
		sqlite3_close(db);
	else
		*out = db;
	return err;
}

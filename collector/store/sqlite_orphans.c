// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "collector/store/reference.h"
#include "collector/store/sqlite.h"

/* What a day still refers to is no suspect. */
static int clear_by_day(struct store *s, uint32_t day)
{
	sqlite3 *db;
	int err;

	err = database_open_day(s->folder, day, DATABASE_WRITE, &db);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	err = database_attach_main(db, s->folder);
	if (!err)
		err = reference_clear_suspects(db);
	if (err)
		store_failed(s, db);
	sqlite3_close(db);
	return err;
}

int store_sweep(struct store *s)
{
	uint32_t *days;
	size_t count;
	int err = database_days(s->main, &days, &count);

	if (err)
		return store_failed(s, s->main);
	for (size_t i = 0; i < count && !err; i++)
		err = clear_by_day(s, days[i]);
	free(days);
	if (!err)
		err = store_write_main(s);
	if (!err &&
	    database_exec(s->main, "DELETE FROM text WHERE id IN (SELECT id "
				   "FROM suspect WHERE dictionary = 0);"
				   "DELETE FROM address WHERE id IN (SELECT id "
				   "FROM suspect WHERE dictionary = 1);"
				   "DELETE FROM device WHERE id IN (SELECT id "
				   "FROM suspect WHERE dictionary = 2);"
				   "DELETE FROM suspect"))
		err = store_failed(s, s->main);
	return err ? err : store_commit(s);
}

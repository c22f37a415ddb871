// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "collector/store/sqlite.h"

int store_dictionary_of(enum shape_kind kind)
{
	switch (kind) {
	case SHAPE_TEXT:
	case SHAPE_WORD:
	case SHAPE_TOKEN:
	case SHAPE_LIST:
		return 0;
	case SHAPE_REMOTE:
		return 1;
	case SHAPE_ROW:
		return 2;
	case SHAPE_NUMBER:
	case SHAPE_TIME:
	case SHAPE_SECONDS:
	case SHAPE_HEX:
		return -1;
	}
	return -1;
}

/* What a day still refers to is no suspect. */
static int clear_by_column(struct store *s, sqlite3 *db, enum shape_table table,
			   unsigned column)
{
	const struct shape_column *c = &shapes[table].columns[column];
	int dictionary = store_dictionary_of(c->kind);
	char sql[256];

	if (dictionary < 0)
		return 0;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM main_db.suspect WHERE dictionary = %d AND id IN "
		 "(SELECT %s FROM %s)",
		 dictionary, c->name, shapes[table].name);
	return database_exec(db, sql) ? store_failed(s, db) : 0;
}

static int clear_by_day(struct store *s, uint32_t day)
{
	sqlite3 *db;
	int err;

	err = database_open_day(s->folder, day, DATABASE_WRITE, &db);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	err = database_attach_main(db, s->folder);
	for (int t = SHAPE_FLOW; t < SHAPE_TABLES; t++)
		for (unsigned i = 0; i < shapes[t].column_count && !err; i++)
			err = clear_by_column(s, db, (enum shape_table)t, i);
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

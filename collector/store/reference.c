// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/reference.h"

#include <stdio.h>

#include "collector/store/database.h"

#define SQL_BYTES 512

int reference_dictionary(enum shape_kind kind)
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

/* Flows are many: those to an address were counted by the roll-up. */
static const char count_flows[] =
	"INSERT INTO reference SELECT 1, remote, sum(windows) FROM "
	"rollup_endpoint GROUP BY remote";

static int count_column(sqlite3 *day, enum shape_table table, unsigned column)
{
	const struct shape_column *c = &shapes[table].columns[column];
	const int dictionary = reference_dictionary(c->kind);
	char sql[SQL_BYTES];

	if (dictionary < 0)
		return 0;
	if (table == SHAPE_FLOW && c->kind == SHAPE_REMOTE)
		return database_exec(day, count_flows);
	snprintf(sql, sizeof(sql),
		 "INSERT INTO reference SELECT %d, %s, count(*) FROM %s "
		 "WHERE %s IS NOT NULL GROUP BY %s "
		 "ON CONFLICT(dictionary, id) DO UPDATE SET "
		 "rows = rows + excluded.rows",
		 dictionary, c->name, shapes[table].name, c->name, c->name);
	return database_exec(day, sql);
}

int reference_make(sqlite3 *day)
{
	int err = reference_drop(day);

	if (!err)
		err = database_exec(day,
				    "CREATE TABLE reference("
				    "dictionary INTEGER, id INTEGER, "
				    "rows INTEGER, PRIMARY KEY(dictionary, id)"
				    ") WITHOUT ROWID");
	for (int t = SHAPE_FLOW; t < SHAPE_TABLES; t++)
		for (unsigned i = 0; i < shapes[t].column_count && !err; i++)
			err = count_column(day, (enum shape_table)t, i);
	return err;
}

int reference_drop(sqlite3 *day)
{
	return database_exec(day, "DROP TABLE IF EXISTS reference");
}

int reference_has(sqlite3 *day, bool *out)
{
	int64_t count;

	if (database_number(day,
			    "SELECT count(*) FROM main.sqlite_master WHERE "
			    "name = 'reference'",
			    &count))
		return ERR_IO;
	*out = count;
	return 0;
}

int reference_subtract(sqlite3 *day)
{
	return database_exec(day,
			     "UPDATE reference SET rows = reference.rows - "
			     "g.rows FROM temp.gone g WHERE "
			     "reference.dictionary = g.dictionary AND "
			     "reference.id = g.id;"
			     "DELETE FROM reference WHERE rows <= 0 AND "
			     "(dictionary, id) IN (SELECT dictionary, id FROM "
			     "temp.gone)");
}

/* Only hits are gathered: the rows may be a hundred million. */
static int search_column(sqlite3 *day, enum shape_table table, unsigned column)
{
	const struct shape_column *c = &shapes[table].columns[column];
	const int dictionary = reference_dictionary(c->kind);
	char sql[SQL_BYTES];
	int64_t suspects;

	if (dictionary < 0)
		return 0;
	snprintf(sql, sizeof(sql),
		 "SELECT EXISTS(SELECT 1 FROM main_db.suspect WHERE "
		 "dictionary = %d)",
		 dictionary);
	if (database_number(day, sql, &suspects))
		return ERR_IO;
	if (!suspects)
		return 0;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM main_db.suspect WHERE dictionary = %d AND id IN "
		 "(SELECT %s FROM %s WHERE %s IN (SELECT id FROM "
		 "main_db.suspect WHERE dictionary = %d))",
		 dictionary, c->name, shapes[table].name, c->name, dictionary);
	return database_exec(day, sql);
}

int reference_clear_suspects(sqlite3 *day)
{
	bool counted;
	int err = reference_has(day, &counted);

	if (err)
		return err;
	if (counted)
		return database_exec(
			day, "DELETE FROM main_db.suspect WHERE EXISTS (SELECT "
			     "1 FROM reference r WHERE r.dictionary = "
			     "suspect.dictionary AND r.id = suspect.id)");
	for (int t = SHAPE_FLOW; t < SHAPE_TABLES; t++)
		for (unsigned i = 0; i < shapes[t].column_count && !err; i++)
			err = search_column(day, (enum shape_table)t, i);
	return err;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/reference.h"

#include <stdint.h>
#include <stdio.h>

#include "collector/store/database.h"
#include "collector/store/sqlite.h"

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
static const char count_remotes[] =
	"INSERT INTO reference SELECT 1, remote, sum(windows) FROM "
	"rollup_endpoint GROUP BY remote";
static const char count_devices[] =
	"INSERT INTO reference SELECT 2, device, sum(rows) FROM (SELECT "
	"device, windows AS rows FROM rollup_endpoint UNION ALL SELECT device, "
	"1 FROM flow WHERE remote IS NULL) GROUP BY device";

static int count_column(sqlite3 *day, enum shape_table table, unsigned column)
{
	const struct shape_column *c = &shapes[table].columns[column];
	const int dictionary = reference_dictionary(c->kind);
	char sql[SQL_BYTES];

	if (dictionary < 0)
		return 0;
	if (table == SHAPE_FLOW && c->kind == SHAPE_REMOTE)
		return database_exec(day, count_remotes);
	if (table == SHAPE_FLOW && c->kind == SHAPE_ROW)
		return database_exec(day, count_devices);
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
	return database_has_table(day, "main", "reference", out);
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

static int find_end(sqlite3 *db, const char *table,
		    const struct reference_entry *after, unsigned most,
		    struct reference_entry *out)
{
	char sql[SQL_BYTES];
	sqlite3_stmt *stmt = NULL;
	int err;

	snprintf(sql, sizeof(sql),
		 "SELECT dictionary, id FROM %s WHERE (dictionary, id) > "
		 "(?, ?) ORDER BY dictionary, id LIMIT 1 OFFSET ?",
		 table);
	err = database_ready(db, &stmt, sql, "iii", after->dictionary,
			     after->id, (int64_t)most - 1);
	if (!err)
		err = database_row(stmt);
	*out = (struct reference_entry){ INT64_MAX, INT64_MAX };
	if (!err)
		*out = (struct reference_entry){
			sqlite3_column_int64(stmt, 0),
			sqlite3_column_int64(stmt, 1),
		};
	sqlite3_finalize(stmt);
	return err == ERR_NOTFOUND ? 0 : err;
}

bool reference_is_end(const struct reference_entry *entry)
{
	return entry->id == INT64_MAX;
}

int reference_end(sqlite3 *db, const char *schema,
		  const struct reference_entry *after, unsigned most,
		  struct reference_entry *out)
{
	char table[32];

	snprintf(table, sizeof(table), "%s.suspect", schema);
	return find_end(db, table, after, most, out);
}

static int run_between(sqlite3 *db, const char *sql,
		       struct reference_entry *after,
		       const struct reference_entry *end)
{
	sqlite3_stmt *stmt = NULL;
	int err = database_ready(db, &stmt, sql, "iiii", after->dictionary,
				 after->id, end->dictionary, end->id);

	if (!err)
		err = database_run(stmt);
	sqlite3_finalize(stmt);
	if (err)
		return err;
	*after = *end;
	return !reference_is_end(end);
}

int reference_suspect(sqlite3 *day, struct reference_entry *after,
		      unsigned most)
{
	struct reference_entry end;
	int err = find_end(day, "main.reference", after, most, &end);

	return err ? err
		   : run_between(day,
				 "INSERT OR IGNORE INTO main_db.suspect SELECT "
				 "dictionary, id FROM main.reference WHERE "
				 "(dictionary, id) > (?, ?) AND "
				 "(dictionary, id) <= (?, ?)",
				 after, &end);
}

int reference_clear(sqlite3 *day, struct reference_entry *after, unsigned most)
{
	struct reference_entry end;
	int err = reference_end(day, "main_db", after, most, &end);

	return err ? err
		   : run_between(day,
				 "DELETE FROM main_db.suspect WHERE "
				 "(dictionary, id) > (?, ?) AND "
				 "(dictionary, id) <= (?, ?) AND (EXISTS "
				 "(SELECT 1 FROM main.reference r WHERE "
				 "r.dictionary = suspect.dictionary AND "
				 "r.id = suspect.id) OR (dictionary = 3 AND "
				 "EXISTS (SELECT 1 FROM main.segment g WHERE "
				 "g.account = suspect.id)))",
				 after, &end);
}

/* Only hits are gathered. */
static int search_column(sqlite3 *day, enum shape_table table, unsigned column,
			 int64_t first_row, int64_t last_row)
{
	const struct shape_column *c = &shapes[table].columns[column];
	const int dictionary = reference_dictionary(c->kind);
	char sql[SQL_BYTES];

	if (dictionary < 0)
		return 0;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM main_db.suspect WHERE dictionary = %d AND id IN "
		 "(SELECT r.%s FROM %s r WHERE r.id BETWEEN %lld AND %lld AND "
		 "EXISTS (SELECT 1 FROM main_db.suspect s WHERE "
		 "s.dictionary = %d AND s.id = r.%s))",
		 dictionary, c->name, shapes[table].name, (long long)first_row,
		 (long long)last_row, dictionary, c->name);
	return database_exec(day, sql);
}

static int search_accounts(sqlite3 *day, int64_t first, int64_t last)
{
	char sql[SQL_BYTES];

	snprintf(sql, sizeof(sql),
		 "DELETE FROM main_db.suspect WHERE dictionary = 3 AND id IN "
		 "(SELECT account FROM main.segment WHERE id BETWEEN %lld AND "
		 "%lld)",
		 (long long)first, (long long)last);
	return database_exec(day, sql);
}

int reference_search(sqlite3 *day, int64_t first, int64_t last)
{
	const int64_t first_row = first << STORE_PLACE_BITS;
	const int64_t last_row = ((last + 1) << STORE_PLACE_BITS) - 1;
	int err = search_accounts(day, first, last);

	for (int t = SHAPE_FLOW; t < SHAPE_TABLES; t++)
		for (unsigned i = 0; i < shapes[t].column_count && !err; i++)
			err = search_column(day, (enum shape_table)t, i,
					    first_row, last_row);
	return err;
}

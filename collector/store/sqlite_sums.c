// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store/reader.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"

/* Columns in front of the table's own. */
#define COLUMNS_BEFORE 3

#define NUMBER(text)                                 \
	{                                            \
		.name = (text), .kind = SHAPE_NUMBER \
	}

static const struct shape_column endpoint_columns[] = {
	NUMBER("protocol"),    { .name = "remote", .kind = SHAPE_REMOTE },
	NUMBER("remote_port"), NUMBER("windows"),
	NUMBER("out_bytes"),   NUMBER("in_bytes"),
};
static const struct shape_column name_columns[] = {
	{ .name = "address", .kind = SHAPE_REMOTE },
	{ .name = "name", .kind = SHAPE_TEXT },
};
static const struct shape_column hello_columns[] = {
	{ .name = "ja4", .kind = SHAPE_TEXT },
	NUMBER("hellos"),
};
static const struct shape_column activity_columns[] = {
	NUMBER("windows"),
	NUMBER("first_seen"),
	NUMBER("last_seen"),
	NUMBER("devices"),
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define SHAPE(columns)                        \
	{                                     \
		NULL, columns, COUNT(columns) \
	}

const struct shape store_sums_shapes[STORE_SUMS] = {
	[STORE_SUMS_ENDPOINT] = SHAPE(endpoint_columns),
	[STORE_SUMS_NAME] = SHAPE(name_columns),
	[STORE_SUMS_HELLO] = SHAPE(hello_columns),
	[STORE_SUMS_ACTIVITY] = SHAPE(activity_columns),
};

#define OF_DEVICES                                                         \
	"JOIN main_db.device d ON d.id = r.device JOIN main_db.account a " \
	"ON a.id = d.account WHERE r.rowid > ? ORDER BY r.rowid"

/* In the order of the columns; a rowid tells where it goes on. */
static const char *const queries[STORE_SUMS] = {
	[STORE_SUMS_ENDPOINT] =
		"SELECT r.rowid, a.name, d.key, r.protocol, (SELECT value FROM "
		"main_db.address WHERE id = r.remote), r.remote_port, "
		"r.windows, r.out_bytes, r.in_bytes FROM rollup_endpoint "
		"r " OF_DEVICES,
	[STORE_SUMS_NAME] =
		"SELECT r.rowid, a.name, d.key, (SELECT value FROM "
		"main_db.address WHERE id = r.address), (SELECT value FROM "
		"main_db.text WHERE id = r.name) FROM rollup_name r " OF_DEVICES,
	[STORE_SUMS_HELLO] =
		"SELECT r.rowid, a.name, d.key, (SELECT value FROM "
		"main_db.text WHERE id = r.ja4), r.hellos FROM rollup_hello "
		"r " OF_DEVICES,
	[STORE_SUMS_ACTIVITY] =
		"SELECT r.rowid, a.name, NULL, r.windows, r.first_s, r.last_s, "
		"r.devices FROM rollup_activity r JOIN main_db.account a ON "
		"a.id = r.account WHERE r.rowid > ? ORDER BY r.rowid",
};

struct store_sums {
	struct store_reader *reader;
	enum store_sums_of which;
	bool added_up;
	uint32_t *days;
	size_t day_count, next_day;
	sqlite3 *db; /* of the day that is being read; or NULL */
	sqlite3_stmt *stmt;
	int64_t last;	 /* the row that was given last, or 0 */
	int64_t version; /* of the day's tables; 0: not read yet */
	bool paused;
	bool begun; /* the statement, of which no row was read yet */
	bool own;   /* the table is this connection's, and is not made anew */
};

static const enum rollup rollups[STORE_SUMS] = {
	[STORE_SUMS_ENDPOINT] = ROLLUP_ENDPOINT,
	[STORE_SUMS_NAME] = ROLLUP_NAME,
	[STORE_SUMS_HELLO] = ROLLUP_HELLO,
	[STORE_SUMS_ACTIVITY] = ROLLUP_ACTIVITY,
};

int store_sums_open(struct store_reader *r, enum store_sums_of which,
		    bool added_up, struct store_sums **out)
{
	struct store_sums *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return ERR_NOMEM;
	s->reader = r;
	s->which = which;
	s->added_up = added_up;
	err = database_days(r->main, &s->days, &s->day_count);
	if (err)
		store_sums_close(s);
	else
		*out = s;
	return err;
}

static void close_day(struct store_sums *s)
{
	sqlite3_finalize(s->stmt);
	sqlite3_close(s->db);
	s->stmt = NULL;
	s->db = NULL;
	s->version = 0;
	s->begun = s->own = false;
}

void store_sums_close(struct store_sums *s)
{
	if (!s)
		return;
	close_day(s);
	free(s->days);
	free(s);
}

void store_sums_pause(struct store_sums *s)
{
	if (s->stmt)
		sqlite3_reset(s->stmt);
	s->paused = s->stmt;
}

/* ERR_IO, too, where a purge drops what a day came to while it is read. */
static int bind(struct store_sums *s)
{
	s->begun = true;
	return database_ready(s->db, &s->stmt, queries[s->which], "i", s->last);
}

/* Of a day that is not sealed: a table of the same name, of this connection
 * alone, which stands before the day's. What is sorted may be more than the
 * memory; it is numbers alone. */
static int add_up(struct store_sums *s)
{
	char query[ROLLUP_SQL_BYTES], sql[ROLLUP_SQL_BYTES + 64];
	const enum rollup which = rollups[s->which];
	int err = rollup_source(s->db, "main", which, query);

	snprintf(sql, sizeof(sql), "CREATE TEMP TABLE %s AS %s",
		 rollup_names[which], query);
	if (!err)
		err = database_exec(s->db, "PRAGMA query_only = OFF;"
					   "PRAGMA temp_store = FILE");
	if (!err)
		err = database_exec(s->db, sql);
	if (!err)
		err = database_exec(s->db, "PRAGMA query_only = ON");
	s->own = true;
	return err;
}

static int open_day(struct store_sums *s)
{
	bool sealed = false;
	int err = reader_open_day(s->reader, s->days[s->next_day++], &s->db);

	if (err == ERR_NOTFOUND) /* purged meanwhile */
		return 0;
	s->last = 0;
	if (!err)
		err = rollup_has(s->db, "main", &sealed);
	if (err || (!sealed && !s->added_up))
		return err;
	if (!sealed)
		err = add_up(s);
	return err ? err : bind(s);
}

/* While it was let go of, a purge may have had the tables made anew: their rows
 * have other numbers then, and some would be passed over. */
static int check_same(struct store_sums *s)
{
	int64_t version;

	s->begun = false;
	if (s->own)
		return 0;
	if (database_number(s->db, "PRAGMA schema_version", &version) ||
	    (s->version && s->version != version))
		return ERR_IO;
	s->version = version;
	return 0;
}

static void copy_bytes(sqlite3_stmt *stmt, int column, uint8_t *out, size_t len)
{
	struct slice bytes = database_bytes(stmt, column);

	memset(out, 0, len);
	if (bytes.len == len)
		memcpy(out, bytes.data, len);
}

static struct store_cell read_cell(sqlite3_stmt *stmt, int at,
				   enum shape_kind kind)
{
	struct store_cell cell = { .type = STORE_CELL_NONE };
	struct slice bytes;

	if (sqlite3_column_type(stmt, at) == SQLITE_NULL)
		return cell;
	if (kind == SHAPE_NUMBER) {
		cell.type = STORE_CELL_NUMBER;
		cell.number = sqlite3_column_int64(stmt, at);
		return cell;
	}
	bytes = database_bytes(stmt, at);
	cell.bytes = bytes.data;
	cell.len = (uint32_t)bytes.len;
	cell.type = kind == SHAPE_REMOTE && (bytes.len == 4 || bytes.len == 16)
			    ? STORE_CELL_ADDRESS
			    : STORE_CELL_BYTES;
	return cell;
}

static void read_row(struct store_sums *s, struct store_sums_row *out)
{
	const struct shape *shape = &store_sums_shapes[s->which];

	s->last = sqlite3_column_int64(s->stmt, 0);
	out->day = s->days[s->next_day - 1];
	copy_bytes(s->stmt, 1, out->account_name, sizeof(out->account_name));
	out->has_device = sqlite3_column_type(s->stmt, 2) != SQLITE_NULL;
	copy_bytes(s->stmt, 2, out->device_key, sizeof(out->device_key));
	for (unsigned i = 0; i < shape->column_count; i++)
		out->cells[i] = read_cell(s->stmt, (int)i + COLUMNS_BEFORE,
					  shape->columns[i].kind);
}

/* After a pause; a day that was purged meanwhile is not read on. */
static int resume(struct store_sums *s)
{
	bool held;
	int err;

	if (!s->paused)
		return 0;
	s->paused = false;
	err = reader_has_day(s->db, s->days[s->next_day - 1], &held);
	if (err)
		return err;
	if (held)
		return bind(s);
	close_day(s);
	return 0;
}

int store_sums_next(struct store_sums *s, struct store_sums_row *out)
{
	if (resume(s))
		return ERR_IO;
	for (;;) {
		int rc = s->stmt ? sqlite3_step(s->stmt) : SQLITE_DONE;

		if (rc != SQLITE_ROW && rc != SQLITE_DONE)
			return ERR_IO;
		if (s->begun && check_same(s))
			return ERR_IO;
		if (rc == SQLITE_ROW) {
			read_row(s, out);
			return 1;
		}
		close_day(s);
		if (s->next_day == s->day_count)
			return 0;
		rc = open_day(s);
		if (rc)
			return rc;
	}
}

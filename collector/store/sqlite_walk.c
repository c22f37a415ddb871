// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "collector/store/reader.h"
#include "collector/store/sqlite.h"

#define WINDOW_MS     5000
#define SQL_BYTES_MAX ((size_t)16384)
/* Columns in front of the table's own. */
#define COLUMNS_BEFORE 7

struct store_walk {
	struct store_reader *reader;
	enum shape_table table;
	int64_t account;
	uint32_t *days;
	size_t day_count, next_day;
	sqlite3 *db; /* of the day that is being read; or NULL */
	sqlite3_stmt *stmt;
	int64_t last;  /* the day's row that was given last, or 0 */
	int64_t until; /* its last segment when it was opened */
	bool paused;
	char *sql;
};

static bool is_text(enum shape_kind kind)
{
	return kind == SHAPE_TEXT || kind == SHAPE_LIST ||
	       kind == SHAPE_TOKEN || kind == SHAPE_WORD || kind == SHAPE_HEX;
}

/*
 * A segment's rows are found by their ids, so both lie in one order and
 * nothing is sorted; texts and addresses by theirs.
 */
static int write_sql(struct store_walk *w)
{
	const struct shape *shape = &shapes[w->table];
	bool has_device = shape->columns[0].kind == SHAPE_ROW;
	struct buf sql;
	int err;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql,
		   "SELECT r.id, s.account, a.name, s.number, s.end_s, %s",
		   has_device ? "r.device, d.key" : "0, NULL");
	for (unsigned i = 0; i < shape->column_count; i++) {
		enum shape_kind kind = shape->columns[i].kind;

		if (kind == SHAPE_ROW)
			buf_puts(&sql, ", NULL");
		else if (is_text(kind))
			buf_printf(&sql,
				   ", (SELECT value FROM main_db.text "
				   "WHERE id = r.%s)",
				   shape->columns[i].name);
		else if (kind == SHAPE_REMOTE)
			buf_printf(&sql,
				   ", (SELECT value FROM main_db.address "
				   "WHERE id = r.%s)",
				   shape->columns[i].name);
		else
			buf_printf(&sql, ", r.%s", shape->columns[i].name);
	}
	buf_printf(&sql,
		   " FROM segment s CROSS JOIN %s r ON r.id BETWEEN "
		   "max(s.id << %d, ?2 + 1) AND (s.id + 1 << %d) - 1 "
		   "JOIN main_db.account a ON a.id = s.account ",
		   shape->name, STORE_PLACE_BITS, STORE_PLACE_BITS);
	if (has_device)
		buf_puts(&sql, "JOIN main_db.device d ON d.id = r.device ");
	buf_printf(&sql,
		   "WHERE %s AND s.id BETWEEN ?2 >> %d AND ?3 "
		   "ORDER BY s.id",
		   w->account ? "s.account = ?1" : "?1 = 0", STORE_PLACE_BITS);
	err = buf_check(&sql);
	if (!err) {
		w->sql = strdup(buf_text(&sql));
		err = w->sql ? 0 : ERR_NOMEM;
	}
	buf_done(&sql);
	return err;
}

static void close_day(struct store_walk *w)
{
	sqlite3_finalize(w->stmt);
	sqlite3_close(w->db);
	w->stmt = NULL;
	w->db = NULL;
}

static int bind(struct store_walk *w)
{
	return database_ready(w->db, &w->stmt, w->sql, "iii", w->account,
			      w->last, w->until);
}

static int open_day(struct store_walk *w)
{
	int err = reader_open_day(w->reader, w->days[w->next_day++], &w->db);

	if (err == ERR_NOTFOUND) /* purged meanwhile */
		return 0;
	w->last = 0;
	/* what comes while it is read is the next walk's */
	if (!err)
		err = database_number(
			w->db, "SELECT coalesce(max(id), 0) FROM segment",
			&w->until);
	return err ? err : bind(w);
}

int store_walk_open(struct store_reader *r, enum shape_table table,
		    int64_t account, struct store_walk **out)
{
	struct store_walk *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return ERR_NOMEM;
	w->reader = r;
	w->table = table;
	w->account = account;
	err = write_sql(w);
	if (!err)
		err = database_days(r->main, &w->days, &w->day_count);
	if (err) {
		store_walk_close(w);
		return err;
	}
	*out = w;
	return 0;
}

void store_walk_close(struct store_walk *w)
{
	if (!w)
		return;
	close_day(w);
	free(w->days);
	free(w->sql);
	free(w);
}

static struct store_cell read_cell(sqlite3_stmt *stmt, int at,
				   const struct shape_column *column,
				   int64_t window_ms)
{
	struct store_cell cell = { .type = STORE_CELL_NONE };
	struct slice bytes;

	if (sqlite3_column_type(stmt, at) == SQLITE_NULL)
		return cell;
	if (column->kind == SHAPE_REMOTE || is_text(column->kind)) {
		bytes = database_bytes(stmt, at);
		cell.bytes = bytes.data;
		cell.len = (uint32_t)bytes.len;
		cell.type = column->kind == SHAPE_REMOTE &&
					    (bytes.len == 4 || bytes.len == 16)
				    ? STORE_CELL_ADDRESS
				    : STORE_CELL_BYTES;
		return cell;
	}
	cell.type = STORE_CELL_NUMBER;
	cell.number = sqlite3_column_int64(stmt, at);
	if (column->kind == SHAPE_TIME)
		cell.number += window_ms;
	return cell;
}

static void copy_bytes(sqlite3_stmt *stmt, int column, uint8_t *out, size_t len)
{
	struct slice bytes = database_bytes(stmt, column);

	if (bytes.len == len)
		memcpy(out, bytes.data, len);
	else
		memset(out, 0, len);
}

static void read_row(const struct store_walk *w, struct store_row *out)
{
	const struct shape *shape = &shapes[w->table];
	int64_t window_ms;

	out->account = sqlite3_column_int64(w->stmt, 1);
	copy_bytes(w->stmt, 2, out->account_name, sizeof(out->account_name));
	out->segment = (uint64_t)sqlite3_column_int64(w->stmt, 3);
	out->end_s = (uint32_t)sqlite3_column_int64(w->stmt, 4);
	out->device = sqlite3_column_int64(w->stmt, 5);
	copy_bytes(w->stmt, 6, out->device_key, sizeof(out->device_key));
	window_ms = (int64_t)out->end_s * 1000 - WINDOW_MS;
	for (unsigned i = 0; i < shape->column_count; i++)
		out->cells[i] = read_cell(w->stmt, (int)i + COLUMNS_BEFORE,
					  &shape->columns[i], window_ms);
}

void store_walk_pause(struct store_walk *w)
{
	if (w->stmt)
		sqlite3_reset(w->stmt);
	w->paused = w->stmt;
}

/* After a pause; a day that was purged meanwhile is not read on. */
static int resume(struct store_walk *w)
{
	bool held;
	int err;

	if (!w->paused)
		return 0;
	w->paused = false;
	err = reader_has_day(w->db, w->days[w->next_day - 1], &held);
	if (err)
		return err;
	if (held)
		return bind(w);
	close_day(w);
	return 0;
}

int store_walk_next(struct store_walk *w, struct store_row *out)
{
	if (resume(w))
		return ERR_IO;
	for (;;) {
		int rc = w->stmt ? sqlite3_step(w->stmt) : SQLITE_DONE;

		if (rc == SQLITE_ROW) {
			w->last = sqlite3_column_int64(w->stmt, 0);
			read_row(w, out);
			return 1;
		}
		if (rc != SQLITE_DONE)
			return ERR_IO;
		close_day(w);
		if (w->next_day == w->day_count)
			return 0;
		rc = open_day(w);
		if (rc)
			return rc;
	}
}

int store_devices(struct store_reader *r, int64_t account, int64_t *after,
		  int (*take)(void *user, const struct store_device_row *row),
		  void *user)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0, rc = SQLITE_ERROR;

	if (!database_ready(r->main, &stmt,
			    "SELECT a.name, d.key, d.oui, d.watched, "
			    "d.first_s, d.last_s, d.id FROM device d "
			    "JOIN account a ON a.id = d.account "
			    "WHERE ?1 IN (0, d.account) AND d.id > ?2 "
			    "ORDER BY d.id",
			    "ii", account, *after))
		while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
			struct store_device_row row = {
				.has_oui = database_bytes(stmt, 2).len == 3,
				.watched =
					sqlite3_column_type(stmt, 3) ==
							SQLITE_NULL
						? -1
						: sqlite3_column_int(stmt, 3),
				.first_s =
					(uint32_t)sqlite3_column_int64(stmt, 4),
				.last_s =
					(uint32_t)sqlite3_column_int64(stmt, 5),
			};

			copy_bytes(stmt, 0, row.account_name,
				   sizeof(row.account_name));
			copy_bytes(stmt, 1, row.key, sizeof(row.key));
			copy_bytes(stmt, 2, row.oui, sizeof(row.oui));
			*after = sqlite3_column_int64(stmt, 6);
			err = take(user, &row);
		}
	sqlite3_finalize(stmt);
	return err ? err : rc == SQLITE_DONE ? 0 : ERR_IO;
}

int store_accounts(struct store_reader *r, int64_t account, int64_t *after,
		   int (*take)(void *user, const struct store_account_row *row),
		   void *user)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0, rc = SQLITE_ERROR;

	if (!database_ready(r->main, &stmt,
			    "SELECT a.name, c.hash, a.client, a.utc_offset_min,"
			    " a.made_s, a.id FROM account a JOIN consent c "
			    "ON c.id = a.consent WHERE ?1 IN (0, a.id) "
			    "AND a.id > ?2 ORDER BY a.id",
			    "ii", account, *after))
		while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
			struct store_account_row row = {
				.client = (const char *)sqlite3_column_text(
					stmt, 2),
				.utc_offset_min = sqlite3_column_int(stmt, 3),
				.made_s =
					(uint32_t)sqlite3_column_int64(stmt, 4),
			};

			copy_bytes(stmt, 0, row.name, sizeof(row.name));
			copy_bytes(stmt, 1, row.consent_hash,
				   sizeof(row.consent_hash));
			*after = sqlite3_column_int64(stmt, 5);
			err = take(user, &row);
		}
	sqlite3_finalize(stmt);
	return err ? err : rc == SQLITE_DONE ? 0 : ERR_IO;
}

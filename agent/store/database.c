// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/roll.h"

void database_failed(struct store *s)
{
	s->counters.failures++;
	snprintf(s->error, sizeof(s->error), "%s", sqlite3_errmsg(s->db));
}

struct slice database_addr(const struct addr *addr)
{
	if (!addr || !addr->family)
		return (struct slice){ 0 };
	return slice_of(addr->b, addr->family == 4 ? 4 : 16);
}

struct slice database_blob_column(sqlite3_stmt *stmt, int column)
{
	const void *data = sqlite3_column_blob(stmt, column);
	int len = sqlite3_column_bytes(stmt, column);

	/* sqlite gives NULL for an empty blob too */
	if (!data)
		data = sqlite3_column_type(stmt, column) == SQLITE_NULL ? NULL
									: "";
	return slice_of(data, (size_t)len);
}

struct addr database_addr_column(sqlite3_stmt *stmt, int column)
{
	struct slice bytes = database_blob_column(stmt, column);

	if (bytes.data && bytes.len == 4)
		return addr_v4(bytes.data);
	if (bytes.data && bytes.len == 16)
		return addr_v6(bytes.data);
	return (struct addr){ 0 };
}

uint64_t database_number(sqlite3_stmt *stmt, int column)
{
	int64_t value = sqlite3_column_int64(stmt, column);

	return value < 0 ? 0 : (uint64_t)value;
}

int database_walked(struct store *s, sqlite3_stmt *stmt, int rc)
{
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		database_failed(s);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : ERR_IO;
}

static int bind_one(sqlite3_stmt *stmt, int at, char kind, va_list *args)
{
	struct slice bytes;
	const char *text;
	int64_t number;

	switch (kind) {
	case 'r':
		number = va_arg(*args, int64_t);
		return number ? sqlite3_bind_int64(stmt, at, number)
			      : sqlite3_bind_null(stmt, at);
	case 'i':
		return sqlite3_bind_int64(stmt, at, va_arg(*args, int64_t));
	case 't':
		text = va_arg(*args, const char *);
		return sqlite3_bind_text(stmt, at, text, -1, SQLITE_STATIC);
	case 'a':
		bytes = database_addr(va_arg(*args, const struct addr *));
		break;
	case 'b':
		bytes = va_arg(*args, struct slice);
		break;
	default:
		return SQLITE_MISUSE;
	}
	if (bytes.data && !bytes.len)
		return sqlite3_bind_zeroblob(stmt, at, 0);
	return sqlite3_bind_blob64(stmt, at, bytes.data, bytes.len,
				   SQLITE_STATIC);
}

static sqlite3_stmt *bind_all(struct store *s, enum statement which,
			      const char *format, va_list *args)
{
	sqlite3_stmt **stmt = &s->statements[which];

	if (!*stmt && sqlite3_prepare_v3(s->db, statement_text(which), -1,
					 SQLITE_PREPARE_PERSISTENT, stmt, NULL))
		goto failed;
	sqlite3_reset(*stmt);
	for (int i = 0; format[i]; i++)
		if (bind_one(*stmt, i + 1, format[i], args))
			goto failed;
	return *stmt;
failed:
	database_failed(s);
	return NULL;
}

sqlite3_stmt *database_bind(struct store *s, enum statement which,
			    const char *format, ...)
{
	sqlite3_stmt *stmt;
	va_list args;

	va_start(args, format);
	stmt = bind_all(s, which, format, &args);
	va_end(args);
	return stmt;
}

int database_run(struct store *s, enum statement which, const char *format, ...)
{
	sqlite3_stmt *stmt;
	va_list args;
	int rc;

	va_start(args, format);
	stmt = bind_all(s, which, format, &args);
	va_end(args);
	if (!stmt)
		return ERR_IO;
	do
		rc = sqlite3_step(stmt);
	while (rc == SQLITE_ROW);
	if (rc != SQLITE_DONE)
		database_failed(s);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE ? sqlite3_changes(s->db) : ERR_IO;
}

int database_begin(struct store *s)
{
	int changed;

	if (s->open)
		return 0;
	changed = database_run(s, STATEMENT_BEGIN, "");
	if (changed < 0)
		return changed;
	s->open = true;
	s->opened_ms = 0;
	s->transaction_windows = 0;
	s->transaction_rows = 0;
	return 0;
}

void database_rollback(struct store *s)
{
	sqlite3_stmt *stmt;

	if (!s->open)
		return;
	s->open = false;
	/* sqlite may have rolled back itself; then this fails, rightly */
	stmt = database_bind(s, STATEMENT_ROLLBACK, "");
	if (stmt) {
		sqlite3_step(stmt);
		sqlite3_reset(stmt);
	}
	roll_load(s);
	s->unmerged++; /* a merge may be undone */
	database_forget(s);
}

void database_forget(struct store *s)
{
	pool_forget(&s->pools);
	minute_forget(s);
}

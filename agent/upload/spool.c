// SPDX-License-Identifier: GPL-3.0-or-later
#include "upload/spool.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUSY_MS 200

struct spool {
	sqlite3 *db;
	uint64_t bytes; /* that wait */
	char error[SPOOL_WHY_BYTES];
};

static const char schema[] =
	"PRAGMA journal_mode=WAL;"
	"PRAGMA synchronous=FULL;"
	"PRAGMA secure_delete=ON;"
	"PRAGMA journal_size_limit=1048576;"
	"CREATE TABLE IF NOT EXISTS value(name TEXT PRIMARY KEY, value BLOB "
	"NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS segment("
	"number INTEGER PRIMARY KEY AUTOINCREMENT, fields INTEGER NOT NULL, "
	"made_ms INTEGER NOT NULL, line BLOB NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS count(name TEXT PRIMARY KEY, n INTEGER "
	"NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS sent(id INTEGER PRIMARY KEY, "
	"at_ms INTEGER NOT NULL, length INTEGER NOT NULL, "
	"compressed INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
	"CREATE TABLE IF NOT EXISTS asked(id INTEGER PRIMARY KEY, "
	"at_ms INTEGER NOT NULL, path TEXT NOT NULL, body BLOB NOT NULL) "
	"STRICT;";

static int failed(struct spool *s)
{
	snprintf(s->error, sizeof(s->error), "%s", sqlite3_errmsg(s->db));
	return ERR_IO;
}

/* A letter a parameter: 'i' int64_t, 't' text, 'b' slice. NULL on failure. */
static sqlite3_stmt *prepare(struct spool *s, const char *sql,
			     const char *format, va_list args)
{
	sqlite3_stmt *stmt;
	struct slice bytes;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL)) {
		(void)failed(s);
		return NULL;
	}
	for (int i = 1; format[i - 1]; i++) {
		if (format[i - 1] == 'i') {
			sqlite3_bind_int64(stmt, i, va_arg(args, int64_t));
		} else if (format[i - 1] == 't') {
			sqlite3_bind_text(stmt, i, va_arg(args, const char *),
					  -1, SQLITE_STATIC);
		} else {
			bytes = va_arg(args, struct slice);
			sqlite3_bind_blob64(stmt, i,
					    bytes.len ? (const void *)bytes.data
						      : "",
					    bytes.len, SQLITE_STATIC);
		}
	}
	return stmt;
}

static sqlite3_stmt *begin_query(struct spool *s, const char *sql,
				 const char *format, ...)
{
	sqlite3_stmt *stmt;
	va_list args;

	va_start(args, format);
	stmt = prepare(s, sql, format, args);
	va_end(args);
	return stmt;
}

static int run(struct spool *s, const char *sql, const char *format, ...)
{
	sqlite3_stmt *stmt;
	va_list args;
	int rc;

	va_start(args, format);
	stmt = prepare(s, sql, format, args);
	va_end(args);
	if (!stmt)
		return ERR_IO;
	do
		rc = sqlite3_step(stmt);
	while (rc == SQLITE_ROW);
	if (rc != SQLITE_DONE)
		(void)failed(s);
	else
		s->error[0] = '\0';
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : ERR_IO;
}

static int64_t number_of(struct spool *s, const char *sql)
{
	sqlite3_stmt *stmt = begin_query(s, sql, "");
	int64_t n = 0;

	if (stmt && sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static void sum_bytes(struct spool *s)
{
	s->bytes = (uint64_t)number_of(
		s, "SELECT coalesce(sum(length(line)), 0) FROM segment");
}

int spool_open(const char *path, struct spool **out, char why[SPOOL_WHY_BYTES])
{
	struct spool *s = calloc(1, sizeof(*s));

	if (!s)
		return ERR_NOMEM;
	if (sqlite3_open_v2(path, &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				    SQLITE_OPEN_NOFOLLOW,
			    NULL) ||
	    sqlite3_busy_timeout(s->db, BUSY_MS) ||
	    sqlite3_exec(s->db, schema, NULL, NULL, NULL)) {
		snprintf(why, SPOOL_WHY_BYTES, "%s", sqlite3_errmsg(s->db));
		spool_close(s);
		return ERR_IO;
	}
	sum_bytes(s);
	*out = s;
	return 0;
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	sqlite3_close(s->db);
	free(s);
}

const char *spool_error(const struct spool *s)
{
	return s->error;
}

static struct slice column(sqlite3_stmt *stmt, int i)
{
	const void *bytes = sqlite3_column_blob(stmt, i);

	return slice_of(bytes ? bytes : "",
			(size_t)sqlite3_column_bytes(stmt, i));
}

int spool_get(struct spool *s, const char *name, struct buf *out)
{
	sqlite3_stmt *stmt = begin_query(
		s, "SELECT value FROM value WHERE name = ?", "t", name);
	struct slice value;
	int rc, err = 0;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		value = column(stmt, 0);
		buf_append(out, value.data, value.len);
		err = buf_check(out);
	} else {
		err = rc == SQLITE_DONE ? ERR_NOTFOUND : failed(s);
	}
	sqlite3_finalize(stmt);
	return err;
}

int spool_put(struct spool *s, const char *name, struct slice value)
{
	if (!value.data)
		return run(s, "DELETE FROM value WHERE name = ?", "t", name);
	return run(s, "INSERT OR REPLACE INTO value VALUES(?, ?)", "tb", name,
		   value);
}

static int begin(struct spool *s)
{
	return run(s, "BEGIN IMMEDIATE", "");
}

/* Commits, or undoes what was done on err. */
static int end(struct spool *s, int err)
{
	char why[SPOOL_WHY_BYTES];

	if (!err)
		err = run(s, "COMMIT", "");
	if (err) {
		memcpy(why, s->error, sizeof(why));
		(void)!run(s, "ROLLBACK", "");
		memcpy(s->error, why, sizeof(why));
	}
	sum_bytes(s);
	return err;
}

static int count_up(struct spool *s, const char *name, uint64_t by)
{
	return run(s,
		   "INSERT INTO count VALUES(?, ?) ON CONFLICT(name) DO "
		   "UPDATE SET n = n + excluded.n",
		   "ti", name, (int64_t)by);
}

int spool_next(struct spool *s, uint64_t *number)
{
	s->error[0] = '\0';
	*number = (uint64_t)number_of(s, "SELECT coalesce(max(seq), 0) + 1 "
					 "FROM sqlite_sequence WHERE "
					 "name = 'segment'");
	return s->error[0] ? ERR_IO : 0;
}

/* No text of a line has a quote that is not escaped. */
#define LABELS "\"label\":"

static int note_labels(struct spool *s)
{
	return spool_put(s, SPOOL_LABELS_DROPPED, slice_text("1"));
}

/* The oldest go until what is left has room for so much more. */
static int make_room(struct spool *s, uint64_t bytes)
{
	uint64_t gone = 0, left = s->bytes;
	sqlite3_stmt *stmt;
	bool labels = false;
	int64_t last = 0;
	int err = 0;

	if (left + bytes <= SPOOL_BYTES_MAX)
		return 0;
	stmt = begin_query(s,
			   "SELECT number, length(line), instr(line, ?) FROM "
			   "segment ORDER BY number",
			   "b", slice_text(LABELS));
	while (stmt && left + bytes > SPOOL_BYTES_MAX &&
	       sqlite3_step(stmt) == SQLITE_ROW) {
		last = sqlite3_column_int64(stmt, 0);
		left -= (uint64_t)sqlite3_column_int64(stmt, 1);
		labels |= sqlite3_column_int64(stmt, 2) > 0;
		gone++;
	}
	sqlite3_finalize(stmt);
	if (gone)
		err = run(s, "DELETE FROM segment WHERE number <= ?", "i",
			  last);
	if (!err && labels)
		err = note_labels(s);
	return err ? err : count_up(s, "dropped", gone);
}

int spool_add(struct spool *s, const struct spool_segment *segment)
{
	int err = begin(s);

	if (err)
		return err;
	err = make_room(s, segment->line.len);
	if (!err)
		err = run(s, "INSERT INTO segment VALUES(?, ?, ?, ?)", "iiib",
			  (int64_t)segment->number, (int64_t)segment->fields,
			  (int64_t)segment->made_ms, segment->line);
	return end(s, err);
}

int spool_each(struct spool *s,
	       bool (*visit)(void *user, const struct spool_segment *segment),
	       void *user)
{
	sqlite3_stmt *stmt = begin_query(s,
					 "SELECT number, fields, made_ms, line "
					 "FROM segment ORDER BY number",
					 "");
	int rc = SQLITE_ERROR;

	while (stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct spool_segment segment = {
			.number = (uint64_t)sqlite3_column_int64(stmt, 0),
			.fields = (uint32_t)sqlite3_column_int64(stmt, 1),
			.made_ms = (uint64_t)sqlite3_column_int64(stmt, 2),
			.line = column(stmt, 3),
		};

		if (!visit(user, &segment))
			break;
	}
	if (rc != SQLITE_ROW && rc != SQLITE_DONE)
		(void)failed(s);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : ERR_IO;
}

int spool_accepted(struct spool *s, uint64_t first, uint64_t last)
{
	int err = begin(s);

	if (err)
		return err;
	err = run(s, "DELETE FROM segment WHERE number BETWEEN ? AND ?", "ii",
		  (int64_t)first, (int64_t)last);
	if (!err)
		err = count_up(s, "sent", (uint64_t)sqlite3_changes(s->db));
	return end(s, err);
}

int spool_refused(struct spool *s, uint64_t number)
{
	int err = begin(s);

	if (err)
		return err;
	err = run(s, "DELETE FROM segment WHERE number = ?", "i",
		  (int64_t)number);
	if (!err)
		err = count_up(s, "refused", (uint64_t)sqlite3_changes(s->db));
	return end(s, err);
}

static bool has(struct slice line, const char *text)
{
	return memmem(line.data, line.len, text, strlen(text));
}

static int drop_one(struct spool *s, uint64_t number, struct slice line)
{
	/* before what is lent of the line goes */
	int err = has(line, LABELS) ? note_labels(s) : 0;

	if (!err)
		err = run(s, "DELETE FROM segment WHERE number = ?", "i",
			  (int64_t)number);
	return err ? err : count_up(s, "dropped", 1);
}

static int edit_one(struct spool *s, uint64_t number, uint32_t fields,
		    struct slice line, const struct share_edit *edit)
{
	struct share_edit e = *edit;
	struct buf made;
	int err;

	e.fields = fields;
	e.keep &= fields;
	buf_init(&made, SHARE_LINE_MAX);
	err = share_json_edit(line, &e, &made);
	/* what only seemed to have it is not written anew */
	if (!err && e.keep == fields && slice_equal(buf_slice(&made), line))
		goto out;
	if (!err)
		err = run(s,
			  "UPDATE segment SET line = ?, fields = ? WHERE "
			  "number = ?",
			  "bii", buf_slice(&made), (int64_t)e.keep,
			  (int64_t)number);
	else /* what cannot be mended does not go */
		err = drop_one(s, number, line);
out:
	buf_done(&made);
	return err;
}

static bool has_device(struct slice line, const struct share_edit *edit)
{
	uint64_t end_s = share_json_end(line);
	const char *id;

	for (size_t n = 0;
	     edit->device && (id = edit->device(edit->user, end_s, n)); n++)
		if (has(line, id))
			return true;
	return false;
}

/* Whether the edit changes a segment at all. */
static bool is_touched(const struct share_edit *edit, uint32_t fields,
		       struct slice line)
{
	return edit->names || (fields & ~edit->keep) ||
	       has_device(line, edit) ||
	       /* of a text with a backslash the line has another form */
	       (edit->says &&
		(has(line, "\\") || edit->says(edit->user, line)));
}

static int forget_sent(struct spool *s)
{
	int err = run(s, "DELETE FROM sent", "");

	return err ? err : run(s, "DELETE FROM asked", "");
}

int spool_edit(struct spool *s, const struct share_edit *edit)
{
	sqlite3_stmt *stmt;
	int err = begin(s), rc = SQLITE_ERROR;

	if (err)
		return err;
	stmt = begin_query(s, "SELECT number, fields, line FROM segment", "");
	while (!err && stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		uint32_t fields = (uint32_t)sqlite3_column_int64(stmt, 1);
		struct slice line = column(stmt, 2);

		if (is_touched(edit, fields, line))
			err = edit_one(s,
				       (uint64_t)sqlite3_column_int64(stmt, 0),
				       fields, line, edit);
	}
	if (!err && rc != SQLITE_DONE)
		err = failed(s);
	sqlite3_finalize(stmt);
	/* what went may have it too */
	if (!err)
		err = forget_sent(s);
	err = end(s, err);
	(void)!run(s, "PRAGMA wal_checkpoint(TRUNCATE)", "");
	return err;
}

int spool_clear(struct spool *s)
{
	int err = begin(s);

	if (err)
		return err;
	err = run(s, "DELETE FROM segment", "");
	if (!err)
		err = forget_sent(s);
	err = end(s, err);
	(void)!run(s, "PRAGMA wal_checkpoint(TRUNCATE)", "");
	return err;
}

int spool_outdated(struct spool *s)
{
	int err = begin(s);

	if (err)
		return err;
	err = run(s, "DELETE FROM segment", "");
	if (!err)
		err = count_up(s, "outdated", (uint64_t)sqlite3_changes(s->db));
	err = end(s, err);
	(void)!run(s, "PRAGMA wal_checkpoint(TRUNCATE)", "");
	return err;
}

int spool_begin(struct spool *s)
{
	int err = spool_clear(s);

	if (!err)
		err = run(s, "DELETE FROM count", "");
	if (!err)
		err = run(s, "DELETE FROM sqlite_sequence", "");
	return err;
}

int spool_note_sent(struct spool *s, uint64_t at_ms, struct slice body,
		    uint64_t compressed)
{
	int err = begin(s);

	if (err)
		return err;
	err = run(s,
		  "INSERT INTO sent(at_ms, length, compressed, body) "
		  "VALUES(?, ?, ?, ?)",
		  "iiib", (int64_t)at_ms, (int64_t)body.len,
		  (int64_t)compressed, body);
	if (!err)
		err = run(s,
			  "DELETE FROM sent WHERE id IN (SELECT id FROM "
			  "(SELECT id, row_number() OVER newest AS n, "
			  "sum(length) OVER newest AS total FROM sent "
			  "WINDOW newest AS (ORDER BY id DESC)) "
			  "WHERE n > ? OR (n > 1 AND total > ?))",
			  "ii", (int64_t)SPOOL_SENT_MAX,
			  (int64_t)SPOOL_SENT_BYTES_MAX);
	if (!err)
		err = count_up(s, "sent_bytes", compressed);
	return end(s, err);
}

int spool_each_sent(struct spool *s,
		    bool (*visit)(void *user, uint64_t at_ms, struct slice body,
				  uint64_t length, uint64_t compressed),
		    void *user)
{
	sqlite3_stmt *stmt = begin_query(s,
					 "SELECT at_ms, body, length, "
					 "compressed FROM sent ORDER BY id "
					 "DESC",
					 "");
	int rc = SQLITE_ERROR;

	while (stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		if (!visit(user, (uint64_t)sqlite3_column_int64(stmt, 0),
			   column(stmt, 1),
			   (uint64_t)sqlite3_column_int64(stmt, 2),
			   (uint64_t)sqlite3_column_int64(stmt, 3)))
			break;
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : failed(s);
}

int spool_sent_at(struct spool *s, uint64_t at_ms, struct buf *out)
{
	sqlite3_stmt *stmt =
		begin_query(s,
			    "SELECT body FROM sent WHERE at_ms = ? "
			    "AND length(body) = length",
			    "i", (int64_t)at_ms);
	int rc = SQLITE_ERROR, err = ERR_NOTFOUND;
	struct slice body;

	if (stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		body = column(stmt, 0);
		buf_append(out, body.data, body.len);
		err = buf_check(out);
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? err : failed(s);
}

int spool_note_asked(struct spool *s, uint64_t at_ms, const char *path,
		     struct slice body)
{
	int err = begin(s);

	if (err)
		return err;
	err = run(s, "INSERT INTO asked(at_ms, path, body) VALUES(?, ?, ?)",
		  "itb", (int64_t)at_ms, path, body);
	if (!err)
		err = run(s,
			  "DELETE FROM asked WHERE id NOT IN (SELECT id FROM "
			  "asked ORDER BY id DESC LIMIT ?)",
			  "i", (int64_t)SPOOL_ASKED_MAX);
	return end(s, err);
}

int spool_each_asked(struct spool *s,
		     bool (*visit)(void *user, uint64_t at_ms, const char *path,
				   struct slice body),
		     void *user)
{
	sqlite3_stmt *stmt = begin_query(s,
					 "SELECT at_ms, path, body FROM asked "
					 "ORDER BY id DESC",
					 "");
	int rc = SQLITE_ERROR;

	while (stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		const void *path = sqlite3_column_text(stmt, 1);

		if (!visit(user, (uint64_t)sqlite3_column_int64(stmt, 0),
			   path ? path : "", column(stmt, 2)))
			break;
	}
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? 0 : failed(s);
}

static uint64_t count_of(struct spool *s, const char *name)
{
	sqlite3_stmt *stmt =
		begin_query(s, "SELECT n FROM count WHERE name = ?", "t", name);
	uint64_t n = 0;

	if (stmt && sqlite3_step(stmt) == SQLITE_ROW)
		n = (uint64_t)sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

void spool_counts(struct spool *s, struct spool_counts *out)
{
	*out = (struct spool_counts){
		.waiting = (uint64_t)number_of(s, "SELECT count(*) FROM "
						  "segment"),
		.waiting_bytes = s->bytes,
		.oldest_ms = (uint64_t)number_of(s, "SELECT coalesce("
						    "min(made_ms), 0) "
						    "FROM segment"),
		.sent = count_of(s, "sent"),
		.sent_bytes = count_of(s, "sent_bytes"),
		.dropped = count_of(s, "dropped"),
		.refused = count_of(s, "refused"),
		.outdated = count_of(s, "outdated"),
	};
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/raw.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "study/fleet_rows.h"
#include "study/import/header.h"
#include "study/import/quotes.h"

/* A statement: some names and types of at most 256 columns, and a path. */
#define SQL_BYTES_MAX  ((size_t)256 << 10)
#define LINE_BYTES_MAX ((size_t)4096)
/* How much of a file is read at once when its quotes are looked at. */
#define CHUNK_BYTES ((size_t)64 << 10)

/* A folder called "year=2026" is no column. */
#define NO_HIVE ", hive_partitioning = false"

/* One file while it is read. */
struct reading {
	struct fleet *fleet;
	const struct raw_file *file;
	struct raw_log *log;
	char path[PATH_MAX];
	const char *name; /* in the path, behind the last '/' */
	bool is_parquet;
	struct header header;
};

void raw_tell(struct raw_log *log, const char *format, ...)
{
	struct buf line, safe;
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	buf_init(&line, LINE_BYTES_MAX);
	buf_init(&safe, 4 * LINE_BYTES_MAX);
	buf_append(&line, text ? text : "",
		   strnlen(text ? text : "", LINE_BYTES_MAX - 1));
	text_escape(&safe, buf_slice(&line));
	log->tell(log->user, buf_text(&safe));
	buf_done(&line);
	buf_done(&safe);
	free(text);
}

static bool find_path(const char *folder, const char *prefix, const char *name,
		      const char *ending, char out[PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s/%s%s.%s", folder, prefix, name,
			 ending);

	return n > 0 && n < PATH_MAX && !access(out, F_OK);
}

bool raw_is_there(const char *folder, const char *prefix, const char *name)
{
	char path[PATH_MAX];

	return find_path(folder, prefix, name, "csv", path) ||
	       find_path(folder, prefix, name, "parquet", path);
}

/* -- columns */

static int read_csv_header(struct reading *r)
{
	char *bytes = malloc(HEADER_BYTES_MAX);
	FILE *file = fopen(r->path, "rb");
	int err = 0;
	size_t len = 0;

	if (!bytes)
		err = ERR_NOMEM;
	else if (file)
		len = fread(bytes, 1, HEADER_BYTES_MAX, file);
	if (!err && (!file || ferror(file))) {
		raw_tell(r->log, "%s: %s", r->path, strerror(errno));
		err = ERR_IO;
	}
	if (!err) {
		err = header_read(slice_of(bytes, len), len < HEADER_BYTES_MAX,
				  &r->header);
		if (err)
			raw_tell(r->log,
				 "%s:1: the line is no names of columns,"
				 " each once, with commas between them",
				 r->name);
	}
	if (file)
		fclose(file);
	free(bytes);
	return err;
}

/* The statement may name the path, and so is put together from parts. */
static int run(struct reading *r, struct buf *sql)
{
	int err = buf_check(sql);

	return err ? err : fleet_run(r->fleet, buf_text(sql));
}

static void put_quoted(struct buf *sql, const char *text)
{
	char *quoted = fleet_quote(text);

	buf_puts(sql, quoted ? quoted : "NULL");
	free(quoted);
}

/* A name in the file, as the engine quotes names. */
static void put_name(struct buf *sql, const char *name)
{
	buf_puts(sql, "\"");
	for (; *name; name++)
		buf_append(sql, *name == '"' ? "\"\"" : name,
			   *name == '"' ? 2 : 1);
	buf_puts(sql, "\"");
}

static void put_parquet(const struct reading *r, const char *options,
			struct buf *sql)
{
	buf_puts(sql, "read_parquet(");
	put_quoted(sql, r->path);
	buf_printf(sql, NO_HIVE "%s)", options);
}

static int read_parquet_header(struct reading *r)
{
	struct fleet_cursor c;
	struct buf sql;
	int err;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "SELECT column_name FROM (DESCRIBE SELECT * FROM ");
	put_parquet(r, "", &sql);
	buf_puts(&sql, ")");
	err = buf_check(&sql);
	if (!err)
		err = fleet_cursor_begin(&c, r->fleet, buf_text(&sql));
	buf_done(&sql);
	if (err)
		return err;
	r->header.count = 0;
	while (!err && fleet_cursor_next(&c)) {
		struct slice name = fleet_cursor_text(&c, 0);

		if (r->header.count == HEADER_COLUMNS_MAX ||
		    name.len >= HEADER_NAME_BYTES) {
			err = ERR_LIMIT;
			break;
		}
		snprintf(r->header.names[r->header.count++], HEADER_NAME_BYTES,
			 "%.*s", (int)name.len, (const char *)name.data);
	}
	fleet_cursor_end(&c);
	return err;
}

static const struct raw_column *find_column(const struct raw_file *file,
					    const char *name)
{
	for (const struct raw_column *c = file->columns; c->name; c++)
		if (!strcmp(c->name, name))
			return c;
	return NULL;
}

static bool has_column(const struct header *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (!strcmp(h->names[i], name))
			return true;
	return false;
}

/* All that are missing are told, not the first alone. */
static int check_columns(struct reading *r)
{
	int err = 0;

	for (const struct raw_column *c = r->file->columns; c->name; c++) {
		if (c->may_lack || has_column(&r->header, c->name))
			continue;
		raw_tell(r->log, "%s:1: there is no column %s", r->name,
			 c->name);
		err = ERR_MALFORMED;
	}
	for (size_t i = 0; i < r->header.count; i++) {
		if (r->file->may_have_more ||
		    find_column(r->file, r->header.names[i]))
			continue;
		raw_tell(r->log,
			 "%s:1: the column %s is not known, and left"
			 " out",
			 r->name, r->header.names[i]);
		if (r->log->is_strict)
			err = ERR_MALFORMED;
	}
	return err;
}

/* -- rows */

static bool is_words(const struct reading *r, const char *name)
{
	const struct raw_column *c = find_column(r->file, name);

	return c && !c->is_code && !strcmp(c->type, "VARCHAR");
}

static void tell_formula(struct reading *r, const char *row, uint64_t number,
			 const char *column)
{
	raw_tell(r->log,
		 "%s:%s%llu: %s is a formula to a spreadsheet; it stays text",
		 r->name, row, (unsigned long long)number, column);
}

/* Of more than are told one by one. */
static int tell_more_formulas(struct reading *r, uint64_t count, uint64_t told)
{
	if (count > told)
		raw_tell(r->log, "%s: and %llu more cells like these", r->name,
			 (unsigned long long)(count - told));
	return count && r->log->is_strict ? ERR_MALFORMED : 0;
}

static int tell_cells(struct reading *r, const struct quotes_cells *cells)
{
	uint64_t told = 0;

	for (; told < cells->count && told < QUOTES_CELLS_MAX; told++)
		tell_formula(r, "", cells->first[told].line,
			     r->header.names[cells->first[told].column]);
	return tell_more_formulas(r, cells->count, told);
}

/* All bytes of the file, up to a quote that is not closed. */
static int read_quotes(struct reading *r, struct quotes *quotes, bool *closes)
{
	uint8_t *bytes = malloc(CHUNK_BYTES);
	FILE *file = fopen(r->path, "rb");
	size_t len = 0;
	int err = bytes ? 0 : ERR_NOMEM;

	*closes = true;
	while (!err && file && *closes &&
	       (len = fread(bytes, 1, CHUNK_BYTES, file)))
		*closes = quotes_take(quotes, slice_of(bytes, len));
	if (!err && (!file || ferror(file))) {
		raw_tell(r->log, "%s: %s", r->path, strerror(errno));
		err = ERR_IO;
	}
	*closes = *closes && quotes_may_end(quotes);
	if (file)
		fclose(file);
	free(bytes);
	return err;
}

/* The engine would take what an open quote swallows for one row. */
static int check_quotes(struct reading *r)
{
	bool is_text[HEADER_COLUMNS_MAX], closes;
	struct quotes_cells cells = { .is_text = is_text,
				      .columns = r->header.count };
	struct quotes quotes;
	int err;

	for (size_t i = 0; i < r->header.count; i++)
		is_text[i] = is_words(r, r->header.names[i]);
	quotes_init(&quotes, &cells);
	err = read_quotes(r, &quotes, &closes);
	if (err)
		return err;
	err = tell_cells(r, &cells);
	if (!closes)
		raw_tell(r->log,
			 "%s:%llu: a quote is opened here and not closed; the"
			 " rows behind it cannot be told apart",
			 r->name, (unsigned long long)quotes.opened);
	else if (quotes.odd)
		raw_tell(r->log,
			 "%s:%llu: the line does not end as the first does, by"
			 " LF or by CR LF; rows cannot be told apart",
			 r->name, (unsigned long long)quotes.odd);
	return closes && !quotes.odd ? err : ERR_MALFORMED;
}

/* The same of a file that has no lines: by rows. */
static int check_parquet_cells(struct reading *r)
{
	struct fleet_cursor c;
	struct buf sql;
	uint64_t count = 0;
	bool has_words = false;
	int err;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "SELECT row, word FROM (");
	for (const struct raw_column *w = r->file->columns; w->name; w++) {
		if (!is_words(r, w->name) || !has_column(&r->header, w->name))
			continue;
		buf_puts(&sql, has_words ? " UNION ALL" : "");
		buf_puts(&sql, " SELECT file_row_number + 1 AS row, ");
		put_quoted(&sql, w->name);
		buf_puts(&sql, " AS word FROM ");
		put_parquet(r, ", file_row_number = true", &sql);
		buf_puts(&sql, " WHERE regexp_matches(");
		put_name(&sql, w->name);
		buf_puts(&sql, "::VARCHAR, '^[=+@\\t\\r-]')");
		has_words = true;
	}
	buf_puts(&sql, ") ORDER BY ALL");
	err = has_words ? buf_check(&sql) : ERR_NOTFOUND;
	if (!err)
		err = fleet_cursor_begin(&c, r->fleet, buf_text(&sql));
	buf_done(&sql);
	if (err)
		return has_words ? err : 0;
	for (; fleet_cursor_next(&c); count++) {
		struct slice word = fleet_cursor_text(&c, 1);
		char name[HEADER_NAME_BYTES];

		snprintf(name, sizeof(name), "%.*s", (int)word.len,
			 (const char *)word.data);
		if (count < QUOTES_CELLS_MAX)
			tell_formula(r, " row ",
				     (uint64_t)fleet_cursor_int(&c, 0), name);
	}
	fleet_cursor_end(&c);
	return tell_more_formulas(
		r, count, count < QUOTES_CELLS_MAX ? count : QUOTES_CELLS_MAX);
}

static void put_source(struct reading *r, struct buf *sql)
{
	if (r->is_parquet) {
		put_parquet(r, "", sql);
		return;
	}
	buf_puts(sql, "read_csv(");
	put_quoted(sql, r->path);
	buf_printf(sql,
		   NO_HIVE ", auto_detect = false, header = true, delim = ',',"
			   " quote = '\"', escape = '\"', store_rejects = true,"
			   " rejects_limit = %d, columns = {",
		   RAW_REJECTS_MAX);
	for (size_t i = 0; i < r->header.count; i++) {
		const struct raw_column *c =
			find_column(r->file, r->header.names[i]);

		buf_puts(sql, i ? ", " : "");
		put_quoted(sql, r->header.names[i]);
		buf_printf(sql, ": '%s'", c ? c->type : "VARCHAR");
	}
	buf_puts(sql, "})");
}

static int load(struct reading *r)
{
	struct buf sql;
	int err;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql, "CREATE OR REPLACE TEMP TABLE raw_%s AS SELECT ",
		   r->file->name);
	for (const struct raw_column *c = r->file->columns; c->name; c++) {
		buf_puts(&sql, c == r->file->columns ? "" : ", ");
		if (has_column(&r->header, c->name)) {
			buf_puts(&sql, "CAST(");
			put_name(&sql, c->name);
			buf_printf(&sql, " AS %s) AS ", c->type);
		} else {
			buf_printf(&sql, "NULL::%s AS ", c->type);
		}
		put_name(&sql, c->name);
	}
	buf_puts(&sql, " FROM ");
	put_source(r, &sql);
	err = run(r, &sql);
	buf_done(&sql);
	if (err)
		raw_tell(r->log, "%s: %s", r->name, r->fleet->error);
	return err;
}

static int make_empty(struct fleet *f, const struct raw_file *file)
{
	struct buf sql;
	int err;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_printf(&sql, "CREATE OR REPLACE TEMP TABLE raw_%s(", file->name);
	for (const struct raw_column *c = file->columns; c->name; c++)
		buf_printf(&sql, "%s\"%s\" %s", c == file->columns ? "" : ", ",
			   c->name, c->type);
	buf_puts(&sql, ")");
	err = buf_check(&sql);
	if (!err)
		err = fleet_run(f, buf_text(&sql));
	buf_done(&sql);
	return err;
}

/* What the engine left out of the last file, and then forgets. */
static int tell_rejects(struct reading *r)
{
	struct fleet_cursor c;
	int64_t rows = 0, told = 0;
	int err = fleet_number(r->fleet,
			       "SELECT count(DISTINCT line) FROM reject_errors",
			       &rows);

	if (!err && rows)
		err = fleet_cursor_begin(
			&c, r->fleet,
			"SELECT line::BIGINT, any_value(error_message)"
			" FROM reject_errors GROUP BY line ORDER BY line");
	if (err || !rows)
		return err;
	while (told < RAW_TOLD_MAX && fleet_cursor_next(&c)) {
		struct slice why = fleet_cursor_text(&c, 1);

		raw_tell(r->log, "%s:%lld: %.*s", r->name,
			 (long long)fleet_cursor_int(&c, 0),
			 (int)(why.len < 200 ? why.len : 200),
			 (const char *)why.data);
		told++;
	}
	fleet_cursor_end(&c);
	if (rows > told)
		raw_tell(r->log, "%s: and %lld more rows like these%s", r->name,
			 (long long)(rows - told),
			 rows >= RAW_REJECTS_MAX ? " at least" : "");
	r->log->rows_left_out += (uint64_t)rows;
	err = fleet_run(r->fleet, "DELETE FROM reject_errors;"
				  "DELETE FROM reject_scans");
	return !err && r->log->is_strict ? ERR_MALFORMED : err;
}

/* A pipe would be waited for, and a device may have no end. */
static int check_file(const struct reading *r)
{
	struct stat st;

	if (stat(r->path, &st)) {
		raw_tell(r->log, "%s: %s", r->path, strerror(errno));
		return ERR_IO;
	}
	if (S_ISREG(st.st_mode))
		return 0;
	raw_tell(r->log, "%s: is no file", r->path);
	return ERR_MALFORMED;
}

/* What is at the path, which is found. */
static int read_path(struct reading *r)
{
	const char *slash = strrchr(r->path, '/');
	int err = check_file(r);

	if (err)
		return err;
	r->name = slash ? slash + 1 : r->path;
	err = r->is_parquet ? read_parquet_header(r) : read_csv_header(r);
	if (err && r->is_parquet)
		raw_tell(r->log, "%s: %s", r->name, r->fleet->error);
	if (!err)
		err = check_columns(r);
	if (!err)
		err = r->is_parquet ? check_parquet_cells(r) : check_quotes(r);
	if (!err)
		err = load(r);
	if (!err && !r->is_parquet)
		err = tell_rejects(r);
	return err;
}

int raw_read_path(struct fleet *f, const char *path,
		  const struct raw_file *file, struct raw_log *log)
{
	struct reading r = { .fleet = f, .file = file, .log = log };
	size_t length = strlen(path);
	int n = snprintf(r.path, sizeof(r.path), "%s", path);

	if (n < 0 || n >= PATH_MAX)
		return ERR_LIMIT;
	r.is_parquet = length > 8 && !strcmp(path + length - 8, ".parquet");
	return read_path(&r);
}

int raw_read(struct fleet *f, const char *folder, const char *prefix,
	     const struct raw_file *file, struct raw_log *log, bool *found)
{
	struct reading r = { .fleet = f, .file = file, .log = log };

	*found = true;
	r.is_parquet = find_path(folder, prefix, file->name, "parquet", r.path);
	if (!r.is_parquet)
		*found = find_path(folder, prefix, file->name, "csv", r.path);
	if (!*found && !file->may_lack) {
		raw_tell(log, "%s: there is no %s%s.csv", folder, prefix,
			 file->name);
		return ERR_NOTFOUND;
	}
	if (!*found)
		return make_empty(f, file);
	return read_path(&r);
}

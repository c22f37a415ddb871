// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/fleet_rows.h"

#include <stdio.h>
#include <string.h>

static void check(struct fleet_rows *r, duckdb_state state)
{
	const char *why;

	if (state == DuckDBSuccess || r->err)
		return;
	why = duckdb_appender_error(r->appender);
	snprintf(r->fleet->error, sizeof(r->fleet->error), "%.*s",
		 (int)strcspn(why ? why : "", "\n"), why ? why : "");
	r->err = ERR_IO;
}

int fleet_rows_begin(struct fleet_rows *r, struct fleet *f, const char *table)
{
	*r = (struct fleet_rows){ .fleet = f };
	check(r,
	      duckdb_appender_create(f->connection, NULL, table, &r->appender));
	if (r->err)
		duckdb_appender_destroy(&r->appender);
	return r->err;
}

void fleet_rows_int(struct fleet_rows *r, int64_t value)
{
	if (!r->err)
		check(r, duckdb_append_int64(r->appender, value));
}

void fleet_rows_double(struct fleet_rows *r, double value)
{
	if (!r->err)
		check(r, duckdb_append_double(r->appender, value));
}

void fleet_rows_bool(struct fleet_rows *r, bool value)
{
	if (!r->err)
		check(r, duckdb_append_bool(r->appender, value));
}

void fleet_rows_text_of(struct fleet_rows *r, struct slice text)
{
	if (!r->err)
		check(r, duckdb_append_varchar_length(r->appender,
						      (const char *)text.data,
						      text.len));
}

void fleet_rows_text(struct fleet_rows *r, const char *text)
{
	if (text)
		fleet_rows_text_of(r, slice_of(text, strlen(text)));
	else
		fleet_rows_null(r);
}

void fleet_rows_null(struct fleet_rows *r)
{
	if (!r->err)
		check(r, duckdb_append_null(r->appender));
}

void fleet_rows_next(struct fleet_rows *r)
{
	if (!r->err)
		check(r, duckdb_appender_end_row(r->appender));
}

int fleet_rows_end(struct fleet_rows *r)
{
	if (!r->err)
		check(r, duckdb_appender_close(r->appender));
	duckdb_appender_destroy(&r->appender);
	return r->err;
}

int fleet_cursor_begin(struct fleet_cursor *c, struct fleet *f, const char *sql)
{
	*c = (struct fleet_cursor){ 0 };
	return fleet_query(f, sql, &c->result);
}

bool fleet_cursor_next(struct fleet_cursor *c)
{
	c->row++;
	while (!c->chunk || c->row >= c->rows) {
		duckdb_destroy_data_chunk(&c->chunk);
		c->chunk = duckdb_fetch_chunk(c->result);
		if (!c->chunk)
			return false;
		c->rows = duckdb_data_chunk_get_size(c->chunk);
		c->row = 0;
	}
	return true;
}

void fleet_cursor_end(struct fleet_cursor *c)
{
	duckdb_destroy_data_chunk(&c->chunk);
	duckdb_destroy_result(&c->result);
}

static void *data_of(const struct fleet_cursor *c, unsigned column)
{
	return duckdb_vector_get_data(
		duckdb_data_chunk_get_vector(c->chunk, column));
}

bool fleet_cursor_null(const struct fleet_cursor *c, unsigned column)
{
	uint64_t *valid = duckdb_vector_get_validity(
		duckdb_data_chunk_get_vector(c->chunk, column));

	return valid && !duckdb_validity_row_is_valid(valid, c->row);
}

struct slice fleet_cursor_text(const struct fleet_cursor *c, unsigned column)
{
	duckdb_string_t *text;

	if (fleet_cursor_null(c, column))
		return (struct slice){ 0 };
	text = (duckdb_string_t *)data_of(c, column) + c->row;
	return slice_of(duckdb_string_t_data(text),
			duckdb_string_t_length(*text));
}

int64_t fleet_cursor_int(const struct fleet_cursor *c, unsigned column)
{
	duckdb_result result = c->result;
	const void *data = data_of(c, column);

	if (fleet_cursor_null(c, column))
		return 0;
	switch (duckdb_column_type(&result, column)) {
	case DUCKDB_TYPE_BOOLEAN:
		return ((const bool *)data)[c->row];
	case DUCKDB_TYPE_TINYINT:
		return ((const int8_t *)data)[c->row];
	case DUCKDB_TYPE_UTINYINT:
		return ((const uint8_t *)data)[c->row];
	case DUCKDB_TYPE_SMALLINT:
		return ((const int16_t *)data)[c->row];
	case DUCKDB_TYPE_USMALLINT:
		return ((const uint16_t *)data)[c->row];
	case DUCKDB_TYPE_INTEGER:
		return ((const int32_t *)data)[c->row];
	case DUCKDB_TYPE_UINTEGER:
		return ((const uint32_t *)data)[c->row];
	default:
		return ((const int64_t *)data)[c->row];
	}
}

double fleet_cursor_double(const struct fleet_cursor *c, unsigned column)
{
	return fleet_cursor_null(c, column)
		       ? 0
		       : ((const double *)data_of(c, column))[c->row];
}

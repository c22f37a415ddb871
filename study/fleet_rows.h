// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_FLEET_ROWS_H
#define STUDY_FLEET_ROWS_H

#include "base/slice.h"
#include "study/fleet.h"

/**
 * Rows on their way into a table, many times faster than INSERT. Errors stick:
 * check the last call alone.
 */
struct fleet_rows {
	struct fleet *fleet;
	duckdb_appender appender;
	int err;
};

int fleet_rows_begin(struct fleet_rows *r, struct fleet *f,
		     const char *table) must_check;
void fleet_rows_int(struct fleet_rows *r, int64_t value);
void fleet_rows_double(struct fleet_rows *r, double value);
void fleet_rows_bool(struct fleet_rows *r, bool value);
/** NULL is NULL; the text is copied and is UTF-8. */
void fleet_rows_text(struct fleet_rows *r, const char *text);
void fleet_rows_text_of(struct fleet_rows *r, struct slice text);
void fleet_rows_null(struct fleet_rows *r);
/** Ends one row. */
void fleet_rows_next(struct fleet_rows *r);
/** Ends the rows; ERR_IO when any was refused. */
int fleet_rows_end(struct fleet_rows *r) must_check;

/** Rows of a result, one after the other. */
struct fleet_cursor {
	duckdb_result result;
	duckdb_data_chunk chunk;
	uint64_t row, rows; /* in the chunk */
};

int fleet_cursor_begin(struct fleet_cursor *c, struct fleet *f,
		       const char *sql) must_check;
/** False after the last row. */
bool fleet_cursor_next(struct fleet_cursor *c);
void fleet_cursor_end(struct fleet_cursor *c);
bool fleet_cursor_null(const struct fleet_cursor *c, unsigned column);
/** Of the columns' exact types; valid until the next row. */
struct slice fleet_cursor_text(const struct fleet_cursor *c, unsigned column);
/** Any integer type or BOOLEAN; 0 for NULL. */
int64_t fleet_cursor_int(const struct fleet_cursor *c, unsigned column);
/** DOUBLE; 0 for NULL. */
double fleet_cursor_double(const struct fleet_cursor *c, unsigned column);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_GRID_H
#define STUDY_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "study/fleet.h"

/*
 * The rows of a query as text, to be written down: in the engine's own
 * spelling of numbers ("0.5", "1.0"), NULL where there is nothing to say.
 */

/** Cells of one grid: more than anybody reads, less than memory. */
#define GRID_CELLS_MAX ((size_t)1 << 24)

struct grid {
	size_t columns, rows;
	char **names;  /* of the columns */
	bool *is_text; /* of the columns: not a number */
	char **cells;  /* row after row; NULL for nothing */
};

/** ERR_IO, and f->error says why; ERR_NOMEM; ERR_LIMIT. */
int grid_query(struct grid *g, struct fleet *f, const char *sql) must_check;
void grid_done(struct grid *g);

static inline const char *grid_cell(const struct grid *g, size_t row,
				    size_t column)
{
	return g->cells[row * g->columns + column];
}

/** The column's number; g->columns when there is none of that name. */
size_t grid_column(const struct grid *g, const char *name);

/*
 * Appended to out, to be checked by buf_check(). shares: the columns that are
 * shares of 1, joined by ", ", which people see as percentages.
 */

/**
 * RFC 4180, with a line of names, lines ended by "\n". A text that a
 * spreadsheet would take for a formula (it begins with = + - @, a tab or a
 * carriage return) gets an apostrophe before it.
 */
void grid_csv(const struct grid *g, struct buf *out);
/** At most rows_max rows, then a line that says how many were left out. */
void grid_markdown(const struct grid *g, const char *shares, size_t rows_max,
		   struct buf *out);
void grid_html(const struct grid *g, const char *shares, size_t rows_max,
	       struct buf *out);
/** A text of anybody's within HTML, in an attribute too. */
void grid_html_text(const char *text, struct buf *out);
/** The same within a line of Markdown. */
void grid_markdown_text(const char *text, struct buf *out);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_QUOTES_H
#define STUDY_IMPORT_QUOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * Whether the quotes of a CSV file (RFC 4180) close. One that does not would
 * take every line behind it, up to the next quote or to the end, for one row.
 * And where a text begins as a formula does in a spreadsheet: with = + - @, or
 * within quotes a tab or a carriage return. And whether all lines end alike,
 * for the engine looks at the first alone.
 */

/** Cells that are kept to be told; all are counted. */
#define QUOTES_CELLS_MAX 20

struct quotes_cells {
	const bool *is_text; /* of the file's columns: others' texts */
	size_t columns;
	uint64_t count;
	struct quotes_cell {
		uint64_t line;
		size_t column;
	} first[QUOTES_CELLS_MAX];
};

struct quotes {
	enum quotes_at {
		QUOTES_AT_START, /* of a field */
		QUOTES_IN_PLAIN,
		QUOTES_IN_QUOTED,
		QUOTES_AT_CLOSED, /* or the first of two, which are one */
		QUOTES_AT_WRONG,
	} at;
	uint64_t line;	  /* from 1 */
	uint64_t opened;  /* the line of the quote opened last */
	size_t column;	  /* of the field, from 0 */
	bool is_begun;	  /* behind the line of names */
	bool is_fresh;	  /* the next byte is the field's first within quotes */
	unsigned returns; /* carriage returns just before this byte */
	unsigned ends;	  /* 1 + those before the end of the first line */
	uint64_t odd;	  /* the first line that does not end so; 0: none */
	struct quotes_cells *cells;
};

/** cells: what is filled; no file's line of names is among them. */
void quotes_init(struct quotes *q, struct quotes_cells *cells);
/** Takes the next bytes of the file. false: a quote is not closed that was
 * opened in the line q->opened: text follows its end in another line. */
bool quotes_take(struct quotes *q, struct slice bytes);
/** Whether the file may end here; else q->opened as above. */
bool quotes_may_end(const struct quotes *q);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_SHAPE_H
#define COLLECTOR_STORE_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * What an upload is made of (api/record.schema.json), as tables: what is read
 * from the wire, checked, stored and given out is written down once, here.
 */

enum shape_table {
	SHAPE_DEVICE,
	SHAPE_FLOW,
	SHAPE_QUESTION,
	SHAPE_NAME,
	SHAPE_HTTP,
	SHAPE_HELLO,
	SHAPE_CLUE,
	SHAPE_LABEL,
	SHAPE_VIEW,
	SHAPE_TABLES,
};

/** What a column's values are; the limits are inclusive. */
enum shape_kind {
	SHAPE_NUMBER,  /* integer of [0, most] */
	SHAPE_TIME,    /* milliseconds since the epoch */
	SHAPE_ROW,     /* number of a row of the segment's device table */
	SHAPE_SECONDS, /* number of [0, most], kept as milliseconds */
	SHAPE_HEX,     /* lower-case hex of exactly most bytes */
	SHAPE_TEXT,    /* UTF-8 of at most most bytes */
	SHAPE_WORD,    /* one of values */
	SHAPE_TOKEN,   /* a-z and '-', 1 to most bytes */
	SHAPE_LIST,    /* numbers joined by '+', at most most bytes */
	SHAPE_REMOTE,  /* an address, or "[address:…]" where it was hashed */
};

struct shape_column {
	const char *name;
	enum shape_kind kind;
	bool null; /* may be null */
	int64_t most;
	const char *const *values; /* ends with NULL */
};

/** The most columns that a table has: those of hellos. */
#define SHAPE_COLUMNS_MAX 21

struct shape {
	const char *name;
	const struct shape_column *columns;
	unsigned column_count;
};

/** By enum shape_table. A column's place is its number for ever. */
extern const struct shape shapes[SHAPE_TABLES];

/** A table's or a column's number, or -1 when there is none of that name. */
int shape_find_table(struct slice name);
int shape_find_column(enum shape_table table, struct slice name);

#endif

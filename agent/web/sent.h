// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_SENT_H
#define WEB_SENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * An upload as it went (record/share_json.h), read line by line: what is made
 * of it has nothing that did not go.
 */
struct sent {
	struct slice rest;
	json_t *header;
	json_t *line; /* of a segment; NULL before the first and at the end */
};

/** body: before compression; lent until sent_end(). */
void sent_begin(struct sent *sent, struct slice body);
void sent_end(struct sent *sent);
/** Goes on to the next segment; false at the end. */
bool sent_next(struct sent *sent);

/** Where a column is in a table's rows; SIZE_MAX: it was switched off. */
size_t sent_column(const struct sent *sent, const char *table,
		   const char *column);
/** The rows of a table in this segment, or NULL. */
json_t *sent_rows(const struct sent *sent, const char *table);
/** A text of a row; NULL when there is none. */
const char *sent_text(json_t *row, size_t column);
/** The id of the device that a row is of; NULL for a row of none. */
const char *sent_device(const struct sent *sent, json_t *row);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_ROW_H
#define READ_ROW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/slice.h"

/**
 * One row of a CSV file (RFC 4180, lines end in CRLF). Text from outside is
 * escaped as text_escape() does; a cell that a spreadsheet would take for a
 * formula gets an apostrophe in front.
 */
struct row {
	struct buf text;
	struct buf scratch;
};

/** max: longest row. */
void row_init(struct row *r, size_t max);
void row_done(struct row *r);

void row_begin(struct row *r);
/** The row with its end, until row_begin(). ERR_LIMIT, ERR_NOMEM. */
int row_end(struct row *r, struct slice *out) must_check;

/** A cell of our own text that needs no quoting. */
void row_string(struct row *r, const char *text);
/** A cell of text from outside, and what is to stand after it. */
void row_text(struct row *r, struct slice text, const char *after);
void row_number(struct row *r, uint64_t v);
void row_addr(struct row *r, const struct addr *a);
/** Numbers joined by '+'. */
void row_list_u8(struct row *r, struct slice list);
void row_list_u16(struct row *r, struct slice list);
void row_base64(struct row *r, struct slice bytes);
void row_bool(struct row *r, bool v);

#endif

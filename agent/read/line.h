// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_LINE_H
#define READ_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Writes one JSON object a line (RFC 8259), straight into a buffer. Text from
 * the network is first escaped as text_escape() does, so the line is UTF-8
 * and safe to show, whatever came.
 */
struct line {
	struct buf text;
	struct buf scratch;
};

/** max: longest line. */
void line_init(struct line *l, size_t max);
void line_done(struct line *l);

/** Starts a line: what was there is forgotten. */
void line_begin(struct line *l);
/** Ends it: the line with its newline, until line_begin(). An error of the
 * buffer (too long a line, no memory) is given and the line is lost. */
int line_end(struct line *l, struct slice *line) must_check;

/** The name of the next value in an object. */
void line_key(struct line *l, const char *key);
void line_open(struct line *l, char bracket);
void line_close(struct line *l, char bracket);
void line_number(struct line *l, uint64_t v);
/** Seconds with nine decimals. */
void line_time(struct line *l, uint64_t s, uint64_t ns);
void line_bool(struct line *l, bool v);
/** Text of our own: nothing in it needs escaping but '"' and '\\'. */
void line_string(struct line *l, const char *text);
/** Text from outside. */
void line_text(struct line *l, struct slice text);

#endif

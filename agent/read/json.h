// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_JSON_H
#define READ_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/slice.h"

/*
 * Writes one JSON object a line (RFC 8259), straight into a buffer. Text from
 * the network is first escaped as text_escape() does, so the line is UTF-8
 * and safe to show, whatever came.
 */
struct json {
	struct buf line;
	struct buf scratch;
};

/** max: longest line. */
void json_init(struct json *j, size_t max);
void json_done(struct json *j);

/** Starts a line: what was there is forgotten. */
void json_begin(struct json *j);
/** Ends it: the line with its newline, until json_begin(). An error of the
 * buffer (too long a line, no memory) is given and the line is lost. */
int json_end(struct json *j, struct slice *line) must_check;

/** The name of the next value in an object. */
void json_key(struct json *j, const char *key);
void json_open(struct json *j, char bracket);
void json_close(struct json *j, char bracket);
void json_number(struct json *j, uint64_t v);
/** Seconds with nine decimals. */
void json_time(struct json *j, uint64_t s, uint64_t ns);
void json_bool(struct json *j, bool v);
/** Text of our own: nothing in it needs escaping but '"' and '\\'. */
void json_string(struct json *j, const char *text);
/** Text from outside. */
void json_text(struct json *j, struct slice text);

#endif

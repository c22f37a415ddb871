// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_LINE_H
#define DECODE_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

/*
 * Message heads made of lines, as HTTP (RFC 9112) and SSDP share them, and what
 * others say in lines. A lone LF ends a line too (RFC 9112 2.2).
 */

/**
 * The line at *at, without its end; *at moves behind it. False, and nothing
 * moves, when its end is not there.
 */
bool line_next(struct slice head, size_t *at, struct slice *line);

/** The first line of most bytes at most, without its end; all there is of them
 * when it has none. */
struct slice line_first(struct slice bytes, size_t most);

/** Begins with the text, in the same case. */
bool line_starts(struct slice line, const char *text);

/** Without the spaces and tabs around it. */
struct slice line_trim(struct slice s);

/** No control character is in it. */
bool line_is_text(struct slice line);

/**
 * When the line is the named field (in any case) and *value is absent yet:
 * sets *value to what stands behind the colon, trimmed.
 */
void line_field(struct slice line, const char *name, struct slice *value);

#endif

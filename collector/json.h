// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_JSON_H
#define COLLECTOR_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/slice.h"

/**
 * Reads JSON (RFC 8259) straight through, for who knows what has to come:
 * nothing is built, so depth and size cost nothing. The first thing that is
 * not as asked for makes the cursor fail, which sticks.
 *
 * Texts are views into the input, or, where they have escapes, into the arena.
 */
struct json {
	struct cursor in;
	struct arena *arena;
};

/** What comes next: '{', '[', '"', 'n', '0' (a number), or 0. */
char json_peek(struct json *j);

/** Consumes '{' or '['. */
void json_enter(struct json *j, char bracket);
/**
 * Whether another item comes, its comma consumed; at the end close is. count
 * starts at 0 and is the items so far.
 */
bool json_more(struct json *j, char close, uint32_t *count);
/** The key of a member, and its colon. */
struct slice json_key(struct json *j);

/** UTF-8 without control characters, escaped or not. */
struct slice json_text(struct json *j);
/** An integer of [0, most]: digits alone. */
int64_t json_number(struct json *j, int64_t most);
/** An integer that may be negative, of [-most, most]. */
int64_t json_signed(struct json *j, int64_t most);
/** A number of [0, most] in thousandths; more decimals are cut off. */
int64_t json_thousandths(struct json *j, int64_t most);
void json_skip_null(struct json *j);
/** Nothing but white space may be left. */
void json_end(struct json *j);

#endif

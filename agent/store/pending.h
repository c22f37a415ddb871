// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_PENDING_H
#define STORE_PENDING_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * What is heard in a window (names, questions, hellos, requests, servers,
 * services, clues), on its way to the tables that it is read from: a row of
 * the table `pending` for each device and window, with all of it packed
 * (packed.h). merge.h says when it goes on.
 */

struct store;

/** Kinds of facts, by the numbers that stand in the file. */
enum pending_kind {
	PENDING_NAME,
	PENDING_QUESTION,
	PENDING_SERVICE,
	PENDING_SERVER,
	PENDING_CLUE,
	PENDING_HELLO,
	PENDING_HTTP,
	PENDING_KINDS
};

#define PENDING_COLUMNS_MAX 8

/**
 * The columns of each kind after the device, a letter each: 'i' a number, 'r'
 * the id of a row (0: NULL), 'b' bytes (absent: NULL), 't' text.
 */
extern const char *const pending_formats[PENDING_KINDS];

/** One column: of a number, data is NULL. */
struct pending_value {
	int64_t number;
	struct slice bytes;
};

/** Forgets what was added and is not stored. */
void pending_clear(struct store *s);

/** Adds a fact to those of the window that is written: an int64_t or a struct
 * slice for each letter of its format. */
void pending_add(struct store *s, enum pending_kind kind, ...);

/** Stores what was added, as the device's. ERR_IO, ERR_LIMIT, ERR_NOMEM: then
 * nothing of it is. */
int pending_store(struct store *s, int64_t device) must_check;

/** Of the facts of one row, the next: its kind, or ERR_MALFORMED. The bytes
 * are views. */
int pending_next(struct cursor *facts,
		 struct pending_value values[PENDING_COLUMNS_MAX]) must_check;

#endif

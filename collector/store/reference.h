// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_REFERENCE_H
#define COLLECTOR_STORE_REFERENCE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/err.h"
#include "collector/store/shape.h"

/*
 * Private to this folder: how often a day's rows refer to each entry of the
 * dictionaries, so that whether anything still does is looked up and no row is
 * read. A sealed day has it as table "reference"; what is erased from such a
 * day is subtracted. Dictionaries have the numbers that table suspect of
 * collector.db knows: 0 texts, 1 addresses, 2 devices.
 */

/** Which a column's numbers are of; -1: of none. */
int reference_dictionary(enum shape_kind kind);

/** Counts a day's rows, whose roll-ups are made; within a transaction. */
int reference_make(sqlite3 *day) must_check;
int reference_drop(sqlite3 *day) must_check;
/** ERR_IO. */
int reference_has(sqlite3 *day, bool *out) must_check;
/** Takes away what table gone(dictionary, id, rows) has. */
int reference_subtract(sqlite3 *day) must_check;
/** What this day refers to is no suspect: "main_db" is collector.db. Without
 * table reference the rows are searched. */
int reference_clear_suspects(sqlite3 *day) must_check;

#endif

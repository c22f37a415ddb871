// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_REFERENCE_H
#define COLLECTOR_STORE_REFERENCE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "collector/store/shape.h"

/*
 * Private to this folder: how often a day's rows refer to each entry of the
 * dictionaries, so that whether anything still does is looked up and no row is
 * read. A sealed day has it as table "reference"; what is erased from such a
 * day is subtracted. Dictionaries have the numbers that table suspect of
 * collector.db knows: 0 texts, 1 addresses, 2 devices, and, which are looked
 * up among a day's segments, 3 accounts.
 */

/** Which a column's numbers are of; -1: of none. */
int reference_dictionary(enum shape_kind kind);

/** Counts a day's rows, whose roll-ups are made; within a transaction. */
int reference_make(sqlite3 *day) must_check;
int reference_drop(sqlite3 *day) must_check;
/** ERR_IO. */
int reference_has(sqlite3 *day, bool *out) must_check;
/** An entry of a dictionary; all 0 before the first. */
struct reference_entry {
	int64_t dictionary, id;
};

/** Makes suspect what this day refers to after an entry, at most so many;
 * *after: the last of them. 1: there is more; 0: no more. ERR_IO. */
int reference_suspect(sqlite3 *day, struct reference_entry *after,
		      unsigned most) must_check;
/** Takes away what table gone(dictionary, id, rows) has. */
int reference_subtract(sqlite3 *day) must_check;
/** The last of so many suspects after an entry, where there are more than
 * them; else the end of all. schema: collector.db's. ERR_IO. */
int reference_end(sqlite3 *db, const char *schema,
		  const struct reference_entry *after, unsigned most,
		  struct reference_entry *out) must_check;
/** Whether it is that of all. */
bool reference_is_end(const struct reference_entry *entry);
/** What this day refers to is no suspect: "main_db" is collector.db. As
 * reference_suspect(), of the suspects; for a day with table reference. */
int reference_clear(sqlite3 *day, struct reference_entry *after,
		    unsigned most) must_check;
/** The same of the rows of some of a day's segments, which are searched. */
int reference_search(sqlite3 *day, int64_t first, int64_t last) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_ROLLUP_H
#define COLLECTOR_STORE_ROLLUP_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/err.h"
#include "collector/store/store.h"

/*
 * Private to this folder: what a day's rows come to, so that nobody who asks
 * for it reads them all. A sealed day has it as tables in its own file, made
 * from rows that never change; of a day that is not sealed it is computed of
 * the rows, by the same query, but for the activity, which is counted as it
 * comes (tables accepted and active). So nothing is counted twice. What an
 * owner erases goes from the tables, too; where a purge takes rows, they are
 * dropped and the day is sealed anew. With them goes what the day refers to
 * (table reference, see reference.h).
 */

enum rollup {
	ROLLUP_ENDPOINT, /* device, remote, remote_port, protocol, windows,
			    out_bytes, in_bytes */
	ROLLUP_NAME,	 /* address, name, device, account */
	ROLLUP_HELLO,	 /* device, ja4, hellos */
	ROLLUP_ACTIVITY, /* account, windows, first_s, last_s, devices */
	ROLLUPS,
};

/** In a day's file: the table's name. */
extern const char *const rollup_names[ROLLUPS];
/** The query over the day's rows; its tables are those of the schema "day". */
extern const char *const rollup_queries[ROLLUPS];

/** Room for the text of such a query, terminated. */
#define ROLLUP_SQL_BYTES 1024

/** Whether a day has them: all, as they are made and dropped in one
 * transaction. ERR_IO. */
int rollup_has(sqlite3 *db, const char *schema, bool *out) must_check;

/** Whether the day counted, as they came, the windows of its accounts and which
 * devices have flows: not where it began under a program that did not, nor
 * where a purge took rows. ERR_IO. */
int rollup_is_counted(sqlite3 *db, const char *schema, bool *out) must_check;

/** The query that gives a day's roll-up, of the day that a connection has as
 * that schema: its table where the day is sealed, else of its rows. ERR_IO. */
int rollup_source(sqlite3 *db, const char *schema, enum rollup which,
		  char out[ROLLUP_SQL_BYTES]) must_check;

/** Makes the tables and the indexes of a day; within a transaction. ERR_IO. */
int rollup_make(sqlite3 *day) must_check;
/** Drops them, those too that were put aside; within a transaction. ERR_IO. */
int rollup_drop(sqlite3 *day) must_check;
/** Gives them another name, under which nobody finds them, so that they can be
 * dropped in steps; within a transaction. ERR_IO. */
int rollup_put_aside(sqlite3 *day) must_check;
/** Drops at most so many rows of those; within a transaction. 1: there may be
 * more; 0: there was none. ERR_IO. */
int rollup_drop_aside(sqlite3 *day, unsigned most) must_check;
/** What is erased of an account, and counted in table gone (see reference.h),
 * goes from them too, after its rows; within the transaction. ERR_IO. */
int rollup_erase(sqlite3 *day, enum store_erase_what what,
		 int64_t account) must_check;

#endif

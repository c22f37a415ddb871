// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_READER_H
#define COLLECTOR_STORE_READER_H

#include <stdbool.h>

#include "collector/store/database.h"
#include "collector/store/store.h"

/* Private to this folder: what the files that read have in common. */

/** Statements of a reader, on collector.db. */
enum reader_statement {
	READER_CONSENT_CURRENT,
	READER_CONSENT_FIND,
	READER_ACCOUNT_FIND,
	READER_STATEMENTS,
};

struct store_reader {
	char *folder;
	sqlite3 *main;
	sqlite3_stmt *statements[READER_STATEMENTS];
};

/**
 * Opens a day's file to read, with collector.db beside it as "main_db".
 * ERR_NOTFOUND: it has none (yet, or any more).
 */
int reader_open_day(struct store_reader *r, uint32_t day,
		    sqlite3 **out) must_check;
/** Whether a day that is open so is still held: purged, it is not, even while
 * somebody has its file open. ERR_IO. */
int reader_has_day(sqlite3 *db, uint32_t day, bool *out) must_check;

#endif

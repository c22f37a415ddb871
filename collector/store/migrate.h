// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_MIGRATE_H
#define COLLECTOR_STORE_MIGRATE_H

#include <sqlite3.h>

#include "base/err.h"

/**
 * Brings collector.db, or a day's file, to what this program knows: all that
 * it lacks or nothing. ERR_UNSUPPORTED when it is newer than this program;
 * ERR_IO (sqlite3_errmsg tells).
 */
int migrate_main(sqlite3 *db) must_check;
int migrate_day(sqlite3 *db) must_check;

#endif

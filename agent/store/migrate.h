// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_MIGRATE_H
#define STORE_MIGRATE_H

#include <sqlite3.h>

#include "base/err.h"

/** Number of migrations this program knows; user_version when all ran. */
extern const int migrate_version;

/**
 * Runs the migrations up to this one that a database lacks, all or none of
 * them: migrate_version, but for who needs an old database.
 * ERR_UNSUPPORTED when it is newer than this program; ERR_IO (sqlite3_errmsg
 * tells).
 */
int migrate(sqlite3 *db, int to) must_check;

#endif

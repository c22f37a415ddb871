// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_STORE_DICTIONARY_H
#define COLLECTOR_STORE_DICTIONARY_H

#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"
#include "base/table.h"
#include "collector/store/database.h"

/*
 * Private to this folder: the numbers that texts and addresses have in
 * collector.db, each text once, with a cache of those met lately.
 */

/** Entries and bytes of a cache; past either it is emptied, and counted. */
#define DICTIONARY_ENTRIES_MAX 262144u
#define DICTIONARY_BYTES_MAX   ((size_t)16 << 20)

struct dictionary {
	const char *find_sql, *add_sql;
	sqlite3_stmt *find, *add;
	struct table cache;  /* hash -> struct dictionary_entry */
	struct arena values; /* of the entries */
	uint64_t seed, cleared;
};

void dictionary_init(struct dictionary *d, const char *find_sql,
		     const char *add_sql, uint64_t seed);
void dictionary_done(struct dictionary *d);
/** Forgets all: what was added may have been rolled back. */
void dictionary_forget(struct dictionary *d);

/** The number of a value. ERR_NOTFOUND: dictionary_add() it. ERR_IO. */
int dictionary_find(struct dictionary *d, sqlite3 *db, struct slice value,
		    int64_t *id) must_check;
int dictionary_add(struct dictionary *d, sqlite3 *db, struct slice value,
		   int64_t *id) must_check;

#endif

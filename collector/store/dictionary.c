// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/dictionary.h"

#include <string.h>

struct dictionary_entry {
	int64_t id;
	struct slice value;
};

void dictionary_init(struct dictionary *d, const char *find_sql,
		     const char *add_sql, uint64_t seed)
{
	*d = (struct dictionary){ .find_sql = find_sql,
				  .add_sql = add_sql,
				  .seed = seed };
	table_init(&d->cache, sizeof(uint64_t), sizeof(struct dictionary_entry),
		   DICTIONARY_ENTRIES_MAX, seed);
	arena_init(&d->values, DICTIONARY_BYTES_MAX);
}

void dictionary_done(struct dictionary *d)
{
	sqlite3_finalize(d->find);
	sqlite3_finalize(d->add);
	table_done(&d->cache);
	arena_done(&d->values);
}

void dictionary_forget(struct dictionary *d)
{
	table_clear(&d->cache);
	arena_reset(&d->values);
}

/* Where two values have one hash, the first stays and the other is asked for
 * each time. */
static void keep(struct dictionary *d, uint64_t hash, struct slice value,
		 int64_t id)
{
	struct dictionary_entry *entry;
	const uint8_t *copy;
	bool fresh;

	if (d->cache.count == d->cache.max ||
	    d->values.used + value.len + 64 > d->values.max) {
		dictionary_forget(d);
		d->cleared++;
	}
	entry = table_get(&d->cache, &hash, &fresh);
	if (!entry || !fresh)
		return;
	copy = arena_copy(&d->values, value.data, value.len);
	if (!copy) {
		table_remove(&d->cache, &hash);
		return;
	}
	entry->id = id;
	entry->value = slice_of(copy, value.len);
}

int dictionary_find(struct dictionary *d, sqlite3 *db, struct slice value,
		    int64_t *id)
{
	uint64_t hash = table_hash(d->seed, value.data, value.len);
	const struct dictionary_entry *entry = table_find(&d->cache, &hash);
	int err;

	if (entry && slice_equal(entry->value, value)) {
		*id = entry->id;
		return 0;
	}
	err = database_ready(db, &d->find, d->find_sql, "b", value);
	if (!err)
		err = database_row(d->find);
	if (err)
		return err;
	*id = sqlite3_column_int64(d->find, 0);
	sqlite3_reset(d->find);
	keep(d, hash, value, *id);
	return 0;
}

int dictionary_add(struct dictionary *d, sqlite3 *db, struct slice value,
		   int64_t *id)
{
	int err = database_ready(db, &d->add, d->add_sql, "b", value);

	if (!err)
		err = database_run(d->add);
	if (err)
		return ERR_IO;
	*id = sqlite3_last_insert_rowid(db);
	keep(d, table_hash(d->seed, value.data, value.len), value, *id);
	return 0;
}

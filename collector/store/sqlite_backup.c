// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/store/sqlite.h"

/* Pages at a time: so many are copied while the writer waits. */
#define STEP_PAGES    256
#define STEP_PAUSE_MS 5
/* Copies that are begun anew because something was erased meanwhile. */
#define TRIES 5

static int copy_pages(sqlite3 *from, sqlite3 *into)
{
	sqlite3_backup *copy = sqlite3_backup_init(into, "main", from, "main");
	int rc;

	if (!copy)
		return ERR_IO;
	do {
		rc = sqlite3_backup_step(copy, STEP_PAGES);
		if (rc == SQLITE_BUSY || rc == SQLITE_LOCKED)
			sqlite3_sleep(STEP_PAUSE_MS);
	} while (rc == SQLITE_OK || rc == SQLITE_BUSY || rc == SQLITE_LOCKED);
	return sqlite3_backup_finish(copy) == SQLITE_OK && rc == SQLITE_DONE
		       ? 0
		       : ERR_IO;
}

static int copy_file(const char *folder, const char *name, const char *into,
		     char why[STORE_WHY_BYTES])
{
	sqlite3 *from, *copy;
	int err = database_open(folder, name, DATABASE_READ, &from);

	if (err)
		return err;
	err = database_open(into, name, DATABASE_CREATE, &copy);
	if (!err) {
		err = copy_pages(from, copy);
		if (!err)
			err = database_cut_log(copy);
		if (err)
			snprintf(why, STORE_WHY_BYTES, "%s: %s", name,
				 sqlite3_errmsg(copy));
		sqlite3_close(copy);
	}
	sqlite3_close(from);
	return err;
}

static int read_days(const char *folder, uint32_t **days, size_t *count)
{
	sqlite3 *main;
	int err = database_open(folder, DATABASE_MAIN, DATABASE_READ, &main);

	if (err)
		return err;
	err = database_days(main, days, count);
	sqlite3_close(main);
	return err;
}

static int copy_days(const char *folder, const char *into, const uint32_t *days,
		     size_t count, char why[STORE_WHY_BYTES])
{
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		char name[DATABASE_DAY_BYTES];

		database_day_name(days[i], name);
		err = copy_file(folder, name, into, why);
		if (err == ERR_NOTFOUND) /* purged meanwhile */
			err = 0;
	}
	return err;
}

/* Days that were purged after they were copied: what was copied later does not
 * know them. */
static int drop_purged(const char *into, const uint32_t *days, size_t count)
{
	uint32_t *held;
	size_t held_count, at = 0;
	int err = read_days(into, &held, &held_count);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		while (at < held_count && held[at] < days[i])
			at++;
		if (at == held_count || held[at] != days[i])
			store_unlink_day(into, days[i]);
	}
	free(held);
	return 0;
}

/* While that changes, a copy has what it must not, or lacks what its rows refer
 * to. */
int store_erasures_counted(const char *folder, int64_t *out)
{
	sqlite3 *main;
	int err = database_open(folder, DATABASE_MAIN, DATABASE_READ, &main);

	if (err)
		return err;
	err = database_number(main,
			      "SELECT coalesce((SELECT value FROM setting "
			      "WHERE key = 'erased'), 0)",
			      out);
	sqlite3_close(main);
	return err;
}

static int copy_once(const char *folder, const char *into, bool *changed,
		     char why[STORE_WHY_BYTES])
{
	int64_t before, after;
	uint32_t *days = NULL;
	size_t count = 0;
	int err = store_erasures_counted(folder, &before);

	if (!err)
		err = read_days(folder, &days, &count);
	if (!err)
		err = copy_days(folder, into, days, count, why);
	if (!err)
		err = copy_file(folder, DATABASE_MAIN, into, why);
	if (!err)
		err = drop_purged(into, days, count);
	if (!err)
		err = store_erasures_counted(folder, &after);
	if (!err)
		*changed = before != after;
	free(days);
	return err;
}

int store_backup(const char *folder, const char *into,
		 char why[STORE_WHY_BYTES])
{
	bool changed = true;
	int err = 0;

	snprintf(why, STORE_WHY_BYTES, "%s", err_text(ERR_IO));
	if (access(folder, F_OK)) {
		snprintf(why, STORE_WHY_BYTES, "there is no store");
		return ERR_NOTFOUND;
	}
	if (mkdir(into, 0700)) {
		snprintf(why, STORE_WHY_BYTES, "%s", strerror(errno));
		return errno == EEXIST ? ERR_EXISTS : ERR_IO;
	}
	/* a copy is written over by the next */
	for (int i = 0; i < TRIES && changed && !err; i++)
		err = copy_once(folder, into, &changed, why);
	if (!err && changed) {
		snprintf(why, STORE_WHY_BYTES,
			 "owners erase all the time: try again");
		err = ERR_BUSY;
	}
	return err;
}

/* Before this version a tombstone with a number had a time that meant nothing.
 */
#define TWO_KINDS_VERSION 8

/** Erasing as another store did. */
struct again {
	struct store *store;
	sqlite3 *other;
	int64_t version; /* of the other */
	uint64_t applied;
	int err;
};

/* As a store knows of it; nothing where it does not. */
static int until_in(struct again *a, sqlite3 *db,
		    const uint8_t hash[STORE_HASH_BYTES],
		    struct store_until *until)
{
	int err;

	*until = (struct store_until){ 0 };
	err = store_tombstone_get(db, hash, until);
	return err == ERR_IO ? store_failed(a->store, db) : 0;
}

static int erase_until(struct again *a, struct store_erasure *e,
		       uint64_t segment, uint32_t time_s)
{
	uint64_t rows;
	int err;

	e->until_segment = segment;
	e->until_s = time_s;
	err = store_erase(a->store, e, &rows);
	a->applied += !err;
	/* then nothing was left of it, and it is kept out */
	return err == ERR_NOTFOUND ? 0 : err;
}

/* One that this store has erased as long is left: what came after is new. */
static int erase_again(struct again *a, struct store_erasure *e)
{
	uint8_t hash[STORE_HASH_BYTES];
	struct store_until there, here;
	int err;

	store_tombstone_hash(e->what, e->account_name, e->device_key, hash);
	err = until_in(a, a->other, hash, &there);
	if (!err)
		err = until_in(a, a->store->main, hash, &here);
	if (err)
		return err;
	if (there.segment && a->version < TWO_KINDS_VERSION)
		there.time_s = 0;
	/* the time's last: of what it takes nothing is left by number */
	if (there.segment > here.segment)
		err = erase_until(a, e, there.segment, 0);
	if (!err && there.time_s > here.time_s)
		err = erase_until(a, e, 0, there.time_s);
	return err;
}

/* Owners of this store, in memory: erasing changes what is walked. */
static int erase_owners(struct again *a, const char *sql,
			enum store_erase_what what)
{
	struct store_erasure *all = NULL;
	sqlite3_stmt *stmt = NULL;
	size_t count = 0, room = 0;
	int err = 0, rc = SQLITE_ERROR;

	if (database_ready(a->store->main, &stmt, sql, ""))
		return store_failed(a->store, a->store->main);
	while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct slice account = database_bytes(stmt, 0);
		struct slice device = database_bytes(stmt, 1);

		if (count == room) {
			void *more;

			room = room ? 2 * room : 64;
			more = realloc(all, room * sizeof(*all));
			if (!more) {
				err = ERR_NOMEM;
				break;
			}
			all = more;
		}
		all[count] = (struct store_erasure){ .what = what };
		memcpy(all[count].account_name, account.data,
		       sizeof(all[count].account_name));
		if (device.len == sizeof(all[count].device_key))
			memcpy(all[count].device_key, device.data, device.len);
		count++;
	}
	sqlite3_finalize(stmt);
	if (!err && rc != SQLITE_DONE)
		err = store_failed(a->store, a->store->main);
	for (size_t i = 0; i < count && !err; i++)
		err = erase_again(a, &all[i]);
	free(all);
	return err;
}

/* What the group decided since: what is withdrawn there is so here, the texts
 * and tokens that are new there are known, and who read what stays recorded. */
static const struct {
	const char *there, *here;
} decided[] = {
	{ "SELECT hash, text, approval, contact, retention_days, made_s, "
	  "withdrawn FROM consent ORDER BY id",
	  "INSERT INTO consent(hash, text, approval, contact, retention_days, "
	  "made_s, withdrawn) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) "
	  "ON CONFLICT(hash) DO UPDATE SET "
	  "withdrawn = max(withdrawn, excluded.withdrawn)" },
	{ "SELECT id, hash, approval, made_s, expires_s FROM token",
	  "INSERT OR IGNORE INTO token(id, hash, approval, made_s, expires_s) "
	  "VALUES(?1, ?2, ?3, ?4, ?5)" },
	{ "SELECT hash, expires_s FROM token",
	  "UPDATE token SET expires_s = min(expires_s, ?2) WHERE hash = ?1" },
	{ "SELECT id, token, time_s, what FROM access",
	  "INSERT OR IGNORE INTO access(id, token, time_s, what) "
	  "VALUES(?1, ?2, ?3, ?4)" },
	{ "SELECT value FROM setting WHERE key = 'published'",
	  "INSERT OR REPLACE INTO setting VALUES('published', ?1)" },
};

/* Before this version there were neither tokens nor settings. */
#define TOKENS_VERSION 3

static int take_rows(struct again *a, const char *there, const char *here)
{
	sqlite3 *main = a->store->main;
	sqlite3_stmt *from = NULL, *into = NULL;
	int err = 0, rc = SQLITE_ERROR;

	if (database_ready(a->other, &from, there, ""))
		return store_failed(a->store, a->other);
	while (!err && (rc = sqlite3_step(from)) == SQLITE_ROW) {
		err = database_ready(main, &into, here, "");
		for (int i = 0; !err && i < sqlite3_column_count(from); i++)
			err = sqlite3_bind_value(into, i + 1,
						 sqlite3_column_value(from, i));
		if (err || database_run(into))
			err = store_failed(a->store, main);
	}
	if (!err && rc != SQLITE_DONE)
		err = store_failed(a->store, a->other);
	sqlite3_finalize(from);
	sqlite3_finalize(into);
	return err;
}

static int take_decided(struct again *a)
{
	int err = store_write_main(a->store);

	for (size_t i = 0; i < sizeof(decided) / sizeof(decided[0]); i++)
		if (!err && (!i || a->version >= TOKENS_VERSION))
			err = take_rows(a, decided[i].there, decided[i].here);
	return err ? err : store_commit(a->store);
}

int store_erase_as(struct store *s, const char *folder, uint64_t *applied)
{
	static const char accounts[] = "SELECT name, NULL FROM account";
	static const char devices[] = "SELECT a.name, d.key FROM device d "
				      "JOIN account a ON a.id = d.account";
	struct again a = { .store = s };
	int err = database_open(folder, DATABASE_MAIN, DATABASE_READ, &a.other);

	if (err)
		return err;
	err = database_number(a.other, "PRAGMA user_version", &a.version);
	if (!err)
		err = take_decided(&a);
	if (!err)
		err = erase_owners(&a, accounts, STORE_ERASE_EVERYTHING);
	if (!err)
		err = erase_owners(&a, accounts, STORE_ERASE_NAMES);
	if (!err)
		err = erase_owners(&a, devices, STORE_ERASE_DEVICE);
	sqlite3_close(a.other);
	if (!err)
		*applied = a.applied;
	return err;
}

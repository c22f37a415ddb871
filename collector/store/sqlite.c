// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/store/migrate.h"

const char *const store_statements[STORE_STATEMENTS] = {
	[STORE_CONSENT_ADD] =
		"INSERT INTO consent(hash, text, approval, contact, "
		"retention_days, made_s) VALUES(?, ?, ?, ?, ?, ?)",
	[STORE_CONSENT_WITHDRAW] =
		"UPDATE consent SET withdrawn = 1 WHERE id = ?",
	[STORE_ACCOUNT_ADD] = "INSERT INTO account(name, secret, consent, "
			      "made_s, seen_day, utc_offset_min) "
			      "VALUES(?, ?, ?, ?, ?, ?)",
	[STORE_ACCOUNT_CONSENT] =
		"UPDATE account SET consent = ?, seen_day = ? WHERE id = ?",
	[STORE_ACCOUNT_GET] = "SELECT client, utc_offset_min, name, seen_day "
			      "FROM account WHERE id = ?",
	[STORE_ACCOUNT_SAYS] = "UPDATE account SET client = ?, "
			       "utc_offset_min = ?, seen_day = ? WHERE id = ?",
	[STORE_ACCEPTED_GET] = "SELECT ranges FROM accepted WHERE account = ?",
	[STORE_DEVICE_FIND] =
		"SELECT id, oui, watched, last_s, seen_day, consent "
		"FROM device WHERE account = ? AND key = ?",
	[STORE_DEVICE_ADD] =
		"INSERT INTO device(account, key, first_s, last_s) "
		"VALUES(?, ?, ?, 0)",
	[STORE_DEVICE_COUNT] = "SELECT count(*) FROM device WHERE account = ? "
			       "AND seen_day > ?",
	[STORE_DEVICE_PUT] = "UPDATE device SET oui = ?, "
			     "watched = nullif(?, -1), "
			     "last_s = max(last_s, ?), seen_day = ?, "
			     "consent = ? WHERE id = ?",
	[STORE_TOMBSTONE_PUT] =
		"INSERT INTO tombstone VALUES(?, ?, ?) ON CONFLICT(hash) DO "
		"UPDATE SET until_s = max(until_s, excluded.until_s), "
		"segment = max(segment, excluded.segment)",
	[STORE_RETIRED_BACK] = "INSERT INTO accepted SELECT ?, ranges FROM "
			       "retired WHERE hash = ?",
	[STORE_RETIRED_DROP] = "DELETE FROM retired WHERE hash = ?",
};

int store_failed(struct store *s, sqlite3 *db)
{
	int code = sqlite3_errcode(db);

	s->counters.failures++;
	s->full = code == SQLITE_FULL;
	snprintf(s->error, sizeof(s->error), "%s", sqlite3_errmsg(db));
	return ERR_IO;
}

const struct store_counters *store_counters(const struct store *s)
{
	return &s->counters;
}

const char *store_error(const struct store *s)
{
	return s->error;
}

bool store_is_full(const struct store *s)
{
	return s->full;
}

/* One writer: the folder is locked for as long as it is open. */
static int lock_folder(struct store *s, char why[STORE_WHY_BYTES])
{
	s->folder_fd = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->folder_fd < 0)
		goto failed;
	if (!flock(s->folder_fd, LOCK_EX | LOCK_NB))
		return 0;
	if (errno == EWOULDBLOCK) {
		snprintf(why, STORE_WHY_BYTES, "another collector uses it");
		return ERR_BUSY;
	}
failed:
	snprintf(why, STORE_WHY_BYTES, "%s", strerror(errno));
	return ERR_IO;
}

static int make_folder(const struct store *s, char why[STORE_WHY_BYTES])
{
	if (!mkdir(s->folder, 0700) || errno == EEXIST)
		return 0;
	snprintf(why, STORE_WHY_BYTES, "%s", strerror(errno));
	return ERR_IO;
}

static int open_main(struct store *s, char why[STORE_WHY_BYTES])
{
	int err = database_open(s->folder, DATABASE_MAIN, DATABASE_CREATE,
				&s->main);

	if (err) {
		snprintf(why, STORE_WHY_BYTES, "%s cannot be opened",
			 DATABASE_MAIN);
		return err;
	}
	err = migrate_main(s->main);
	if (err == ERR_UNSUPPORTED)
		snprintf(why, STORE_WHY_BYTES,
			 "it was written by a newer program than this");
	else if (err)
		snprintf(why, STORE_WHY_BYTES, "%s", sqlite3_errmsg(s->main));
	/* texts lie by their values, so few rows are many pages: with the usual
	 * 2 MiB each is written again and again in one transaction */
	else if (database_exec(s->main, "PRAGMA cache_size = -16384"))
		err = store_failed(s, s->main);
	return err;
}

/* The day that was open last, if there was one. */
static int resume_day(struct store *s)
{
	int64_t day;
	int err = database_number(s->main,
				  "SELECT coalesce(max(day), 0) FROM day "
				  "WHERE state = 0",
				  &day);

	if (err || !day)
		return err;
	s->today = (uint32_t)day;
	return store_day_open(s);
}

static struct store *new_store(const char *folder,
			       const struct store_options *options)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->folder_fd = -1;
	s->pages_max = options->pages_max;
	s->reserve_bytes = options->reserve_bytes;
	table_init(&s->devices, sizeof(struct store_device_key),
		   sizeof(struct store_device), STORE_DEVICES_CACHED,
		   options->seed);
	table_init(&s->active, sizeof(int64_t), 0, STORE_DEVICES_CACHED,
		   options->seed);
	table_init(&s->senders, sizeof(int64_t), sizeof(struct store_sender),
		   STORE_ACCOUNTS_CACHED, options->seed);
	dictionary_init(&s->texts, "SELECT id FROM text WHERE value = ?",
			"INSERT INTO text(value) VALUES(?)", options->seed);
	dictionary_init(&s->addresses, "SELECT id FROM address WHERE value = ?",
			"INSERT INTO address(value) VALUES(?)", options->seed);
	s->folder = strdup(folder);
	if (!s->folder) {
		store_close(s);
		return NULL;
	}
	return s;
}

int store_open(const char *folder, const struct store_options *options,
	       struct store **out, char why[STORE_WHY_BYTES])
{
	struct store *s = new_store(folder, options);
	uint64_t rows = 0;
	int err;

	snprintf(why, STORE_WHY_BYTES, "%s", err_text(ERR_NOMEM));
	if (!s)
		return ERR_NOMEM;
	err = make_folder(s, why);
	if (!err && !options->beside)
		err = lock_folder(s, why);
	if (!err)
		(void)store_reserve_give(s);
	if (!err)
		err = open_main(s, why);
	if (!err && !options->beside) {
		err = resume_day(s);
		if (!err)
			err = store_batch_drop_orphans(s);
		/* when the program ended something may have been left so */
		s->uncut = true;
		if (!err)
			err = store_erase_resume(s, &rows);
		/* what holds it is asked again by store_purge(), which cuts
		 * all logs, too */
		if (err == ERR_BUSY)
			err = 0;
		if (err)
			snprintf(why, STORE_WHY_BYTES, "%s",
				 s->error[0] ? s->error
					     : sqlite3_errmsg(s->main));
	}
	if (err) {
		store_close(s);
		return err;
	}
	store_reserve_take(s);
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	store_rollback(s);
	store_day_close(s);
	for (int i = 0; i < STORE_STATEMENTS; i++)
		sqlite3_finalize(s->statements[i]);
	dictionary_done(&s->texts);
	dictionary_done(&s->addresses);
	sqlite3_close(s->main);
	store_forget(s);
	table_done(&s->devices);
	table_done(&s->senders);
	table_done(&s->active);
	if (s->folder_fd >= 0)
		close(s->folder_fd);
	free(s->folder);
	free(s);
}

int store_write_main(struct store *s)
{
	if (s->main_open)
		return 0;
	if (database_exec(s->main, "BEGIN IMMEDIATE"))
		return store_failed(s, s->main);
	s->main_open = true;
	return s->folder_fd < 0 ? 0 : store_batch_begin(s);
}

int store_write_day(struct store *s)
{
	if (s->day_open)
		return 0;
	if (!s->day || database_exec(s->day, "BEGIN IMMEDIATE"))
		return store_failed(s, s->day);
	s->day_open = true;
	return 0;
}

static int begin(struct store *s, uint64_t now_s)
{
	uint32_t day = (uint32_t)(now_s / STORE_DAY_S);
	int err = store_batch_drop_orphans(s);

	if (err)
		return err;
	if (now_s > s->now_s)
		s->now_s = now_s;
	s->pending = (struct store_counters){ 0 };
	if (s->folder_fd < 0 || (s->day && day <= s->today))
		return 0;
	if (!s->day && s->today && day <= s->today) {
		err = store_day_open(s); /* it could not be, before */
		if (err)
			store_day_close(s);
		return err;
	}
	return store_day_turn(s, day);
}

/* What is to be erased comes after it, also where another day has begun, or
 * something is to be tidied up. */
int store_begin(struct store *s, uint64_t now_s)
{
	const bool writes =
		s->orphans || !s->day || now_s / STORE_DAY_S > s->today;
	const bool given = writes && store_reserve_give(s);
	int err = begin(s, now_s);

	if (given)
		store_reserve_take(s);
	return err;
}

int store_commit(struct store *s)
{
	const bool both = s->main_open && s->day_open;
	const bool any = s->main_open || s->day_open;

	if ((both && store_batch_confirm(s)) ||
	    (s->day_open && store_tally(s))) {
		store_rollback(s);
		return ERR_IO;
	}
	/* what rows refer to first: see database.h */
	if (s->main_open && database_exec(s->main, "COMMIT")) {
		store_failed(s, s->main);
		store_rollback(s);
		return ERR_IO;
	}
	if (s->main_open)
		s->orphans = false;
	s->main_open = false;
	if (s->day_open && database_exec(s->day, "COMMIT")) {
		store_failed(s, s->day);
		store_rollback(s);
		s->orphans = both;
		return ERR_IO;
	}
	s->day_open = false;
	/* who writes nothing has found no room */
	if (any)
		s->full = false;
	s->counters.commits++;
	s->counters.segments += s->pending.segments;
	s->counters.rows += s->pending.rows;
	s->counters.repeated += s->pending.repeated;
	s->counters.gaps_closed += s->pending.gaps_closed;
	s->counters.cache_cleared = s->pending.cache_cleared +
				    s->texts.cleared + s->addresses.cleared;
	/* an erasure commits what was before it, and then itself */
	s->pending = (struct store_counters){ 0 };
	return 0;
}

void store_rollback(struct store *s)
{
	/* the database may have done it itself; then this fails, rightly */
	if (s->main_open)
		(void)!database_exec(s->main, "ROLLBACK");
	if (s->day_open)
		(void)!database_exec(s->day, "ROLLBACK");
	s->main_open = s->day_open = false;
	s->pending = (struct store_counters){ 0 };
	memset(s->added, 0, sizeof(s->added));
	dictionary_forget(&s->texts);
	dictionary_forget(&s->addresses);
	store_forget(s);
}

int store_consent_add(struct store *s, struct store_consent *c)
{
	int err = store_write_main(s);

	if (err)
		return err;
	if (store_ready(s, STORE_CONSENT_ADD, "btttii",
			slice_of(c->hash, sizeof(c->hash)), c->text,
			c->approval, c->contact, (int64_t)c->retention_days,
			(int64_t)c->made_s))
		return store_failed(s, s->main);
	err = database_run(s->statements[STORE_CONSENT_ADD]);
	if (err)
		return err == ERR_EXISTS ? err : store_failed(s, s->main);
	c->id = sqlite3_last_insert_rowid(s->main);
	return 0;
}

int store_consent_withdraw(struct store *s, int64_t id)
{
	int err = store_write_main(s);

	if (err)
		return err;
	if (store_ready(s, STORE_CONSENT_WITHDRAW, "i", id) ||
	    database_run(s->statements[STORE_CONSENT_WITHDRAW]))
		return store_failed(s, s->main);
	return sqlite3_changes(s->main) ? 0 : ERR_NOTFOUND;
}

/* One that was gone, and comes again: what it sent before counts as sent. */
static int bring_back(struct store *s, const struct store_account *a)
{
	uint8_t hash[STORE_HASH_BYTES];

	store_retired_hash(a->name, hash);
	if (store_ready(s, STORE_RETIRED_BACK, "ib", a->id,
			slice_of(hash, sizeof(hash))) ||
	    database_run(s->statements[STORE_RETIRED_BACK]) ||
	    store_ready(s, STORE_RETIRED_DROP, "b",
			slice_of(hash, sizeof(hash))) ||
	    database_run(s->statements[STORE_RETIRED_DROP]))
		return store_failed(s, s->main);
	return 0;
}

int store_account_add(struct store *s, struct store_account *a)
{
	int err = store_write_main(s);

	if (err)
		return err;
	if (store_ready(s, STORE_ACCOUNT_ADD, "bbiiii",
			slice_of(a->name, sizeof(a->name)),
			slice_of(a->secret, sizeof(a->secret)), a->consent,
			(int64_t)a->made_s, (int64_t)s->today,
			(int64_t)STORE_OFFSET_UNKNOWN))
		return store_failed(s, s->main);
	err = database_run(s->statements[STORE_ACCOUNT_ADD]);
	if (err)
		return err == ERR_EXISTS ? err : store_failed(s, s->main);
	a->id = sqlite3_last_insert_rowid(s->main);
	return bring_back(s, a);
}

int store_account_consent(struct store *s, int64_t account, int64_t consent)
{
	int err = store_write_main(s);

	if (err)
		return err;
	if (store_ready(s, STORE_ACCOUNT_CONSENT, "iii", consent,
			(int64_t)s->today, account) ||
	    database_run(s->statements[STORE_ACCOUNT_CONSENT]))
		return store_failed(s, s->main);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#include "collector/store/sqlite.h"

/* Of suspects: see reference.h. */
#define DEVICES	 2
#define ACCOUNTS 3

/* Devices or accounts that are looked at in a step. */
#define STEP 20000

#define KEPT STORE_KEPT_UNTIL("t.seen_day", "t.consent", "")
/* ?1: now; ?2: the open day, of which it is not known yet what was sent. */
#define IS_IDLE "t.seen_day < ?2 AND " KEPT " <= ?1"
/* ?3, ?4: the last suspect of the step. */
#define SUSPECTS(dictionary)                               \
	"(SELECT s.id FROM suspect s WHERE s.dictionary =" \
	" " dictionary " AND (s.dictionary, s.id) <= (?3, ?4))"

/* None of its devices is left. */
#define IDLE_ACCOUNTS                                               \
	"account t WHERE t.id IN " SUSPECTS("3") " AND " IS_IDLE    \
						 " AND NOT EXISTS " \
						 "(SELECT 1 FROM "  \
						 "device d WHERE "  \
						 "d.account = t.id)"

static int run(struct store *s, const char *sql, int64_t third, int64_t fourth)
{
	sqlite3_stmt *stmt = NULL;
	int err = database_ready(s->main, &stmt, sql, "iiii", (int64_t)s->now_s,
				 (int64_t)s->today, third, fourth);

	if (!err)
		err = database_run(stmt);
	sqlite3_finalize(stmt);
	return err ? store_failed(s, s->main) : 0;
}

/* Those of some numbers; *last: of all. */
static int suspect(struct store *s, const char *table, int dictionary,
		   int64_t after, int64_t *last)
{
	char sql[768];

	snprintf(sql, sizeof(sql), "SELECT coalesce(max(id), 0) FROM %s",
		 table);
	if (database_number(s->main, sql, last))
		return store_failed(s, s->main);
	snprintf(sql, sizeof(sql),
		 "INSERT OR IGNORE INTO suspect SELECT %d, t.id FROM %s t "
		 "WHERE t.id > ?3 AND t.id <= ?4 AND " IS_IDLE,
		 dictionary, table);
	return run(s, sql, after, after + STEP);
}

int store_idle_step(struct store *s)
{
	struct reference_entry *at = &s->purge.entry;
	const bool devices = at->dictionary != ACCOUNTS;
	const int before = sqlite3_total_changes(s->main);
	int64_t last;
	int err = suspect(s, devices ? "device" : "account",
			  devices ? DEVICES : ACCOUNTS, at->id, &last);

	if (err)
		return err;
	if (sqlite3_total_changes(s->main) != before)
		s->purge.erased = true;
	at->id += STEP;
	if (at->id < last)
		return 1;
	*at = (struct reference_entry){ .dictionary = ACCOUNTS };
	return devices;
}

void store_retired_hash(const uint8_t account[STORE_ACCOUNT_BYTES],
			uint8_t out[STORE_HASH_BYTES])
{
	static const char label[] = "retired";
	uint8_t whole[sizeof(label) + STORE_ACCOUNT_BYTES];

	memcpy(whole, label, sizeof(label));
	memcpy(whole + sizeof(label), account, STORE_ACCOUNT_BYTES);
	SHA256(whole, sizeof(whole), out);
}

static int retire(struct store *s, sqlite3_stmt *put, struct slice name,
		  struct slice ranges)
{
	uint8_t hash[STORE_HASH_BYTES];

	if (name.len != STORE_ACCOUNT_BYTES)
		return ERR_MALFORMED;
	store_retired_hash(name.data, hash);
	if (database_bind(put, "bb", slice_of(hash, sizeof(hash)), ranges) ||
	    database_run(put))
		return store_failed(s, s->main);
	return 0;
}

/* What they sent is kept, by a hash that tells nobody whose it is. */
static int retire_accounts(struct store *s, const struct reference_entry *until)
{
	static const char find[] =
		"SELECT t.name, (SELECT ranges FROM accepted a WHERE "
		"a.account = t.id) AS sent FROM " IDLE_ACCOUNTS
		" AND sent IS NOT NULL";
	static const char add[] = "INSERT OR REPLACE INTO retired VALUES(?, ?)";
	sqlite3_stmt *stmt = NULL, *put = NULL;
	int err = 0, rc = SQLITE_ERROR;

	if (database_ready(s->main, &put, add, "") ||
	    database_ready(s->main, &stmt, find, "iiii", (int64_t)s->now_s,
			   (int64_t)s->today, until->dictionary, until->id))
		err = store_failed(s, s->main);
	while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW)
		err = retire(s, put, database_bytes(stmt, 0),
			     database_bytes(stmt, 1));
	sqlite3_finalize(stmt);
	sqlite3_finalize(put);
	return err || rc == SQLITE_DONE ? err : store_failed(s, s->main);
}

int store_idle_drop(struct store *s, const struct reference_entry *until)
{
	static const char *const drops[] = {
		"DELETE FROM accepted WHERE account IN (SELECT t.id "
		"FROM " IDLE_ACCOUNTS ")",
		"DELETE FROM account WHERE id IN (SELECT t.id "
		"FROM " IDLE_ACCOUNTS ")",
	};
	int err = run(s,
		      "DELETE FROM device WHERE id IN (SELECT t.id FROM device "
		      "t WHERE t.id IN " SUSPECTS("2") " AND " IS_IDLE ")",
		      until->dictionary, until->id);

	if (!err)
		err = retire_accounts(s, until);
	for (size_t i = 0; i < sizeof(drops) / sizeof(*drops) && !err; i++)
		err = run(s, drops[i], until->dictionary, until->id);
	return err;
}

int store_idle_deadline(sqlite3 *main, uint64_t now_s, uint64_t *time_s)
{
	static const char sql[] =
		"SELECT coalesce(min(kept), 9223372036854775807) FROM (SELECT " KEPT
		" AS kept FROM device t UNION ALL SELECT " KEPT
		" FROM account t) WHERE kept > ?";
	sqlite3_stmt *stmt = NULL;
	int err = database_ready(main, &stmt, sql, "i", (int64_t)now_s);

	if (!err)
		err = database_row(stmt);
	if (!err) {
		int64_t found = sqlite3_column_int64(stmt, 0);

		*time_s = found == INT64_MAX ? UINT64_MAX : (uint64_t)found;
	}
	sqlite3_finalize(stmt);
	return err ? ERR_IO : 0;
}

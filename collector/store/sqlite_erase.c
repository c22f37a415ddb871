// SPDX-License-Identifier: GPL-3.0-or-later
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "collector/store/reference.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"

#define COUNT(array)  (sizeof(array) / sizeof(*(array)))
#define SQL_BYTES_MAX ((size_t)4096)
/* Seals that end just then: one day is not sealed twice in a row. */
#define BEGIN_TRIES 3

/* Names of hosts, and those that people gave to devices. */
static const char *const name_clues[] = { "dhcp_hostname",
					  "upnp_friendly_name" };
static const struct {
	enum shape_table table;
	const char *column;
} name_columns[] = {
	{ SHAPE_HTTP, "host" },
	{ SHAPE_HELLO, "sni" },
	{ SHAPE_LABEL, "name" },
};

bool store_is_name_row(enum shape_table table, const struct store_cell *cells)
{
	if (table == SHAPE_QUESTION || table == SHAPE_NAME)
		return true;
	for (size_t i = 0; table == SHAPE_CLUE && i < COUNT(name_clues); i++)
		if (cells[1].len == strlen(name_clues[i]) &&
		    !memcmp(cells[1].bytes, name_clues[i], cells[1].len))
			return true;
	return false;
}

bool store_is_name(enum shape_table table, unsigned column)
{
	for (size_t i = 0; i < COUNT(name_columns); i++)
		if (name_columns[i].table == table &&
		    !strcmp(name_columns[i].column,
			    shapes[table].columns[column].name))
			return true;
	return false;
}

void store_tombstone_hash(enum store_erase_what what,
			  const uint8_t account[STORE_ACCOUNT_BYTES],
			  const uint8_t *device, uint8_t out[STORE_HASH_BYTES])
{
	uint8_t whole[1 + STORE_ACCOUNT_BYTES + STORE_DEVICE_BYTES] = {
		(uint8_t)what,
	};

	memcpy(whole + 1, account, STORE_ACCOUNT_BYTES);
	if (what == STORE_ERASE_DEVICE)
		memcpy(whole + 1 + STORE_ACCOUNT_BYTES, device,
		       STORE_DEVICE_BYTES);
	SHA256(whole, sizeof(whole), out);
}

int store_tombstone_get(sqlite3 *db, const uint8_t hash[STORE_HASH_BYTES],
			struct store_until *out)
{
	sqlite3_stmt *stmt = NULL;
	int err = database_ready(
		db, &stmt,
		"SELECT until_s, segment FROM tombstone WHERE hash = ?", "b",
		slice_of(hash, STORE_HASH_BYTES));

	if (!err)
		err = database_row(stmt);
	if (!err)
		*out = (struct store_until){
			.time_s = (uint32_t)sqlite3_column_int64(stmt, 0),
			.segment = (uint64_t)sqlite3_column_int64(stmt, 1),
		};
	sqlite3_finalize(stmt);
	return err;
}

int store_erased(struct store *s, const uint8_t account[STORE_ACCOUNT_BYTES],
		 const uint8_t *device, struct store_until *until)
{
	uint8_t hash[STORE_HASH_BYTES];
	int err;

	store_tombstone_hash(device ? STORE_ERASE_DEVICE : STORE_ERASE_NAMES,
			     account, device, hash);
	*until = (struct store_until){ 0 };
	err = store_tombstone_get(s->main, hash, until);
	return err == ERR_IO ? store_failed(s, s->main) : 0;
}

bool store_is_until(const struct store_until *until,
		    const struct store_segment *segment)
{
	return segment->number <= until->segment ||
	       segment->end_s <= until->time_s;
}

/* Of a day: the segments that it is about, those of the account that are later
 * and stay, and what the rows of the former referred to. Its commit needs no
 * wait for the disk: cutting the log waits. */
static const char scratch[] =
	"PRAGMA main.synchronous = NORMAL;"
	"CREATE TEMP TABLE mine(id INTEGER PRIMARY KEY);"
	"CREATE TEMP TABLE stay(id INTEGER PRIMARY KEY);"
	"CREATE TEMP TABLE gone(dictionary INTEGER, id INTEGER, rows INTEGER, "
	"PRIMARY KEY(dictionary, id)) WITHOUT ROWID";

/* Which rows of a day's table it is about. */
static void put_where(const struct erasing *e, enum shape_table table,
		      struct buf *sql)
{
	bool has_device = shapes[table].columns[0].kind == SHAPE_ROW;

	buf_printf(sql,
		   " WHERE id IN (SELECT r.id FROM temp.mine s CROSS JOIN %s r "
		   "ON r.id BETWEEN s.id << %d AND (s.id + 1 << %d) - 1 "
		   "WHERE true",
		   shapes[table].name, STORE_PLACE_BITS, STORE_PLACE_BITS);
	if (e->what == STORE_ERASE_DEVICE)
		buf_printf(sql, " AND %s = %lld", has_device ? "r.device" : "0",
			   (long long)e->device);
	if (e->what == STORE_ERASE_NAMES && table == SHAPE_CLUE)
		buf_printf(sql,
			   " AND r.kind IN (SELECT id FROM main_db.text WHERE "
			   "value IN (CAST('%s' AS BLOB), CAST('%s' AS BLOB)))",
			   name_clues[0], name_clues[1]);
	buf_puts(sql, ")");
}

static int run(struct erasing *e, struct buf *sql)
{
	int err = buf_check(sql);

	if (!err && database_exec(e->db, buf_text(sql)))
		err = store_failed(e->store, e->db);
	buf_clear(sql);
	return err;
}

/* Counts what a column of the rows that go refers to. */
static int count_column(struct erasing *e, enum shape_table table,
			unsigned column, struct buf *sql)
{
	const struct shape_column *c = &shapes[table].columns[column];
	int dictionary = reference_dictionary(c->kind);

	if (dictionary < 0)
		return 0;
	buf_printf(sql, "INSERT INTO temp.gone SELECT %d, %s, count(*) FROM %s",
		   dictionary, c->name, shapes[table].name);
	put_where(e, table, sql);
	buf_printf(sql,
		   " AND %s IS NOT NULL GROUP BY %s "
		   "ON CONFLICT(dictionary, id) DO UPDATE SET "
		   "rows = rows + excluded.rows",
		   c->name, c->name);
	return run(e, sql);
}

static bool takes_rows(const struct erasing *e, enum shape_table table)
{
	if (e->what == STORE_ERASE_NAMES)
		return table == SHAPE_QUESTION || table == SHAPE_NAME ||
		       table == SHAPE_CLUE;
	return e->what == STORE_ERASE_EVERYTHING || table != SHAPE_VIEW;
}

static bool takes_column(const struct erasing *e, enum shape_table table,
			 unsigned column)
{
	return takes_rows(e, table) ||
	       (e->what == STORE_ERASE_NAMES && store_is_name(table, column));
}

/* Devices are suspects of a purge alone: else they go when one is erased. */
static int suspect_all(struct erasing *e, struct buf *sql)
{
	int err = 0;

	for (int t = SHAPE_FLOW; t < SHAPE_TABLES; t++)
		for (unsigned i = 0; i < shapes[t].column_count && !err; i++)
			if (takes_column(e, (enum shape_table)t, i))
				err = count_column(e, (enum shape_table)t, i,
						   sql);
	if (err)
		return err;
	buf_printf(sql,
		   "INSERT OR IGNORE INTO main_db.suspect SELECT dictionary, "
		   "id FROM temp.gone WHERE dictionary < %d",
		   e->consent ? 3 : 2);
	e->store->sweep = (struct sweeping){ 0 };
	return run(e, sql);
}

static int take_rows(struct erasing *e, enum shape_table table, struct buf *sql)
{
	int err;

	buf_printf(sql, "DELETE FROM %s", shapes[table].name);
	put_where(e, table, sql);
	err = run(e, sql);
	if (!err)
		e->rows += (uint64_t)sqlite3_changes64(e->db);
	return err;
}

static int blank_columns(struct erasing *e, struct buf *sql)
{
	int err = 0;

	for (size_t i = 0; i < COUNT(name_columns) && !err; i++) {
		buf_printf(sql, "UPDATE %s SET %s = NULL",
			   shapes[name_columns[i].table].name,
			   name_columns[i].column);
		put_where(e, name_columns[i].table, sql);
		buf_printf(sql, " AND %s IS NOT NULL", name_columns[i].column);
		err = run(e, sql);
		if (!err)
			e->rows += (uint64_t)sqlite3_changes64(e->db);
	}
	return err;
}

static int take_segments(struct erasing *e, struct buf *sql)
{
	if (!e->consent)
		buf_printf(sql, "DELETE FROM accepted WHERE account = %lld;",
			   (long long)e->account);
	buf_puts(sql, "DELETE FROM segment WHERE id IN (SELECT id FROM "
		      "temp.mine)");
	return run(e, sql);
}

/* Whether what the day's tables had of the rows is taken from them. Else, of a
 * day that has none, that is purged, or that has some of what is erased and
 * some of what stays, they are dropped, and made anew. */
static int keeps_sums(struct erasing *e, bool *out)
{
	if (reference_has(e->db, out))
		return store_failed(e->store, e->db);
	*out = *out && !e->consent && !e->later;
	return 0;
}

/* Before they are dropped: else a crash would leave the day without. */
static int ask_seal(struct erasing *e, uint32_t day)
{
	char sql[96];
	bool kept;
	int err = keeps_sums(e, &kept);

	if (err || kept)
		return err;
	snprintf(
		sql, sizeof(sql),
		"UPDATE main_db.day SET state = 1 WHERE day = %u AND state = 2",
		day);
	return database_exec(e->db, sql) ? store_failed(e->store, e->db) : 0;
}

static int erase_sums(struct erasing *e)
{
	bool kept;
	int err = keeps_sums(e, &kept);

	if (err)
		return err;
	if (kept)
		err = rollup_erase(e->db, e->what, e->account);
	else
		err = rollup_drop(e->db);
	if (!err)
		err = kept ? reference_subtract(e->db) : reference_drop(e->db);
	return err ? store_failed(e->store, e->db) : 0;
}

/* What the day counted of its devices and accounts. From a purge on it counts
 * none: whose are left would not be known, and of an account it would stay that
 * it sent, and when. What was accepted collector.db has since the day is over.
 */
static int erase_active(struct erasing *e, struct buf *sql)
{
	bool has;

	if (database_has_table(e->db, "main", "active", &has))
		return store_failed(e->store, e->db);
	if (e->consent)
		buf_puts(sql, "DELETE FROM accepted;");
	if (!has || e->what == STORE_ERASE_NAMES)
		return run(e, sql);
	buf_puts(sql, "DELETE FROM active");
	if (e->consent)
		return run(e, sql);
	if (e->what == STORE_ERASE_EVERYTHING)
		buf_printf(sql, " WHERE account = %lld", (long long)e->account);
	else
		buf_printf(sql,
			   " WHERE device = %lld AND NOT EXISTS (SELECT 1 FROM "
			   "temp.stay s CROSS JOIN flow r ON r.id BETWEEN "
			   "s.id << %d AND (s.id + 1 << %d) - 1 WHERE "
			   "r.device = %lld)",
			   (long long)e->device, STORE_PLACE_BITS,
			   STORE_PLACE_BITS, (long long)e->device);
	return run(e, sql);
}

/* Who writes to the day seals it, which takes its time: uploads, which wait
 * for this, do not wait for that. */
static int try_begin(struct erasing *e)
{
	int err = database_try_write(e->db);

	return err == ERR_IO ? store_failed(e->store, e->db) : err;
}

/* A day that a seal ended with, and called sealed, after it was asked for:
 * asked again, as its tables may be dropped now. */
static int begin_day(struct erasing *e, uint32_t day)
{
	bool kept = false;
	char sql[80];
	int64_t sealed = 0;
	int err;

	for (int i = 0; i < BEGIN_TRIES; i++) {
		err = ask_seal(e, day);
		if (!err)
			err = try_begin(e);
		if (!err)
			err = keeps_sums(e, &kept);
		snprintf(sql, sizeof(sql),
			 "SELECT state = 2 FROM main_db.day WHERE day = %u",
			 day);
		if (!err && database_number(e->db, sql, &sealed))
			err = store_failed(e->store, e->db);
		if (err || kept || !sealed)
			return err;
		if (database_exec(e->db, "ROLLBACK"))
			return store_failed(e->store, e->db);
	}
	return ERR_BUSY;
}

/* A purge's step, before rows go: the day's tables, which count them, in steps,
 * as they may be as large. 1: that was the step; 0: they are gone. */
static int drop_tables(struct erasing *e, uint32_t day)
{
	bool sealed = false, counted = false;
	int more;

	if (rollup_has(e->db, "main", &sealed) ||
	    reference_has(e->db, &counted))
		return store_failed(e->store, e->db);
	more = sealed || counted ? begin_day(e, day) : try_begin(e);
	if (more)
		return more;
	more = rollup_drop_aside(e->db, STORE_STEP_ROWS);
	if (!more && (sealed || counted))
		more = rollup_put_aside(e->db) ? ERR_IO : 1;
	if (more < 0 || database_exec(e->db, "COMMIT"))
		return store_failed(e->store, e->db);
	return more;
}

/*
 * What is suspect is durable before the rows are gone: a crash between both
 * leaves nothing behind that the erasure, begun anew, would not find. Both
 * files are in write-ahead mode, in which a transaction over two is two.
 */
static int erase_rows(struct erasing *e, uint32_t day)
{
	struct buf sql;
	int err;

	buf_init(&sql, SQL_BYTES_MAX);
	err = suspect_all(e, &sql);
	if (!err)
		err = begin_day(e, day);
	for (int t = SHAPE_FLOW; t < SHAPE_TABLES && !err; t++)
		if (takes_rows(e, (enum shape_table)t))
			err = take_rows(e, (enum shape_table)t, &sql);
	if (!err && e->what == STORE_ERASE_NAMES)
		err = blank_columns(e, &sql);
	if (!err)
		err = erase_active(e, &sql);
	if (!err)
		err = erase_sums(e);
	if (!err && e->what == STORE_ERASE_EVERYTHING)
		err = take_segments(e, &sql);
	if (!err && database_exec(e->db, "COMMIT"))
		err = store_failed(e->store, e->db);
	buf_done(&sql);
	return err;
}

/* Whether what stays of the account has rows of the device; table stay has its
 * segments of the day. */
static int find_later(struct erasing *e)
{
	char sql[256];
	int64_t found = 0;
	int err = 0;

	if (e->what != STORE_ERASE_DEVICE)
		return 0;
	for (int t = SHAPE_FLOW; t < SHAPE_TABLES && !e->stays && !err; t++) {
		if (shapes[t].columns[0].kind != SHAPE_ROW)
			continue;
		snprintf(sql, sizeof(sql),
			 "SELECT EXISTS(SELECT 1 FROM temp.stay s CROSS JOIN "
			 "%s r ON r.id BETWEEN s.id << %d AND (s.id + 1 << %d) "
			 "- 1 WHERE r.device = %lld)",
			 shapes[t].name, STORE_PLACE_BITS, STORE_PLACE_BITS,
			 (long long)e->device);
		err = database_number(e->db, sql, &found);
		e->stays = found;
	}
	return err;
}

/* A step's of those that came under the consent. The place of a segment's last
 * row tells how many it has, or had. */
static int find_by_consent(struct erasing *e)
{
	struct buf sql;
	int err;

	buf_init(&sql, SQL_BYTES_MAX);
	buf_puts(&sql, "INSERT INTO temp.mine SELECT id FROM (SELECT id, "
		       "sum(size) OVER (ORDER BY id) - size AS below FROM "
		       "(SELECT s.id, 0");
	for (int t = SHAPE_FLOW; t < SHAPE_TABLES; t++)
		buf_printf(&sql,
			   " + (SELECT coalesce(max(r.id) - (s.id << %d) + 1, "
			   "0) FROM %s r WHERE r.id BETWEEN s.id << %d AND "
			   "(s.id + 1 << %d) - 1)",
			   STORE_PLACE_BITS, shapes[t].name, STORE_PLACE_BITS,
			   STORE_PLACE_BITS);
	buf_printf(&sql,
		   " AS size FROM segment s WHERE s.consent = %lld "
		   "ORDER BY s.id LIMIT %u)) WHERE below < %u",
		   (long long)e->consent, STORE_STEP_SEGMENTS, STORE_STEP_ROWS);
	err = run(e, &sql);
	buf_done(&sql);
	return err;
}

static int find_by_account(struct erasing *e)
{
	char sql[256];

	snprintf(
		sql, sizeof(sql),
		"INSERT INTO temp.mine SELECT id FROM segment WHERE "
		"account = %lld AND (%lld = 0 OR number <= %lld) AND id > %lld "
		"ORDER BY id LIMIT %d",
		(long long)e->account, (long long)e->until_segment,
		(long long)e->until_segment, (long long)e->after,
		e->store->scarce ? (int)STORE_STEP_SEGMENTS : -1);
	return database_exec(e->db, sql) ? store_failed(e->store, e->db) : 0;
}

/* Some of them, where there is little room for what a log has of all: those
 * after the last; all to be erased of these is counted anew. */
static int find_piece(struct erasing *e)
{
	int err = 0;

	if (database_exec(e->db, "DELETE FROM temp.mine;"
				 "DELETE FROM temp.gone"))
		return store_failed(e->store, e->db);
	e->segments = 0;
	err = e->consent ? find_by_consent(e) : find_by_account(e);
	if (err)
		return err;
	e->segments = sqlite3_changes(e->db);
	if (database_number(e->db, "SELECT coalesce(max(id), 0) FROM temp.mine",
			    &e->after))
		return store_failed(e->store, e->db);
	return 0;
}

/* The segments of a day that it is about. */
static int find_segments(struct erasing *e)
{
	char sql[256];
	int err;

	if (database_exec(e->db, scratch))
		return store_failed(e->store, e->db);
	e->after = 0;
	e->later = 0;
	err = find_piece(e);
	if (err || !e->until_segment)
		return err;
	snprintf(sql, sizeof(sql),
		 "INSERT INTO temp.stay SELECT id FROM segment WHERE "
		 "account = %lld AND number > %lld",
		 (long long)e->account, (long long)e->until_segment);
	if (database_exec(e->db, sql))
		return store_failed(e->store, e->db);
	e->later = sqlite3_changes(e->db);
	return find_later(e) ? store_failed(e->store, e->db) : 0;
}

/* All of a day; of a consent, a step. */
static int erase_found(struct erasing *e, uint32_t day)
{
	const bool in_pieces = e->store->scarce && !e->consent;
	int err = 0, all = 0;

	if (e->segments && e->consent)
		err = drop_tables(e, day);
	if (err)
		return err == 1 ? 0 : err;
	while (!err && e->segments) {
		err = erase_rows(e, day);
		all += e->segments;
		if (err || !in_pieces)
			break;
		err = find_piece(e);
	}
	e->segments = all;
	return err;
}

int erase_day(struct erasing *e, uint32_t day)
{
	int err;

	e->segments = 0;
	err = database_open_day(e->store->folder, day, DATABASE_WRITE, &e->db);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	if (database_attach_main(e->db, e->store->folder))
		err = store_failed(e->store, e->db);
	if (!err)
		err = find_segments(e);
	if (!err)
		err = erase_found(e, day);
	/* the log has what was erased until it is written back and cut: now,
	 * or at some time before; after all steps, where there are more */
	if (!err && e->consent)
		e->store->uncut = true;
	else if (!err && (e->segments || e->store->uncut))
		err = store_cut(e->store, e->db);
	sqlite3_close(e->db);
	e->db = NULL;
	if (err != ERR_BUSY)
		return err;
	e->busy = true;
	return 0;
}

int store_cut(struct store *s, sqlite3 *db)
{
	int err = database_cut_log(db);

	if (err)
		s->uncut = true;
	return err && err != ERR_BUSY ? store_failed(s, db) : err;
}

static int erase_days(struct erasing *e)
{
	uint32_t *days;
	size_t count;
	int err = database_days(e->store->main, &days, &count);

	if (err)
		return store_failed(e->store, e->store->main);
	for (size_t i = 0; i < count && !err; i++)
		err = erase_day(e, days[i]);
	free(days);
	return err;
}

/* Accounts and devices are erased last: a crash finds them again. */
static int erase_owner(struct erasing *e)
{
	struct store *s = e->store;
	char sql[512];

	if (e->what == STORE_ERASE_NAMES)
		return 0;
	if (e->what == STORE_ERASE_DEVICE)
		/* last_s: as blank_device() left it, or it came again */
		snprintf(sql, sizeof(sql),
			 "DELETE FROM device WHERE id = %lld AND %d AND "
			 "(last_s = 0 OR %d);"
			 "UPDATE device SET last_s = max(last_s, first_s) "
			 "WHERE id = %lld",
			 (long long)e->device, !e->stays, !e->until_segment,
			 (long long)e->device);
	else
		snprintf(sql, sizeof(sql),
			 "DELETE FROM device WHERE account = %lld;"
			 "DELETE FROM accepted WHERE account = %lld;"
			 "DELETE FROM account WHERE id = %lld",
			 (long long)e->account, (long long)e->account,
			 (long long)e->account);
	return database_exec(s->main, sql) ? store_failed(s, s->main) : 0;
}

/* It is not over before nothing of it is in a log. */
static int commit_and_cut(struct store *s)
{
	int err = store_commit(s);

	return err ? err : store_cut(s, s->main);
}

/* Those that failed and were asked for again, too, as far as this went. */
static int strike_out(struct erasing *e)
{
	struct store *s = e->store;
	char sql[192];
	int err = store_write_main(s);

	if (err)
		return err;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM erasure WHERE account = %lld AND device = %lld "
		 "AND what = %d AND (%lld = 0 OR segment BETWEEN 1 AND %lld)",
		 (long long)e->account, (long long)e->device, e->what,
		 (long long)e->until_segment, (long long)e->until_segment);
	if (database_exec(s->main, sql))
		return store_failed(s, s->main);
	err = store_count_erasure(s);
	return err ? err : store_commit(s);
}

/* All of it, of an erasure that is written down. */
static int carry_out(struct erasing *e)
{
	struct store *s = e->store;
	int err = erase_days(e);

	/* days that are past their time, too, have been erased before */
	if (!err)
		err = store_remove_all(s);
	if (!err)
		err = e->busy ? ERR_BUSY : store_sweep(s);
	if (!err)
		err = store_write_main(s);
	if (!err)
		err = erase_owner(e);
	if (!err)
		err = commit_and_cut(s);
	if (!err)
		err = strike_out(e);
	dictionary_forget(&s->texts);
	dictionary_forget(&s->addresses);
	store_forget(s);
	return err;
}

static int find_owner(struct store *s, const struct store_erasure *erasure,
		      struct erasing *out)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0;

	*out = (struct erasing){ .store = s, .what = erasure->what };
	if (erasure->what != STORE_ERASE_EVERYTHING)
		out->until_segment = erasure->until_segment;
	if (database_ready(s->main, &stmt,
			   "SELECT a.id, coalesce(d.id, 0) FROM account a LEFT "
			   "JOIN device d ON d.account = a.id AND d.key = ?2 "
			   "WHERE a.name = ?1",
			   "bb",
			   slice_of(erasure->account_name,
				    sizeof(erasure->account_name)),
			   slice_of(erasure->device_key,
				    sizeof(erasure->device_key))))
		err = store_failed(s, s->main);
	if (!err)
		err = database_row(stmt);
	if (!err) {
		out->account = sqlite3_column_int64(stmt, 0);
		if (erasure->what == STORE_ERASE_DEVICE)
			out->device = sqlite3_column_int64(stmt, 1);
	}
	sqlite3_finalize(stmt);
	if (!err && erasure->what == STORE_ERASE_DEVICE && !out->device)
		err = ERR_NOTFOUND;
	return err;
}

static int put_tombstone(struct store *s, const struct store_erasure *erasure)
{
	const bool by_number = erasure->until_segment &&
			       erasure->what != STORE_ERASE_EVERYTHING;
	uint8_t hash[STORE_HASH_BYTES];
	int err = store_write_main(s);

	if (err)
		return err;
	store_tombstone_hash(erasure->what, erasure->account_name,
			     erasure->device_key, hash);
	/* one does not stand for the other: both are kept, where both came */
	if (store_ready(
		    s, STORE_TOMBSTONE_PUT, "bii", slice_of(hash, sizeof(hash)),
		    by_number ? (int64_t)0 : (int64_t)erasure->until_s,
		    by_number ? (int64_t)erasure->until_segment : (int64_t)0) ||
	    database_run(s->statements[STORE_TOMBSTONE_PUT]))
		return store_failed(s, s->main);
	return 0;
}

int store_count_erasure(struct store *s)
{
	static const char sql[] =
		"UPDATE setting SET value = value + 1 WHERE key = 'erased'";

	return database_exec(s->main, sql) ? store_failed(s, s->main) : 0;
}

/* What is known of a device from then on came after its erasure. */
static int blank_device(struct store *s, int64_t device, uint32_t now_s)
{
	char sql[160];

	snprintf(sql, sizeof(sql),
		 "UPDATE device SET oui = NULL, watched = NULL, first_s = %u, "
		 "last_s = 0 WHERE id = %lld",
		 now_s, (long long)device);
	return database_exec(s->main, sql) ? store_failed(s, s->main) : 0;
}

/* From here on it is done, whatever happens. */
static int write_down(struct store *s, const struct store_erasure *erasure,
		      const struct erasing *e)
{
	char sql[160];
	int err = put_tombstone(s, erasure);

	if (!err)
		err = store_count_erasure(s);
	if (!err && e->device)
		err = blank_device(s, e->device, erasure->until_s);
	if (err)
		return err;
	snprintf(sql, sizeof(sql),
		 "INSERT INTO erasure(account, device, what, segment) "
		 "VALUES(%lld, %lld, %d, %lld)",
		 (long long)e->account, (long long)e->device, e->what,
		 (long long)e->until_segment);
	if (database_exec(s->main, sql))
		return store_failed(s, s->main);
	return store_commit(s);
}

static int erase(struct store *s, const struct store_erasure *erasure,
		 uint64_t *rows)
{
	struct erasing e;
	int err = find_owner(s, erasure, &e);

	/* what is on its way may have the device */
	if (err == ERR_NOTFOUND && e.account) {
		err = put_tombstone(s, erasure);
		if (!err)
			err = store_commit(s);
		return err ? err : ERR_NOTFOUND;
	}
	if (!err)
		err = write_down(s, erasure, &e);
	if (!err)
		err = carry_out(&e);
	if (!err)
		*rows = e.rows;
	return err;
}

int store_erase(struct store *s, const struct store_erasure *erasure,
		uint64_t *rows)
{
	const bool given = store_reserve_give(s);
	int err = erase(s, erasure, rows);

	if (given)
		store_reserve_take(s);
	return err;
}

int store_erase_resume(struct store *s, uint64_t *rows)
{
	int err = 0;

	while (!err) {
		struct erasing e = { .store = s };
		sqlite3_stmt *stmt = NULL;

		if (database_ready(s->main, &stmt,
				   "SELECT account, device, what, segment FROM "
				   "erasure ORDER BY id LIMIT 1",
				   ""))
			return store_failed(s, s->main);
		err = database_row(stmt);
		if (!err) {
			e.account = sqlite3_column_int64(stmt, 0);
			e.device = sqlite3_column_int64(stmt, 1);
			e.what = (enum store_erase_what)sqlite3_column_int(stmt,
									   2);
			e.until_segment =
				(uint64_t)sqlite3_column_int64(stmt, 3);
		}
		sqlite3_finalize(stmt);
		if (!err)
			err = carry_out(&e);
		*rows += e.rows;
	}
	return err == ERR_NOTFOUND ? 0 : err;
}

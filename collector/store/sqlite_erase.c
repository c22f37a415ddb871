// SPDX-License-Identifier: GPL-3.0-or-later
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "collector/store/rollup.h"
#include "collector/store/sqlite.h"

#define COUNT(array)  (sizeof(array) / sizeof(*(array)))
#define SQL_BYTES_MAX ((size_t)4096)

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

int store_erased(struct store *s, const uint8_t account[STORE_ACCOUNT_BYTES],
		 const uint8_t *device, uint32_t *until_s)
{
	uint8_t hash[STORE_HASH_BYTES];
	sqlite3_stmt *stmt;
	int err;

	store_tombstone_hash(device ? STORE_ERASE_DEVICE : STORE_ERASE_NAMES,
			     account, device, hash);
	if (store_ready(s, STORE_TOMBSTONE_GET, "b",
			slice_of(hash, sizeof(hash))))
		return store_failed(s, s->main);
	stmt = s->statements[STORE_TOMBSTONE_GET];
	err = database_row(stmt);
	if (err == ERR_IO)
		return store_failed(s, s->main);
	*until_s = err ? 0 : (uint32_t)sqlite3_column_int64(stmt, 0);
	if (!err)
		sqlite3_reset(stmt);
	return 0;
}

/* Which rows of a day's table it is about. */
static void put_where(const struct erasing *e, enum shape_table table,
		      struct buf *sql)
{
	bool has_device = shapes[table].columns[0].kind == SHAPE_ROW;

	buf_printf(sql,
		   " WHERE id IN (SELECT r.id FROM segment s CROSS JOIN %s r "
		   "ON r.id BETWEEN s.id << %d AND (s.id + 1 << %d) - 1 "
		   "WHERE s.%s = %lld",
		   shapes[table].name, STORE_PLACE_BITS, STORE_PLACE_BITS,
		   e->consent ? "consent" : "account",
		   (long long)(e->consent ? e->consent : e->account));
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

/* Notes a column's texts, or addresses, of the rows that go. */
static int suspect(struct erasing *e, enum shape_table table, unsigned column,
		   struct buf *sql)
{
	enum shape_kind kind = shapes[table].columns[column].kind;
	int dictionary = store_dictionary_of(kind);

	/* a device goes when it is erased, or when nothing of it is left */
	if (dictionary < 0 || (kind == SHAPE_ROW && !e->consent))
		return 0;
	buf_printf(sql,
		   "INSERT OR IGNORE INTO main_db.suspect SELECT %d, %s "
		   "FROM %s",
		   dictionary, shapes[table].columns[column].name,
		   shapes[table].name);
	put_where(e, table, sql);
	buf_printf(sql, " AND %s IS NOT NULL",
		   shapes[table].columns[column].name);
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

static int suspect_all(struct erasing *e, struct buf *sql)
{
	int err = 0;

	for (int t = SHAPE_FLOW; t < SHAPE_TABLES; t++)
		for (unsigned i = 0; i < shapes[t].column_count && !err; i++)
			if (takes_column(e, (enum shape_table)t, i))
				err = suspect(e, (enum shape_table)t, i, sql);
	return err;
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
	if (e->consent) {
		/* what was accepted stays so: it is not taken twice */
		buf_printf(sql, "DELETE FROM segment WHERE consent = %lld",
			   (long long)e->consent);
		return run(e, sql);
	}
	buf_printf(sql,
		   "DELETE FROM segment WHERE account = %lld;"
		   "DELETE FROM accepted WHERE account = %lld",
		   (long long)e->account, (long long)e->account);
	return run(e, sql);
}

/*
 * What is suspect is durable before the rows are gone: a crash between both
 * leaves nothing behind that the erasure, begun anew, would not find. Both
 * files are in write-ahead mode, in which a transaction over two is two.
 */
static int erase_rows(struct erasing *e)
{
	struct buf sql;
	int err;

	buf_init(&sql, SQL_BYTES_MAX);
	err = suspect_all(e, &sql);
	if (!err && database_exec(e->db, "BEGIN IMMEDIATE"))
		err = store_failed(e->store, e->db);
	for (int t = SHAPE_FLOW; t < SHAPE_TABLES && !err; t++)
		if (takes_rows(e, (enum shape_table)t))
			err = take_rows(e, (enum shape_table)t, &sql);
	if (!err && e->what == STORE_ERASE_NAMES)
		err = blank_columns(e, &sql);
	if (!err && e->what == STORE_ERASE_EVERYTHING)
		err = take_segments(e, &sql);
	/* what the rows came to is computed anew when it is sealed again */
	if (!err && rollup_drop(e->db))
		err = store_failed(e->store, e->db);
	if (!err && database_exec(e->db, "COMMIT"))
		err = store_failed(e->store, e->db);
	buf_done(&sql);
	return err;
}

int erase_day(struct erasing *e, uint32_t day)
{
	char sql[96];
	int err;

	err = database_open_day(e->store->folder, day, DATABASE_WRITE, &e->db);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	err = database_attach_main(e->db, e->store->folder);
	snprintf(
		sql, sizeof(sql),
		"UPDATE main_db.day SET state = 1 WHERE day = %u AND state = 2",
		day);
	if (!err)
		err = database_exec(e->db, sql);
	if (!err)
		err = erase_rows(e);
	/* the log has what was erased until it is written back and cut */
	if (err)
		store_failed(e->store, e->db);
	else
		err = store_cut(e->store, e->db);
	sqlite3_close(e->db);
	e->db = NULL;
	return err;
}

int store_cut(struct store *s, sqlite3 *db)
{
	int err = database_cut_log(db);

	if (err != ERR_BUSY)
		return err ? store_failed(s, db) : 0;
	/* somebody reads what was before: it is cut when he has ended */
	s->uncut = true;
	return 0;
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
		snprintf(sql, sizeof(sql), "DELETE FROM device WHERE id = %lld",
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

/* All of it, of an erasure that is written down. */
static int carry_out(struct erasing *e)
{
	struct store *s = e->store;
	char sql[128];
	int err = erase_days(e);

	if (!err)
		err = store_sweep(s);
	if (!err)
		err = store_write_main(s);
	if (!err)
		err = erase_owner(e);
	/* those that failed and were asked for again, too */
	snprintf(sql, sizeof(sql),
		 "DELETE FROM erasure WHERE account = %lld AND device = %lld "
		 "AND what = %d",
		 (long long)e->account, (long long)e->device, e->what);
	if (!err && database_exec(s->main, sql))
		err = store_failed(s, s->main);
	if (!err)
		err = store_commit(s);
	if (!err)
		err = store_cut(s, s->main);
	dictionary_forget(&s->texts);
	dictionary_forget(&s->addresses);
	store_forget(s);
	s->next_segment = 0;
	return err;
}

static int find_owner(struct store *s, const struct store_erasure *erasure,
		      struct erasing *out)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0;

	*out = (struct erasing){ .store = s, .what = erasure->what };
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

/* From here on it is done, whatever happens. */
static int write_down(struct store *s, const struct store_erasure *erasure,
		      const struct erasing *e)
{
	uint8_t hash[STORE_HASH_BYTES];
	char sql[128];
	int err = store_write_main(s);

	if (err)
		return err;
	store_tombstone_hash(e->what, erasure->account_name,
			     erasure->device_key, hash);
	if (store_ready(s, STORE_TOMBSTONE_PUT, "bi",
			slice_of(hash, sizeof(hash)),
			(int64_t)erasure->until_s) ||
	    database_run(s->statements[STORE_TOMBSTONE_PUT]))
		return store_failed(s, s->main);
	snprintf(sql, sizeof(sql),
		 "INSERT INTO erasure(account, device, what) "
		 "VALUES(%lld, %lld, %d)",
		 (long long)e->account, (long long)e->device, e->what);
	if (database_exec(s->main, sql))
		return store_failed(s, s->main);
	return store_commit(s);
}

int store_erase(struct store *s, const struct store_erasure *erasure,
		uint64_t *rows)
{
	struct erasing e;
	int err = find_owner(s, erasure, &e);

	if (!err)
		err = write_down(s, erasure, &e);
	if (!err)
		err = carry_out(&e);
	if (!err)
		*rows = e.rows;
	return err;
}

int store_erase_resume(struct store *s)
{
	struct erasing e = { .store = s };
	int err = 0;

	while (!err) {
		sqlite3_stmt *stmt = NULL;

		if (database_ready(s->main, &stmt,
				   "SELECT account, device, what FROM "
				   "erasure ORDER BY id LIMIT 1",
				   ""))
			return store_failed(s, s->main);
		err = database_row(stmt);
		if (!err) {
			e.account = sqlite3_column_int64(stmt, 0);
			e.device = sqlite3_column_int64(stmt, 1);
			e.what = (enum store_erase_what)sqlite3_column_int(stmt,
									   2);
		}
		sqlite3_finalize(stmt);
		if (!err)
			err = carry_out(&e);
	}
	return err == ERR_NOTFOUND ? 0 : err;
}

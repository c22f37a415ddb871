// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/rollup.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "collector/store/database.h"

const char *const rollup_names[ROLLUPS] = {
	[ROLLUP_ENDPOINT] = "rollup_endpoint",
	[ROLLUP_NAME] = "rollup_name",
	[ROLLUP_HELLO] = "rollup_hello",
	[ROLLUP_ACTIVITY] = "rollup_activity",
};

const char *const rollup_queries[ROLLUPS] = {
	[ROLLUP_ENDPOINT] =
		"SELECT device, remote, remote_port, protocol, count(*) AS "
		"windows, sum(out_bytes) AS out_bytes, sum(in_bytes) AS "
		"in_bytes FROM day.flow NOT INDEXED WHERE remote IS NOT NULL "
		"GROUP BY device, remote, remote_port, protocol",
	[ROLLUP_NAME] =
		/* of three words of a source, two tell whether there was
		 * another than a given one */
	"SELECT n.address, n.name, n.device, s.account, "
	"min(n.source) AS first_source, max(n.source) AS last_source "
	"FROM day.name n JOIN day.segment s ON s.id = n.id >> 16 "
	"WHERE n.address IS NOT NULL AND n.name IS NOT NULL "
	"GROUP BY n.address, n.name, n.device, s.account",
	[ROLLUP_HELLO] =
		"SELECT device, ja4, count(*) AS hellos FROM day.hello "
		"WHERE ja4 IS NOT NULL GROUP BY device, ja4",
	/* a device is one account's, so one of its flows tells whose */
	[ROLLUP_ACTIVITY] =
		"SELECT s.account, count(DISTINCT s.end_s) AS windows, "
		"min(s.end_s) AS first_s, max(s.end_s) AS last_s, "
		"coalesce(d.devices, 0) AS devices FROM day.segment s "
		"LEFT JOIN (SELECT o.account, count(*) AS devices FROM "
		"(SELECT device, min(id) AS id FROM day.flow GROUP BY device) "
		"f JOIN day.segment o ON o.id = f.id >> 16 GROUP BY o.account) "
		"d ON d.account = s.account GROUP BY s.account",
};

/* The same of what was counted as it came: of a home whose windows did not come
 * in order, its segments are read. */
static const char counted_activity[] =
	"SELECT c.account, c.windows, c.first_s, c.last_s, "
	"coalesce(d.devices, 0) AS devices FROM (SELECT account, windows, "
	"first_s, last_s FROM day.accepted WHERE windows IS NOT NULL UNION ALL "
	"SELECT account, count(DISTINCT end_s), min(end_s), max(end_s) FROM "
	"day.segment WHERE EXISTS (SELECT 1 FROM day.accepted WHERE windows IS "
	"NULL) AND account IN (SELECT account FROM day.accepted WHERE windows "
	"IS NULL) GROUP BY account) c LEFT JOIN (SELECT account, count(*) AS "
	"devices FROM day.active GROUP BY account) d ON d.account = c.account";

/* Before the names of tables that are dropped in steps. */
#define ASIDE "aside_"

/* What an erasure or a question about one account looks for, or a purge of what
 * came under one consent. Its rows are found by its segments: an index of rows
 * would be a quarter of the file. */
static const char day_indexes[] =
	"CREATE INDEX IF NOT EXISTS segment_account ON segment(account);"
	"CREATE INDEX IF NOT EXISTS segment_consent ON segment(consent)";
static const char indexes[] =
	"CREATE INDEX rollup_endpoint_device ON rollup_endpoint(device);"
	"CREATE INDEX rollup_name_address ON rollup_name(address);"
	"CREATE INDEX rollup_name_device ON rollup_name(device);"
	"CREATE INDEX rollup_name_account ON rollup_name(account);"
	"CREATE INDEX rollup_hello_device ON rollup_hello(device);"
	"CREATE INDEX rollup_activity_account ON rollup_activity(account)";

/* What rows that go have in a sealed day's tables. Devices are gone as rows
 * are: by number 2 of table gone. */
static const char erase_devices[] =
	"DELETE FROM rollup_endpoint WHERE device IN (SELECT id FROM temp.gone "
	"WHERE dictionary = 2);"
	"DELETE FROM rollup_hello WHERE device IN (SELECT id FROM temp.gone "
	"WHERE dictionary = 2);"
	"DELETE FROM rollup_name WHERE device IN (SELECT id FROM temp.gone "
	"WHERE dictionary = 2)";
static const char erase_names[] = "DELETE FROM rollup_name WHERE account = ?1";
static const char erase_activity[] =
	"DELETE FROM rollup_activity WHERE account = ?1";
static const char count_activity[] =
	"UPDATE rollup_activity SET devices = (SELECT count(DISTINCT f.device) "
	"FROM segment s CROSS JOIN flow f ON f.id BETWEEN s.id << 16 AND "
	"(s.id + 1 << 16) - 1 WHERE s.account = ?1) WHERE account = ?1";

/* The query with another schema for "day". */
static void write_query(const char *query, const char *schema,
			char out[ROLLUP_SQL_BYTES])
{
	const char *at;
	size_t len = 0, room = ROLLUP_SQL_BYTES;

	while ((at = strstr(query, "day.")) && len < room) {
		len += (size_t)snprintf(out + len, room - len, "%.*s%s.",
					(int)(at - query), query, schema);
		query = at + strlen("day.");
	}
	if (len < room)
		(void)snprintf(out + len, room - len, "%s", query);
}

/* Of a day that is not sealed: of its rows, unless they were counted. */
static int write_source(sqlite3 *db, const char *schema, enum rollup which,
			char out[ROLLUP_SQL_BYTES])
{
	const char *query = rollup_queries[which];
	bool counted = false;
	int err = 0;

	if (which == ROLLUP_ACTIVITY)
		err = rollup_is_counted(db, schema, &counted);
	if (!err)
		write_query(counted ? counted_activity : query, schema, out);
	return err;
}

/* The same to make its table in the file itself. */
static int make(sqlite3 *day, enum rollup which)
{
	char query[ROLLUP_SQL_BYTES], sql[ROLLUP_SQL_BYTES + 64];
	int err = write_source(day, "main", which, query);

	if (err)
		return err;
	(void)snprintf(sql, sizeof(sql), "CREATE TABLE %s AS %s",
		       rollup_names[which], query);
	return database_exec(day, sql);
}

int rollup_is_counted(sqlite3 *db, const char *schema, bool *out)
{
	char sql[96];
	int64_t whole = 0;
	bool has;
	int err = database_has_table(db, schema, "active", &has);

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM %s.active WHERE device = 0", schema);
	if (!err && has)
		err = database_number(db, sql, &whole);
	if (!err)
		*out = whole;
	return err;
}

int rollup_has(sqlite3 *db, const char *schema, bool *out)
{
	return database_has_table(db, schema, rollup_names[ROLLUPS - 1], out);
}

int rollup_source(sqlite3 *db, const char *schema, enum rollup which,
		  char out[ROLLUP_SQL_BYTES])
{
	bool sealed;
	int err = rollup_has(db, schema, &sealed);

	if (err)
		return err;
	if (!sealed)
		return write_source(db, schema, which, out);
	snprintf(out, ROLLUP_SQL_BYTES, "SELECT * FROM %s.%s", schema,
		 rollup_names[which]);
	return 0;
}

int rollup_make(sqlite3 *day)
{
	int err = rollup_drop(day);

	if (!err)
		err = database_exec(day, day_indexes);
	for (int i = 0; i < ROLLUPS && !err; i++)
		err = make(day, (enum rollup)i);
	return err ? err : database_exec(day, indexes);
}

int rollup_drop(sqlite3 *day)
{
	char sql[96];
	int err = database_exec(day, "DROP TABLE IF EXISTS " ASIDE "reference");

	for (int i = 0; i < ROLLUPS && !err; i++) {
		snprintf(sql, sizeof(sql),
			 "DROP TABLE IF EXISTS %s;"
			 "DROP TABLE IF EXISTS " ASIDE "%s",
			 rollup_names[i], rollup_names[i]);
		err = database_exec(day, sql);
	}
	return err;
}

static int rename_aside(sqlite3 *day, const char *name)
{
	char sql[96];
	bool has;
	int err = database_has_table(day, "main", name, &has);

	if (err || !has)
		return err;
	snprintf(sql, sizeof(sql), "ALTER TABLE %s RENAME TO " ASIDE "%s", name,
		 name);
	return database_exec(day, sql);
}

int rollup_put_aside(sqlite3 *day)
{
	int err = rename_aside(day, "reference");

	for (int i = 0; i < ROLLUPS && !err; i++)
		err = rename_aside(day, rollup_names[i]);
	return err;
}

/* key: of its rows, in the order in which they lie. */
static int drop_some(sqlite3 *day, const char *name, const char *key,
		     unsigned most)
{
	char aside[32], sql[256];
	bool has;
	int err;

	snprintf(aside, sizeof(aside), ASIDE "%s", name);
	err = database_has_table(day, "main", aside, &has);
	if (err || !has)
		return err;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM %s WHERE (%s) <= (SELECT %s FROM %s ORDER BY %s "
		 "LIMIT 1 OFFSET %u)",
		 aside, key, key, aside, key, most - 1);
	err = database_exec(day, sql);
	if (err || sqlite3_changes(day))
		return err ? err : 1;
	snprintf(sql, sizeof(sql), "DROP TABLE %s", aside);
	err = database_exec(day, sql);
	return err ? err : 1;
}

int rollup_drop_aside(sqlite3 *day, unsigned most)
{
	int more = drop_some(day, "reference", "dictionary, id", most);

	for (int i = 0; i < ROLLUPS && !more; i++)
		more = drop_some(day, rollup_names[i], "rowid", most);
	return more;
}

static int erase_of(sqlite3 *day, const char *sql, int64_t account)
{
	sqlite3_stmt *stmt = NULL;
	int err = database_ready(day, &stmt, sql, "i", account);

	if (!err)
		err = database_run(stmt);
	sqlite3_finalize(stmt);
	return err;
}

int rollup_erase(sqlite3 *day, enum store_erase_what what, int64_t account)
{
	int err = 0;

	switch (what) {
	case STORE_ERASE_NAMES:
		return erase_of(day, erase_names, account);
	case STORE_ERASE_DEVICE:
		err = database_exec(day, erase_devices);
		return err ? err : erase_of(day, count_activity, account);
	case STORE_ERASE_EVERYTHING:
		err = database_exec(day, erase_devices);
		return err ? err : erase_of(day, erase_activity, account);
	}
	return err;
}

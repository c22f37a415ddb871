// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/erase.h"

#include <stdio.h>
#include <string.h>

#include "store/database.h"

#define DAY_S	      86400
#define HOUR_S	      3600
#define MS_PER_S      1000
#define SQL_BYTES_MAX 512

#define FLOW_TABLE "flow_window"

/* Tables whose rows are a device's, and the age at which a row goes. */
static const struct {
	const char *table;
	const char *time; /* column; NULL: kept as long as the device */
	int64_t unit;	  /* of the time, per second */
	int64_t days;
} owned[] = {
	/* a trigger takes its flows along */
	{ FLOW_TABLE, "start_s", 1, STORE_FLOW_DAYS },
	{ "minute", "start_s", 1, STORE_MINUTE_DAYS },
	{ "hour", "start_s", 1, STORE_HOUR_DAYS },
	{ "name", "last_ms", MS_PER_S, STORE_MINUTE_DAYS },
	{ "question", "last_ms", MS_PER_S, STORE_MINUTE_DAYS },
	{ "hello", "time_ms", MS_PER_S, STORE_MINUTE_DAYS },
	{ "http", "time_ms", MS_PER_S, STORE_MINUTE_DAYS },
	{ "server", "last_ms", MS_PER_S, STORE_MINUTE_DAYS },
	{ "service", "last_ms", MS_PER_S, STORE_MINUTE_DAYS },
	{ "clue", NULL, 0, 0 },
	{ "finding", "last_ms", MS_PER_S, STORE_MINUTE_DAYS },
	{ "judgement", "at_ms", MS_PER_S, STORE_HOUR_DAYS },
};
#define OWNED_COUNT (sizeof(owned) / sizeof(owned[0]))

/* What only others refer to. */
static const char orphans[] =
	"DELETE FROM remote WHERE id NOT IN (SELECT remote FROM flow_row UNION "
	"SELECT remote FROM minute UNION SELECT remote FROM hour UNION "
	"SELECT remote FROM name UNION SELECT remote FROM hello UNION "
	"SELECT remote FROM http UNION SELECT remote FROM server UNION "
	"SELECT remote FROM service);"
	"DELETE FROM host WHERE id NOT IN (SELECT host FROM name UNION "
	"SELECT host FROM question UNION SELECT host FROM hello "
	"WHERE host IS NOT NULL UNION SELECT host FROM http "
	"WHERE host IS NOT NULL);"
	"DELETE FROM hello_shape WHERE id NOT IN (SELECT shape FROM hello);";

static int run(struct store *s, const char *sql)
{
	if (!sqlite3_exec(s->db, sql, NULL, NULL, NULL))
		return 0;
	database_failed(s);
	return ERR_IO;
}

/* Deletes the rows of a table that the condition is true of. */
static int forget(struct store *s, const char *table, const char *condition,
		  uint64_t *rows)
{
	int64_t before = sqlite3_total_changes64(s->db);
	char sql[SQL_BYTES_MAX];

	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s", table, condition);
	if (run(s, sql))
		return ERR_IO;
	*rows += (uint64_t)(sqlite3_total_changes64(s->db) - before);
	/* its flows are what counts */
	if (!strcmp(table, FLOW_TABLE))
		*rows -= (uint64_t)sqlite3_changes64(s->db);
	return 0;
}

/* Ends the transaction and empties the log, which still has what went. */
static int finish(struct store *s, int err)
{
	if (err) {
		database_rollback(s);
		return err;
	}
	database_forget(s);
	if (store_commit(s))
		return ERR_IO;
	return run(s, "PRAGMA wal_checkpoint(TRUNCATE)");
}

int erase_device(struct store *s, int64_t id, uint64_t *rows)
{
	char its[48];
	uint64_t gone = 0;
	int err = 0;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	snprintf(its, sizeof(its), "device = %lld", (long long)id);
	for (size_t i = 0; !err && i < OWNED_COUNT; i++)
		err = forget(s, owned[i].table, its, &gone);
	if (!err && (database_run(s, STATEMENT_ADDRESS_TRIM, "ii", id,
				  (int64_t)1) < 0 ||
		     database_run(s, STATEMENT_DEVICE_NO_TRAFFIC, "i", id) < 0))
		err = ERR_IO;
	if (!err)
		err = run(s, orphans);
	err = finish(s, err);
	if (!err)
		*rows = gone;
	return err;
}

int erase_all(struct store *s, uint64_t *rows)
{
	uint64_t gone = 0;
	int err = 0;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	for (size_t i = 0; !err && i < OWNED_COUNT; i++)
		err = forget(s, owned[i].table, "true", &gone);
	if (!err)
		err = run(s, "DELETE FROM device WHERE watched = 0 AND "
			     "excluded = 0;"
			     "DELETE FROM device_address WHERE device NOT IN "
			     "(SELECT id FROM device);"
			     "UPDATE device SET in_bytes = 0, out_bytes = 0;");
	if (!err)
		err = run(s, orphans);
	err = finish(s, err);
	if (!err)
		*rows = gone;
	return err;
}

/* Rows of one table up to a time, device by device along the primary key. */
static int expire(struct store *s, size_t which, int64_t before_s,
		  uint64_t *rows)
{
	char old[128];

	if (!owned[which].time)
		return 0;
	snprintf(old, sizeof(old),
		 "device IN (SELECT id FROM device) AND %s < %lld",
		 owned[which].time, (long long)(before_s * owned[which].unit));
	return forget(s, owned[which].table, old, rows);
}

/* The hour after which flows may stay: one more than the oldest there is. */
static int64_t oldest_hour_end(struct store *s)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_FLOW_OLDEST, "");
	int64_t end = 0;

	if (!stmt)
		return 0;
	if (sqlite3_step(stmt) == SQLITE_ROW &&
	    sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		end = sqlite3_column_int64(stmt, 0) / HOUR_S * HOUR_S + HOUR_S;
	sqlite3_reset(stmt);
	return end;
}

static int64_t pragma_number(struct store *s, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t value = 0;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL))
		return 0;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

static bool is_too_large(struct store *s)
{
	int64_t pages = pragma_number(s, "PRAGMA page_count") -
			pragma_number(s, "PRAGMA freelist_count");

	return pages * pragma_number(s, "PRAGMA page_size") >
	       STORE_BYTES_TARGET;
}

/* What no row that is kept can refer to any more, told without asking them
 * all, which takes long; and devices not heard of for as long. */
static int expire_values(struct store *s, int64_t today, uint64_t *rows)
{
	static const struct {
		const char *table;
		int64_t days;
	} values[] = { { "remote", STORE_HOUR_DAYS },
		       { "host", STORE_MINUTE_DAYS },
		       { "hello_shape", STORE_MINUTE_DAYS } };
	char sql[SQL_BYTES_MAX];
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(values) / sizeof(values[0]);
	     i++) {
		snprintf(sql, sizeof(sql), "used_day < %lld",
			 (long long)(today - values[i].days - 1));
		err = forget(s, values[i].table, sql, rows);
	}
	if (err)
		return err;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM device WHERE watched = 0 AND excluded = 0 AND "
		 "last_ms < %lld; DELETE FROM device_address WHERE device NOT "
		 "IN (SELECT id FROM device); DELETE FROM clue WHERE device "
		 "NOT IN (SELECT id FROM device)",
		 (long long)(today - STORE_HOUR_DAYS - 1) * DAY_S * MS_PER_S);
	return run(s, sql);
}

void erase_expired(struct store *s, uint64_t now_ms)
{
	int64_t now_s = (int64_t)(now_ms / MS_PER_S);
	uint64_t rows = 0;
	int err = 0;

	store_commit(s);
	if (database_begin(s))
		return;
	for (size_t i = 0; !err && i < OWNED_COUNT; i++)
		err = expire(s, i,
			     (now_s - owned[i].days * DAY_S) / HOUR_S * HOUR_S,
			     &rows);
	/* the first of the table is the flows of 5 s */
	if (!err && is_too_large(s))
		err = expire(s, 0, oldest_hour_end(s), &rows);
	if (!err)
		err = expire_values(s, now_s / DAY_S, &rows);
	if (!finish(s, err))
		s->counters.rows_expired += rows;
}

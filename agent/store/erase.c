// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/erase.h"

#include <stdio.h>
#include <string.h>

#include "store/clock.h"
#include "store/database.h"
#include "store/merge.h"

#define DAY_S	      86400
#define HOUR_S	      3600
#define MS_PER_S      1000
#define SQL_BYTES_MAX 512

/* Tables whose rows a trigger takes many flows along with. */
#define FLOW_TABLE   "flow_window"
#define MINUTE_TABLE "minute_window"

/* Tables whose rows are a device's, and the age at which a row goes. */
static const struct {
	const char *table;
	const char *time; /* column; NULL: kept as long as the device */
	int64_t unit;	  /* of the time, per second */
	int64_t days;
	bool refers; /* to what devices share */
} owned[] = {
	{ FLOW_TABLE, "start_s", 1, STORE_FLOW_DAYS, true },
	{ MINUTE_TABLE, "start_s", 1, STORE_MINUTE_DAYS, true },
	{ "hour", "start_s", 1, STORE_HOUR_DAYS, true },
	{ "name", "last_ms", MS_PER_S, STORE_MINUTE_DAYS, true },
	{ "question", "last_ms", MS_PER_S, STORE_MINUTE_DAYS, true },
	{ "hello", "time_ms", MS_PER_S, STORE_MINUTE_DAYS, true },
	{ "http", "time_ms", MS_PER_S, STORE_MINUTE_DAYS, true },
	{ "server", "last_ms", MS_PER_S, STORE_MINUTE_DAYS, true },
	{ "service", "last_ms", MS_PER_S, STORE_MINUTE_DAYS, true },
	{ "clue", NULL, 0, 0, false },
	{ "finding", "last_ms", MS_PER_S, STORE_MINUTE_DAYS, false },
	{ "judgement", "at_ms", MS_PER_S, STORE_HOUR_DAYS, false },
};
#define OWNED_COUNT (sizeof(owned) / sizeof(owned[0]))

/* What only others refer to. */
static const char orphans[] =
	"DELETE FROM remote WHERE id NOT IN (SELECT remote FROM flow UNION "
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

static int count_flows(struct store *s, const char *table,
		       const char *condition, uint64_t *rows)
{
	char sql[SQL_BYTES_MAX];
	sqlite3_stmt *stmt;
	int rc;

	snprintf(sql, sizeof(sql), "SELECT sum(flows) FROM %s WHERE %s", table,
		 condition);
	rc = sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL);
	if (!rc)
		rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*rows += database_number(stmt, 0);
	else
		database_failed(s);
	sqlite3_finalize(stmt);
	return rc == SQLITE_ROW ? 0 : ERR_IO;
}

int erase_rows(struct store *s, const char *table, const char *condition,
	       uint64_t *rows)
{
	bool of_flows =
		!strcmp(table, FLOW_TABLE) || !strcmp(table, MINUTE_TABLE);
	char sql[SQL_BYTES_MAX];
	uint64_t gone = 0;

	if (of_flows && count_flows(s, table, condition, &gone))
		return ERR_IO;
	snprintf(sql, sizeof(sql), "DELETE FROM %s WHERE %s", table, condition);
	if (run(s, sql))
		return ERR_IO;
	*rows += of_flows ? gone : (uint64_t)sqlite3_changes64(s->db);
	return 0;
}

int erase_orphans(struct store *s)
{
	return run(s, orphans);
}

int erase_log(struct store *s)
{
	int frames = 0, moved = 0;
	int rc = sqlite3_wal_checkpoint_v2(
		s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, &frames, &moved);

	s->log_due = rc != SQLITE_OK || frames > 0;
	if (!s->log_due)
		return 0;
	s->counters.log_delays++;
	if (rc == SQLITE_OK || (rc & 0xff) == SQLITE_BUSY)
		return 0;
	database_failed(s);
	return ERR_IO;
}

int erase_finish(struct store *s, int err)
{
	if (err) {
		database_rollback(s);
		return err;
	}
	database_forget(s);
	if (store_commit(s))
		return ERR_IO;
	return erase_log(s);
}

int erase_owned(struct store *s, int64_t id, uint64_t *gone, bool *referred)
{
	uint64_t before;
	char its[48];
	int err = merge_all(s);

	*gone = 0;
	*referred = false;
	snprintf(its, sizeof(its), "device = %lld", (long long)id);
	for (size_t i = 0; !err && i < OWNED_COUNT; i++) {
		before = *gone;
		err = erase_rows(s, owned[i].table, its, gone);
		*referred |= owned[i].refers && *gone > before;
	}
	return err;
}

int erase_to_its_row(struct store *s, int64_t id, uint64_t *gone,
		     bool *referred)
{
	if (erase_owned(s, id, gone, referred) ||
	    database_run(s, STATEMENT_ADDRESS_TRIM, "ii", id, (int64_t)1) < 0 ||
	    database_run(s, STATEMENT_DEVICE_NO_TRAFFIC, "i", id) < 0)
		return ERR_IO;
	return 0;
}

int erase_device(struct store *s, int64_t id, uint64_t *rows)
{
	uint64_t gone;
	bool referred;
	int err;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	err = erase_to_its_row(s, id, &gone, &referred);
	if (!err && referred)
		err = erase_orphans(s);
	err = erase_finish(s, err);
	if (!err)
		*rows = gone;
	return err;
}

int erase_all(struct store *s, uint64_t *rows)
{
	uint64_t gone = 0;
	int err;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	err = merge_all(s);
	for (size_t i = 0; !err && i < OWNED_COUNT; i++)
		err = erase_rows(s, owned[i].table, "true", &gone);
	if (!err)
		err = run(s, "DELETE FROM device WHERE watched = 0 AND "
			     "excluded = 0;"
			     "DELETE FROM device_address WHERE device NOT IN "
			     "(SELECT id FROM device);"
			     "UPDATE device SET in_bytes = 0, out_bytes = 0;");
	if (!err)
		err = erase_orphans(s);
	err = erase_finish(s, err);
	if (!err)
		*rows = gone;
	return err;
}

/* Rows of one table up to a time, device by device along the primary key; 0
 * is the home. */
static int expire(struct store *s, size_t which, int64_t before_s,
		  uint64_t *rows)
{
	char old[128];

	if (!owned[which].time)
		return 0;
	snprintf(old, sizeof(old),
		 "device IN (SELECT id FROM device UNION ALL SELECT 0) "
		 "AND %s < %lld",
		 owned[which].time, (long long)(before_s * owned[which].unit));
	return erase_rows(s, owned[which].table, old, rows);
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
		err = erase_rows(s, values[i].table, sql, rows);
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
	uint64_t rows = 0;
	int64_t now_s;
	int err;

	store_commit(s);
	if (database_begin(s))
		return;
	err = clock_believe(s, (int64_t)(now_ms / MS_PER_S), &now_s);
	if (!err)
		err = merge_all(s);
	for (size_t i = 0; !err && i < OWNED_COUNT; i++)
		err = expire(s, i,
			     (now_s - owned[i].days * DAY_S) / HOUR_S * HOUR_S,
			     &rows);
	if (!err)
		err = expire_values(s, now_s / DAY_S, &rows);
	if (!erase_finish(s, err))
		s->counters.rows_expired += rows;
}

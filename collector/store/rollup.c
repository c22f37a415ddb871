// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/rollup.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "collector/store/database.h"

#define SQL_BYTES 1024

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
		"in_bytes FROM day.flow WHERE remote IS NOT NULL "
		"GROUP BY device, remote, remote_port, protocol",
	[ROLLUP_NAME] =
		"SELECT DISTINCT n.address, n.name, n.device, s.account FROM "
		"day.name n JOIN day.segment s ON s.id = n.id >> 16 "
		"WHERE n.address IS NOT NULL AND n.name IS NOT NULL",
	[ROLLUP_HELLO] =
		"SELECT device, ja4, count(*) AS hellos FROM day.hello "
		"WHERE ja4 IS NOT NULL GROUP BY device, ja4",
	[ROLLUP_ACTIVITY] =
		"SELECT s.account, count(DISTINCT s.end_s) AS windows, "
		"min(s.end_s) AS first_s, max(s.end_s) AS last_s, "
		"(SELECT count(DISTINCT f.device) FROM day.segment o CROSS "
		"JOIN day.flow f ON f.id BETWEEN o.id << 16 AND "
		"(o.id + 1 << 16) - 1 WHERE o.account = s.account) AS devices "
		"FROM day.segment s GROUP BY s.account",
};

/* What an erasure or a question about one account or device looks for. */
static const char indexes[] =
	"CREATE INDEX IF NOT EXISTS segment_account ON segment(account);"
	"CREATE INDEX IF NOT EXISTS flow_device ON flow(device);"
	"CREATE INDEX IF NOT EXISTS rollup_name_address ON "
	"rollup_name(address)";

/* The query with the file itself for "day". */
static void write_make(enum rollup which, char out[SQL_BYTES])
{
	const char *query = rollup_queries[which], *at;
	size_t len = (size_t)snprintf(out, SQL_BYTES, "CREATE TABLE %s AS ",
				      rollup_names[which]);

	while ((at = strstr(query, "day.")) && len < SQL_BYTES) {
		len += (size_t)snprintf(out + len, SQL_BYTES - len, "%.*smain.",
					(int)(at - query), query);
		query = at + strlen("day.");
	}
	if (len < SQL_BYTES)
		(void)snprintf(out + len, SQL_BYTES - len, "%s", query);
}

int rollup_make(sqlite3 *day)
{
	char sql[SQL_BYTES];
	int err = rollup_drop(day);

	for (int i = 0; i < ROLLUPS && !err; i++) {
		write_make((enum rollup)i, sql);
		err = database_exec(day, sql);
	}
	return err ? err : database_exec(day, indexes);
}

int rollup_drop(sqlite3 *day)
{
	char sql[64];
	int err = 0;

	for (int i = 0; i < ROLLUPS && !err; i++) {
		snprintf(sql, sizeof(sql), "DROP TABLE IF EXISTS %s",
			 rollup_names[i]);
		err = database_exec(day, sql);
	}
	return err;
}

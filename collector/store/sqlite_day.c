// SPDX-License-Identifier: GPL-3.0-or-later
#include <limits.h>
#include <stdio.h>

#include "collector/store/migrate.h"
#include "collector/store/sqlite.h"

#define SQL_BYTES 256

int store_day_open(struct store *s)
{
	char name[DATABASE_DAY_BYTES], limit[64];

	database_day_name(s->today, name);
	if (database_open(s->folder, name, DATABASE_CREATE, &s->day)) {
		snprintf(s->error, sizeof(s->error), "%s cannot be opened",
			 name);
		return ERR_IO;
	}
	if (s->pages_max) {
		snprintf(limit, sizeof(limit), "PRAGMA max_page_count = %llu",
			 (unsigned long long)s->pages_max);
		if (database_exec(s->day, limit))
			return store_failed(s, s->day);
	}
	s->next_segment = 0;
	table_clear(&s->active);
	if (migrate_day(s->day))
		return store_failed(s, s->day);
	return store_batch_open_day(s);
}

void store_day_close(struct store *s)
{
	for (int i = 0; i < STORE_DAY_STATEMENTS; i++) {
		sqlite3_finalize(s->day_statements[i]);
		s->day_statements[i] = NULL;
	}
	sqlite3_close(s->day);
	s->day = NULL;
}

/* In one transaction: another day is open, and of the one that is over,
 * attached as "closing", it is known what each account sent. */
static int turn(struct store *s, uint32_t day)
{
	char sql[SQL_BYTES];

	if (store_write_main(s))
		return ERR_IO;
	if (s->today &&
	    (database_exec(
		     s->main,
		     "INSERT INTO accepted SELECT account, ranges "
		     "FROM closing.accepted WHERE true ON CONFLICT(account) "
		     "DO UPDATE SET ranges = excluded.ranges") ||
	     database_exec(s->main, "UPDATE day SET state = 1 "
				    "WHERE state = 0")))
		return store_failed(s, s->main);
	snprintf(sql, sizeof(sql), "INSERT INTO day(day, state) VALUES(%u, 0)",
		 day);
	if (database_exec(s->main, sql) || database_exec(s->main, "COMMIT"))
		return store_failed(s, s->main);
	s->main_open = false;
	return 0;
}

static int attach_closing(struct store *s)
{
	char name[DATABASE_DAY_BYTES], path[PATH_MAX];
	sqlite3_stmt *attach = NULL;
	int err;

	database_day_name(s->today, name);
	snprintf(path, sizeof(path), "%s/%s", s->folder, name);
	err = database_ready(s->main, &attach, "ATTACH ? AS closing", "t",
			     path);
	if (!err)
		err = database_run(attach);
	if (err)
		store_failed(s, s->main);
	sqlite3_finalize(attach);
	return err;
}

int store_day_turn(struct store *s, uint32_t day)
{
	int err = 0;

	store_day_close(s);
	if (s->today)
		err = attach_closing(s);
	if (err)
		return err;
	err = turn(s, day);
	if (err)
		store_rollback(s);
	if (s->today)
		(void)!database_exec(s->main, "DETACH closing");
	/* else the day stays open, and the next commit tries again */
	if (!err) {
		s->today = day;
		err = store_day_open(s);
		if (err)
			store_day_close(s);
	}
	return err;
}

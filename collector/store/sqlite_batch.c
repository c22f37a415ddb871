// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "collector/store/sqlite.h"

/* Numbers count up, so that those of the last transaction are behind what it
 * found. */
static const char drop_orphans[] =
	"DELETE FROM text WHERE id > (SELECT text FROM batch);"
	"DELETE FROM address WHERE id > (SELECT address FROM batch);"
	"DELETE FROM device WHERE id > (SELECT device FROM batch)";
static const char mark[] =
	"UPDATE batch SET number = number + 1, "
	"text = (SELECT coalesce(max(id), 0) FROM text), "
	"address = (SELECT coalesce(max(id), 0) FROM address), "
	"device = (SELECT coalesce(max(id), 0) FROM device)";

static int read_number(struct store *s, int64_t *out)
{
	return database_number(s->main, "SELECT number FROM batch", out)
		       ? store_failed(s, s->main)
		       : 0;
}

int store_batch_begin(struct store *s)
{
	if ((s->orphans && database_exec(s->main, drop_orphans)) ||
	    database_exec(s->main, mark))
		return store_failed(s, s->main);
	return read_number(s, &s->batch);
}

int store_batch_confirm(struct store *s)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "UPDATE batch SET number = %lld",
		 (long long)s->batch);
	return database_exec(s->day, sql) ? store_failed(s, s->day) : 0;
}

int store_batch_open_day(struct store *s)
{
	int64_t day, number;
	char sql[96];
	int err = read_number(s, &number);

	if (err)
		return err;
	snprintf(sql, sizeof(sql),
		 "INSERT INTO batch SELECT %lld WHERE NOT EXISTS "
		 "(SELECT 1 FROM batch)",
		 (long long)number);
	if (database_exec(s->day, sql) ||
	    database_number(s->day, "SELECT number FROM batch", &day))
		return store_failed(s, s->day);
	s->orphans = number > day;
	return 0;
}

int store_batch_drop_orphans(struct store *s)
{
	int err;

	if (!s->orphans)
		return 0;
	err = store_write_main(s);
	if (!err)
		err = store_commit(s);
	else
		store_rollback(s);
	if (!err)
		err = store_cut(s, s->main);
	/* what somebody reads is cut when he has ended */
	return err == ERR_BUSY ? 0 : err;
}

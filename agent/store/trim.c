// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/trim.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/table.h"
#include "store/database.h"
#include "store/erase.h"
#include "store/merge.h"

#define DEVICES_MAX   65536u
#define SQL_BYTES_MAX 640

/*
 * What may be trimmed: the bytes that each device has of it, near enough, as
 * SQL for which a condition is the %s, and the time of a row.
 */
static const struct {
	const char *table;
	const char *time;
	const char *bytes;
} kinds[] = {
	{ "flow_window", "start_s",
	  "SELECT device, sum(60 + 30 * flows) FROM flow_window WHERE %s "
	  "GROUP BY device" },
	{ "minute_window", "start_s",
	  "SELECT device, sum(60 + 30 * flows) FROM minute_window WHERE %s "
	  "GROUP BY device" },
	{ "hour", "start_s",
	  "SELECT device, 60 * count(*) FROM hour WHERE %s GROUP BY device" },
	{ "name", "last_ms",
	  "SELECT device, sum(90 + length(h.name)) FROM name "
	  "JOIN host h ON h.id = host WHERE %s GROUP BY device" },
	{ "question", "last_ms",
	  "SELECT device, sum(90 + length(h.name)) FROM question "
	  "JOIN host h ON h.id = host WHERE %s GROUP BY device" },
	/* each with its shape: a device may send another every time */
	{ "hello", "time_ms",
	  "SELECT device, sum(bytes) FROM (SELECT device, 70 * count(*) + 250 "
	  "+ length(x.cipher_suites) + length(x.extensions) AS bytes "
	  "FROM hello JOIN hello_shape x ON x.id = shape WHERE %s "
	  "GROUP BY device, shape) GROUP BY device" },
	{ "http", "time_ms",
	  "SELECT device, sum(80 + coalesce(length(user_agent), 0) + "
	  "coalesce(length(h.name), 0)) FROM http "
	  "LEFT JOIN host h ON h.id = host WHERE %s GROUP BY device" },
	{ "server", "last_ms",
	  "SELECT device, sum(90 + length(subject)) FROM server WHERE %s "
	  "GROUP BY device" },
	{ "service", "last_ms",
	  "SELECT device, sum(70 + coalesce(length(detail), 0)) FROM service "
	  "WHERE %s GROUP BY device" },
	{ "clue", "last_ms",
	  "SELECT device, sum(50 + length(text)) FROM clue WHERE %s "
	  "GROUP BY device" },
};
#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

struct share {
	int64_t bytes[KIND_COUNT];
};

static int64_t all_of(const struct share *share)
{
	int64_t sum = 0;

	for (size_t i = 0; i < KIND_COUNT; i++)
		sum += share->bytes[i];
	return sum;
}

static int64_t number_of(struct store *s, const char *sql)
{
	sqlite3_stmt *stmt;
	int64_t value = 0;

	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL)) {
		database_failed(s);
		return 0;
	}
	if (sqlite3_step(stmt) == SQLITE_ROW)
		value = sqlite3_column_int64(stmt, 0);
	else
		database_failed(s);
	sqlite3_finalize(stmt);
	return value;
}

static int64_t used_bytes(struct store *s)
{
	int64_t pages = number_of(s, "PRAGMA page_count") -
			number_of(s, "PRAGMA freelist_count");

	return pages * number_of(s, "PRAGMA page_size");
}

/* What every device for which the condition is true has of one kind. */
static int weigh(struct store *s, struct table *shares, size_t kind,
		 const char *condition)
{
	char sql[SQL_BYTES_MAX];
	sqlite3_stmt *stmt;
	int rc;

	snprintf(sql, sizeof(sql), kinds[kind].bytes, condition);
	if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, NULL)) {
		database_failed(s);
		return ERR_IO;
	}
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		int64_t device = sqlite3_column_int64(stmt, 0);
		struct share *share = table_get(shares, &device, NULL);

		if (share)
			share->bytes[kind] = sqlite3_column_int64(stmt, 1);
	}
	if (rc != SQLITE_DONE)
		database_failed(s);
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : ERR_IO;
}

/* The device with most, and the kind it has most of. NULL: none has any. */
static struct share *largest(const struct table *shares, int64_t *device,
			     size_t *kind)
{
	struct share *share, *found = NULL;
	const void *key;
	uint32_t at = 0;

	while ((share = table_next(shares, &at, &key))) {
		if (!all_of(share) || (found && all_of(share) <= all_of(found)))
			continue;
		found = share;
		*device = *(const int64_t *)key;
	}
	if (!found)
		return NULL;
	*kind = 0;
	for (size_t i = 1; i < KIND_COUNT; i++)
		if (found->bytes[i] > found->bytes[*kind])
			*kind = i;
	return found;
}

/* The end of the oldest quarter of the time that a device's rows span. */
static int64_t oldest_quarter(struct store *s, size_t kind, int64_t device)
{
	char sql[SQL_BYTES_MAX];
	int64_t first, last;

	snprintf(sql, sizeof(sql),
		 "SELECT min(%s) FROM %s WHERE device = %" PRId64,
		 kinds[kind].time, kinds[kind].table, device);
	first = number_of(s, sql);
	snprintf(sql, sizeof(sql),
		 "SELECT max(%s) FROM %s WHERE device = %" PRId64,
		 kinds[kind].time, kinds[kind].table, device);
	last = number_of(s, sql);
	last = first + (last - first) / 4;
	/* flows stay until their minute is summed */
	if (!kind && last >= s->rolled_s[0])
		last = s->rolled_s[0] - 1;
	return last;
}

/* Adds to *freed what went, near enough. */
static int trim_once(struct store *s, struct table *shares, int64_t *freed,
		     uint64_t *rows)
{
	char condition[SQL_BYTES_MAX];
	struct share *share;
	int64_t device, had;
	size_t kind;
	uint64_t gone = 0;
	int err;

	share = largest(shares, &device, &kind);
	if (!share)
		return ERR_NOTFOUND;
	snprintf(condition, sizeof(condition),
		 "device = %" PRId64 " AND %s <= %" PRId64, device,
		 kinds[kind].time, oldest_quarter(s, kind, device));
	had = share->bytes[kind];
	err = erase_rows(s, kinds[kind].table, condition, &gone);
	share->bytes[kind] = 0; /* none left, or what is weighed now */
	if (err || !gone)
		return err;
	snprintf(condition, sizeof(condition), "device = %" PRId64, device);
	err = weigh(s, shares, kind, condition);
	*freed += had - share->bytes[kind];
	*rows += gone;
	return err;
}

static int64_t all_of_all(const struct table *shares)
{
	const struct share *share;
	uint32_t at = 0;
	int64_t sum = 0;

	while ((share = table_next(shares, &at, NULL)))
		sum += all_of(share);
	return sum;
}

void trim_to(struct store *s, int64_t bytes)
{
	int64_t used = used_bytes(s), excess = used - bytes, freed = 0;
	struct table shares;
	uint64_t rows = 0;
	int err;

	if (excess <= 0)
		return;
	excess += bytes / TRIM_SLACK;
	store_commit(s);
	if (database_begin(s))
		return;
	table_init(&shares, sizeof(int64_t), sizeof(struct share), DEVICES_MAX,
		   0);
	err = merge_all(s);
	for (size_t i = 0; !err && i < KIND_COUNT; i++)
		err = weigh(s, &shares, i, "true");
	/* as much of what was weighed as is too much of what is used */
	excess = (int64_t)((double)all_of_all(&shares) * (double)excess /
			   (double)used);
	for (int i = 0; !err && freed < excess && i < TRIM_STEPS_MAX; i++)
		err = trim_once(s, &shares, &freed, &rows);
	table_done(&shares);
	if (!err || err == ERR_NOTFOUND)
		err = erase_orphans(s);
	if (!erase_finish(s, err))
		s->counters.rows_expired += rows;
}

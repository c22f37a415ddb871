// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "collector/store/reader.h"
#include "collector/store/reference.h"
#include "collector/store/sqlite.h"

/* Consents of one day; more are the next purge's. */
#define CONSENTS_MAX 64

/* Until when each consent of a day lets it be kept; ?1: the day. Each is looked
 * up (+), where the day has an index of them: it has far more segments. */
static const char deadlines[] = "SELECT k.id, " STORE_KEPT_UNTIL(
	"?1", "k.id", "main_db.") " FROM main_db.consent k WHERE +k.id "
				  "IN (SELECT consent FROM segment)";

/** What of a day is past its time. */
struct due {
	int64_t consents[CONSENTS_MAX];
	size_t count;
	uint64_t next_s; /* of what is not; UINT64_MAX: nothing is left */
};

static int read_due(sqlite3 *day_db, uint32_t day, uint64_t now_s,
		    struct due *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = SQLITE_ERROR;

	*out = (struct due){ .next_s = UINT64_MAX };
	if (!database_ready(day_db, &stmt, deadlines, "i", (int64_t)day))
		while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
			uint64_t at_s = (uint64_t)sqlite3_column_int64(stmt, 1);

			if (at_s > now_s || out->count == CONSENTS_MAX)
				out->next_s =
					at_s < out->next_s ? at_s : out->next_s;
			else
				out->consents[out->count++] =
					sqlite3_column_int64(stmt, 0);
		}
	sqlite3_finalize(stmt);
	return rc == SQLITE_DONE ? 0 : ERR_IO;
}

static int find_due(struct store *s, uint32_t day, uint64_t now_s,
		    struct due *out)
{
	sqlite3 *db;
	int err;

	err = database_open_day(s->folder, day, DATABASE_READ, &db);
	if (err)
		return err;
	err = database_attach_main(db, s->folder);
	if (!err)
		err = read_due(db, day, now_s, out);
	if (err)
		store_failed(s, db);
	sqlite3_close(db);
	return err;
}

static int set_empty(struct store *s, uint32_t day)
{
	char sql[64];

	snprintf(sql, sizeof(sql), "UPDATE day SET state = %d WHERE day = %u",
		 STORE_DAY_EMPTY, day);
	return database_exec(s->main, sql) ? store_failed(s, s->main) : 0;
}

/* Whether something of a day may be: no consent and no publication lets it be
 * kept for less. So days are not opened for long in vain. */
static int may_be_due(struct store *s, uint32_t day, uint64_t now_s, bool *out)
{
	char sql[256];
	int64_t is_due;

	snprintf(
		sql, sizeof(sql),
		"SELECT EXISTS(SELECT 1 FROM consent WHERE "
		"(%u + 1 + retention_days) * 86400 <= %llu) OR EXISTS(SELECT 1 "
		"FROM setting WHERE key = 'published' AND "
		"value + 365 * 86400 <= %llu)",
		day, (unsigned long long)now_s, (unsigned long long)now_s);
	if (database_number(s->main, sql, &is_due))
		return store_failed(s, s->main);
	*out = is_due;
	return 0;
}

/* Each row but those of views has a device, which the day counts. */
static const char count_rows[] =
	"SELECT (SELECT coalesce(sum(rows), 0) FROM reference WHERE "
	"dictionary = 2) + (SELECT count(*) FROM view)";

/* All of a day is past its time: what it refers to becomes suspect, and then
 * it is none of the store's any more. ERR_NOTFOUND: it has not counted that. */
static int take_day(struct store *s, uint32_t day, uint64_t *rows)
{
	int64_t count = 0;
	bool counted;
	sqlite3 *db;
	int more;

	more = database_open_day(s->folder, day, DATABASE_WRITE, &db);
	if (more)
		return more;
	more = database_attach_main(db, s->folder);
	if (!more)
		more = reference_has(db, &counted);
	if (!more && !counted)
		more = ERR_NOTFOUND;
	if (!more)
		more = reference_suspect(db, &s->purge.entry,
					 STORE_STEP_ENTRIES);
	if (!more)
		more = database_number(db, count_rows, &count);
	if (more == ERR_IO)
		store_failed(s, db);
	sqlite3_close(db);
	s->sweep = (struct sweeping){ 0 };
	if (!more)
		more = set_empty(s, day);
	if (!more)
		*rows += (uint64_t)count;
	return more;
}

/* A step of what of a day is past its time. 1: there is more; ERR_BUSY: it is
 * to be looked at again. */
static int purge_day(struct store *s, uint32_t day, uint64_t now_s,
		     uint64_t *rows)
{
	struct erasing e = { .store = s, .what = STORE_ERASE_EVERYTHING };
	bool may_be = false;
	struct due due;
	int err;

	if (s->purge.entry.id) /* it was found to be due as a whole */
		return take_day(s, day, rows);
	err = may_be_due(s, day, now_s, &may_be);
	if (err || !may_be)
		return err;
	err = find_due(s, day, now_s, &due);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	if (due.next_s == UINT64_MAX) {
		err = due.count ? take_day(s, day, rows) : set_empty(s, day);
		s->purge.erased = true;
		if (err != ERR_NOTFOUND)
			return err;
	}
	if (!due.count)
		return 0;
	e.consent = due.consents[0];
	s->purge.erased = true;
	err = erase_day(&e, day);
	*rows += e.rows;
	if (err)
		return err;
	return e.busy ? ERR_BUSY : e.segments > 0;
}

/* The first day of a stage from the one that the purge is at. */
static int next_day(struct store *s, const char *which, uint32_t *day)
{
	char sql[128];
	int64_t found;

	snprintf(sql, sizeof(sql),
		 "SELECT coalesce(min(day), 0) FROM day WHERE day >= %u AND %s",
		 s->purge.day, which);
	if (database_number(s->main, sql, &found))
		return store_failed(s, s->main);
	*day = (uint32_t)found;
	return found ? 0 : ERR_NOTFOUND;
}

static void enter(struct store *s, enum purge_stage stage)
{
	s->purge.stage = stage;
	s->purge.day = 0;
	s->purge.entry = (struct reference_entry){ 0 };
}

/* After a step of a day, whatever it gave: it goes on with this one or the
 * next. */
static int after_day(struct store *s, uint32_t day, int more)
{
	struct purging *p = &s->purge;

	if (more < 0 && more != ERR_BUSY)
		return more;
	p->busy |= more == ERR_BUSY;
	if (more != 1) {
		p->entry = (struct reference_entry){ 0 };
		p->tries = 0;
		day++;
	}
	p->day = day;
	return 1;
}

static int purge_days(struct store *s, uint64_t now_s, uint64_t *rows)
{
	uint32_t day;
	int err = next_day(s, "state < 3", &day);

	if (err == ERR_NOTFOUND) {
		enter(s, PURGE_GONE);
		return 1;
	}
	if (err)
		return err;
	if (day != s->purge.day)
		s->purge.entry = (struct reference_entry){ 0 };
	return after_day(s, day,
			 day == s->today ? 0 : purge_day(s, day, now_s, rows));
}

_Static_assert(STORE_DAY_EMPTY == 3, "as the conditions have it");

static int remove_days(struct store *s)
{
	uint32_t day;
	int err = next_day(s, "state = 3", &day);

	if (err == ERR_NOTFOUND) {
		enter(s, PURGE_IDLE);
		return 1;
	}
	if (err)
		return err;
	err = store_remove_step(s, day);
	if (err == ERR_BUSY && ++s->purge.tries < STORE_GONE_TRIES)
		return 1;
	s->purge.left |= err == ERR_BUSY;
	return after_day(s, day, err == ERR_BUSY ? 0 : err);
}

static int cut_day(struct store *s, uint32_t day)
{
	sqlite3 *db;
	int err = database_open_day(s->folder, day, DATABASE_WRITE, &db);

	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	err = store_cut(s, db);
	sqlite3_close(db);
	return err;
}

/* The logs of all files, one after the other; collector.db's first. */
static int cut_logs(struct store *s)
{
	uint32_t day;
	int err;

	if (!s->purge.day) {
		s->uncut = false;
		err = store_cut(s, s->main);
		if (err && err != ERR_BUSY)
			return err;
	}
	err = next_day(s, "state < 3", &day);
	return err ? err : after_day(s, day, cut_day(s, day));
}

static int begin(struct store *s, uint64_t *rows)
{
	int err;

	s->purge = (struct purging){ 0 };
	err = store_erase_resume(s, rows);
	if (err && err != ERR_BUSY)
		return err;
	s->purge.busy = err;
	enter(s, PURGE_DAYS);
	return 1;
}

static int find_idle(struct store *s)
{
	int more = store_idle_step(s);

	if (more)
		return more;
	enter(s, PURGE_SWEEP);
	return 1;
}

static int sweep(struct store *s)
{
	int more = store_sweep_step(s);

	if (more)
		return more;
	if (!s->purge.erased && !s->uncut)
		return ERR_NOTFOUND;
	enter(s, PURGE_CUT);
	return 1;
}

/* ERR_NOTFOUND: there is no more to do. */
static int go_on(struct store *s, uint64_t now_s, uint64_t *rows)
{
	switch (s->purge.stage) {
	case PURGE_BEGIN:
		return begin(s, rows);
	case PURGE_DAYS:
		return purge_days(s, now_s, rows);
	case PURGE_GONE:
		return remove_days(s);
	case PURGE_IDLE:
		return find_idle(s);
	case PURGE_SWEEP:
		return sweep(s);
	case PURGE_CUT:
		return cut_logs(s);
	}
	return ERR_NOTFOUND;
}

int store_purge_step(struct store *s, uint64_t now_s, uint64_t *rows)
{
	const bool given = store_reserve_give(s);
	int more = store_commit(s);

	if (now_s > s->now_s)
		s->now_s = now_s;
	if (!more)
		more = go_on(s, now_s, rows);
	if (given || more != 1)
		store_reserve_take(s);
	if (more == 1)
		return 1;
	if (more == ERR_NOTFOUND)
		more = s->purge.busy || s->uncut ? ERR_BUSY
		       : s->purge.left		 ? ERR_AGAIN
						 : 0;
	s->purge = (struct purging){ 0 };
	return more;
}

int store_purge(struct store *s, uint64_t now_s, uint64_t *rows)
{
	int more;

	*rows = 0;
	s->purge = (struct purging){ 0 };
	do
		more = store_purge_step(s, now_s, rows);
	while (more > 0);
	return more;
}

int store_set_published(struct store *s, uint64_t time_s)
{
	char sql[128];
	int err = store_write_main(s);

	if (err)
		return err;
	snprintf(sql, sizeof(sql),
		 "DELETE FROM setting WHERE key = 'published';"
		 "INSERT INTO setting SELECT 'published', %llu WHERE %llu > 0",
		 (unsigned long long)time_s, (unsigned long long)time_s);
	return database_exec(s->main, sql) ? store_failed(s, s->main) : 0;
}

int store_deadline(struct store_reader *r, uint64_t now_s, uint64_t *time_s)
{
	uint64_t first;
	uint32_t *days;
	size_t count;
	int err = store_idle_deadline(r->main, now_s, &first);

	if (!err)
		err = database_days(r->main, &days, &count);
	if (err)
		return err;
	for (size_t i = 0; i < count && !err; i++) {
		struct due due;
		sqlite3 *db;

		err = reader_open_day(r, days[i], &db);
		if (!err) {
			err = read_due(db, days[i], 0, &due);
			sqlite3_close(db);
		}
		if (!err && due.next_s < first)
			first = due.next_s;
		if (err == ERR_NOTFOUND)
			err = 0;
	}
	free(days);
	if (!err && first == UINT64_MAX)
		err = ERR_NOTFOUND;
	if (!err)
		*time_s = first;
	return err;
}

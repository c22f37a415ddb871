// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "collector/store/reference.h"
#include "collector/store/sqlite.h"

/* Some of a day's rows, which are searched; 1: there are more. */
static int search_rows(struct sweeping *at, sqlite3 *day)
{
	int64_t last, until = at->segment + STORE_STEP_SEGMENTS;
	int err = database_number(
		day, "SELECT coalesce(max(id), 0) FROM segment", &last);

	if (err)
		return err;
	if (until > last)
		until = last;
	if (until > at->segment)
		err = reference_search(day, at->segment + 1, until);
	if (err)
		return err;
	if (until > at->segment)
		at->segment = until;
	return until < last;
}

/* What a day still refers to is no suspect. 1: there is more of it. */
static int clear_by_day(struct store *s, uint32_t day, unsigned most)
{
	bool counted;
	sqlite3 *db;
	int err;

	err = database_open_day(s->folder, day, DATABASE_WRITE, &db);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	err = database_attach_main(db, s->folder);
	if (!err)
		err = reference_has(db, &counted);
	if (!err && counted)
		err = reference_clear(db, &s->sweep.entry, most);
	else if (!err)
		err = search_rows(&s->sweep, db);
	if (err < 0)
		store_failed(s, db);
	sqlite3_close(db);
	return err;
}

/* Some of those that no day refers to. 1: there are more. */
static int drop(struct store *s, unsigned most)
{
	const struct reference_entry first = { 0, 0 };
	struct reference_entry end;
	long long d, id;
	char sql[768];
	int err = store_write_main(s);

	if (!err && reference_end(s->main, "main", &first, most, &end))
		err = store_failed(s, s->main);
	if (err)
		return err;
	d = end.dictionary;
	id = end.id;
	snprintf(
		sql, sizeof(sql),
		"DELETE FROM text WHERE id IN (SELECT id FROM suspect WHERE "
		"dictionary = 0 AND (dictionary, id) <= (%lld, %lld));"
		"DELETE FROM address WHERE id IN (SELECT id FROM suspect WHERE "
		"dictionary = 1 AND (dictionary, id) <= (%lld, %lld))",
		d, id, d, id);
	if (database_exec(s->main, sql))
		return store_failed(s, s->main);
	err = store_idle_drop(s, &end);
	snprintf(sql, sizeof(sql),
		 "DELETE FROM suspect WHERE (dictionary, id) <= (%lld, %lld)",
		 d, id);
	if (!err && database_exec(s->main, sql))
		err = store_failed(s, s->main);
	if (!err)
		err = store_count_erasure(s);
	if (!err)
		err = store_commit(s);
	dictionary_forget(&s->texts);
	dictionary_forget(&s->addresses);
	store_forget(s);
	return err ? err : !reference_is_end(&end);
}

/* The first day from the one that it is at; *last: there is none after it. */
static int find_day(struct store *s, uint32_t *day, bool *last)
{
	uint32_t *days;
	size_t count, at = 0;

	if (database_days(s->main, &days, &count))
		return store_failed(s, s->main);
	while (at < count && days[at] < s->sweep.day)
		at++;
	*day = at < count ? days[at] : 0;
	*last = at + 1 >= count;
	free(days);
	return 0;
}

/*
 * Days one after the other, the newest last: to it alone is added meanwhile,
 * and what was is searched in the step that drops something. Where another day
 * began, that is the newest then.
 */
static int sweep_on(struct store *s, unsigned most)
{
	uint32_t day = 0;
	bool last = false;
	int err = find_day(s, &day, &last);

	if (err)
		return err;
	if (day != s->sweep.day)
		s->sweep = (struct sweeping){ .day = day };
	if (day)
		err = clear_by_day(s, day, most);
	if (err)
		return err;
	if (last)
		return drop(s, most);
	s->sweep = (struct sweeping){ .day = day + 1 };
	return 1;
}

static int step(struct store *s, unsigned most)
{
	int64_t some;
	int more;

	if (database_number(s->main, "SELECT EXISTS(SELECT 1 FROM suspect)",
			    &some))
		return store_failed(s, s->main);
	more = some ? sweep_on(s, most) : 0;
	if (more <= 0)
		s->sweep = (struct sweeping){ 0 };
	return more;
}

int store_sweep_step(struct store *s)
{
	return step(s, STORE_STEP_ENTRIES);
}

int store_sweep(struct store *s)
{
	/* nobody is served in between, and texts lie by their values: a few of
	 * them are on as many pages of an index as all are */
	const unsigned most =
		s->scarce ? STORE_STEP_ENTRIES : STORE_SWEEP_ENTRIES;
	int more;

	s->sweep = (struct sweeping){ 0 };
	/* what a purge made suspect of a day that is still there is not now */
	s->purge.entry = (struct reference_entry){ 0 };
	do
		more = step(s, most);
	while (more > 0);
	return more;
}

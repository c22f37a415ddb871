// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/database.h"
#include "store/pending.h"

/*
 * How each kind becomes rows: what makes a row, by the first columns (then its
 * time is the last column, and equal ones are one row); of the others the
 * newest that is not NULL stays, but one, which is summed.
 */
static const struct {
	enum statement add;
	int keys; /* 0: each is a row of its own */
	int summed;
} kinds[PENDING_KINDS] = {
	[PENDING_NAME] = { STATEMENT_NAME_ADD, 3, -1 },
	[PENDING_QUESTION] = { STATEMENT_QUESTION_ADD, 3, -1 },
	[PENDING_SERVICE] = { STATEMENT_SERVICE_ADD, 4, 5 },
	[PENDING_SERVER] = { STATEMENT_SERVER_ADD, 7, -1 },
	[PENDING_CLUE] = { STATEMENT_CLUE_ADD, 2, -1 },
	[PENDING_HELLO] = { STATEMENT_HELLO_ADD, 0, -1 },
	[PENDING_HTTP] = { STATEMENT_HTTP_ADD, 0, -1 },
};

struct fact {
	int kind;
	uint32_t order; /* in which it was heard */
	int64_t device;
	struct pending_value values[PENDING_COLUMNS_MAX];
	int64_t times, first_ms, last_ms;
};

struct merge {
	struct store *store;
	struct arena bytes; /* of the rows that were read */
	struct fact *facts;
	size_t count, room;
	int64_t last; /* row read */
	bool more;    /* rows may be left */
};

bool merge_is_due(const struct store *s, int64_t start_s)
{
	return s->unmerged >= MERGE_FACTS_MAX ||
	       start_s / MERGE_EVERY_S != s->merged_s / MERGE_EVERY_S;
}

static struct fact *add_fact(struct merge *m)
{
	size_t room = m->room ? m->room * 2 : 1024;
	struct fact *facts;

	if (m->count == m->room) {
		facts = realloc(m->facts, room * sizeof(*facts));
		if (!facts)
			return NULL;
		m->facts = facts;
		m->room = room;
	}
	return &m->facts[m->count];
}

static int read_row(struct merge *m, int64_t device, struct slice row)
{
	void *copy = arena_copy(&m->bytes, row.data, row.len);
	struct cursor facts = cursor_of(copy, row.len);
	struct fact *fact;
	size_t columns;

	if (!copy)
		return ERR_NOMEM;
	while (cursor_left(&facts)) {
		fact = add_fact(m);
		if (!fact)
			return ERR_NOMEM;
		fact->kind = pending_next(&facts, fact->values);
		if (fact->kind < 0) {
			m->store->counters.failures++;
			return 0;
		}
		columns = strlen(pending_formats[fact->kind]);
		fact->device = device;
		fact->order = (uint32_t)m->count++;
		fact->times = 1;
		fact->first_ms = fact->values[columns - 1].number;
		fact->last_ms = fact->first_ms;
	}
	return 0;
}

/* As many rows as have room, and one at least. */
static int read_rows(struct merge *m)
{
	sqlite3_stmt *stmt =
		database_bind(m->store, STATEMENT_PENDING_ALL, "i", m->last);
	struct slice row;
	int rc, err = 0;

	m->count = 0;
	arena_reset(&m->bytes);
	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		row = database_blob_column(stmt, 2);
		m->more = m->count &&
			  (m->count >= MERGE_FACTS_MAX ||
			   m->bytes.used + row.len > MERGE_BYTES_MAX / 2);
		if (m->more)
			break;
		m->last = sqlite3_column_int64(stmt, 0);
		err = read_row(m, sqlite3_column_int64(stmt, 1), row);
		if (err)
			break;
	}
	if (database_walked(m->store, stmt, rc))
		return ERR_IO;
	return err;
}

static int compare_numbers(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

static int compare_values(const struct pending_value *a,
			  const struct pending_value *b)
{
	size_t len = a->bytes.len < b->bytes.len ? a->bytes.len : b->bytes.len;
	int order = compare_numbers(a->number, b->number);

	if (!order && len)
		order = memcmp(a->bytes.data, b->bytes.data, len);
	if (!order)
		order = compare_numbers((int64_t)a->bytes.len,
					(int64_t)b->bytes.len);
	return order;
}

/* Zero: of one kind and device, with the same keys. */
static int compare_keys(const struct fact *a, const struct fact *b)
{
	int order = compare_numbers(a->kind, b->kind);

	if (!order)
		order = compare_numbers(a->device, b->device);
	for (int i = 0; !order && i < kinds[a->kind].keys; i++)
		order = compare_values(&a->values[i], &b->values[i]);
	return order;
}

static int compare_facts(const void *a, const void *b)
{
	const struct fact *x = a, *y = b;
	int order = compare_keys(x, y);

	return order ? order : compare_numbers(x->order, y->order);
}

/* A later one of the same row. */
static void fold(struct fact *fact, const struct fact *later)
{
	size_t columns = strlen(pending_formats[fact->kind]);
	int summed = kinds[fact->kind].summed;
	struct pending_value *value;

	fact->times += later->times;
	if (later->first_ms < fact->first_ms)
		fact->first_ms = later->first_ms;
	if (later->last_ms > fact->last_ms)
		fact->last_ms = later->last_ms;
	for (int i = kinds[fact->kind].keys; i < (int)columns - 1; i++) {
		value = &fact->values[i];
		if (i == summed)
			value->number += later->values[i].number;
		else if (pending_formats[fact->kind][i] != 'b' ||
			 later->values[i].bytes.data)
			*value = later->values[i];
	}
}

static int bind_value(sqlite3_stmt *stmt, int at, char letter,
		      const struct pending_value *value)
{
	struct slice bytes = value->bytes;

	switch (letter) {
	case 'r':
		return value->number
			       ? sqlite3_bind_int64(stmt, at, value->number)
			       : sqlite3_bind_null(stmt, at);
	case 'i':
		return sqlite3_bind_int64(stmt, at, value->number);
	case 't':
		return sqlite3_bind_text(stmt, at, (const char *)bytes.data,
					 (int)bytes.len, SQLITE_STATIC);
	default:
		if (bytes.data && !bytes.len)
			return sqlite3_bind_zeroblob(stmt, at, 0);
		return sqlite3_bind_blob64(stmt, at, bytes.data, bytes.len,
					   SQLITE_STATIC);
	}
}

/* Its columns, then how often and when, for those that need it. */
static int store_fact(struct store *s, const struct fact *fact)
{
	const char *format = pending_formats[fact->kind];
	sqlite3_stmt *stmt =
		database_bind(s, kinds[fact->kind].add, "i", fact->device);
	int at = 2, rc = SQLITE_OK, err;

	if (!stmt)
		return ERR_IO;
	for (size_t i = 0; !rc && format[i]; i++)
		rc = bind_value(stmt, at++, format[i], &fact->values[i]);
	if (kinds[fact->kind].keys) {
		if (!rc) /* in the place of the time */
			rc = sqlite3_bind_int64(stmt, at - 1, fact->times);
		if (!rc)
			rc = sqlite3_bind_int64(stmt, at, fact->first_ms);
		if (!rc)
			rc = sqlite3_bind_int64(stmt, at + 1, fact->last_ms);
	}
	if (!rc)
		rc = sqlite3_step(stmt);
	err = database_walked(s, stmt, rc);
	/* what a damaged file made of it */
	return (rc & 0xff) == SQLITE_CONSTRAINT ? 0 : err;
}

static int trim_clues(struct store *s, int64_t device)
{
	sqlite3_stmt *stmt =
		database_bind(s, STATEMENT_CLUE_COUNT, "i", device);
	uint64_t count = 0;
	int rc;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		count = database_number(stmt, 0);
	if (database_walked(s, stmt, rc))
		return ERR_IO;
	if (count <= STORE_CLUES_MAX)
		return 0;
	return database_run(s, STATEMENT_CLUE_TRIM, "ii", device,
			    (int64_t)STORE_CLUES_MAX) < 0
		       ? ERR_IO
		       : 0;
}

static int store_facts(struct merge *m)
{
	struct fact *fact, *facts = m->facts;
	size_t next;
	int err = 0;

	qsort(facts, m->count, sizeof(*facts), compare_facts);
	for (size_t i = 0; !err && i < m->count; i = next) {
		fact = &facts[i];
		next = i + 1;
		while (kinds[fact->kind].keys && next < m->count &&
		       !compare_keys(fact, &facts[next]))
			fold(fact, &facts[next++]);
		err = store_fact(m->store, fact);
		if (!err && fact->kind == PENDING_CLUE &&
		    (next == m->count || facts[next].kind != fact->kind ||
		     facts[next].device != fact->device))
			err = trim_clues(m->store, fact->device);
	}
	return err;
}

int merge_all(struct store *s)
{
	struct merge m = { .store = s, .last = -1, .more = true };
	int err = 0;

	if (!s->unmerged)
		return 0;
	arena_init(&m.bytes, MERGE_BYTES_MAX);
	while (!err && m.more) {
		m.more = false;
		err = read_rows(&m);
		if (!err && m.count)
			err = store_facts(&m);
	}
	arena_done(&m.bytes);
	free(m.facts);
	if (!err && database_run(s, STATEMENT_PENDING_MERGED, "") < 0)
		err = ERR_IO;
	if (!err)
		s->unmerged = 0;
	return err;
}

void merge_to_read(struct store *s)
{
	if (!s->unmerged || database_begin(s) || !merge_all(s))
		return;
	s->counters.windows_lost += s->transaction_windows;
	database_rollback(s);
}

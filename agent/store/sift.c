// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/sift.h"

#include <string.h>

#include "store/database.h"
#include "store/erase.h"
#include "store/merge.h"

/*
 * says(text, kind) asks the sieve. Names and addresses are many, and are stored
 * once: those that it is after are found first, and each table that refers to
 * them is walked once.
 */
static const char make_lists[] =
	"CREATE TEMP TABLE IF NOT EXISTS sifted_host(id INTEGER PRIMARY KEY);"
	"CREATE TEMP TABLE IF NOT EXISTS sifted_remote(id INTEGER PRIMARY KEY);"
	"DELETE FROM sifted_host;"
	"DELETE FROM sifted_remote";

static const char find_hosts[] =
	"INSERT INTO sifted_host SELECT id FROM host WHERE says(name, -1)";

static const char find_remote[] = "INSERT OR IGNORE INTO sifted_remote "
				  "SELECT id FROM remote WHERE addr = ?";

#define BY_HOST	 "host IN sifted_host"
#define BY_PLACE "remote IN sifted_remote"

/* What refers to a host that names it, or calls where it is by a name. */
static const char of_found[] =
	"DELETE FROM name WHERE " BY_HOST " OR " BY_PLACE ";"
	"DELETE FROM question WHERE " BY_HOST ";"
	"DELETE FROM hello WHERE " BY_HOST " OR "
	"(host IS NOT NULL AND " BY_PLACE ");"
	"DELETE FROM http WHERE " BY_HOST " OR "
	"(host IS NOT NULL AND " BY_PLACE ");"
	"DELETE FROM server WHERE subject <> x'' AND " BY_PLACE ";"
	"DELETE FROM service WHERE detail IS NOT NULL AND " BY_PLACE ";"
	"DELETE FROM host WHERE id IN sifted_host";

static const char of_texts[] = "DELETE FROM http WHERE says(user_agent, -2);"
			       "DELETE FROM server WHERE says(subject, -2);"
			       "DELETE FROM service WHERE says(detail, -2);"
			       "DELETE FROM clue WHERE says(text, kind)";

/* Hosts that only these had. */
static const char of_none[] =
	"DELETE FROM host WHERE id NOT IN (SELECT host FROM name "
	"UNION ALL SELECT host FROM question "
	"UNION ALL SELECT host FROM hello WHERE host IS NOT NULL "
	"UNION ALL SELECT host FROM http WHERE host IS NOT NULL)";

struct sifting {
	struct store *store;
	const struct sift *sieve;
	struct buf less;
	bool failed, gone;
};

/* A clue's is its name. */
static int kind_of(sqlite3_value *value)
{
	const unsigned char *name;

	if (sqlite3_value_type(value) != SQLITE_TEXT)
		return sqlite3_value_int(value);
	name = sqlite3_value_text(value);
	for (int kind = 0; name && kind < RECORD_CLUE_KINDS; kind++)
		if (!strcmp((const char *)name,
			    record_clue_name((enum record_clue_kind)kind)))
			return kind;
	return SIFT_FREE;
}

static void says(sqlite3_context *context, int n, sqlite3_value **values)
{
	const struct store *s = sqlite3_user_data(context);
	const void *bytes = sqlite3_value_blob(values[0]);
	int len = sqlite3_value_bytes(values[0]);

	(void)n;
	sqlite3_result_int(
		context,
		s->sieve && bytes &&
			s->sieve->text(s->sieve->user, kind_of(values[1]),
				       slice_of(bytes, (size_t)len)));
}

int sift_register(struct store *s)
{
	return sqlite3_create_function(s->db, "says", 2,
				       SQLITE_UTF8 | SQLITE_DIRECTONLY, s, says,
				       NULL, NULL)
		       ? ERR_IO
		       : 0;
}

static bool sift_finding(void *user, const struct judged_finding *f)
{
	struct sifting *s = user;

	if (!s->sieve->finding(s->sieve->user, f))
		return true;
	s->gone = true;
	s->failed = database_run(s->store, STATEMENT_FINDING_REMOVE, "itt",
				 f->device, f->kind, f->subject) < 0;
	return !s->failed;
}

static bool sift_sums(void *user, int64_t device, struct slice sums)
{
	struct sifting *s = user;

	buf_clear(&s->less);
	if (!s->sieve->sums(s->sieve->user, sums, &s->less))
		return true;
	s->gone = true;
	s->failed = buf_check(&s->less) ||
		    database_run(s->store, STATEMENT_SUMS_REPLACE, "ib", device,
				 buf_slice(&s->less)) < 0;
	return !s->failed;
}

static int sift_judged(struct sifting *s)
{
	int err = judged_each_finding(s->store, sift_finding, s);

	if (!err && !s->failed)
		err = judged_each_sums(s->store, sift_sums, s);
	return s->failed ? ERR_IO : err;
}

/* Adds to *rows how many it changed. ERR_IO. */
static int run(struct store *s, const char *sql, int64_t *rows)
{
	int64_t before = sqlite3_total_changes64(s->db);

	if (sqlite3_exec(s->db, sql, NULL, NULL, NULL)) {
		database_failed(s);
		return ERR_IO;
	}
	*rows += sqlite3_total_changes64(s->db) - before;
	return 0;
}

/* Adds to *rows how many of its addresses others talked to. ERR_IO. */
static int find_places(struct store *s, int64_t *rows)
{
	int64_t before = sqlite3_total_changes64(s->db);
	sqlite3_stmt *stmt = NULL;
	int rc = sqlite3_prepare_v2(s->db, find_remote, -1, &stmt, NULL);

	for (size_t i = 0; !rc && i < s->sieve->addr_count; i++) {
		struct slice addr = database_addr(&s->sieve->addrs[i]);

		rc = sqlite3_bind_blob64(stmt, 1, addr.data, addr.len,
					 SQLITE_STATIC);
		if (!rc && sqlite3_step(stmt) != SQLITE_DONE)
			rc = SQLITE_ERROR;
		if (sqlite3_reset(stmt))
			rc = SQLITE_ERROR;
	}
	sqlite3_finalize(stmt);
	*rows += sqlite3_total_changes64(s->db) - before;
	if (!rc)
		return 0;
	database_failed(s);
	return ERR_IO;
}

static int sift_rows(struct store *s, bool *any)
{
	int64_t emptied = 0, found = 0, gone = 0;
	int err = run(s, make_lists, &emptied);

	if (!err)
		err = run(s, find_hosts, &found);
	if (!err)
		err = find_places(s, &found);
	if (!err && found)
		err = run(s, of_found, &gone);
	if (!err)
		err = run(s, of_texts, &gone);
	if (!err && gone)
		err = run(s, of_none, &gone);
	*any |= gone > 0;
	return err;
}

int sift_all(struct store *store, const struct sift *sieve)
{
	struct sifting s = { .store = store, .sieve = sieve };
	bool merged = store->unmerged > 0;
	int err;

	store_commit(store);
	if (database_begin(store))
		return ERR_IO;
	buf_init(&s.less, JUDGED_SUMS_BYTES);
	store->sieve = sieve;
	err = merge_all(store);
	if (!err)
		err = sift_judged(&s);
	if (!err)
		err = sift_rows(store, &s.gone);
	store->sieve = NULL;
	buf_done(&s.less);
	if (!err && !s.gone && !merged) {
		database_rollback(store);
		return 0;
	}
	return erase_finish(store, err);
}

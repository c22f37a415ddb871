// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/sift.h"

#include <stdio.h>

#include "store/database.h"
#include "store/erase.h"
#include "store/merge.h"

/* says(text, kind) and at(address) ask the sieve. */
#define HOSTS	"(SELECT id FROM host WHERE says(name, -1))"
#define REMOTES "(SELECT id FROM remote WHERE at(addr))"

/* What refers to a host that names it. */
static const char of_hosts[] = "DELETE FROM name WHERE host IN " HOSTS ";"
			       "DELETE FROM question WHERE host IN " HOSTS ";"
			       "DELETE FROM hello WHERE host IN " HOSTS ";"
			       "DELETE FROM http WHERE host IN " HOSTS ";"
			       "DELETE FROM host WHERE says(name, -1)";

/* What is said of where it is. */
static const char of_remotes[] =
	"DELETE FROM name WHERE remote IN " REMOTES ";"
	"DELETE FROM hello WHERE host IS NOT NULL AND remote IN " REMOTES ";"
	"DELETE FROM http WHERE host IS NOT NULL AND remote IN " REMOTES ";"
	"DELETE FROM server WHERE subject <> x'' AND remote IN " REMOTES ";"
	"DELETE FROM service WHERE detail IS NOT NULL AND remote IN " REMOTES;

static const char of_texts[] = "DELETE FROM http WHERE says(user_agent, -2);"
			       "DELETE FROM server WHERE says(subject, -2);"
			       "DELETE FROM service WHERE says(detail, -2);";

struct sifting {
	struct store *store;
	const struct sift *sieve;
	struct buf less;
	bool failed, gone;
};

static void says(sqlite3_context *context, int n, sqlite3_value **values)
{
	const struct store *s = sqlite3_user_data(context);
	const void *bytes = sqlite3_value_blob(values[0]);
	int len = sqlite3_value_bytes(values[0]);

	(void)n;
	sqlite3_result_int(
		context, s->sieve && bytes &&
				 s->sieve->text(s->sieve->user,
						sqlite3_value_int(values[1]),
						slice_of(bytes, (size_t)len)));
}

static void at(sqlite3_context *context, int n, sqlite3_value **values)
{
	const struct store *s = sqlite3_user_data(context);
	const void *bytes = sqlite3_value_blob(values[0]);
	size_t len = (size_t)sqlite3_value_bytes(values[0]);
	bool is = false;

	(void)n;
	for (size_t i = 0; s->sieve && bytes && i < s->sieve->addr_count; i++)
		is |= slice_equal(database_addr(&s->sieve->addrs[i]),
				  slice_of(bytes, len));
	sqlite3_result_int(context, is);
}

int sift_register(struct store *s)
{
	int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;

	return sqlite3_create_function(s->db, "says", 2, flags, s, says, NULL,
				       NULL) ||
			       sqlite3_create_function(s->db, "at", 1, flags, s,
						       at, NULL, NULL)
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

/* Notes in *any whether it changed a row, or, of a question, has one. */
static int run(struct store *s, const char *sql, bool *any)
{
	int64_t before = sqlite3_total_changes64(s->db);
	sqlite3_stmt *stmt = NULL;
	int rc = SQLITE_DONE;

	while (*sql && rc == SQLITE_DONE) {
		if (sqlite3_prepare_v2(s->db, sql, -1, &stmt, &sql))
			break;
		rc = sqlite3_step(stmt);
		*any |= rc == SQLITE_ROW;
		rc = rc == SQLITE_ROW ? SQLITE_DONE : rc;
		if (sqlite3_finalize(stmt))
			rc = SQLITE_ERROR;
	}
	*any |= sqlite3_total_changes64(s->db) > before;
	if (rc == SQLITE_DONE && !*sql)
		return 0;
	database_failed(s);
	return ERR_IO;
}

static int sift_clues(struct store *s, bool *gone)
{
	char sql[128];
	int err = 0;

	for (int kind = 0; !err && kind < RECORD_CLUE_KINDS; kind++) {
		snprintf(sql, sizeof(sql),
			 "DELETE FROM clue WHERE kind = '%s' AND "
			 "says(text, %d)",
			 record_clue_name((enum record_clue_kind)kind), kind);
		err = run(s, sql, gone);
	}
	return err;
}

static int sift_rows(struct store *s, bool *gone)
{
	bool hosts = false, remotes = false, texts = false;
	int err = run(s, "SELECT 1 FROM host WHERE says(name, -1) LIMIT 1",
		      &hosts);

	if (!err)
		err = run(s, "SELECT 1 FROM remote WHERE at(addr) LIMIT 1",
			  &remotes);
	if (!err && hosts)
		err = run(s, of_hosts, gone);
	if (!err && remotes)
		err = run(s, of_remotes, gone);
	if (!err)
		err = run(s, of_texts, &texts);
	if (!err)
		err = sift_clues(s, gone);
	/* hosts that only these had */
	if (!err && (remotes || texts))
		err = erase_orphans(s);
	*gone |= texts;
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

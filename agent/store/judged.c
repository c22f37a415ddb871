// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/judged.h"

#include "store/database.h"

/* What fails takes the transaction along, as a window does. */
static int put(struct store *s, int changed)
{
	if (changed >= 0) {
		s->transaction_rows++;
		return 0;
	}
	database_rollback(s);
	return ERR_IO;
}

int judged_put_finding(struct store *s, const struct judged_finding *f)
{
	if (f->evidence.len > JUDGED_EVIDENCE_BYTES)
		return ERR_LIMIT;
	if (database_begin(s))
		return ERR_IO;
	return put(s, database_run(s, STATEMENT_FINDING_PUT, "ittaiiiib",
				   f->device, f->kind, f->subject, &f->endpoint,
				   (int64_t)f->since_ms, (int64_t)f->last_ms,
				   (int64_t)f->hits, f->state, f->evidence));
}

int judged_put_sums(struct store *s, int64_t device, uint64_t at_ms,
		    struct slice sums)
{
	if (sums.len > JUDGED_SUMS_BYTES)
		return ERR_LIMIT;
	if (database_begin(s))
		return ERR_IO;
	return put(s, database_run(s, STATEMENT_SUMS_PUT, "iib", device,
				   (int64_t)at_ms, sums));
}

/* SQLite's own type leaves the sign open: texts it gives are UTF-8. */
static const char *text(sqlite3_stmt *stmt, int column)
{
	const unsigned char *value = sqlite3_column_text(stmt, column);

	return value ? (const char *)value : "";
}

static int end(struct store *s, sqlite3_stmt *stmt, int rc)
{
	sqlite3_reset(stmt);
	if (rc == SQLITE_ROW || rc == SQLITE_DONE)
		return 0;
	database_failed(s);
	return ERR_IO;
}

int judged_each_finding(struct store *s,
			bool (*visit)(void *user,
				      const struct judged_finding *finding),
			void *user)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_FINDING_ALL, "");
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct judged_finding f = {
			.device = sqlite3_column_int64(stmt, 0),
			.kind = text(stmt, 1),
			.subject = text(stmt, 2),
			.endpoint = database_addr_column(stmt, 3),
			.since_ms = (uint64_t)sqlite3_column_int64(stmt, 4),
			.last_ms = (uint64_t)sqlite3_column_int64(stmt, 5),
			.hits = (uint64_t)sqlite3_column_int64(stmt, 6),
			.state = sqlite3_column_int64(stmt, 7),
			.evidence = database_blob_column(stmt, 8),
		};

		if (!visit(user, &f))
			break;
	}
	return end(s, stmt, rc);
}

int judged_each_sums(struct store *s,
		     bool (*visit)(void *user, int64_t device,
				   struct slice sums),
		     void *user)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_SUMS_ALL, "");
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
		if (!visit(user, sqlite3_column_int64(stmt, 0),
			   database_blob_column(stmt, 1)))
			break;
	return end(s, stmt, rc);
}

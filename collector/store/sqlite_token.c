// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "collector/store/reader.h"
#include "collector/store/sqlite.h"

static int run_main(struct store *s, sqlite3_stmt *stmt, int err)
{
	if (err || database_run(stmt))
		err = store_failed(s, s->main);
	sqlite3_finalize(stmt);
	return err;
}

int store_token_add(struct store *s, struct store_token *token)
{
	sqlite3_stmt *stmt = NULL;
	int err = store_write_main(s);

	if (err)
		return err;
	err = database_ready(s->main, &stmt,
			     "INSERT INTO token(hash, approval, made_s, "
			     "expires_s) VALUES(?, ?, ?, ?)",
			     "btii", slice_of(token->hash, sizeof(token->hash)),
			     token->approval, (int64_t)token->made_s,
			     (int64_t)token->expires_s);
	err = run_main(s, stmt, err);
	if (!err)
		token->id = sqlite3_last_insert_rowid(s->main);
	return err;
}

int store_token_withdraw(struct store *s, int64_t id, uint64_t now_s)
{
	sqlite3_stmt *stmt = NULL;
	int err = store_write_main(s);

	if (err)
		return err;
	err = database_ready(s->main, &stmt,
			     "UPDATE token SET expires_s = min(expires_s, ?) "
			     "WHERE id = ?",
			     "ii", (int64_t)now_s, id);
	err = run_main(s, stmt, err);
	if (err)
		return err;
	return sqlite3_changes(s->main) ? 0 : ERR_NOTFOUND;
}

int store_token_find(struct store_reader *r,
		     const uint8_t hash[STORE_HASH_BYTES], uint64_t now_s,
		     int64_t *id)
{
	sqlite3_stmt *stmt = NULL;
	int err = database_ready(r->main, &stmt,
				 "SELECT id FROM token WHERE hash = ? AND "
				 "expires_s > ?",
				 "bi", slice_of(hash, STORE_HASH_BYTES),
				 (int64_t)now_s);

	if (!err)
		err = database_row(stmt);
	if (!err)
		*id = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return err;
}

int store_tokens(struct store_reader *r,
		 int (*take)(void *user, const struct store_token *token),
		 void *user)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0, rc = SQLITE_ERROR;

	if (!database_ready(r->main, &stmt,
			    "SELECT id, approval, made_s, expires_s FROM token "
			    "ORDER BY id",
			    ""))
		while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
			struct store_token token = {
				.id = sqlite3_column_int64(stmt, 0),
				.approval = (const char *)sqlite3_column_text(
					stmt, 1),
				.made_s =
					(uint64_t)sqlite3_column_int64(stmt, 2),
				.expires_s =
					(uint64_t)sqlite3_column_int64(stmt, 3),
			};

			err = take(user, &token);
		}
	sqlite3_finalize(stmt);
	return err ? err : rc == SQLITE_DONE ? 0 : ERR_IO;
}

int store_access_add(struct store *s, const struct store_access *access)
{
	sqlite3_stmt *stmt = NULL;
	int err = store_write_main(s);

	if (err)
		return err;
	err = database_ready(s->main, &stmt,
			     "INSERT INTO access(token, time_s, what) "
			     "VALUES(?, ?, ?)",
			     "iit", access->token, (int64_t)access->time_s,
			     access->what);
	return run_main(s, stmt, err);
}

int store_accesses(struct store_reader *r,
		   int (*take)(void *user, const struct store_access *access),
		   void *user)
{
	sqlite3_stmt *stmt = NULL;
	int err = 0, rc = SQLITE_ERROR;

	if (!database_ready(r->main, &stmt,
			    "SELECT token, time_s, what FROM access "
			    "ORDER BY id",
			    ""))
		while (!err && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
			struct store_access access = {
				.token = sqlite3_column_int64(stmt, 0),
				.time_s =
					(uint64_t)sqlite3_column_int64(stmt, 1),
				.what = (const char *)sqlite3_column_text(stmt,
									  2),
			};

			err = take(user, &access);
		}
	sqlite3_finalize(stmt);
	return err ? err : rc == SQLITE_DONE ? 0 : ERR_IO;
}

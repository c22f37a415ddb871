// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/database.h"
#include "store/erase.h"
#include "store/migrate.h"
#include "store/packed.h"
#include "store/roll.h"
#include "store/sift.h"
#include "store/trim.h"

/* A transaction is not held open longer than this: the windows of one time
 * come within it. */
#define TRANSACTION_MS 250

#define FIELD(name)                                          \
	{                                                    \
#name, offsetof(struct store_counters, name) \
	}

const struct store_counter_field store_counter_fields[] = {
	FIELD(windows),	     FIELD(rows),     FIELD(transactions),
	FIELD(windows_lost), FIELD(failures), FIELD(rows_expired),
	FIELD(log_delays),   FIELD(bytes),    FIELD(wal_bytes),
};
const size_t store_counter_field_count =
	sizeof(store_counter_fields) / sizeof(store_counter_fields[0]);

static int code_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_MALFORMED;
	default:
		return ERR_IO;
	}
}

/* The largest file, in pages of the size the database has. */
static int set_size(sqlite3 *db)
{
	char limit[64];
	sqlite3_stmt *stmt;
	int64_t page = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA page_size", -1, &stmt, NULL))
		return ERR_IO;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		page = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	if (page <= 0)
		return ERR_IO;
	snprintf(limit, sizeof(limit), "PRAGMA max_page_count = %lld",
		 (long long)(STORE_BYTES_MAX / page));
	return sqlite3_exec(db, limit, NULL, NULL, NULL) ? ERR_IO : 0;
}

static int set_up(sqlite3 *db)
{
	char wal_limit[64];

	snprintf(wal_limit, sizeof(wal_limit), "PRAGMA journal_size_limit=%lld",
		 (long long)STORE_WAL_BYTES);
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, STORE_BUSY_MS);
	if (sqlite3_exec(db,
			 "PRAGMA journal_mode = WAL;"
			 "PRAGMA synchronous = NORMAL;"
			 "PRAGMA secure_delete = ON;"
			 "PRAGMA temp_store = MEMORY;"
			 "PRAGMA wal_autocheckpoint = 4096;"
			 "PRAGMA cache_size = -8192;" /* KiB: a busy window */
			 "PRAGMA trusted_schema = OFF;",
			 NULL, NULL, NULL) ||
	    sqlite3_exec(db, wal_limit, NULL, NULL, NULL))
		return ERR_IO;
	return 0;
}

/* Made here, so that it is its owner's alone from the first byte on. */
static int make_file(const char *path, char why[STORE_ERROR_BYTES])
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0) {
		snprintf(why, STORE_ERROR_BYTES, "%s", strerror(errno));
		return ERR_IO;
	}
	close(fd);
	return 0;
}

static uint64_t file_bytes(const char *path, const char *suffix)
{
	char name[4096];
	struct stat st;
	int len = snprintf(name, sizeof(name), "%s%s", path, suffix);

	if (len < 0 || (size_t)len >= sizeof(name) || stat(name, &st))
		return 0;
	return (uint64_t)st.st_size;
}

static int version_of(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	int version = 0;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL))
		return 0;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return version;
}

/* No effect, and no harm, when sqlite is in use already. */
static void configure(void)
{
	sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

uint64_t store_outdated(const char *path)
{
	sqlite3 *db = NULL;
	uint64_t bytes = 0;
	int version;

	configure();
	if (!sqlite3_open_v2(path, &db,
			     SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
			     NULL)) {
		version = version_of(db);
		if (version > 0 && version < migrate_version)
			bytes = file_bytes(path, "");
	}
	sqlite3_close(db);
	return bytes;
}

int store_open(const char *path, struct store **out,
	       char why[STORE_ERROR_BYTES])
{
	struct store *s = calloc(1, sizeof(*s));
	int err;

	snprintf(why, STORE_ERROR_BYTES, "%s", err_text(ERR_NOMEM));
	if (!s)
		return ERR_NOMEM;
	configure();
	s->unmerged = 1; /* of a run that ended before it could */
	minute_init(&s->minutes);
	buf_init(&s->packed, PACKED_BYTES_MAX);
	buf_init(&s->pending, PACKED_BYTES_MAX);
	s->path = strdup(path);
	s->digest = EVP_MD_CTX_new();
	if (!s->path || !s->digest || pool_init(&s->pools) ||
	    !EVP_DigestInit_ex(s->digest, EVP_sha256(), NULL)) {
		err = ERR_NOMEM;
		goto failed;
	}
	err = make_file(path, why);
	if (err)
		goto failed;
	if (sqlite3_open_v2(path, &s->db,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) ||
	    set_up(s->db)) {
		err = code_of(sqlite3_errcode(s->db));
		snprintf(why, STORE_ERROR_BYTES, "%s", sqlite3_errmsg(s->db));
		goto failed;
	}
	/* a migration may need room for what it replaces */
	err = migrate(s->db, migrate_version);
	if (!err)
		err = sift_register(s);
	if (!err)
		err = set_size(s->db);
	if (err) {
		snprintf(why, STORE_ERROR_BYTES, "%s",
			 err == ERR_UNSUPPORTED
				 ? "made by a newer version of this program"
				 : sqlite3_errmsg(s->db));
		if (err == ERR_IO)
			err = code_of(sqlite3_errcode(s->db));
		goto failed;
	}
	if (roll_open(s)) {
		snprintf(why, STORE_ERROR_BYTES, "%s", sqlite3_errmsg(s->db));
		err = code_of(sqlite3_errcode(s->db));
		goto failed;
	}
	why[0] = '\0';
	*out = s;
	return 0;
failed:
	store_close(s);
	return err;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	if (s->db)
		store_commit(s);
	for (int i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(s->statements[i]);
	sqlite3_close(s->db);
	EVP_MD_CTX_free(s->digest);
	pool_done(&s->pools);
	minute_done(&s->minutes);
	buf_done(&s->packed);
	buf_done(&s->pending);
	free(s->path);
	free(s);
}

int store_commit(struct store *s)
{
	if (!s->open)
		return 0;
	if (database_run(s, STATEMENT_COMMIT, "") < 0) {
		s->counters.windows_lost += s->transaction_windows;
		database_rollback(s);
		return ERR_IO;
	}
	s->open = false;
	s->error[0] = '\0';
	s->counters.transactions++;
	s->counters.windows += s->transaction_windows;
	s->counters.rows += s->transaction_rows;
	return 0;
}

void store_tick(struct store *s, uint64_t now_ms)
{
	if (s->open && !s->opened_ms)
		s->opened_ms = now_ms;
	if (s->open && now_ms - s->opened_ms >= TRANSACTION_MS)
		store_commit(s);
	if (s->log_due && now_ms - s->log_tried_ms >= STORE_LOG_RETRY_MS) {
		s->log_tried_ms = now_ms;
		store_commit(s);
		(void)!erase_log(s);
	}
	if (now_ms - s->trimmed_ms >= TRIM_EVERY_MS) {
		s->trimmed_ms = now_ms;
		trim_to(s, STORE_BYTES_TARGET);
	}
}

const char *store_error(const struct store *s)
{
	return s->error;
}

const struct store_counters *store_counters(struct store *s)
{
	s->counters.bytes = file_bytes(s->path, "");
	s->counters.wal_bytes = file_bytes(s->path, "-wal");
	return &s->counters;
}

int store_setting_get(struct store *s, const char *name,
		      uint8_t out[STORE_SETTING_BYTES])
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_SETTING_GET, "t", name);
	struct slice value;
	int rc, result = ERR_NOTFOUND;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		value = database_blob_column(stmt, 0);
		result = value.len > STORE_SETTING_BYTES ? ERR_LIMIT
							 : (int)value.len;
		if (result > 0)
			memcpy(out, value.data, value.len);
	} else if (rc != SQLITE_DONE) {
		database_failed(s);
		result = ERR_IO;
	}
	sqlite3_reset(stmt);
	return result;
}

int store_setting_put(struct store *s, const char *name, struct slice value)
{
	int changed;

	if (value.len > STORE_SETTING_BYTES)
		return ERR_LIMIT;
	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	if (value.data)
		changed = database_run(s, STATEMENT_SETTING_PUT, "tb", name,
				       value);
	else
		changed = database_run(s, STATEMENT_SETTING_REMOVE, "t", name);
	if (changed < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	return store_commit(s);
}

int store_token_use(struct store *s, const char *nonce, uint64_t now_ms)
{
	int changed;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	changed = database_run(s, STATEMENT_TOKEN_USE, "ti", nonce,
			       (int64_t)now_ms);
	if (changed < 0 || database_run(s, STATEMENT_TOKEN_TRIM, "") < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	if (store_commit(s))
		return ERR_IO;
	return changed ? 0 : ERR_EXISTS;
}

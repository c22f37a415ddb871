// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/lock.h"

#include <string.h>

#include "store/database.h"
#include "store/device.h"
#include "store/erase.h"

static int change(struct store *s, struct slice mac, int lock,
		  uint64_t since_ms)
{
	if (!lock)
		return database_run(s, STATEMENT_LOCK_REMOVE, "b", mac);
	if (database_run(s, STATEMENT_LOCK_PUT, "bii", mac, (int64_t)lock,
			 (int64_t)since_ms) < 0)
		return ERR_IO;
	return database_run(s, STATEMENT_LOCK_TRIM, "i",
			    (int64_t)STORE_LOCKS_MAX);
}

int store_lock_put(struct store *s, const struct mac *mac, int lock,
		   uint64_t since_ms)
{
	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	if (change(s, slice_of(mac->b, sizeof(mac->b)), lock, since_ms) < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	return store_commit(s);
}

int store_lock_get(struct store *s, const struct mac *mac, int *lock,
		   uint64_t *since_ms)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_LOCK_GET, "b",
					   slice_of(mac->b, sizeof(mac->b)));
	int rc, err = ERR_IO;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*lock = sqlite3_column_int(stmt, 0);
		*since_ms = (uint64_t)sqlite3_column_int64(stmt, 1);
		err = 0;
	} else if (rc == SQLITE_DONE) {
		err = ERR_NOTFOUND;
	} else {
		database_failed(s);
	}
	sqlite3_reset(stmt);
	return err;
}

int store_lock_each(struct store *s, int lock,
		    bool (*visit)(void *user, const struct mac *mac),
		    void *user)
{
	sqlite3_stmt *stmt =
		database_bind(s, STATEMENT_LOCK_ALL, "i", (int64_t)lock);
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct slice bytes = database_blob_column(stmt, 0);
		struct mac mac = { 0 };

		if (bytes.len != sizeof(mac.b))
			continue;
		memcpy(mac.b, bytes.data, bytes.len);
		if (!visit(user, &mac))
			break;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		database_failed(s);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : ERR_IO;
}

int store_lock_erase(struct store *s, const struct mac *mac)
{
	uint64_t rows;
	int64_t id;

	/* its number, whatever became of the transaction that made it */
	if (store_device_seen(s, mac, NULL, 0, 0, false, &id) ||
	    erase_device(s, id, &rows) || database_begin(s))
		return ERR_IO;
	if (database_run(s, STATEMENT_ADDRESS_REMOVE, "i", id) < 0 ||
	    database_run(s, STATEMENT_DEVICE_REMOVE, "i", id) < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	database_forget(s);
	if (store_commit(s))
		return ERR_IO;
	if (!sqlite3_exec(s->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL,
			  NULL))
		return 0;
	database_failed(s);
	return ERR_IO;
}

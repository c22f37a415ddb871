// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/lock.h"

#include <string.h>

#include "store/database.h"
#include "store/device.h"
#include "store/erase.h"
#include "store/pool.h"

int store_lock_put(struct store *s, const struct mac *mac,
		   const struct store_lock *lock)
{
	struct slice bytes = slice_of(mac->b, sizeof(mac->b));
	int changed;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	changed = lock->lock
			  ? database_run(s, STATEMENT_LOCK_PUT, "biii", bytes,
					 (int64_t)lock->lock,
					 (int64_t)lock->since_ms,
					 (int64_t)lock->doubt)
			  : database_run(s, STATEMENT_LOCK_REMOVE, "b", bytes);
	if (changed < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	return store_commit(s);
}

int store_lock_trim(struct store *s, uint32_t locks)
{
	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	if (database_run(s, STATEMENT_LOCK_TRIM, "ii", (int64_t)locks,
			 (int64_t)STORE_LOCKS_MAX) < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	return store_commit(s);
}

int store_lock_get(struct store *s, const struct mac *mac,
		   struct store_lock *out)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_LOCK_GET, "b",
					   slice_of(mac->b, sizeof(mac->b)));
	int rc, err = ERR_IO;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*out = (struct store_lock){
			.lock = sqlite3_column_int(stmt, 0),
			.since_ms = database_number(stmt, 1),
			.doubt = (unsigned int)database_number(stmt, 2),
		};
		err = 0;
	} else if (rc == SQLITE_DONE) {
		err = ERR_NOTFOUND;
	} else {
		database_failed(s);
	}
	sqlite3_reset(stmt);
	return err;
}

/* The row's MAC; false: what is there is none. */
static bool mac_column(sqlite3_stmt *stmt, int column, struct mac *out)
{
	struct slice bytes = database_blob_column(stmt, column);

	if (bytes.len != sizeof(out->b))
		return false;
	memcpy(out->b, bytes.data, bytes.len);
	return true;
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
		struct mac mac;

		if (!mac_column(stmt, 0, &mac))
			continue;
		if (!visit(user, &mac))
			break;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		database_failed(s);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : ERR_IO;
}

/* In the open transaction: all of it, and that it is there. */
static int remove_device(struct store *s, int64_t id, bool *referred)
{
	uint64_t gone;

	if (erase_owned(s, id, &gone, referred) ||
	    database_run(s, STATEMENT_ADDRESS_REMOVE, "i", id) < 0 ||
	    database_run(s, STATEMENT_DEVICE_REMOVE, "i", id) < 0)
		return ERR_IO;
	return 0;
}

int store_lock_erase(struct store *s, const struct mac *mac)
{
	bool referred;
	int64_t id;
	int err;

	/* its number, whatever became of the transaction that made it */
	store_commit(s);
	err = pool_find(s, POOL_DEVICE, slice_of(mac->b, sizeof(mac->b)), 0,
			&id);
	if (err)
		return err == ERR_NOTFOUND ? 0 : err;
	if (database_begin(s))
		return ERR_IO;
	err = remove_device(s, id, &referred);
	if (!err && referred)
		err = erase_orphans(s);
	return erase_finish(s, err);
}

/* The first device that the statement still gives; ERR_NOTFOUND, ERR_IO. */
static int first_of(struct store *s, enum statement which, int64_t given,
		    int64_t *id)
{
	sqlite3_stmt *stmt = database_bind(s, which, "i", given);
	int rc;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(stmt, 0);
	if (database_walked(s, stmt, rc))
		return ERR_IO;
	return rc == SQLITE_ROW ? 0 : ERR_NOTFOUND;
}

/* *gone: whether anything went, *referred: as erase_owned(). */
static int erase_closed(struct store *s, uint32_t locks, bool *gone,
			bool *referred)
{
	uint64_t rows;
	int64_t id = 0;
	bool refers;
	int err;

	while (!(err = first_of(s, STATEMENT_LOCK_STORED, (int64_t)locks,
				&id))) {
		*gone = true;
		if (remove_device(s, id, &refers))
			return ERR_IO;
		*referred |= refers;
	}
	id = 0;
	while (err == ERR_NOTFOUND &&
	       !(err = first_of(s, STATEMENT_DEVICE_EXCLUDED, id, &id))) {
		if (erase_to_its_row(s, id, &rows, &refers))
			return ERR_IO;
		*gone |= rows > 0;
		*referred |= refers;
		err = ERR_NOTFOUND;
	}
	return err == ERR_NOTFOUND ? 0 : err;
}

int store_lock_erase_closed(struct store *s, uint32_t locks)
{
	bool gone = false, referred = false;
	int err;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	err = erase_closed(s, locks, &gone, &referred);
	if (!err && !gone) {
		database_rollback(s);
		return 0;
	}
	if (!err && referred)
		err = erase_orphans(s);
	return erase_finish(s, err);
}

int store_lock_names_put(struct store *s, const struct mac *mac,
			 const struct slice *names, size_t count)
{
	struct slice bytes = slice_of(mac->b, sizeof(mac->b));
	int changed = 0;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	for (size_t i = 0; changed >= 0 && i < count; i++)
		changed = database_run(s, STATEMENT_CLOSED_NAME_PUT, "bb",
				       bytes, names[i]);
	if (changed < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	return store_commit(s);
}

int store_lock_names_remove(struct store *s, const struct mac *mac)
{
	int changed;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	changed = mac ? database_run(s, STATEMENT_CLOSED_NAME_REMOVE, "b",
				     slice_of(mac->b, sizeof(mac->b)))
		      : database_run(s, STATEMENT_CLOSED_NAME_TRIM, "");
	if (changed < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	return store_commit(s);
}

int store_lock_each_name(struct store *s,
			 void (*visit)(void *user, const struct mac *mac,
				       struct slice name),
			 void *user)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_CLOSED_NAME_ALL, "");
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct mac mac;

		if (mac_column(stmt, 0, &mac))
			visit(user, &mac, database_blob_column(stmt, 1));
	}
	return database_walked(s, stmt, rc);
}

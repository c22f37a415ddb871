// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/device.h"

#include <string.h>

#include "store/database.h"
#include "store/erase.h"

static int device_id(struct store *s, const struct mac *mac, int64_t *id)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_DEVICE_FIND, "b",
					   slice_of(mac->b, sizeof(mac->b)));
	int err = ERR_IO;

	if (!stmt)
		return ERR_IO;
	if (sqlite3_step(stmt) == SQLITE_ROW) {
		*id = sqlite3_column_int64(stmt, 0);
		err = 0;
	}
	sqlite3_reset(stmt);
	return err;
}

int store_device_seen(struct store *s, const struct mac *mac,
		      const struct addr *addr, uint64_t first_ms,
		      uint64_t last_ms, bool gateway, int64_t *id)
{
	if (database_begin(s) ||
	    database_run(s, STATEMENT_DEVICE_SEEN, "biii",
			 slice_of(mac->b, sizeof(mac->b)), (int64_t)first_ms,
			 (int64_t)last_ms, (int64_t)gateway) < 0 ||
	    device_id(s, mac, id))
		return ERR_IO;
	return addr ? store_address_seen(s, *id, addr, last_ms) : 0;
}

int store_address_seen(struct store *s, int64_t id, const struct addr *addr,
		       uint64_t last_ms)
{
	int known;

	if (!addr->family)
		return 0;
	known = database_run(s, STATEMENT_ADDRESS_SEEN, "iai", id, addr,
			     (int64_t)last_ms);
	if (known)
		return known < 0 ? ERR_IO : 0;
	if (database_run(s, STATEMENT_ADDRESS_ADD, "iai", id, addr,
			 (int64_t)last_ms) < 0 ||
	    database_run(s, STATEMENT_ADDRESS_TRIM, "ii", id,
			 (int64_t)STORE_ADDRS_MAX) < 0)
		return ERR_IO;
	return 0;
}

static int read_addresses(struct store *s, struct store_device *device)
{
	sqlite3_stmt *stmt =
		database_bind(s, STATEMENT_ADDRESS_ALL, "i", device->id);
	int rc;

	if (!stmt)
		return ERR_IO;
	device->addr_count = 0;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW &&
	       device->addr_count < STORE_ADDRS_MAX)
		device->addrs[device->addr_count++] =
			database_addr_column(stmt, 0);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : ERR_IO;
}

static void read_device(sqlite3_stmt *stmt, struct store_device *device)
{
	struct slice mac = database_blob_column(stmt, 1);

	memset(device, 0, sizeof(*device));
	device->id = sqlite3_column_int64(stmt, 0);
	if (mac.len == sizeof(device->mac.b))
		memcpy(device->mac.b, mac.data, mac.len);
	device->first_ms = (uint64_t)sqlite3_column_int64(stmt, 2);
	device->last_ms = (uint64_t)sqlite3_column_int64(stmt, 3);
	device->gateway = sqlite3_column_int(stmt, 4);
	device->watched = sqlite3_column_int(stmt, 5);
	device->excluded = sqlite3_column_int(stmt, 6);
	device->in_bytes = (uint64_t)sqlite3_column_int64(stmt, 7);
	device->out_bytes = (uint64_t)sqlite3_column_int64(stmt, 8);
}

int store_device_each(struct store *s,
		      bool (*visit)(void *user,
				    const struct store_device *device),
		      void *user)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_DEVICE_ALL, "");
	struct store_device device;
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		read_device(stmt, &device);
		if (read_addresses(s, &device) || !visit(user, &device))
			break;
	}
	if (rc != SQLITE_DONE && rc != SQLITE_ROW)
		database_failed(s);
	sqlite3_reset(stmt);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? 0 : ERR_IO;
}

int store_device_watch(struct store *s, int64_t id, bool watch)
{
	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	if (database_run(s, STATEMENT_DEVICE_WATCH, "ii", (int64_t)watch, id) <
	    1) {
		database_rollback(s);
		return ERR_IO;
	}
	return store_commit(s);
}

int store_device_unwatch_all(struct store *s)
{
	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	if (database_run(s, STATEMENT_DEVICE_UNWATCH_ALL, "") < 0) {
		database_rollback(s);
		return ERR_IO;
	}
	return store_commit(s);
}

int store_device_exclude(struct store *s, int64_t id, bool exclude)
{
	uint64_t rows;

	store_commit(s);
	if (database_begin(s))
		return ERR_IO;
	if (database_run(s, STATEMENT_DEVICE_EXCLUDE, "ii", (int64_t)exclude,
			 id) < 1) {
		database_rollback(s);
		return ERR_IO;
	}
	if (store_commit(s))
		return ERR_IO;
	return exclude ? erase_device(s, id, &rows) : 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/device.h"

#include <string.h>

#include "store/database.h"
#include "store/erase.h"

int device_add(struct store *s, const struct device_seen *seen, int64_t *id)
{
	struct slice mac = slice_of(seen->mac.b, sizeof(seen->mac.b));
	int64_t first_ms = (int64_t)seen->first_ms;
	int64_t last_ms = (int64_t)seen->last_ms;
	int64_t in = (int64_t)seen->in_bytes, out = (int64_t)seen->out_bytes;
	int64_t gateway = seen->gateway;
	int err = pool_find(s, POOL_DEVICE, mac, 0, id);

	if (!err)
		return database_run(s, STATEMENT_DEVICE_SEEN, "iiiiii", *id,
				    first_ms, last_ms, gateway, in, out) < 0
			       ? ERR_IO
			       : 0;
	if (err != ERR_NOTFOUND ||
	    database_run(s, STATEMENT_DEVICE_ADD, "biiiii", mac, first_ms,
			 last_ms, gateway, in, out) < 0)
		return ERR_IO;
	*id = sqlite3_last_insert_rowid(s->db);
	pool_remember(s, POOL_DEVICE, mac, 0, *id);
	return 0;
}

int store_device_seen(struct store *s, const struct mac *mac,
		      const struct addr *addr, uint64_t first_ms,
		      uint64_t last_ms, bool gateway, int64_t *id)
{
	struct device_seen seen = { .mac = *mac,
				    .first_ms = first_ms,
				    .last_ms = last_ms,
				    .gateway = gateway };

	if (database_begin(s) || device_add(s, &seen, id))
		return ERR_IO;
	return addr ? store_address_seen(s, *id, addr, last_ms) : 0;
}

static int note_address(struct store *s, int64_t id, const struct addr *addr,
			int64_t last_ms)
{
	int known = database_run(s, STATEMENT_ADDRESS_SEEN, "iai", id, addr,
				 last_ms);

	if (known)
		return known < 0 ? ERR_IO : 0;
	if (database_run(s, STATEMENT_ADDRESS_ADD, "iai", id, addr, last_ms) <
		    0 ||
	    database_run(s, STATEMENT_ADDRESS_TRIM, "ii", id,
			 (int64_t)STORE_ADDRS_MAX) < 0)
		return ERR_IO;
	return 0;
}

int store_address_seen(struct store *s, int64_t id, const struct addr *addr,
		       uint64_t last_ms)
{
	struct slice bytes = database_addr(addr);
	uint8_t its[POOL_ADDRESS_BYTES];
	struct slice key = slice_of(its, sizeof(id) + bytes.len);
	int64_t at = (int64_t)last_ms, known;
	int err;

	if (!bytes.data)
		return 0;
	memcpy(its, &id, sizeof(id));
	memcpy(its + sizeof(id), bytes.data, bytes.len);
	if (pool_knows(s, POOL_ADDRESS, key, at - DEVICE_ADDRESS_MS, &known))
		return 0;
	err = note_address(s, id, addr, at);
	if (!err)
		pool_remember(s, POOL_ADDRESS, key, at, id);
	return err;
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
	return database_walked(s, stmt, rc);
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
	return database_walked(s, stmt, rc);
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

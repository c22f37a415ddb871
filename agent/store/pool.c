// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "store/database.h"

struct slot {
	int64_t id; /* 0: free */
	int64_t used_day;
	uint64_t len;
	uint8_t bytes[];
};

static const struct {
	enum statement find, add, used;
	uint32_t slots; /* a power of two */
	uint32_t bytes;
} pools[POOLS] = {
	[POOL_REMOTE] = { STATEMENT_REMOTE_FIND, STATEMENT_REMOTE_ADD,
			  STATEMENT_REMOTE_USED, POOL_REMOTES_MAX,
			  POOL_REMOTE_BYTES },
	[POOL_HOST] = { STATEMENT_HOST_FIND, STATEMENT_HOST_ADD,
			STATEMENT_HOST_USED, POOL_HOSTS_MAX, POOL_HOST_BYTES },
	[POOL_SHAPE] = { STATEMENT_SHAPE_FIND, STATEMENT_SHAPE_ADD,
			 STATEMENT_SHAPE_USED, POOL_SHAPES_MAX,
			 POOL_SHAPE_BYTES },
	[POOL_DEVICE] = { .find = STATEMENT_DEVICE_FIND,
			  .slots = POOL_DEVICES_MAX,
			  .bytes = POOL_DEVICE_BYTES },
	[POOL_ADDRESS] = { .slots = POOL_ADDRESSES_MAX,
			   .bytes = POOL_ADDRESS_BYTES },
};

static size_t slot_bytes(enum pool which)
{
	const size_t unit = sizeof(uint64_t);

	return sizeof(struct slot) +
	       (pools[which].bytes + unit - 1) / unit * unit;
}

int pool_init(struct pool_memory *memory)
{
	for (enum pool i = 0; i < POOLS; i++) {
		memory->slots[i] = calloc(pools[i].slots, slot_bytes(i));
		if (!memory->slots[i])
			return ERR_NOMEM;
	}
	return 0;
}

void pool_done(struct pool_memory *memory)
{
	for (enum pool i = 0; i < POOLS; i++)
		free(memory->slots[i]);
}

void pool_forget(struct pool_memory *memory)
{
	for (enum pool i = 0; i < POOLS; i++)
		memset(memory->slots[i], 0, pools[i].slots * slot_bytes(i));
}

/* The one place a value may have; who chooses values that share theirs only
 * has them looked up, so no seed is needed. NULL: too long. */
static struct slot *slot_of(const struct store *s, enum pool which,
			    struct slice value)
{
	uint64_t at;

	if (value.len > pools[which].bytes)
		return NULL;
	at = table_hash(0, value.data, value.len) & (pools[which].slots - 1);
	return (struct slot *)(s->pools.slots[which] + at * slot_bytes(which));
}

void pool_remember(struct store *s, enum pool which, struct slice value,
		   int64_t day, int64_t id)
{
	struct slot *slot = slot_of(s, which, value);

	if (!slot)
		return;
	slot->id = id;
	slot->used_day = day;
	slot->len = value.len;
	memcpy(slot->bytes, value.data, value.len);
}

static int look_up(struct store *s, enum pool which, struct slice value,
		   int64_t *id, int64_t *used_day)
{
	sqlite3_stmt *stmt = database_bind(s, pools[which].find, "b", value);
	int rc;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		*id = sqlite3_column_int64(stmt, 0);
		*used_day = sqlite3_column_int64(stmt, 1);
	} else if (rc != SQLITE_DONE) {
		database_failed(s);
	}
	sqlite3_reset(stmt);
	if (rc == SQLITE_ROW)
		return 0;
	return rc == SQLITE_DONE ? ERR_NOTFOUND : ERR_IO;
}

bool pool_knows(const struct store *s, enum pool which, struct slice value,
		int64_t day, int64_t *id)
{
	const struct slot *slot = slot_of(s, which, value);

	if (!slot || !slot->id || slot->used_day < day ||
	    slot->len != value.len ||
	    memcmp(slot->bytes, value.data, value.len) != 0)
		return false;
	*id = slot->id;
	return true;
}

int pool_find(struct store *s, enum pool which, struct slice value, int64_t day,
	      int64_t *id)
{
	int64_t used_day = 0;
	int err;

	if (pool_knows(s, which, value, day, id))
		return 0;
	err = look_up(s, which, value, id, &used_day);
	if (err)
		return err;
	if (used_day < day &&
	    database_run(s, pools[which].used, "ii", day, *id) < 0)
		return ERR_IO;
	pool_remember(s, which, value, used_day < day ? day : used_day, *id);
	return 0;
}

int pool_get(struct store *s, enum pool which, struct slice value, int64_t day,
	     int64_t *id)
{
	int err = pool_find(s, which, value, day, id);

	if (err != ERR_NOTFOUND)
		return err;
	if (database_run(s, pools[which].add, "bi", value, day) < 0)
		return ERR_IO;
	*id = sqlite3_last_insert_rowid(s->db);
	pool_remember(s, which, value, day, *id);
	return 0;
}

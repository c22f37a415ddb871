// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Values that many rows refer to by a number, each stored once, with the day
 * of the newest row that does. The last used of each pool are remembered, as
 * nearly every flow is with a remote of a moment ago.
 */

struct store;

enum pool {
	POOL_REMOTE,  /* addresses */
	POOL_HOST,    /* names */
	POOL_SHAPE,   /* of hellos, by their digest */
	POOL_DEVICE,  /* by MAC; the day is no matter */
	POOL_ADDRESS, /* of a device: in memory only */
	POOLS
};

/** Values remembered, of so many bytes; of a larger home some are looked up
 * in the file again. 800 kB in all. */
#define POOL_REMOTES_MAX   4096u
#define POOL_REMOTE_BYTES  16u
#define POOL_HOSTS_MAX	   2048u
#define POOL_HOST_BYTES	   253u
#define POOL_SHAPES_MAX	   64u
#define POOL_SHAPE_BYTES   32u
#define POOL_DEVICES_MAX   256u
#define POOL_DEVICE_BYTES  6u
#define POOL_ADDRESSES_MAX 512u
#define POOL_ADDRESS_BYTES 24u

struct pool_memory {
	uint8_t *slots[POOLS];
};

/** ERR_NOMEM. */
int pool_init(struct pool_memory *memory) must_check;
void pool_done(struct pool_memory *memory);

/** Rows may have gone (a rollback, a deletion): remembers nothing. */
void pool_forget(struct pool_memory *memory);

/** Whether the value is remembered, as of this day or later. */
bool pool_knows(const struct store *s, enum pool which, struct slice value,
		int64_t day, int64_t *id);

/** The number of a value, used on this day. ERR_NOTFOUND, ERR_IO. */
int pool_find(struct store *s, enum pool which, struct slice value, int64_t day,
	      int64_t *id) must_check;

/** What the caller has just added to the table itself. */
void pool_remember(struct store *s, enum pool which, struct slice value,
		   int64_t day, int64_t id);

/** The same of a remote or a host, added when it is new. ERR_IO. */
int pool_get(struct store *s, enum pool which, struct slice value, int64_t day,
	     int64_t *id) must_check;

#endif

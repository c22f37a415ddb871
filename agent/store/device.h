// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_DEVICE_H
#define STORE_DEVICE_H

#include "store/store.h"

/* The devices of the home, and what the user chose for each. */

struct store_device {
	int64_t id; /* this store's own; never shown */
	struct mac mac;
	uint64_t first_ms, last_ms;
	bool gateway, watched, excluded;
	uint64_t in_bytes, out_bytes;	    /* all that was stored */
	struct addr addrs[STORE_ADDRS_MAX]; /* newest first */
	size_t addr_count;
};

/** What was heard of a device: added to what is known. */
struct device_seen {
	struct mac mac;
	uint64_t first_ms, last_ms;
	bool gateway;
	uint64_t in_bytes, out_bytes;
};

/** In the open transaction. ERR_IO. */
int device_add(struct store *s, const struct device_seen *seen,
	       int64_t *id) must_check;

/**
 * Heard of at this time, under this address (family 0: unknown); made when it
 * is new. Joins the open transaction. ERR_IO.
 */
int store_device_seen(struct store *s, const struct mac *mac,
		      const struct addr *addr, uint64_t first_ms,
		      uint64_t last_ms, bool gateway, int64_t *id) must_check;
/** The same of another address of a device that is there, whose time is noted
 * this often. ERR_IO. */
#define DEVICE_ADDRESS_MS 60000
int store_address_seen(struct store *s, int64_t id, const struct addr *addr,
		       uint64_t last_ms) must_check;

/** Calls visit for each until it gives false: those that the user chose
 * something for first, then the last heard. ERR_IO. */
int store_device_each(struct store *s,
		      bool (*visit)(void *user,
				    const struct store_device *device),
		      void *user) must_check;

/** Its own transaction. ERR_IO, also when there is no such device: the
 * transaction that made it was lost. */
int store_device_watch(struct store *s, int64_t id, bool watch) must_check;
/** The whole set at once: none is watched any more. */
int store_device_unwatch_all(struct store *s) must_check;
/** Also forgets its watching, and all that erase_device() does. ERR_IO as for
 * watching. */
int store_device_exclude(struct store *s, int64_t id, bool exclude) must_check;

#endif

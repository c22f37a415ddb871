// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_ERASE_H
#define STORE_ERASE_H

#include "store/store.h"

/*
 * Forgetting. Content is overwritten where it lay, names and addresses that
 * nothing refers to any more go too, and the write-ahead log is emptied.
 */

/**
 * Everything stored of a device but that it is there: its traffic, names,
 * hellos, requests, clues, and addresses but the newest. *rows: how many went.
 * ERR_IO.
 */
int erase_device(struct store *s, int64_t id, uint64_t *rows) must_check;

/** The same of every device; the devices too that the user chose nothing
 * for. ERR_IO. */
int erase_all(struct store *s, uint64_t *rows) must_check;

/** How often erase_expired() is worth calling. */
#define ERASE_EVERY_MS 600000

/**
 * What is older than the store keeps, in one transaction: about an hour's
 * rows. A clock that jumped far ahead is not believed at once (clock.h). What
 * fails is counted.
 */
void erase_expired(struct store *s, uint64_t now_ms);

/* For this folder; in the open transaction. */

/** Deletes the rows of a table for which the condition (SQL) is true. */
int erase_rows(struct store *s, const char *table, const char *condition,
	       uint64_t *rows) must_check;
/** All rows of a device but its own and its addresses; *gone: how many went;
 * *referred: whether any of these referred to what others may refer to. */
int erase_owned(struct store *s, int64_t id, uint64_t *gone,
		bool *referred) must_check;
/** The same, and its addresses but the newest: what erase_device() does. */
int erase_to_its_row(struct store *s, int64_t id, uint64_t *gone,
		     bool *referred) must_check;
/** What only others refer to, and none does any more: walks whole tables. */
int erase_orphans(struct store *s) must_check;
/** Ends the transaction, or rolls it back on err, and empties the log, which
 * still has what went. */
int erase_finish(struct store *s, int err) must_check;
/** Another reader can hold the log: then it is emptied later, by
 * store_tick(), which calls this again. */
int erase_log(struct store *s) must_check;

#endif

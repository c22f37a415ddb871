// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "store/store.h"

/*
 * Whether each device may be looked at, as a number that is the caller's. Kept
 * by MAC and apart from the devices: a device that is to be
 * left alone stays so when everything of it is deleted.
 */

/** Kept, unless the owner made more by hand. More than the devices of many
 * homes: MACs can be made up without end. */
#define STORE_LOCKS_MAX 8192

struct store_lock {
	int lock;
	unsigned int doubt; /* the caller's too */
	uint64_t since_ms;
};

/** Its own transaction; lock 0 removes it. ERR_IO. */
int store_lock_put(struct store *s, const struct mac *mac,
		   const struct store_lock *lock) must_check;

/** When there are too many, the oldest go of those whose lock is one of these
 * numbers, a bit each; the others stay. Its own transaction. ERR_IO. */
int store_lock_trim(struct store *s, uint32_t locks) must_check;

/** ERR_NOTFOUND, ERR_IO. */
int store_lock_get(struct store *s, const struct mac *mac,
		   struct store_lock *out) must_check;

/** Calls visit for each of this number, the newest first, until it gives
 * false. ERR_IO. */
int store_lock_each(struct store *s, int lock,
		    bool (*visit)(void *user, const struct mac *mac),
		    void *user) must_check;

/**
 * Everything stored of a device, and that there is one: overwritten, as in
 * erase.h. Its lock stays. Costs little when nothing is stored. ERR_IO.
 */
int store_lock_erase(struct store *s, const struct mac *mac) must_check;

/**
 * The same of every device whose lock is one of these numbers, a bit each, and
 * what erase_device() does of each that is excluded: of a run that ended before
 * it could. ERR_IO.
 */
int store_lock_erase_closed(struct store *s, uint32_t locks) must_check;

/**
 * What a closed device is called, as bytes that are the caller's: they stay
 * when everything of it is deleted. Its own transaction. ERR_IO.
 */
int store_lock_names_put(struct store *s, const struct mac *mac,
			 const struct slice *names, size_t count) must_check;
/** Of a device; NULL: of all that are neither locked nor excluded. ERR_IO. */
int store_lock_names_remove(struct store *s, const struct mac *mac) must_check;
/** Lent until visit returns. ERR_IO. */
int store_lock_each_name(struct store *s,
			 void (*visit)(void *user, const struct mac *mac,
				       struct slice name),
			 void *user) must_check;

#endif

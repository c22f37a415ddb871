// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** A slot: an entry's index + 1, 0 when free, and its key's hash. */
struct table_slot {
	uint32_t entry;
	uint32_t hash;
};

/**
 * A hash table for the hot path: keys and values of one fixed size each, no
 * allocation per entry, values that never move while they live, a maximum
 * given at birth. Keys are compared as bytes, so zero their padding.
 *
 * Lookup is linear probing over 32-bit slots; entries sit in blocks in order
 * of insertion (a removed entry's place is used again), which is the order in
 * which table_next() walks. The seed keeps a sender from choosing collisions.
 */
struct table {
	struct table_slot *slots;
	uint8_t **blocks;
	uint32_t slot_count; /* a power of two */
	uint32_t count;	     /* entries alive */
	uint32_t high;	     /* entries ever used: indices below this */
	uint32_t free_head;  /* entry index + 1 of a removed one */
	uint32_t max;
	uint32_t key_size;
	uint32_t value_size;
	uint32_t stride;
	uint64_t seed;
};

/** Allocates nothing. max: most entries alive, at most 2^30. */
void table_init(struct table *t, size_t key_size, size_t value_size,
		uint32_t max, uint64_t seed);
void table_done(struct table *t);
/** Removes every entry; keeps the memory. */
void table_clear(struct table *t);

/** The value of key, or NULL. */
void *table_find(const struct table *t, const void *key);
/**
 * The value of key, made (zeroed) when it is not there; *fresh says which, and
 * may be NULL. Returns NULL when the table is full (t->count == t->max) or
 * memory is out.
 */
void *table_get(struct table *t, const void *key, bool *fresh) must_check;
/**
 * For whoever knows keys some time before they are looked up, so that the
 * memory of several is fetched at once instead of one miss after the other:
 * table_expect() fetches the slot and gives the key's hash, table_approach()
 * then the entry, table_find_hashed() is table_find(). The first two change
 * nothing, and the table may change between them.
 */
uint32_t table_expect(const struct table *t, const void *key);
void table_approach(const struct table *t, uint32_t hash);
void *table_find_hashed(const struct table *t, const void *key, uint32_t hash);
/** True when there was such an entry. */
bool table_remove(struct table *t, const void *key);

/**
 * Walks the entries: start with *at = 0; each call gives the next value and,
 * when key is not NULL, its key; NULL at the end. The entry just given may be
 * removed during the walk; entries made during it may or may not be met.
 */
void *table_next(const struct table *t, uint32_t *at, const void **key);

/** The key of a value in a table of such keys: it lies right before it. */
static inline const void *table_key(const void *value, size_t key_size)
{
	return (const uint8_t *)value - ((key_size + 7) & ~(size_t)7);
}

/** A seeded 64-bit hash of bytes, not for secrets. */
uint64_t table_hash(uint64_t seed, const void *data, size_t len);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/table.h"

#include <stdlib.h>
#include <string.h>

#define TABLE_BLOCK	256u /* entries a block */
#define TABLE_SLOTS_MIN 64u
#define ENTRY_DEAD	UINT32_MAX
#define CACHE_LINE	64u

/*
 * An entry is a header of one word (its slot's hash is kept beside the slot,
 * so the header only says whether it lives, and links the free ones), the key,
 * and the value aligned to eight bytes.
 */
struct entry_head {
	uint32_t live; /* 1, or ENTRY_DEAD */
	uint32_t next_free;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t load(const uint8_t *p, size_t len)
{
	uint64_t v = 0;

	memcpy(&v, p, len);
	return v;
}

uint64_t table_hash(uint64_t seed, const void *data, size_t len)
{
	const uint64_t k0 = 0x9e3779b97f4a7c15u, k1 = 0xd6e8feb86659fd93u;
	const uint8_t *p = data;
	uint64_t h = seed ^ (len * k1);

	for (; len >= 8; p += 8, len -= 8)
		h = mix(h ^ load(p, 8), k0);
	if (len)
		h = mix(h ^ load(p, len), k0);
	return mix(h ^ k1, k0 ^ seed);
}

/* Entries longer than a cache line begin at one. */
static uint32_t stride_of(size_t size)
{
	if (size > CACHE_LINE)
		size = (size + CACHE_LINE - 1) & ~(size_t)(CACHE_LINE - 1);
	return (uint32_t)size;
}

void table_init(struct table *t, size_t key_size, size_t value_size,
		uint32_t max, uint64_t seed)
{
	size_t key_room = (key_size + 7) & ~(size_t)7;
	size_t value_room = (value_size + 7) & ~(size_t)7;

	*t = (struct table){
		.max = max,
		.key_size = (uint32_t)key_size,
		.value_size = (uint32_t)value_room,
		.stride = stride_of(sizeof(struct entry_head) + key_room +
				    value_room),
		.seed = seed,
	};
}

void table_done(struct table *t)
{
	for (uint32_t i = 0; i * TABLE_BLOCK < t->high; i++)
		free(t->blocks[i]);
	free(t->blocks);
	free(t->slots);
	table_init(t, t->key_size, t->value_size, t->max, t->seed);
}

static struct entry_head *entry_at(const struct table *t, uint32_t index)
{
	return (struct entry_head *)(void *)(t->blocks[index / TABLE_BLOCK] +
					     (size_t)(index % TABLE_BLOCK) *
						     t->stride);
}

static uint8_t *entry_key(struct entry_head *e)
{
	return (uint8_t *)(e + 1);
}

static void *entry_value(const struct table *t, struct entry_head *e)
{
	return entry_key(e) + ((t->key_size + 7u) & ~7u);
}

void table_clear(struct table *t)
{
	if (t->slots)
		memset(t->slots, 0, t->slot_count * sizeof(*t->slots));
	for (uint32_t i = 0; i < t->high; i++) {
		struct entry_head *e = entry_at(t, i);

		e->live = ENTRY_DEAD;
		e->next_free = i + 1 < t->high ? i + 2 : 0;
	}
	t->free_head = t->high ? 1 : 0;
	t->count = 0;
}

/*
 * The entry's lines are asked for together: one after the other, each would
 * be waited for.
 */
static void prefetch(const struct table *t, const struct entry_head *e)
{
	const uint8_t *at = (const uint8_t *)e;

	for (uint32_t i = 0; i < t->stride; i += CACHE_LINE)
		__builtin_prefetch(at + i);
}

/* The slot that holds key, or the free one where it would go. */
static uint32_t slot_of(const struct table *t, const void *key, uint32_t hash)
{
	uint32_t mask = t->slot_count - 1, i = hash & mask;

	for (; t->slots[i].entry; i = (i + 1) & mask) {
		struct entry_head *e;

		if (t->slots[i].hash != hash)
			continue;
		e = entry_at(t, t->slots[i].entry - 1);
		prefetch(t, e);
		if (!memcmp(entry_key(e), key, t->key_size))
			break;
	}
	return i;
}

static bool slots_grow(struct table *t)
{
	uint32_t count = t->slot_count ? t->slot_count * 2 : TABLE_SLOTS_MIN;
	struct table_slot *slots = calloc(count, sizeof(*slots));

	if (!slots)
		return false;
	for (uint32_t i = 0; i < t->slot_count; i++) {
		uint32_t at = t->slots[i].hash & (count - 1);

		if (!t->slots[i].entry)
			continue;
		while (slots[at].entry)
			at = (at + 1) & (count - 1);
		slots[at] = t->slots[i];
	}
	free(t->slots);
	t->slots = slots;
	t->slot_count = count;
	return true;
}

static uint8_t *block_new(const struct table *t)
{
	size_t size = (size_t)TABLE_BLOCK * t->stride;
	uint8_t *block = aligned_alloc(CACHE_LINE, size);

	if (block)
		memset(block, 0, size);
	return block;
}

/* Index of an unused entry, or UINT32_MAX when memory is out. */
static uint32_t entry_new(struct table *t)
{
	uint32_t index = t->high;

	if (t->free_head) {
		index = t->free_head - 1;
		t->free_head = entry_at(t, index)->next_free;
		return index;
	}
	if (index % TABLE_BLOCK == 0) {
		size_t n = index / TABLE_BLOCK;
		uint8_t **blocks;
		uint8_t *block = block_new(t);

		if (!block)
			return UINT32_MAX;
		blocks = realloc(t->blocks, (n + 1) * sizeof(*blocks));
		if (!blocks) {
			free(block);
			return UINT32_MAX;
		}
		t->blocks = blocks;
		t->blocks[n] = block;
	}
	t->high++;
	return index;
}

static uint32_t hash_of(const struct table *t, const void *key)
{
	return (uint32_t)table_hash(t->seed, key, t->key_size);
}

uint32_t table_expect(const struct table *t, const void *key)
{
	uint32_t hash = hash_of(t, key);

	if (t->count)
		__builtin_prefetch(&t->slots[hash & (t->slot_count - 1)]);
	return hash;
}

void table_approach(const struct table *t, uint32_t hash)
{
	uint32_t mask = t->slot_count - 1, i = hash & mask;

	if (!t->count)
		return;
	while (t->slots[i].entry && t->slots[i].hash != hash)
		i = (i + 1) & mask;
	if (t->slots[i].entry)
		prefetch(t, entry_at(t, t->slots[i].entry - 1));
}

void *table_find_hashed(const struct table *t, const void *key, uint32_t hash)
{
	uint32_t slot;

	if (!t->count)
		return NULL;
	slot = slot_of(t, key, hash);
	if (!t->slots[slot].entry)
		return NULL;
	return entry_value(t, entry_at(t, t->slots[slot].entry - 1));
}

void *table_find(const struct table *t, const void *key)
{
	return table_find_hashed(t, key, hash_of(t, key));
}

void *table_get(struct table *t, const void *key, bool *fresh)
{
	uint32_t hash = hash_of(t, key);
	uint32_t slot, index;
	struct entry_head *e;

	if (t->slot_count) {
		slot = slot_of(t, key, hash);
		if (t->slots[slot].entry) {
			if (fresh)
				*fresh = false;
			return entry_value(
				t, entry_at(t, t->slots[slot].entry - 1));
		}
	}
	if (t->count >= t->max)
		return NULL;
	/* kept at most half full, so that probes stay short */
	if ((t->count + 1) * 2 > t->slot_count && !slots_grow(t))
		return NULL;
	index = entry_new(t);
	if (index == UINT32_MAX)
		return NULL;
	slot = slot_of(t, key, hash);
	t->slots[slot] = (struct table_slot){ index + 1, hash };
	t->count++;
	e = entry_at(t, index);
	e->live = 1;
	memcpy(entry_key(e), key, t->key_size);
	memset(entry_value(t, e), 0, t->value_size);
	if (fresh)
		*fresh = true;
	return entry_value(t, e);
}

bool table_remove(struct table *t, const void *key)
{
	uint32_t mask = t->slot_count - 1, hole, i, index;
	struct entry_head *e;

	if (!t->count)
		return false;
	hole = slot_of(t, key, hash_of(t, key));
	if (!t->slots[hole].entry)
		return false;
	index = t->slots[hole].entry - 1;
	e = entry_at(t, index);
	e->live = ENTRY_DEAD;
	e->next_free = t->free_head;
	t->free_head = index + 1;
	t->count--;
	/* close the gap, so that no probe stops short */
	for (i = (hole + 1) & mask; t->slots[i].entry; i = (i + 1) & mask) {
		uint32_t home = t->slots[i].hash & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		t->slots[hole] = t->slots[i];
		hole = i;
	}
	t->slots[hole].entry = 0;
	return true;
}

void *table_next(const struct table *t, uint32_t *at, const void **key)
{
	while (*at < t->high) {
		struct entry_head *e = entry_at(t, (*at)++);

		if (e->live != 1)
			continue;
		if (key)
			*key = entry_key(e);
		return entry_value(t, e);
	}
	return NULL;
}

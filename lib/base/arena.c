// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define ARENA_CHUNK_BYTES ((size_t)16384) /* a window rarely needs two */

struct arena_chunk {
	struct arena_chunk *next;
	size_t cap;
	size_t used;
	alignas(max_align_t) uint8_t data[];
};

void arena_init(struct arena *a, size_t max)
{
	*a = (struct arena){ .max = max };
}

void arena_done(struct arena *a)
{
	while (a->chunks) {
		struct arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	a->used = 0;
}

void arena_reset(struct arena *a)
{
	while (a->chunks && a->chunks->next) {
		struct arena_chunk *next = a->chunks->next;

		free(a->chunks);
		a->chunks = next;
	}
	if (a->chunks)
		a->chunks->used = 0;
	a->used = 0;
}

void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_chunk *chunk = a->chunks;
	void *at;

	if (size > a->max - a->used || size > SIZE_MAX / 2)
		return NULL;
	size = (size + align - 1) & ~(align - 1);
	if (!chunk || chunk->cap - chunk->used < size) {
		size_t cap =
			size > ARENA_CHUNK_BYTES ? size : ARENA_CHUNK_BYTES;

		chunk = malloc(sizeof(*chunk) + cap);
		if (!chunk)
			return NULL;
		chunk->next = a->chunks;
		chunk->cap = cap;
		chunk->used = 0;
		a->chunks = chunk;
	}
	at = chunk->data + chunk->used;
	chunk->used += size;
	a->used = size > a->max - a->used ? a->max : a->used + size;
	memset(at, 0, size);
	return at;
}

char *arena_text(struct arena *a, struct slice bytes)
{
	char *text;

	if (bytes.len == SIZE_MAX)
		return NULL;
	text = arena_alloc(a, bytes.len + 1);
	if (text && bytes.len)
		memcpy(text, bytes.data, bytes.len);
	return text;
}

void *arena_copy(struct arena *a, const void *data, size_t size)
{
	void *copy = arena_alloc(a, size);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

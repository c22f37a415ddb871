// SPDX-License-Identifier: GPL-3.0-or-later
#include "know/reference_build.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define TABLES	     (REFERENCE_DHCP_VENDORS + 1)
#define HEADER_BYTES 16u
#define ENTRY_BYTES  16u
#define ALIGNMENT    8u

struct key {
	uint32_t table, text;
};

void reference_build_init(struct reference_build *b, uint64_t seed)
{
	memset(b, 0, sizeof(*b));
	buf_init(&b->texts, REFERENCE_BUILD_BYTES_MAX);
	buf_u8(&b->texts, 0); /* the empty text */
	for (size_t i = 0; i < TABLES; i++)
		buf_init(&b->tables[i], REFERENCE_BUILD_BYTES_MAX);
	table_init(&b->offsets, sizeof(uint64_t), sizeof(uint32_t),
		   2 * REFERENCE_BUILD_RECORDS_MAX, seed);
	table_init(&b->keys, sizeof(struct key), 1, REFERENCE_BUILD_RECORDS_MAX,
		   seed);
}

void reference_build_done(struct reference_build *b)
{
	buf_done(&b->texts);
	for (size_t i = 0; i < TABLES; i++)
		buf_done(&b->tables[i]);
	table_done(&b->offsets);
	table_done(&b->keys);
}

static void fail(struct reference_build *b, int err)
{
	if (!b->err)
		b->err = err;
}

static bool is_at(const struct reference_build *b, uint32_t offset,
		  struct slice text)
{
	const char *there = buf_text(&b->texts) + offset;

	return slice_equal(slice_text(there), text);
}

uint32_t reference_build_text(struct reference_build *b, struct slice text)
{
	uint64_t hash;
	uint32_t *offset, at = (uint32_t)b->texts.len;
	bool fresh;

	if (!text.len || memchr(text.data, 0, text.len))
		return 0;
	hash = table_hash(b->offsets.seed, text.data, text.len);
	offset = table_get(&b->offsets, &hash, &fresh);
	if (!offset) {
		fail(b, ERR_LIMIT);
		return 0;
	}
	if (!fresh && is_at(b, *offset, text))
		return *offset;
	buf_append(&b->texts, text.data, text.len);
	buf_u8(&b->texts, 0);
	if (b->texts.err) {
		fail(b, b->texts.err);
		return 0;
	}
	if (fresh)
		*offset = at;
	return at;
}

void reference_build_put(struct reference_build *b, enum reference_table_id id,
			 const uint32_t *fields, size_t count)
{
	struct buf *table = &b->tables[id];

	buf_append(table, fields, count * sizeof(*fields));
	if (table->err)
		fail(b, table->err);
}

bool reference_build_add(struct reference_build *b, enum reference_table_id id,
			 struct slice key, const uint32_t *fields, size_t count)
{
	uint32_t record[REFERENCE_BUILD_FIELDS_MAX];
	struct key known = { .table = id };
	bool fresh;

	if (count + 2 > REFERENCE_BUILD_FIELDS_MAX) {
		fail(b, ERR_INVALID);
		return false;
	}
	record[0] = reference_hash(REFERENCE_HASH_START, key);
	record[1] = known.text = reference_build_text(b, key);
	if (!known.text)
		return false;
	if (!table_get(&b->keys, &known, &fresh)) {
		fail(b, ERR_LIMIT);
		return false;
	}
	if (!fresh)
		return false;
	memcpy(record + 2, fields, count * sizeof(*fields));
	reference_build_put(b, id, record, count + 2);
	return true;
}

uint32_t reference_build_count(const struct reference_build *b,
			       enum reference_table_id id)
{
	return (uint32_t)(b->tables[id].len / reference_record_bytes(id));
}

static int by_first_field(const void *left, const void *right)
{
	uint32_t a, b;

	memcpy(&a, left, sizeof(a));
	memcpy(&b, right, sizeof(b));
	return a < b ? -1 : a > b;
}

static void put_u32(struct buf *out, uint32_t v)
{
	v = htole32(v);
	buf_append(out, &v, sizeof(v));
}

static size_t aligned(size_t at)
{
	return (at + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Sorted, and as little-endian numbers from here on. */
static void finish_table(struct reference_build *b, size_t id)
{
	struct buf *table = &b->tables[id];
	size_t record = reference_record_bytes(id);

	if (!table->len)
		return;
	qsort(table->data, table->len / record, record, by_first_field);
	for (size_t at = 0; at + 4 <= table->len; at += 4) {
		uint32_t v;

		memcpy(&v, table->data + at, sizeof(v));
		v = htole32(v);
		memcpy(table->data + at, &v, sizeof(v));
	}
}

static const struct buf *table_of(const struct reference_build *b, size_t id)
{
	return id == REFERENCE_TEXTS ? &b->texts : &b->tables[id];
}

int reference_build_write(struct reference_build *b, struct buf *out)
{
	static const uint8_t padding[ALIGNMENT];
	uint32_t count = 0;
	size_t at, start = out->len;

	if (b->err)
		return b->err;
	for (size_t id = REFERENCE_TEXTS; id < TABLES; id++) {
		finish_table(b, id);
		count += table_of(b, id)->len != 0;
	}
	buf_puts(out, REFERENCE_MAGIC);
	put_u32(out, REFERENCE_VERSION);
	put_u32(out, count);
	at = HEADER_BYTES + (size_t)count * ENTRY_BYTES;
	for (size_t id = REFERENCE_TEXTS; id < TABLES; id++) {
		size_t record = reference_record_bytes(id);
		size_t bytes = table_of(b, id)->len;

		if (!bytes)
			continue;
		at = aligned(at);
		put_u32(out, (uint32_t)id);
		put_u32(out, (uint32_t)record);
		put_u32(out, (uint32_t)(bytes / record));
		put_u32(out, (uint32_t)at);
		at += bytes;
	}
	for (size_t id = REFERENCE_TEXTS; id < TABLES; id++) {
		const struct buf *table = table_of(b, id);
		size_t here = out->len - start;

		if (!table->len)
			continue;
		buf_append(out, padding, aligned(here) - here);
		buf_append(out, table->data, table->len);
	}
	return buf_check(out);
}

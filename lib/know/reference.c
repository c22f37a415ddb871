// SPDX-License-Identifier: GPL-3.0-or-later
#include "know/reference.h"

#include <endian.h>
#include <string.h>

#define HEADER_BYTES	16u
#define DIRECTORY_BYTES 16u

#define FNV_PRIME 0x01000193u

/* Made by data/make-reference: the file, in this program's read-only data. */
extern const uint8_t reference_file[];
extern const uint64_t reference_file_bytes;

static const uint8_t record_bytes[] = {
	[REFERENCE_TEXTS] = 1,
	[REFERENCE_SOURCES] = 28,
	[REFERENCE_OUI24] = 8,
	[REFERENCE_OUI28] = 8,
	[REFERENCE_OUI36] = 12,
	[REFERENCE_HOSTS] = 24,
	[REFERENCE_TRACKERS] = 20,
	[REFERENCE_MALICIOUS] = 20,
	[REFERENCE_COMPANIES] = 16,
	[REFERENCE_VENDORS] = 12,
	[REFERENCE_COUNTRY4] = 6,
	[REFERENCE_COUNTRY6] = 10,
	[REFERENCE_AS4] = 8,
	[REFERENCE_AS6] = 12,
	[REFERENCE_AS] = 8,
	[REFERENCE_PORTS] = 8,
	[REFERENCE_SUITES] = 8,
	[REFERENCE_COUNTRIES] = 8,
	[REFERENCE_DHCP_PARAMETERS] = 12,
	[REFERENCE_DHCP_VENDORS] = 12,
};

uint32_t reference_record_bytes(enum reference_table_id id)
{
	return record_bytes[id];
}

static uint32_t u32_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

static uint64_t u64_at(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

int reference_open(struct slice file, struct reference *out)
{
	uint32_t tables;

	if (file.len < HEADER_BYTES ||
	    memcmp(file.data, REFERENCE_MAGIC, sizeof(REFERENCE_MAGIC) - 1))
		return ERR_MALFORMED;
	if (u32_at(file.data + 8) != REFERENCE_VERSION)
		return ERR_UNSUPPORTED;
	tables = u32_at(file.data + 12);
	if (tables > REFERENCE_TABLES_MAX ||
	    file.len - HEADER_BYTES < (size_t)tables * DIRECTORY_BYTES)
		return ERR_MALFORMED;
	out->file = file;
	return 0;
}

struct reference reference_builtin(void)
{
	struct reference ref = { 0 };

	if (reference_open(slice_of(reference_file,
				    (size_t)reference_file_bytes),
			   &ref))
		ref.file.len = 0;
	return ref;
}

static struct reference_table table_in(struct slice file, const uint8_t *entry,
				       enum reference_table_id id)
{
	struct reference_table table = {
		.record_bytes = u32_at(entry + 4),
		.count = u32_at(entry + 8),
	};
	uint64_t bytes = (uint64_t)table.record_bytes * table.count;
	uint32_t offset = u32_at(entry + 12);

	if (table.record_bytes != record_bytes[id] || offset > file.len ||
	    bytes > file.len - offset)
		return (struct reference_table){ 0 };
	table.records = file.data + offset;
	return table;
}

struct reference_table reference_table(const struct reference *ref,
				       enum reference_table_id id)
{
	const uint8_t *entry = ref->file.data + HEADER_BYTES;
	uint32_t tables = ref->file.len ? u32_at(ref->file.data + 12) : 0;

	for (uint32_t i = 0; i < tables; i++, entry += DIRECTORY_BYTES)
		if (u32_at(entry) == id)
			return table_in(ref->file, entry, id);
	return (struct reference_table){ 0 };
}

uint32_t reference_u32(const struct reference_table *table, uint32_t at,
		       uint32_t byte)
{
	if (at >= table->count || byte + 4 > table->record_bytes)
		return 0;
	return u32_at(table->records + (size_t)at * table->record_bytes + byte);
}

uint64_t reference_u64(const struct reference_table *table, uint32_t at,
		       uint32_t byte)
{
	if (at >= table->count || byte + 8 > table->record_bytes)
		return 0;
	return u64_at(table->records + (size_t)at * table->record_bytes + byte);
}

const char *reference_text(const struct reference *ref, uint32_t offset)
{
	struct reference_table texts = reference_table(ref, REFERENCE_TEXTS);

	/* a zero at the very end ends them all */
	if (offset >= texts.count || texts.records[texts.count - 1])
		return "";
	return (const char *)texts.records + offset;
}

uint32_t reference_hash(uint32_t start, struct slice text)
{
	for (size_t i = text.len; i-- > 0;)
		start = (start ^ text.data[i]) * FNV_PRIME;
	return start;
}

/* How many records have a first field below the key; wide: it is a u64. */
static uint32_t count_below(const struct reference_table *table, uint64_t key,
			    bool wide)
{
	uint32_t low = 0, high = table->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint64_t there = wide ? reference_u64(table, middle, 0)
				      : reference_u32(table, middle, 0);

		if (there < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool reference_find_text(const struct reference *ref,
			 const struct reference_table *table, uint32_t hash,
			 struct slice text, uint32_t *at)
{
	for (uint32_t i = count_below(table, hash, false);
	     i < table->count && reference_u32(table, i, 0) == hash; i++) {
		const char *there =
			reference_text(ref, reference_u32(table, i, 4));

		if (slice_equal(slice_text(there), text)) {
			*at = i;
			return true;
		}
	}
	return false;
}

bool reference_find_u32(const struct reference_table *table, uint32_t key,
			uint32_t *at)
{
	uint32_t i = count_below(table, key, false);

	if (i == table->count || reference_u32(table, i, 0) != key)
		return false;
	*at = i;
	return true;
}

bool reference_find_u64(const struct reference_table *table, uint64_t key,
			uint32_t *at)
{
	uint32_t i = count_below(table, key, true);

	if (i == table->count || reference_u64(table, i, 0) != key)
		return false;
	*at = i;
	return true;
}

static bool floor_of(const struct reference_table *table, uint64_t key,
		     bool wide, uint32_t *at)
{
	uint32_t i = count_below(table, key, wide);
	uint64_t there =
		wide ? reference_u64(table, i, 0) : reference_u32(table, i, 0);

	if (i == table->count || there != key) {
		if (!i)
			return false;
		i--;
	}
	*at = i;
	return true;
}

bool reference_floor_u32(const struct reference_table *table, uint32_t key,
			 uint32_t *at)
{
	return floor_of(table, key, false, at);
}

bool reference_floor_u64(const struct reference_table *table, uint64_t key,
			 uint32_t *at)
{
	return floor_of(table, key, true, at);
}

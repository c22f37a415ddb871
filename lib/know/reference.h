// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef KNOW_REFERENCE_H
#define KNOW_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * The reference file: sorted tables that are searched where they lie, so that
 * nothing is read at the start. data/make-reference makes the one that the
 * program carries, know/reference_build.h those of what a user imports.
 *
 * Numbers are little-endian. Eight bytes of magic, u32 version, u32 number of
 * tables; for each u32 id, u32 bytes of a record, u32 records, u32 offset from
 * the beginning. Texts are offsets into the table of texts, each UTF-8 with a
 * zero at its end; offset 0 is the empty one.
 *
 * A file may be damaged or made to harm: each access is checked against its
 * end, and what does not fit is as if it were not there. Order is not checked:
 * in a table out of order, searches miss.
 */

#define REFERENCE_MAGIC	  "IOTKNOW\n"
#define REFERENCE_VERSION 1u
/** More tables than this version knows by far. */
#define REFERENCE_TABLES_MAX 64u

/** Tables, and the u32 fields of their records unless another is named. */
enum reference_table_id {
	REFERENCE_TEXTS = 1,	  /* bytes */
	REFERENCE_SOURCES = 2,	  /* name, what, date, licence, origin, notice,
				   * entries */
	REFERENCE_OUI24 = 3,	  /* prefix, name */
	REFERENCE_OUI28 = 4,	  /* prefix, name */
	REFERENCE_OUI36 = 5,	  /* prefix as u64, name */
	REFERENCE_HOSTS = 6,	  /* hash, host, company, service, reason,
				   * purpose */
	REFERENCE_TRACKERS = 7,	  /* hash, host, company, list, category */
	REFERENCE_MALICIOUS = 8,  /* the same */
	REFERENCE_COMPANIES = 9,  /* hash, name, parent, what */
	REFERENCE_VENDORS = 10,	  /* hash, first words, company */
	REFERENCE_COUNTRY4 = 11,  /* first address, two letters */
	REFERENCE_COUNTRY6 = 12,  /* first /64 as u64, two letters */
	REFERENCE_AS4 = 13,	  /* first address, number */
	REFERENCE_AS6 = 14,	  /* first /64 as u64, number */
	REFERENCE_AS = 15,	  /* number, name */
	REFERENCE_PORTS = 16,	  /* protocol << 16 | port, meaning */
	REFERENCE_SUITES = 17,	  /* cipher suite, name */
	REFERENCE_COUNTRIES = 18, /* letters (first << 8 | second), name */
	REFERENCE_DHCP_PARAMETERS = 19, /* hash, list, what */
	REFERENCE_DHCP_VENDORS = 20,	/* hash, vendor class, what */
};

/** A file in memory. No data: a file that knows nothing. */
struct reference {
	struct slice file;
};

/** A table in it. */
struct reference_table {
	const uint8_t *records;
	uint32_t record_bytes, count;
};

/** Bytes of a record of a table. */
uint32_t reference_record_bytes(enum reference_table_id id);

/** ERR_MALFORMED: no reference file; ERR_UNSUPPORTED: of another version. */
int reference_open(struct slice file, struct reference *out) must_check;

/** The file that this program carries; some tables may be missing. */
struct reference reference_builtin(void);

/** The table of that id; no records when it is missing, does not fit in the
 * file, or has records of another size. */
struct reference_table reference_table(const struct reference *ref,
				       enum reference_table_id id);

/** A record's number at a byte of it; 0 past the end. */
uint32_t reference_u32(const struct reference_table *table, uint32_t at,
		       uint32_t byte);
uint64_t reference_u64(const struct reference_table *table, uint32_t at,
		       uint32_t byte);
/** The text at an offset; "" for 0 and past the end. Lives as the file. */
const char *reference_text(const struct reference *ref, uint32_t offset);

/** What tables of names are sorted by: FNV-1a from the last byte to the first,
 * so that the hash of each suffix of a name comes on the way. */
#define REFERENCE_HASH_START 0x811c9dc5u
uint32_t reference_hash(uint32_t start, struct slice text);

/** The record of a key that is a text: first field its hash, second itself.
 * True when there is one. */
bool reference_find_text(const struct reference *ref,
			 const struct reference_table *table, uint32_t hash,
			 struct slice text, uint32_t *at);
/** The record whose first field, a u32, is the key. */
bool reference_find_u32(const struct reference_table *table, uint32_t key,
			uint32_t *at);
bool reference_find_u64(const struct reference_table *table, uint64_t key,
			uint32_t *at);
/** The last record whose first field is not above the key. */
bool reference_floor_u32(const struct reference_table *table, uint32_t key,
			 uint32_t *at);
bool reference_floor_u64(const struct reference_table *table, uint64_t key,
			 uint32_t *at);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef KNOW_REFERENCE_BUILD_H
#define KNOW_REFERENCE_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/table.h"
#include "know/reference.h"

/*
 * Makes a reference file of a list, for what a user imports. Errors stick and
 * are told by reference_build_write().
 */

/** Records of all tables together: twenty times the longest list there is. */
#define REFERENCE_BUILD_RECORDS_MAX ((uint32_t)1 << 21)
/** Bytes of all texts, and of one table. */
#define REFERENCE_BUILD_BYTES_MAX ((size_t)64 << 20)
/** Fields of a record. */
#define REFERENCE_BUILD_FIELDS_MAX 7

struct reference_build {
	struct buf texts;
	struct buf tables[REFERENCE_DHCP_VENDORS + 1];
	struct table offsets; /* hash of a text -> its offset */
	struct table keys;    /* table and text -> nothing */
	int err;
};

void reference_build_init(struct reference_build *b, uint64_t seed);
void reference_build_done(struct reference_build *b);

/** The offset of a text, without zeros in it; 0 for none. */
uint32_t reference_build_text(struct reference_build *b, struct slice text);
/**
 * A record of a table whose key is a text: the fields are those after it. The
 * first record of a key stays. True when it is new.
 */
bool reference_build_add(struct reference_build *b, enum reference_table_id id,
			 struct slice key, const uint32_t *fields,
			 size_t count);
/** A record of a table whose fields are all u32: in any order. */
void reference_build_put(struct reference_build *b, enum reference_table_id id,
			 const uint32_t *fields, size_t count);
/** Records of a table so far. */
uint32_t reference_build_count(const struct reference_build *b,
			       enum reference_table_id id);

/** Appends the file. ERR_NOMEM, ERR_LIMIT. */
int reference_build_write(struct reference_build *b,
			  struct buf *out) must_check;

#endif

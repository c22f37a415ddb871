// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_EXPORT_H
#define COLLECTOR_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "collector/store/store.h"

/*
 * All that is held, as the tables that a study reads: CSV (RFC 4180) in UTF-8
 * with a header. Accounts and devices have other identifiers in each export,
 * so that two exports, or an export and the store, cannot be joined by who has
 * not the key. Times are seconds since the epoch, "_ms" milliseconds.
 */

#define EXPORT_KEY_BYTES 32

struct export_table {
	const char *name; /* "flows" */
	const char *what; /* for people */
	bool daily;	  /* what each day comes to, instead of rows */
};

/** The tables, in order; the last has no name. */
extern const struct export_table export_tables[];

struct export;

/** key: random, one an export. added_up: what days come to, of those too that
 * are not sealed, for which somebody waits. ERR_NOTFOUND: there is no such
 * table; ERR_NOMEM, ERR_IO. reader has no other use until export_close(). */
int export_open(struct store_reader *reader, const char *table,
		const uint8_t key[EXPORT_KEY_BYTES], bool added_up,
		struct export **out) must_check;
/**
 * Appends more lines, at least enough bytes unless the end comes first: 1 when
 * there may be more, 0 at the end. ERR_IO, ERR_NOMEM, ERR_LIMIT.
 */
int export_read(struct export *x, size_t enough, struct buf *out) must_check;
void export_close(struct export *x);

#endif

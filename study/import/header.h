// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_HEADER_H
#define STUDY_IMPORT_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * The first line of a CSV file (RFC 4180): the names of its columns. The rest
 * is the engine's to read, which is told what is in which column.
 */

/** The widest file read has 26; a line of that many names is no header. */
#define HEADER_COLUMNS_MAX 256
#define HEADER_NAME_BYTES  64
/** How much of a file is looked at for its first line. */
#define HEADER_BYTES_MAX ((size_t)64 << 10)

struct header {
	size_t count;
	char names[HEADER_COLUMNS_MAX][HEADER_NAME_BYTES];
};

/**
 * Reads the names off the start of a file, with or without a byte order mark.
 * Spaces around a name are not part of it. ERR_MALFORMED: a quote is not
 * closed, or a name is empty, twice there, too long, or not printable ASCII;
 * ERR_LIMIT: more columns than there may be; ERR_TRUNCATED: no line ends within
 * the bytes (is_whole: they are the whole file, whose end ends a line).
 */
int header_read(struct slice bytes, bool is_whole,
		struct header *out) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DATA_IMPORT_H
#define DATA_IMPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "data/list.h"

#define IMPORT_WHY_BYTES 512

/**
 * Reads a list of whatever kind it is, told by what is in it, and appends the
 * reference file made of it. It goes by the name given where it says none. l
 * is for what it says of itself: the caller's to list_done() in any case.
 * Otherwise why says what is wrong in one line that can be shown: ERR_NOTFOUND
 * (no list of a known kind), ERR_MALFORMED, ERR_LIMIT.
 */
int import_bytes(struct slice bytes, const char *name, uint64_t seed,
		 struct list *l, struct buf *out,
		 char why[IMPORT_WHY_BYTES]) must_check;

/** The same of a file, which gives it its name. Also ERR_IO. */
int import_file(const char *path, uint64_t seed, struct list *l,
		struct buf *out, char why[IMPORT_WHY_BYTES]) must_check;

#endif

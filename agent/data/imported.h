// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DATA_IMPORTED_H
#define DATA_IMPORTED_H

#include <limits.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "know/know.h"

/*
 * The lists that a user imported: reference files in the folder "lists" of his
 * data directory, one each, written whole or not at all.
 */

#define IMPORTED_MAX	    (KNOW_FILES_MAX - 1)
#define IMPORTED_NAME_BYTES 64
/** The largest file taken: what an import makes is smaller. */
#define IMPORTED_BYTES_MAX ((size_t)256 << 20)

struct imported {
	struct imported_file {
		char name[IMPORTED_NAME_BYTES]; /* to remove it by */
		struct reference reference;
		int64_t time_s; /* imported */
	} files[IMPORTED_MAX];	/* oldest first */
	size_t count;
	size_t refused; /* damaged, of another version, or too many */
};

/**
 * Maps every list there is, and nothing when there is no such folder. What
 * cannot be used is counted, and left alone.
 */
void imported_open(struct imported *i, const char *data_dir);
void imported_close(struct imported *i);

/** The program's own knowledge, and before it what was imported: which lives
 * until imported_close(). */
void imported_know(const struct imported *i, struct know *out);

/**
 * Puts a list under its name, in the place of an older one: name is the list's
 * own, of which letters and digits stay. ERR_IO with errno, ERR_LIMIT when
 * there are too many, ERR_INVALID when nothing of the name stays.
 */
int imported_put(const char *data_dir, const char *name,
		 const struct buf *file) must_check;
/** ERR_NOTFOUND, ERR_INVALID, ERR_IO with errno. */
int imported_remove(const char *data_dir, const char *name) must_check;

#endif

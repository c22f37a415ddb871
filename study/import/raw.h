// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_RAW_H
#define STUDY_IMPORT_RAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "study/fleet.h"

/*
 * One file of a source, as it is, into a temporary table of the engine's: the
 * columns that are wanted, by their names and types. A row that does not fit is
 * left out, and told with its line.
 */

/** A column that is wanted. One that a file may lack is NULL then. */
struct raw_column {
	const char *name;
	const char *type; /* the engine's */
	bool may_lack;
	bool is_code; /* no words of anybody's: base64 */
};

/** A file that is wanted: name.parquet, which has its texts and types as they
 * were, or else name.csv, becomes raw_NAME. */
struct raw_file {
	const char *name;
	bool may_lack;			  /* an empty table then */
	const struct raw_column *columns; /* until one without a name */
	bool may_have_more; /* columns that are not known are no news */
};

/** Rows of one file that are told one by one; all are counted. */
#define RAW_TOLD_MAX 20
/** Rows of one file that are kept to be told: past it, they are left out
 * uncounted, and that is said. */
#define RAW_REJECTS_MAX 1000000

/** Who is told of what is wrong, a line at a time, and whether it ends all. */
struct raw_log {
	void (*tell)(void *user, const char *line);
	void *user;
	bool is_strict;
	uint64_t rows_left_out;
};

void raw_tell(struct raw_log *log, const char *format, ...) printf_like(2, 3);

/**
 * Reads one file of a folder. prefix is put before its name ("sample."). found:
 * whether it is there. What is wrong is told with file and line: a column that
 * is missing, twice there or not known; rows. ERR_MALFORMED, ERR_NOTFOUND,
 * ERR_IO (f->error), ERR_LIMIT; a row that is wrong is an error only when
 * strict, but a quote that is not closed always is: it hides other rows. A text
 * that a spreadsheet would take for a formula is told too, and stays what it
 * is; when strict it is an error.
 */
int raw_read(struct fleet *f, const char *folder, const char *prefix,
	     const struct raw_file *file, struct raw_log *log,
	     bool *found) must_check;

/** The same of the file at the path, CSV unless it ends in ".parquet", whatever
 * it is called; it becomes raw_NAME with the name in file. */
int raw_read_path(struct fleet *f, const char *path,
		  const struct raw_file *file, struct raw_log *log) must_check;

/** Whether there is name.csv or name.parquet. */
bool raw_is_there(const char *folder, const char *prefix, const char *name);

#endif

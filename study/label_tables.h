// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_LABEL_TABLES_H
#define STUDY_LABEL_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * What people know of labels and no rule can: the files of data/labels/, which
 * the program carries, or a user's own of the same names. A line is
 *
 *   label: why            or            label -> becomes: why
 *
 * in cleaned form (study/label_text.h); lines that begin with '#', and empty
 * ones, say nothing. Each line has its reason.
 */

enum label_table_id {
	LABEL_VENDORS,	      /* vendors.txt: label -> vendor */
	LABEL_NOT_VENDORS,    /* not-vendors.txt */
	LABEL_NAMES,	      /* names.txt: word -> word, or two */
	LABEL_STOP_WORDS,     /* stop-words.txt */
	LABEL_IOT_STOP_WORDS, /* iot-stop-words.txt */
	LABEL_PLACES,	      /* places.txt: for the improved rule */
	LABEL_COMPUTERS,      /* computers.txt */
	LABEL_TABLES,
};

/** The largest file: a thousand times those that there are. */
#define LABEL_FILE_BYTES_MAX ((size_t)16 << 20)
#define LABEL_WHY_BYTES	     512

struct label_row {
	struct slice label, becomes, reason; /* becomes: absent when there is
					      * no arrow */
};

struct label_table {
	struct label_row *rows; /* by their labels' bytes */
	size_t count;
	char *text; /* a user's file; NULL for the program's own */
};

/** SHA-256 in hex of all rows, with the terminator: the same tables have the
 * same, whatever their reasons and comments. */
#define LABEL_HASH_BYTES 65

struct label_tables {
	struct label_table tables[LABEL_TABLES];
	char hash[LABEL_HASH_BYTES];
};

/** The program's own; and in folder, unless it is NULL, those that a user has
 * instead. why: what is wrong, with file and line. ERR_MALFORMED, ERR_IO,
 * ERR_NOMEM, ERR_LIMIT. */
int label_tables_open(struct label_tables *t, const char *folder,
		      char why[LABEL_WHY_BYTES]) must_check;
void label_tables_close(struct label_tables *t);

/** The line of a label, or NULL. */
const struct label_row *label_tables_find(const struct label_tables *t,
					  enum label_table_id table,
					  struct slice label);

/**
 * Reads one table; the rows are views of the text. line: the one that is wrong,
 * and why what is wrong with it. has_arrow: each line must have one, and none
 * may lead to another line's label. ERR_MALFORMED, ERR_NOMEM.
 */
int label_table_read(struct slice text, bool has_arrow, struct label_table *out,
		     size_t *line, const char **why) must_check;

#endif

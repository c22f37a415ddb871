// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_KIND_H
#define STUDY_IMPORT_KIND_H

#include "base/slice.h"
#include "study/import/raw.h"

/*
 * The kinds of folder that are read: their files, the columns of these that are
 * used, and the script that makes a fleet of them.
 */

struct import_file {
	struct raw_file raw;
	const char *lacks; /* what a fleet lacks without it; "" */
};

struct import_kind {
	const char *name;
	const char *sign; /* the file that tells the kind */
	/* what no such source has; "". NULL: the script fills meta */
	const char *lacks;
	/* all texts that may be addresses; NULL: the script asks for none */
	const char *addresses;
	struct slice (*script)(void);
	const struct import_file *files; /* until one without a name */
	/* what the script needs that a query cannot make; NULL: nothing */
	int (*derive)(struct fleet *f, struct raw_log *log);
};

/** The kind of a folder, and what its files' names begin with; NULL. */
const struct import_kind *import_kind_of(const char *folder,
					 const char **prefix);

#endif

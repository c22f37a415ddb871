// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_OUTPUT_H
#define STUDY_OUTPUT_H

#include <limits.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * A folder of files that is there whole or not at all. It is filled beside its
 * place, and put there at the end, with a file SHA256SUMS of all that is in it,
 * which also tells what a loss of power has cut: it can be made again, so
 * nothing waits for the disk.
 * A folder that is there already is replaced only if it holds nothing but what
 * its own SHA256SUMS names: what somebody put there stays his.
 */

#define OUTPUT_ERROR_BYTES 512
/** What a folder in the making is called, after its name. */
#define OUTPUT_PART ".part.XXXXXX"
#define OUTPUT_SUMS "SHA256SUMS"
/** Files of one folder; ours have some fifty. */
#define OUTPUT_FILES_MAX  256
#define OUTPUT_NAME_BYTES 64

struct output {
	char path[PATH_MAX]; /* where it will be */
	char part[PATH_MAX]; /* where it is; "" when it is not begun */
	char names[OUTPUT_FILES_MAX][OUTPUT_NAME_BYTES];
	size_t count;
	int held;			/* its lock, while it is filled */
	char error[OUTPUT_ERROR_BYTES]; /* one line, of the last that failed */
};

/** Takes away what a killed program left beside it; another's that is being
 * filled stays. ERR_EXISTS when there is a folder that is not to be replaced,
 * or something else; ERR_IO; ERR_LIMIT. */
int output_begin(struct output *o, const char *path) must_check;
/** Writes a file of it. */
int output_put(struct output *o, const char *name,
	       const struct buf *bytes) must_check;
/** Takes note of a file that somebody else will write, and says where. */
int output_place(struct output *o, const char *name,
		 char out[PATH_MAX]) must_check;
/** Puts the folder in its place. */
int output_finish(struct output *o) must_check;
/** Removes what was not finished; nothing after output_finish(). */
void output_done(struct output *o);

#endif

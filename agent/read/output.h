// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_OUTPUT_H
#define READ_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * A file being written. It appears under its name only when it is whole:
 * until then it is NAME.part beside it. "-" is standard output; a name that
 * is there and is no ordinary file (a device, a pipe) is written as it is.
 * Errors stick, with errno kept, and are reported by output_commit().
 */
struct output {
	FILE *file; /* NULL when not open */
	char *path; /* as given */
	char *part; /* NULL when written in place */
	int errnum;
};

/** ERR_IO with errno set, or ERR_NOMEM. */
int output_open(struct output *o, const char *path) must_check;
void output_write(struct output *o, struct slice bytes);

/** True once a write has failed: there is no use in going on. */
static inline bool output_failed(const struct output *o)
{
	return o->errnum != 0;
}

/** Puts what is buffered on the disk. ERR_IO with errno set. */
int output_flush(struct output *o) must_check;
/**
 * Makes sure that everything is written and gives the file its name. ERR_IO
 * with errno set: then nothing under that name has changed.
 */
int output_commit(struct output *o) must_check;
/** Closes what is open; removes what was not committed. */
void output_done(struct output *o);

#endif

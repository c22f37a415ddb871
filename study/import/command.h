// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_COMMAND_H
#define STUDY_IMPORT_COMMAND_H

#include <stdbool.h>

#include "study/bounds.h"
#include "study/fleet.h"

struct import_options {
	const char *source, *fleet;
	bool is_strict, replaces;
	struct bounds bounds;
};

/**
 * Makes a fleet of a source, with its sums, and leaves it open: the caller
 * finishes it, or closes it and nothing is there. What was wrong with the
 * source is told on stderr, what the fleet has on stdout. On failure it is told
 * why, and f is closed.
 */
int import_fleet(struct fleet *f, const struct import_options *o) must_check;

/** "import SOURCE FLEET [--strict] [--replace]": makes a fleet of a source, all
 * or nothing. Gives the exit status: 1 when nothing was made. */
int import_command(int argc, char **argv);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_COMMAND_H
#define STUDY_COMMAND_H

#include <getopt.h>

#include "base/err.h"

/*
 * What the subcommands have in common.
 */

/** Exit status for wrong use, as getopt-based programs have it. */
#define COMMAND_EXIT_USAGE 2

struct command {
	const char *name; /* "report" */
	const char *usage;
	const struct option *options; /* "help" is 'h' */
	int words;		      /* how many beside the options */
	/* An option of the user's; ERR_INVALID when it is none, or its value.
	 */
	int (*take)(void *user, int option, const char *value);
};

/**
 * Takes all options; argv[0] is the command's own name. Gives -1, and the words
 * begin at argv[optind]; or the exit status when there is no more to do: the
 * usage was asked for, or is told because of what is wrong.
 */
int command_take(const struct command *c, void *user, int argc, char **argv);

/** "iot-study NAME: could not WHAT: WHY" for people. Gives the exit status. */
int command_fail(const struct command *c, const char *what, const char *why);

#endif

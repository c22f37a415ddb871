// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/command.h"

#include <stdio.h>
#include <stdlib.h>

int command_take(const struct command *c, void *user, int argc, char **argv)
{
	int option, err = 0;

	optind = 0;
	while ((option = getopt_long(argc, argv, "h", c->options, NULL)) !=
	       -1) {
		if (option == 'h') {
			fputs(c->usage, stdout);
			return EXIT_SUCCESS;
		}
		err = option == '?' ? ERR_INVALID
				    : c->take(user, option, optarg);
		if (err)
			break;
	}
	if (!err && argc - optind == c->words)
		return -1;
	fputs(c->usage, stderr);
	return COMMAND_EXIT_USAGE;
}

int command_fail(const struct command *c, const char *what, const char *why)
{
	fprintf(stderr, "iot-study %s: could not %s: %s\n", c->name, what, why);
	return EXIT_FAILURE;
}

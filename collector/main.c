// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "collector/command.h"

#define VERSION_LINE "iot-collector " IOT_INSPECTOR_VERSION

/** One subcommand; argv[0] is its own name. Gives the exit status. */
struct subcommand {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

static const struct subcommand subcommands[] = {
	{ "serve", "take uploads", command_serve },
	{ "consent", "the text that owners agree to", command_consent },
	{ "stats", "what is held", command_stats },
	{ "export", "give all that is held to a study", command_export },
	{ "token", "who may read what is held", command_token },
	{ "purge", "erase what is past its time", command_purge },
	{ "backup", "copy the store", command_backup },
	{ "restore", "put a copy in the place of the store", command_restore },
};

#define SUBCOMMAND_COUNT (sizeof(subcommands) / sizeof(subcommands[0]))

static void print_usage(FILE *out)
{
	fputs("usage: iot-collector COMMAND [OPTION]...\n\n", out);
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
		fprintf(out, "  %-10s %s\n", subcommands[i].name,
			subcommands[i].summary);
	fputs("\n\"iot-collector COMMAND --help\" tells a command's options.\n",
	      out);
}

/* A token that nobody was shown, or half of the figures, is no success. */
static int end(int status)
{
	bool is_told = !fflush(stdout) && !ferror(stdout);

	return status || is_told ? status
				 : command_fail("what was to be printed",
						strerror(errno));
}

/* What is wrong is told under the name by which it is called. */
static int run(const struct subcommand *command, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof(name), "iot-collector %s", command->name);
	argv[0] = name;
	argp_err_exit_status = COMMAND_EXIT_USAGE;
	return end(command->run(argc, argv));
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		print_usage(stdout);
		return 0;
	}
	if (!strcmp(name, "--version")) {
		puts(VERSION_LINE);
		return 0;
	}
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
		if (!strcmp(name, subcommands[i].name))
			return run(&subcommands[i], argc - 1, argv + 1);
	if (name[0])
		fprintf(stderr, "iot-collector: there is no command \"%s\"\n",
			name);
	print_usage(stderr);
	return COMMAND_EXIT_USAGE;
}

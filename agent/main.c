// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "data.h"
#include "read/command.h"
#include "run.h"

/* Exit status for wrong use, as getopt-based programs have it. */
#define EXIT_USAGE 2

#define VERSION_LINE "iot-inspector " IOT_INSPECTOR_VERSION

/** One subcommand; argv[0] is its own name. Gives the exit status. */
struct subcommand {
	const char *name;
	const char *summary;
	int (*run)(int argc, char **argv);
};

static const struct subcommand subcommands[] = {
	{ "run", "watch this network live (when none is named)", run_command },
	{ "read", "say what is in capture files", read_command },
	{ "data", "lists that names and companies come from", data_command },
	{ "restore", "put back what an earlier run left", restore_command },
	{ "status", "say what is running", status_command },
};

#define SUBCOMMAND_COUNT (sizeof(subcommands) / sizeof(subcommands[0]))

static void print_usage(FILE *out)
{
	fputs("usage: iot-inspector [COMMAND] [OPTION]...\n\n", out);
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
		fprintf(out, "  %-10s %s\n", subcommands[i].name,
			subcommands[i].summary);
	fputs("\n\"iot-inspector COMMAND --help\" tells a command's options.\n",
	      out);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return run_command(argc, argv);
	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		print_usage(stdout);
		return 0;
	}
	if (!strcmp(name, "--version")) {
		puts(VERSION_LINE);
		return 0;
	}
	if (name[0] == '-')
		return run_command(argc, argv);
	for (size_t i = 0; i < SUBCOMMAND_COUNT; i++)
		if (!strcmp(name, subcommands[i].name))
			return subcommands[i].run(argc - 1, argv + 1);
	fprintf(stderr, "iot-inspector: there is no command \"%s\"\n", name);
	print_usage(stderr);
	return EXIT_USAGE;
}

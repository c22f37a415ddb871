// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "study/command.h"
#include "study/import/command.h"
#include "study/release.h"
#include "study/report.h"
#include "study/simulate/command.h"
#include "study/standardise_command.h"

#define VERSION_LINE "iot-study " IOT_INSPECTOR_VERSION

/** One subcommand; argv[0] is its own name. Gives the exit status. */
struct subcommand {
	const char *name;
	const char *shape;
	const char *summary;
	int (*run)(int argc, char **argv);
};

/* The shapes are fixed: others write scripts that use them. */
static const struct subcommand subcommands[] = {
	{ "simulate", "simulate --homes N --seed S FLEET",
	  "draw homes of which everything is known", simulate_command },
	{ "import", "import SOURCE FLEET", "make a fleet of a source",
	  import_command },
	{ "standardise", "standardise FLEET",
	  "one vendor and name for each labelled device", standardise_command },
	{ "validate", "validate FLEET", "asks what speaks for each vendor",
	  validate_command },
	{ "report", "report SOURCE --out DIR", "writes every table and figure",
	  report_command },
	{ "release", "release FLEET --out DIR", "writes the dataset for others",
	  release_command },
	{ NULL, NULL, NULL, NULL },
};

static void print_usage(FILE *out)
{
	fputs("usage: iot-study COMMAND ...\n\n", out);
	for (const struct subcommand *c = subcommands; c->name; c++)
		fprintf(out, "  %-36s %s\n", c->shape, c->summary);
	fputs("\n\"iot-study COMMAND --help\" tells a command's options.\n",
	      out);
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name) {
		print_usage(stderr);
		return COMMAND_EXIT_USAGE;
	}
	if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
		print_usage(stdout);
		return 0;
	}
	if (!strcmp(name, "--version")) {
		puts(VERSION_LINE);
		return 0;
	}
	for (const struct subcommand *c = subcommands; c->name; c++)
		if (!strcmp(name, c->name))
			return c->run(argc - 1, argv + 1);
	fprintf(stderr, "iot-study: there is no command \"%s\"\n", name);
	print_usage(stderr);
	return COMMAND_EXIT_USAGE;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/command.h"

#include <getopt.h>
#include <stdio.h>

#include "study/basis.h"
#include "study/bounds.h"
#include "study/import/import.h"

#define EXIT_FAULT 1
#define EXIT_USAGE 2

struct options {
	const char *source, *fleet;
	bool is_strict, replaces;
	struct bounds bounds;
};

static void print_usage(FILE *out)
{
	fputs("usage: iot-study import SOURCE FLEET [OPTION]...\n\n"
	      "Makes a fleet of a collector's export, of a release, of the"
	      " original project's\nsample files (or what iot-inspector read"
	      " --csv writes), or of its later database.\n\n"
	      "  --strict   stop at the first file with a row or column that is"
	      " wrong; else it is\n"
	      "             told, left out and counted\n"
	      "  --replace  make it anew if it is there\n" BOUNDS_USAGE,
	      out);
}

/* -1 to go on, or the exit status. */
static int parse(struct options *o, int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "strict", no_argument, NULL, 's' },
		{ "replace", no_argument, NULL, 'r' },
		{ "help", no_argument, NULL, 'h' },
		BOUNDS_OPTIONS,
		{ 0 },
	};
	int option;

	*o = (struct options){ 0 };
	while ((option = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		if (option == 'h') {
			print_usage(stdout);
			return 0;
		}
		if (option == 's')
			o->is_strict = true;
		else if (option == 'r')
			o->replaces = true;
		else if (bounds_take(&o->bounds, option, optarg))
			return EXIT_USAGE;
	}
	if (optind != argc - 2) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	o->source = argv[optind];
	o->fleet = argv[optind + 1];
	return -1;
}

static void tell(void *user, const char *line)
{
	bool *has_told = user;

	*has_told = true;
	fprintf(stderr, "iot-study: %s\n", line);
}

static int print_counts(struct fleet *f, const struct raw_log *log)
{
	static const struct {
		const char *what, *sql;
	} counts[] = {
		{ "users", "SELECT count(*) FROM users" },
		{ "devices", "SELECT count(*) FROM devices" },
		{ "labels", "SELECT count(*) FROM labels" },
		{ "flows", "SELECT count(*) FROM flows" },
		{ "hellos", "SELECT count(*) FROM hellos" },
	};
	int64_t n;

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		int err = fleet_number(f, counts[i].sql, &n);

		if (err)
			return err;
		printf("%s%lld %s", i ? ", " : "", (long long)n,
		       counts[i].what);
	}
	printf("; %llu rows left out\n",
	       (unsigned long long)log->rows_left_out);
	return 0;
}

int import_command(int argc, char **argv)
{
	struct options options;
	bool has_told = false;
	struct raw_log log = { .tell = tell, .user = &has_told };
	struct fleet fleet;
	struct know know;
	int status = parse(&options, argc, argv), err;

	if (status >= 0)
		return status;
	log.is_strict = options.is_strict;
	know_init(&know);
	err = fleet_create(&fleet, options.fleet, options.replaces);
	if (err) {
		fprintf(stderr, "iot-study: %s: %s\n", options.fleet,
			fleet.error);
		return EXIT_FAULT;
	}
	err = bounds_apply(&options.bounds, &fleet);
	if (!err)
		err = import_source(&fleet, options.source, &know, &log);
	if (!err)
		err = basis_keep_sums(&fleet);
	if (!err)
		err = print_counts(&fleet, &log);
	if (err)
		fleet_close(&fleet);
	else
		err = fleet_finish(&fleet);
	if (err && (!has_told || err == ERR_IO))
		fprintf(stderr, "iot-study: %s: %s\n", options.source,
			fleet.error);
	if (err)
		fprintf(stderr, "iot-study: %s was not made\n", options.fleet);
	return err ? EXIT_FAULT : 0;
}

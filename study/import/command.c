// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/command.h"

#include <stdio.h>

#include "study/basis.h"
#include "study/command.h"
#include "study/import/import.h"

#define EXIT_FAULT 1

static const char usage[] =
	"usage: iot-study import SOURCE FLEET [OPTION]...\n\n"
	"Makes a fleet of a collector's store or export, of a release, of the\n"
	"original project's sample files (or what iot-inspector read --csv\n"
	"writes), or of its later database.\n\n"
	"  --strict   stop at the first file with a row, column or cell that is\n"
	"             wrong; else it is told, left out and counted\n"
	"  --replace  make it anew if it is there\n" BOUNDS_USAGE;

static int take_option(void *user, int option, const char *value)
{
	struct import_options *o = user;

	switch (option) {
	case 's':
		o->is_strict = true;
		return 0;
	case 'r':
		o->replaces = true;
		return 0;
	default:
		return bounds_take(&o->bounds, option, value);
	}
}

static const struct option long_options[] = {
	{ "strict", no_argument, NULL, 's' },
	{ "replace", no_argument, NULL, 'r' },
	{ "help", no_argument, NULL, 'h' },
	BOUNDS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	.name = "import",
	.usage = usage,
	.options = long_options,
	.words = 2,
	.take = take_option,
};

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

int import_fleet(struct fleet *f, const struct import_options *o)
{
	bool has_told = false;
	struct raw_log log = { .tell = tell,
			       .user = &has_told,
			       .is_strict = o->is_strict };
	struct know know;
	int err = fleet_create(f, o->fleet, o->replaces);

	if (err) {
		fprintf(stderr, "iot-study: %s: %s\n", o->fleet, f->error);
		return err;
	}
	know_init(&know);
	err = bounds_apply(&o->bounds, f);
	if (!err)
		err = import_source(f, o->source, &know, &log);
	if (!err)
		err = basis_keep_sums(f, BASIS_FLOWS_AT_ONCE);
	if (!err)
		err = print_counts(f, &log);
	if (!err)
		return 0;
	if (!has_told || (err == ERR_IO && f->error[0]))
		fprintf(stderr, "iot-study: %s: %s\n", o->source, f->error);
	fleet_close(f);
	return err;
}

int import_command(int argc, char **argv)
{
	struct import_options o = { 0 };
	struct fleet fleet;
	int status = command_take(&command, &o, argc, argv), err;

	if (status >= 0)
		return status;
	o.source = argv[optind];
	o.fleet = argv[optind + 1];
	err = import_fleet(&fleet, &o);
	if (!err) {
		err = fleet_finish(&fleet);
		if (err)
			fprintf(stderr, "iot-study: %s: %s\n", o.fleet,
				fleet.error);
	}
	if (err)
		fprintf(stderr, "iot-study: %s was not made\n", o.fleet);
	return err ? EXIT_FAULT : 0;
}

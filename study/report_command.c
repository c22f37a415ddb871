// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "study/bounds.h"
#include "study/command.h"
#include "study/grid.h"
#include "study/import/command.h"
#include "study/import/import.h"
#include "study/report.h"
#include "study/validate.h"

/* So that a report can be made again. */
#define SCORE_SEED 1

/* A fleet that is made for one report and not kept, after the report's name. */
#define MADE ".fleet"

struct arguments {
	const char *fleet, *out;
	struct import_options import; /* of a source that is no fleet */
	struct report_options report;
	struct bounds bounds;
};

static const char report_usage[] =
	"usage: iot-study report SOURCE --out DIR [option...]\n"
	"\n"
	"Of a fleet, or of whatever import makes one of: standardises and\n"
	"validates what is not yet, then writes every table as CSV, and all of\n"
	"them as index.html and report.md, into DIR.\n"
	"\n"
	"  --method paper|improved   how labels are standardised (paper)\n"
	"  --certain                 leave out names that were guessed, in every\n"
	"                            table\n"
	"  --min-devices N           vendors with fewer are not in table 4 (10)\n"
	"  --trackers FILE           go by this list: Disconnect's services, a\n"
	"                            hosts file, rules like ||host^\n"
	"  --truth FILE              score against these true labels: CSV with\n"
	"                            id or oui, vendor, name, category, computer\n"
	"  --seed N                  of the draws that give scores their ranges\n"
	"  --tables DIR              tables of labels to use instead of the\n"
	"                            program's own\n"
	"  --fleet FILE              keep the fleet that is made of SOURCE\n"
	"  --replace                 make it anew if it is there\n"
	"  --strict                  stop when anything in SOURCE is wrong\n" BOUNDS_USAGE;

static const char validate_usage[] =
	"usage: iot-study validate FLEET [--method paper|improved]\n"
	"\n"
	"Asks of each standardised device whether its traffic, its replies and\n"
	"its hardware address speak for its vendor.\n"
	"\n" BOUNDS_USAGE;

static const struct option report_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "out", required_argument, NULL, 'o' },
	{ "method", required_argument, NULL, 'm' },
	{ "certain", no_argument, NULL, 'c' },
	{ "min-devices", required_argument, NULL, 'n' },
	{ "trackers", required_argument, NULL, 't' },
	{ "truth", required_argument, NULL, 'T' },
	{ "seed", required_argument, NULL, 's' },
	{ "tables", required_argument, NULL, 'l' },
	{ "fleet", required_argument, NULL, 'f' },
	{ "replace", no_argument, NULL, 'r' },
	{ "strict", no_argument, NULL, 'S' },
	BOUNDS_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static const struct option validate_options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "method", required_argument, NULL, 'm' },
	BOUNDS_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static int take_option(void *user, int option, const char *value)
{
	struct arguments *a = user;
	uint64_t number;

	switch (option) {
	case 'o':
		a->out = value;
		return 0;
	case 'm':
		a->report.basis.standard = value;
		return strcmp(value, "paper") && strcmp(value, "improved")
			       ? ERR_INVALID
			       : 0;
	case 'c':
		a->report.basis.is_certain = true;
		return 0;
	case 'n':
		if (text_number(value, 1, INT32_MAX, &number))
			return ERR_INVALID;
		a->report.basis.min_devices = (int64_t)number;
		return 0;
	case 't':
		a->report.basis.trackers = value;
		return 0;
	case 'T':
		a->report.score.truth = value;
		return 0;
	case 's':
		return text_number(value, 0, UINT64_MAX, &a->report.score.seed);
	case 'l':
		a->report.tables = value;
		return 0;
	case 'f':
		a->import.fleet = value;
		return 0;
	case 'r':
		a->import.replaces = true;
		return 0;
	case 'S':
		a->import.is_strict = true;
		return 0;
	default:
		return bounds_take(&a->bounds, option, value);
	}
}

static const struct command report = {
	.name = "report",
	.usage = report_usage,
	.options = report_options,
	.words = 1,
	.take = take_option,
};

static const struct command validate = {
	.name = "validate",
	.usage = validate_usage,
	.options = validate_options,
	.words = 1,
	.take = take_option,
};

/* Gives -1, or the exit status when there is no more to do. */
static int take_arguments(struct arguments *a, const struct command *c,
			  int argc, char **argv)
{
	int status;

	*a = (struct arguments){
		.report.basis = { .standard = "paper",
				  .min_devices = BASIS_MIN_DEVICES },
		.report.score.seed = SCORE_SEED,
	};
	status = command_take(c, a, argc, argv);
	if (status < 0)
		a->fleet = argv[optind];
	return status;
}

/* Nothing would be asked of a fleet without standard labels. */
static int check_standard(struct fleet *f, const char *standard)
{
	char sql[96];
	int64_t rows;
	int err;

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM standard WHERE method = '%s'", standard);
	err = fleet_number(f, sql, &rows);
	if (err || rows)
		return err;
	snprintf(f->error, sizeof(f->error),
		 "no device has a standard label: run iot-study standardise"
		 " --method %s first",
		 standard);
	return ERR_NOTFOUND;
}

int validate_command(int argc, char **argv)
{
	struct arguments a;
	struct fleet f;
	int status = take_arguments(&a, &validate, argc, argv);

	if (status >= 0)
		return status;
	if (fleet_open(&f, a.fleet, true))
		return command_fail(&validate, "open the fleet", f.error);
	if (bounds_apply(&a.bounds, &f) ||
	    check_standard(&f, a.report.basis.standard) ||
	    basis_options(&f, &a.report.basis) || basis_traffic(&f) ||
	    validate_fleet(&f, a.report.basis.standard))
		status = command_fail(&validate, "validate", f.error);
	fleet_close(&f);
	return status < 0 ? EXIT_SUCCESS : status;
}

/* Which lists were gone by, and what of one's own was not. */
static void print_lists(struct fleet *f)
{
	struct grid lists;

	if (grid_query(&lists, f, "SELECT asked('trackers')"))
		return;
	if (grid_cell(&lists, 0, 0))
		printf("trackers: %s\n", grid_cell(&lists, 0, 0));
	grid_done(&lists);
}

/* The fleet that is asked, or one made of the source: kept when it was asked
 * for, else never finished, so that it is gone once it is closed. What failed
 * was told. */
static int open_fleet(struct arguments *a, const char *out, struct fleet *f)
{
	char made[PATH_MAX + sizeof(MADE)];
	const char *kept = a->import.fleet;
	int err;

	if (!import_is_source(a->fleet)) {
		if (!fleet_open(f, a->fleet, true))
			return 0;
		(void)command_fail(&report, "open the fleet", f->error);
		return ERR_IO;
	}
	snprintf(made, sizeof(made), "%s" MADE, out);
	a->import.source = a->fleet;
	a->import.bounds = a->bounds;
	if (!kept) {
		a->import.fleet = made;
		a->import.replaces = true;
	}
	err = import_fleet(f, &a->import);
	a->import.fleet = kept;
	if (err || !kept)
		return err;
	err = fleet_finish(f);
	if (!err)
		err = fleet_open(f, kept, true);
	if (err)
		(void)command_fail(&report, "keep the fleet", f->error);
	return err;
}

static int check_use(const struct arguments *a)
{
	bool is_made =
		a->import.fleet || a->import.replaces || a->import.is_strict;

	if (a->out && (!is_made || import_is_source(a->fleet)))
		return -1;
	fputs(report_usage, stderr);
	return COMMAND_EXIT_USAGE;
}

/* Before a source is read, which takes minutes. */
static int check_files(const struct arguments *a)
{
	const char *paths[] = { a->report.basis.trackers,
				a->report.score.truth };

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char what[PATH_MAX];

		if (!paths[i] || !access(paths[i], R_OK))
			continue;
		snprintf(what, sizeof(what), "read %s", paths[i]);
		return command_fail(&report, what, strerror(errno));
	}
	return -1;
}

int report_command(int argc, char **argv)
{
	static struct output out;
	struct arguments a;
	struct fleet f;
	int status = take_arguments(&a, &report, argc, argv);

	if (status < 0)
		status = check_use(&a);
	if (status < 0)
		status = check_files(&a);
	if (status >= 0)
		return status;
	if (output_begin(&out, a.out))
		return command_fail(&report, "begin", out.error);
	if (open_fleet(&a, out.path, &f)) {
		output_done(&out);
		return EXIT_FAILURE;
	}
	if (bounds_apply(&a.bounds, &f) || report_write(&f, &a.report, &out))
		status = command_fail(&report, "write the report",
				      out.error[0] ? out.error : f.error);
	else
		print_lists(&f);
	output_done(&out);
	fleet_close(&f);
	return status < 0 ? EXIT_SUCCESS : status;
}

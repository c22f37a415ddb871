// SPDX-License-Identifier: GPL-3.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "study/bounds.h"
#include "study/grid.h"
#include "study/report.h"
#include "study/validate.h"

#define EXIT_USAGE 2
/* So that a report can be made again. */
#define SCORE_SEED 1

struct arguments {
	const char *fleet, *out;
	struct report_options report;
	struct bounds bounds;
};

static const char report_usage[] =
	"usage: iot-study report FLEET --out DIR [option...]\n"
	"\n"
	"Standardises and validates what is not yet, then writes every table as\n"
	"CSV, and all of them as index.html and report.md, into DIR.\n"
	"\n"
	"  --method paper|improved   how labels are standardised (paper)\n"
	"  --min-devices N           vendors with fewer are not in table 4 (10)\n"
	"  --trackers FILE           go by this list: Disconnect's services, a\n"
	"                            hosts file, rules like ||host^\n"
	"  --truth FILE              score against these true labels: CSV with\n"
	"                            id or oui, vendor, name, category, computer\n"
	"  --seed N                  of the draws that give scores their ranges\n"
	"  --tables DIR              tables of labels to use instead of the\n"
	"                            program's own\n" BOUNDS_USAGE;

static const char validate_usage[] =
	"usage: iot-study validate FLEET [--method paper|improved]\n"
	"\n"
	"Asks of each standardised device whether its traffic, its replies and\n"
	"its hardware address speak for its vendor.\n"
	"\n" BOUNDS_USAGE;

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "out", required_argument, NULL, 'o' },
	{ "method", required_argument, NULL, 'm' },
	{ "min-devices", required_argument, NULL, 'n' },
	{ "trackers", required_argument, NULL, 't' },
	{ "truth", required_argument, NULL, 'T' },
	{ "seed", required_argument, NULL, 's' },
	{ "tables", required_argument, NULL, 'l' },
	BOUNDS_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static int take_option(struct arguments *a, int option)
{
	uint64_t number;

	switch (option) {
	case 'o':
		a->out = optarg;
		return 0;
	case 'm':
		a->report.basis.standard = optarg;
		return strcmp(optarg, "paper") && strcmp(optarg, "improved")
			       ? ERR_INVALID
			       : 0;
	case 'n':
		if (text_number(optarg, 1, INT32_MAX, &number))
			return ERR_INVALID;
		a->report.basis.min_devices = (int64_t)number;
		return 0;
	case 't':
		a->report.basis.trackers = optarg;
		return 0;
	case 'T':
		a->report.score.truth = optarg;
		return 0;
	case 's':
		return text_number(optarg, 0, UINT64_MAX,
				   &a->report.score.seed);
	case 'l':
		a->report.tables = optarg;
		return 0;
	default:
		return bounds_take(&a->bounds, option, optarg);
	}
}

/* Gives -1, or the exit status when there is no more to do. */
static int take_arguments(struct arguments *a, int argc, char **argv,
			  const char *usage)
{
	int option;

	*a = (struct arguments){
		.report.basis = { .standard = "paper",
				  .min_devices = BASIS_MIN_DEVICES },
		.report.score.seed = SCORE_SEED,
	};
	optind = 0;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			return 0;
		}
		if (take_option(a, option)) {
			fputs(usage, stderr);
			return EXIT_USAGE;
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return EXIT_USAGE;
	}
	a->fleet = argv[optind];
	return -1;
}

static int tell(const char *command, const char *what, const char *why)
{
	fprintf(stderr, "iot-study %s: could not %s: %s\n", command, what, why);
	return EXIT_FAILURE;
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
	int status = take_arguments(&a, argc, argv, validate_usage);

	if (status >= 0)
		return status;
	if (fleet_open(&f, a.fleet, true))
		return tell("validate", "open the fleet", f.error);
	if (bounds_apply(&a.bounds, &f) ||
	    check_standard(&f, a.report.basis.standard) ||
	    basis_options(&f, &a.report.basis) || basis_traffic(&f) ||
	    validate_fleet(&f, a.report.basis.standard))
		status = tell("validate", "validate", f.error);
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

int report_command(int argc, char **argv)
{
	static struct output out;
	struct arguments a;
	struct fleet f;
	int status = take_arguments(&a, argc, argv, report_usage);

	if (status >= 0)
		return status;
	if (!a.out) {
		fputs(report_usage, stderr);
		return EXIT_USAGE;
	}
	if (output_begin(&out, a.out))
		return tell("report", "begin", out.error);
	if (fleet_open(&f, a.fleet, true)) {
		output_done(&out);
		return tell("report", "open the fleet", f.error);
	}
	if (bounds_apply(&a.bounds, &f) || report_write(&f, &a.report, &out))
		status = tell("report", "write the report",
			      out.error[0] ? out.error : f.error);
	else
		print_lists(&f);
	output_done(&out);
	fleet_close(&f);
	return status < 0 ? EXIT_SUCCESS : status;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "study/bounds.h"
#include "study/command.h"
#include "study/release.h"

/* What times are cut to divides it, or days would not stay what they are. */
#define DAY_MINUTES 1440

static const char usage[] =
	"usage: iot-study release FLEET --out DIR [option...]\n"
	"\n"
	"Writes the dataset for others: Device_labels, Network_flows and\n"
	"TLS_client_hello as CSV and Parquet, and a data sheet.\n"
	"\n"
	"  --full               all from which a report can be made again; rare\n"
	"                       contacts are in it, unless --k is given\n"
	"  --coarsen-minutes N  cut times to N minutes, of which a day's 1440 are\n"
	"                       a multiple\n"
	"  --k N                withhold what a vendor's devices contacted in\n"
	"                       fewer than N homes (5); hosts named for a person\n"
	"                       or an address are withheld always\n"
	"  --licence TEXT       for the data sheet\n"
	"  --consent TEXT       for the data sheet: what the users agreed to\n" BOUNDS_USAGE;

struct arguments {
	const char *fleet, *out;
	struct release_options release;
	struct bounds bounds;
	bool has_k;
};

static int take_number(const char *text, uint64_t least, uint64_t most,
		       unsigned *out)
{
	uint64_t number;
	int err = text_number(text, least, most, &number);

	if (!err)
		*out = (unsigned)number;
	return err;
}

static int take_option(void *user, int option, const char *value)
{
	struct arguments *a = user;
	struct release_options *o = &a->release;

	switch (option) {
	case 'o':
		a->out = value;
		return 0;
	case 'f':
		o->is_full = true;
		return 0;
	case 'c':
		if (take_number(value, 1, RELEASE_COARSEN_MAX,
				&o->coarsen_minutes))
			return ERR_INVALID;
		return DAY_MINUTES % o->coarsen_minutes ? ERR_INVALID : 0;
	case 'k':
		a->has_k = true;
		return take_number(value, 1, INT32_MAX, &o->k);
	case 'l':
		o->licence = value;
		return 0;
	case 'a':
		o->consent = value;
		return 0;
	default:
		return bounds_take(&a->bounds, option, value);
	}
}

static const struct option options[] = {
	{ "help", no_argument, NULL, 'h' },
	{ "out", required_argument, NULL, 'o' },
	{ "full", no_argument, NULL, 'f' },
	{ "coarsen-minutes", required_argument, NULL, 'c' },
	{ "k", required_argument, NULL, 'k' },
	{ "licence", required_argument, NULL, 'l' },
	{ "consent", required_argument, NULL, 'a' },
	BOUNDS_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

static const struct command command = {
	.name = "release",
	.usage = usage,
	.options = options,
	.words = 1,
	.take = take_option,
};

/* Gives -1, or the exit status when there is no more to do. */
static int take_arguments(struct arguments *a, int argc, char **argv)
{
	int status;

	*a = (struct arguments){ .release.k = RELEASE_K };
	status = command_take(&command, a, argc, argv);
	if (status >= 0)
		return status;
	if (!a->out) {
		fputs(usage, stderr);
		return COMMAND_EXIT_USAGE;
	}
	a->fleet = argv[optind];
	a->release.is_withheld = a->has_k || !a->release.is_full;
	return -1;
}

int release_command(int argc, char **argv)
{
	static struct output out;
	struct arguments a;
	struct fleet f;
	int status = take_arguments(&a, argc, argv);

	if (status >= 0)
		return status;
	if (output_begin(&out, a.out))
		return command_fail(&command, "begin", out.error);
	if (fleet_open(&f, a.fleet, true)) {
		output_done(&out);
		return command_fail(&command, "open the fleet", f.error);
	}
	if (bounds_apply(&a.bounds, &f) || release_write(&f, &a.release, &out))
		status = command_fail(&command, "write the release",
				      out.error[0] ? out.error : f.error);
	output_done(&out);
	fleet_close(&f);
	return status < 0 ? EXIT_SUCCESS : status;
}

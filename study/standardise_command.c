// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/standardise_command.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "study/basis.h"
#include "study/bounds.h"
#include "study/command.h"
#include "study/label_score.h"
#include "study/score.h"
#include "study/standardise.h"

#define EXIT_FAULT 1

struct options {
	const char *fleet, *tables;
	bool wanted[STANDARDISE_METHODS];
	struct bounds bounds;
};

static const char usage[] =
	"usage: iot-study standardise FLEET [OPTION]...\n\n"
	"One vendor and one name for each labelled device, out of what"
	" was typed.\n\n"
	"  --method paper|improved  by this rule alone; else by both\n"
	"  --tables DIR             tables of labels to use instead of"
	" the program's\n"
	"                           own, by their names: vendors.txt,"
	" not-vendors.txt,\n"
	"                           names.txt, stop-words.txt,"
	" iot-stop-words.txt,\n"
	"                           places.txt, computers.txt\n" BOUNDS_USAGE;

static bool take_method(struct options *o, const char *name)
{
	for (int i = 0; i < STANDARDISE_METHODS; i++) {
		if (strcmp(name,
			   standardise_method_name((enum standardise_method)i)))
			continue;
		o->wanted[i] = true;
		return true;
	}
	fprintf(stderr, "iot-study: there is no method \"%s\"\n", name);
	return false;
}

static int take_option(void *user, int option, const char *value)
{
	struct options *o = user;

	switch (option) {
	case 't':
		o->tables = value;
		return 0;
	case 'm':
		return take_method(o, value) ? 0 : ERR_INVALID;
	default:
		return bounds_take(&o->bounds, option, value);
	}
}

static const struct option long_options[] = {
	{ "method", required_argument, NULL, 'm' },
	{ "tables", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	BOUNDS_OPTIONS,
	{ 0 },
};

static const struct command command = {
	.name = "standardise",
	.usage = usage,
	.options = long_options,
	.words = 1,
	.take = take_option,
};

/* -1 to go on, or the exit status. */
static int parse(struct options *o, int argc, char **argv)
{
	int status;

	*o = (struct options){ 0 };
	status = command_take(&command, o, argc, argv);
	if (status >= 0)
		return status;
	o->fleet = argv[optind];
	if (!o->wanted[STANDARDISE_PAPER] && !o->wanted[STANDARDISE_IMPROVED])
		o->wanted[STANDARDISE_PAPER] = o->wanted[STANDARDISE_IMPROVED] =
			true;
	return -1;
}

static double share(int64_t part, int64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

static void print_score(const char *kind, const struct label_score *s)
{
	printf("  against %s truth: %.1f %% of %lld devices have their vendor,"
	       " %lld are lost,\n  %lld of %lld computers are still there;"
	       " pairs of one vendor: %.1f %% right, %.1f %% found;\n"
	       "  pairs of one name: %.1f %% right, %.1f %% found\n",
	       kind, share(s->right, s->devices), (long long)s->devices,
	       (long long)s->lost, (long long)s->computers_in,
	       (long long)s->computers, share(s->vendor_both, s->vendor_pairs),
	       share(s->vendor_both, s->vendor_true),
	       share(s->name_both, s->name_pairs),
	       share(s->name_both, s->name_true));
}

/* By whatever truth the fleet has; without, nothing. */
static int print_scores(struct fleet *f, enum standardise_method method,
			const struct label_tables *tables)
{
	static const struct score_options none = { 0 };
	static const char *const kinds[] = { "simulated", "real" };
	struct label_score score;
	bool has_truth;
	int err = score_take_truth(f, tables, &none, &has_truth);

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !err; i++) {
		err = label_score(f, method, kinds[i], tables, &score);
		if (!err)
			print_score(kinds[i], &score);
		else if (err == ERR_NOTFOUND)
			err = 0;
	}
	return err;
}

static int run(struct fleet *f, enum standardise_method method,
	       const struct label_tables *tables)
{
	struct standardised done;
	struct know know;
	uint64_t seed;
	int err;

	know_init(&know);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		return ERR_IO;
	err = standardise(f, method, tables, &know, seed, &done);
	if (err)
		return err;
	printf("%s: %zu of %zu labelled devices standardised; %zu vendors as"
	       " typed, %zu now, with %zu names\n",
	       standardise_method_name(method), done.standard, done.labelled,
	       done.vendors_typed, done.vendors, done.names);
	return print_scores(f, method, tables);
}

int standardise_command(int argc, char **argv)
{
	struct label_tables tables;
	struct options options;
	struct fleet fleet;
	char why[LABEL_WHY_BYTES] = "";
	int status = parse(&options, argc, argv), err;

	if (status >= 0)
		return status;
	if (label_tables_open(&tables, options.tables, why)) {
		fprintf(stderr, "iot-study: %s\n", why);
		return EXIT_FAULT;
	}
	err = fleet_open(&fleet, options.fleet, true);
	if (!err)
		err = bounds_apply(&options.bounds, &fleet);
	if (!err)
		err = basis_monitored(&fleet);
	for (int i = 0; i < STANDARDISE_METHODS && !err; i++)
		if (options.wanted[i])
			err = run(&fleet, (enum standardise_method)i, &tables);
	if (err)
		fprintf(stderr, "iot-study: %s: %s\n", options.fleet,
			fleet.error);
	fleet_close(&fleet);
	label_tables_close(&tables);
	return err ? EXIT_FAULT : 0;
}

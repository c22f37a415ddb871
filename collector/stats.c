// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "collector/command.h"

struct options {
	const char *data_dir;
	bool json;
};

static const struct argp_option table[] = {
	{ "data-dir", 'd', "DIR", 0, "where the store is", 0 },
	{ "json", 'j', 0, 0, "print JSON", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'd':
		o->data_dir = arg;
		return 0;
	case 'j':
		o->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.doc = "Shows what is held.",
};

static void print_one(const struct options *o, const char *name, uint64_t value,
		      bool last)
{
	if (o->json)
		printf("\"%s\":%" PRIu64 "%s", name, value, last ? "}\n" : ",");
	else
		printf("%-12s %12" PRIu64 "\n", name, value);
}

int command_stats(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR };
	struct store_totals totals;
	char why[STORE_WHY_BYTES];
	struct store_reader *reader;
	int err;

	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	if (store_reader_open(o.data_dir, &reader, why))
		return command_fail(o.data_dir, why);
	err = store_totals(reader, &totals);
	store_reader_close(reader);
	if (err)
		return command_fail(o.data_dir, err_text(err));
	if (o.json)
		putchar('{');
	print_one(&o, "accounts", totals.accounts, false);
	print_one(&o, "devices", totals.devices, false);
	print_one(&o, "days", totals.days, false);
	print_one(&o, "segments", totals.segments, false);
	for (int i = SHAPE_FLOW; i < SHAPE_TABLES; i++)
		print_one(&o, shapes[i].name, totals.rows[i], false);
	print_one(&o, "texts", totals.texts, false);
	print_one(&o, "addresses", totals.addresses, false);
	print_one(&o, "bytes", totals.bytes, true);
	return 0;
}

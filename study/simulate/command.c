// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/command.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "study/basis.h"
#include "study/bounds.h"
#include "study/fleet_endpoints.h"
#include "study/simulate/home.h"
#include "study/simulate/simulate.h"
#include "study/simulate/upload.h"

#define EXIT_FAULT 1
#define EXIT_USAGE 2
/* Ours has 60 KB. */
#define MARKET_BYTES_MAX  ((size_t)64 << 20)
#define TRUSTED_BYTES_MAX ((size_t)1 << 20)

static const char help[] =
	"usage: iot-study simulate --homes N --seed S [OPTION]... FLEET\n"
	"       iot-study simulate --homes N --seed S --to URL [OPTION]...\n"
	"\n"
	"Draws homes of which everything is known, and writes what they would\n"
	"have given, with the truth beside it, to the new fleet file FLEET.\n"
	"\n"
	"  --homes N      homes that watched their devices\n"
	"  --seed S       the same seed draws the same homes\n"
	"  --days D       how long the study lasts (286)\n"
	"  --to URL       upload it to a running collector instead\n"
	"  --trust FILE   … whose certificate is in this file, in PEM\n"
	"  --market FILE  draw vendors, models and people from this file\n"
	"  --replace      write over a FLEET that is there\n"
	"  --help         this text\n" BOUNDS_USAGE;

enum simulate_option {
	OPTION_HOMES = 1,
	OPTION_SEED,
	OPTION_DAYS,
	OPTION_MARKET,
	OPTION_TO,
	OPTION_TRUST,
	OPTION_REPLACE,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{ "homes", required_argument, NULL, OPTION_HOMES },
	{ "seed", required_argument, NULL, OPTION_SEED },
	{ "days", required_argument, NULL, OPTION_DAYS },
	{ "market", required_argument, NULL, OPTION_MARKET },
	{ "to", required_argument, NULL, OPTION_TO },
	{ "trust", required_argument, NULL, OPTION_TRUST },
	{ "replace", no_argument, NULL, OPTION_REPLACE },
	{ "help", no_argument, NULL, OPTION_HELP },
	BOUNDS_OPTIONS,
	{ NULL, 0, NULL, 0 },
};

struct command {
	uint64_t homes, seed, days;
	bool has_seed, replace, wants_help;
	const char *market, *fleet, *to, *trust;
	struct bounds bounds;
};

static int number(const char *what, const char *text, uint64_t least,
		  uint64_t most, uint64_t *out)
{
	int err = text_number(text, least, most, out);

	if (err)
		fprintf(stderr,
			"iot-study: --%s: \"%s\" is no number from %" PRIu64
			" to %" PRIu64 "\n",
			what, text, least, most);
	return err;
}

static int take_option(struct command *c, int option)
{
	switch (option) {
	case OPTION_HOMES:
		return number("homes", optarg, 1, SIMULATE_HOMES_MAX,
			      &c->homes);
	case OPTION_SEED:
		c->has_seed = true;
		return number("seed", optarg, 0, UINT64_MAX, &c->seed);
	case OPTION_DAYS:
		return number("days", optarg, 1, HOME_DAYS_MAX, &c->days);
	case OPTION_MARKET:
		c->market = optarg;
		return 0;
	case OPTION_TO:
		c->to = optarg;
		return 0;
	case OPTION_TRUST:
		c->trust = optarg;
		return 0;
	case OPTION_REPLACE:
		c->replace = true;
		return 0;
	case OPTION_HELP:
		c->wants_help = true;
		return 0;
	default: /* getopt has said what is wrong */
		return bounds_take(&c->bounds, option, optarg);
	}
}

static int parse(int argc, char **argv, struct command *c)
{
	int option;

	*c = (struct command){ .days = SIMULATE_DAYS };
	optind = 1;
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		if (take_option(c, option))
			return ERR_INVALID;
	if (c->wants_help)
		return 0;
	if (!c->homes || !c->has_seed) {
		fputs("iot-study: simulate needs --homes and --seed\n", stderr);
		return ERR_INVALID;
	}
	if (argc - optind != !c->to) {
		fputs("iot-study: simulate needs the name of one fleet file, "
		      "or --to alone\n",
		      stderr);
		return ERR_INVALID;
	}
	c->fleet = argv[optind]; /* NULL with --to */
	return 0;
}

static int read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rbe");
	uint8_t bytes[65536];
	size_t got;
	int err = 0;

	if (!file)
		return ERR_IO;
	while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buf_append(out, bytes, got);
	if (ferror(file))
		err = ERR_IO;
	fclose(file);
	return err ? err : buf_check(out);
}

static int load_market(const char *path, struct market **out)
{
	struct slice text = market_builtin();
	char why[MARKET_WHY_BYTES];
	struct buf file;
	int err = 0;

	buf_init(&file, MARKET_BYTES_MAX);
	if (path) {
		errno = 0;
		err = read_file(path, &file);
		text = buf_slice(&file);
	}
	if (err)
		fprintf(stderr, "iot-study: could not read \"%s\": %s\n", path,
			err == ERR_IO ? strerror(errno) : err_text(err));
	else
		err = market_parse(text, out, why);
	if (err && text.len)
		fprintf(stderr, "iot-study: %s: %s\n",
			path ? path : "the market built in", why);
	buf_done(&file);
	return err;
}

static void show_progress(void *user, uint64_t done)
{
	const struct command *c = user;

	if (done % 64 == 0 || done == c->homes)
		fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " homes%s", done,
			c->homes, done == c->homes ? "\n" : "");
}

static struct simulate_options options_of(const struct command *c)
{
	return (struct simulate_options){
		.seed = c->seed,
		.homes = c->homes,
		.days = (unsigned int)c->days,
		.progress = isatty(STDERR_FILENO) ? show_progress : NULL,
		.user = (void *)(uintptr_t)c,
	};
}

static int upload(const struct command *c, const struct market *m)
{
	struct simulate_options options = options_of(c);
	struct simulate_target target = { .url = c->to };
	char why[SIMULATE_WHY_BYTES];
	struct buf trusted;
	uint64_t rows;
	int err = 0;

	buf_init(&trusted, TRUSTED_BYTES_MAX);
	if (c->trust) {
		errno = 0;
		err = read_file(c->trust, &trusted);
		target.authorities = buf_slice(&trusted);
		snprintf(why, sizeof(why), "could not read \"%.128s\": %s",
			 c->trust,
			 err == ERR_IO ? strerror(errno) : err_text(err));
	}
	if (!err)
		err = simulate_upload(m, &options, &target, &rows, why);
	buf_done(&trusted);
	if (err)
		fprintf(stderr, "iot-study: %s: %s\n", c->to, why);
	else
		printf("%" PRIu64 " rows of %" PRIu64 " homes are held\n", rows,
		       c->homes);
	return err;
}

static int make_fleet(const struct command *c, const struct market *m)
{
	struct simulate_options options = options_of(c);
	struct know know;
	struct fleet f;
	int err = fleet_create(&f, c->fleet, c->replace);

	if (err) {
		fprintf(stderr, "iot-study: %s\n", f.error);
		return err;
	}
	know_init(&know);
	err = bounds_apply(&c->bounds, &f);
	if (!err)
		err = simulate_fleet(&f, m, &options);
	if (!err)
		err = fleet_name_endpoints(&f, &know);
	if (!err)
		err = basis_keep_sums(&f, BASIS_FLOWS_AT_ONCE);
	if (!err)
		err = fleet_finish(&f);
	else
		fleet_close(&f);
	if (err)
		fprintf(stderr, "iot-study: could not write \"%s\": %s\n",
			c->fleet, f.error[0] ? f.error : err_text(err));
	return err;
}

int simulate_command(int argc, char **argv)
{
	struct market *m = NULL;
	struct command c;
	int err;

	if (parse(argc, argv, &c))
		return EXIT_USAGE;
	if (c.wants_help) {
		fputs(help, stdout);
		return 0;
	}
	err = load_market(c.market, &m);
	if (!err)
		err = c.to ? upload(&c, m) : make_fleet(&c, m);
	market_free(m);
	return err ? EXIT_FAULT : 0;
}

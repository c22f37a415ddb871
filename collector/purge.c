// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "collector/clock.h"
#include "collector/command.h"

#define DATE_BYTES 11

struct options {
	const char *data_dir, *published;
	bool show;
};

static const struct argp_option table[] = {
	{ "data-dir", 'd', "DIR", 0, "where the store is", 0 },
	{ "published", 'p', "YYYY-MM-DD", 0,
	  "when the study was published, or \"never\": what came before goes "
	  "a year later",
	  0 },
	{ "show", 's', 0, 0, "say when next something is to go, and end", 0 },
	{ 0 }
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'd':
		o->data_dir = arg;
		return 0;
	case 'p':
		o->published = arg;
		return 0;
	case 's':
		o->show = true;
		return 0;
	case ARGP_KEY_ARG:
		return command_surplus(state, arg);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.doc = "Erases what is past the time that its consent gives, or that "
	       "the publication does. A running collector does so by itself.",
};

static int parse_date(const char *text, uint64_t *out)
{
	struct tm tm = { 0 };
	const char *end;
	int day;

	if (!strcmp(text, "never")) {
		*out = 0;
		return 0;
	}
	end = strptime(text, "%Y-%m-%d", &tm);
	if (!end || *end || strlen(text) != DATE_BYTES - 1)
		return ERR_MALFORMED;
	day = tm.tm_mday;
	*out = (uint64_t)timegm(&tm);
	/* the 31st of February became another */
	return tm.tm_mday == day ? 0 : ERR_MALFORMED;
}

static int show_deadline(const char *data_dir)
{
	struct store_reader *reader;
	char date[DATE_BYTES] = "";
	uint64_t at_s = 0;
	struct tm tm;
	time_t at;
	int err;

	if (command_read(data_dir, &reader))
		return 1;
	err = store_deadline(reader, clock_now_s(), &at_s);
	store_reader_close(reader);
	if (err && err != ERR_NOTFOUND)
		return command_fail(data_dir, err_text(err));
	at = (time_t)at_s;
	gmtime_r(&at, &tm);
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	printf("next deadline: %s\n", err ? "none" : date);
	return 0;
}

/* A running collector looks at it when it purges. */
static int set_published(struct store *store, void *user)
{
	return store_set_published(store, *(const uint64_t *)user);
}

static int purge(const char *data_dir)
{
	const struct store_options options = { .seed = command_seed(),
					       .reserve_bytes =
						       STORE_RESERVE_BYTES };
	char why[STORE_WHY_BYTES];
	struct store *store;
	uint64_t rows = 0;
	int err = store_open(data_dir, &options, &store, why);

	if (err)
		return command_fail(data_dir,
				    err == ERR_BUSY
					    ? "a collector uses it, and purges "
					      "by itself"
					    : why);
	/* the day that was open last is over, if it is another today */
	err = store_begin(store, clock_now_s());
	if (!err)
		err = store_purge(store, clock_now_s(), &rows);
	snprintf(why, sizeof(why), "%s", store_error(store));
	store_close(store);
	if (err && err != ERR_AGAIN)
		return command_fail(data_dir,
				    err == ERR_BUSY
					    ? "what is to go is being read: "
					      "purge again"
					    : why);
	printf("rows erased: %" PRIu64 "\n", rows);
	if (err)
		puts("a file of them that somebody reads goes with the next "
		     "purge");
	return 0;
}

int command_purge(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR };
	uint64_t published_s;
	int status = 0;

	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	if (o.published && parse_date(o.published, &published_s))
		return command_fail(o.published, "not a date as 2026-01-31");
	if (command_need_store(o.data_dir))
		return 1;
	if (o.published)
		status = command_beside(o.data_dir, set_published, &published_s)
				 ? 1
				 : 0;
	if (!status && !o.show && !o.published)
		status = purge(o.data_dir);
	return status ? status : show_deadline(o.data_dir);
}

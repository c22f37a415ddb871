// SPDX-License-Identifier: GPL-3.0-or-later
#include <argp.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "collector/command.h"

#define DAYS_SHOWN 30
#define DAYS_MAX   100000
#define DATE_BYTES sizeof("2026-01-31")

enum {
	OPTION_OPEN_METRICS = 256,
};

struct stats;

struct options {
	const char *data_dir;
	uint64_t days;
	void (*print)(const struct stats *stats);
};

/** All that is shown. */
struct stats {
	struct store_totals totals;
	struct store_figures figures;
	struct store_day_figures *days; /* the latest, oldest first */
	size_t day_count, days_shown;
};

static const struct argp_option table[] = {
	{ "data-dir", 'd', "DIR", 0, "where the store is", 0 },
	{ "days", 'n', "N", 0, "show the latest N days (30)", 0 },
	{ "json", 'j', 0, 0, "print JSON", 0 },
	{ "openmetrics", OPTION_OPEN_METRICS, 0, 0, "print OpenMetrics", 0 },
	{ 0 }
};

static const char *date_of(uint32_t day, char out[DATE_BYTES])
{
	time_t at = (time_t)day * STORE_DAY_S;
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(out, DATE_BYTES, "%Y-%m-%d", &tm);
	return out;
}

/* What is held, by name: for all three forms. */
static void each_total(const struct stats *stats,
		       void (*put)(const char *name, uint64_t value))
{
	put("accounts", stats->totals.accounts);
	put("devices", stats->totals.devices);
	put("watched", stats->figures.watched);
	put("labelled", stats->figures.labelled);
	put("days", stats->totals.days);
	put("segments", stats->totals.segments);
	for (int i = SHAPE_FLOW; i < SHAPE_TABLES; i++)
		put(shapes[i].name, stats->totals.rows[i]);
	put("texts", stats->totals.texts);
	put("addresses", stats->totals.addresses);
	put("bytes", stats->totals.bytes);
}

static void each_health(const struct stats *stats,
			void (*put)(const char *name, uint64_t value))
{
	put("free_bytes", stats->figures.free_bytes);
	put("unsealed_days", stats->figures.unsealed);
	put("erasures", stats->figures.erasures);
	put("written", stats->figures.written_s);
}

/* A table for people. */

static void print_line(const char *name, uint64_t value)
{
	printf("%-14s %14" PRIu64 "\n", name, value);
}

static void print_table(const struct stats *stats)
{
	char date[DATE_BYTES];

	each_total(stats, print_line);
	each_health(stats, print_line);
	printf("\n%-10s %8s %8s %8s %8s %8s %10s %8s %8s\n", "day", "active",
	       "new", "existing", "devices", "labels", "hours", "median",
	       "90 %");
	for (size_t i = 0; i < stats->day_count; i++) {
		const struct store_day_figures *day = &stats->days[i];
		const struct store_spans *spans = &day->inspected;

		printf("%-10s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64
		       " %8" PRIu64 " %10.1f %7.1fm %7.1fm%s\n",
		       date_of(day->day, date), spans->accounts, day->fresh,
		       spans->accounts - day->fresh, day->devices, day->labels,
		       (double)spans->total_s / 3600,
		       (double)spans->median_s / 60, (double)spans->p90_s / 60,
		       day->sealed ? "" : "  open");
	}
	printf("an account inspected %.1f minutes (median; 90 %%: %.1f)\n",
	       (double)stats->figures.inspected.median_s / 60,
	       (double)stats->figures.inspected.p90_s / 60);
}

/* JSON. */

static void print_member(const char *name, uint64_t value)
{
	printf("\"%s\":%" PRIu64 ",", name, value);
}

static void print_spans(const struct store_spans *spans)
{
	printf("{\"accounts\":%" PRIu64 ",\"total_s\":%" PRIu64
	       ",\"median_s\":%" PRIu64 ",\"p90_s\":%" PRIu64 "}",
	       spans->accounts, spans->total_s, spans->median_s, spans->p90_s);
}

static void print_json(const struct stats *stats)
{
	char date[DATE_BYTES];

	printf("{");
	each_total(stats, print_member);
	each_health(stats, print_member);
	printf("\"inspected\":");
	print_spans(&stats->figures.inspected);
	printf(",\"daily\":[");
	for (size_t i = 0; i < stats->day_count; i++) {
		const struct store_day_figures *day = &stats->days[i];

		printf("%s{\"day\":\"%s\",\"sealed\":%s,\"active\":%" PRIu64
		       ",\"new\":%" PRIu64 ",\"existing\":%" PRIu64
		       ",\"devices\":%" PRIu64 ",\"labels\":%" PRIu64
		       ",\"inspected\":",
		       i ? "," : "", date_of(day->day, date),
		       day->sealed ? "true" : "false", day->inspected.accounts,
		       day->fresh, day->inspected.accounts - day->fresh,
		       day->devices, day->labels);
		print_spans(&day->inspected);
		printf("}");
	}
	printf("]}\n");
}

/* OpenMetrics 1.0: gauges, of which those of days have a label. */

static void print_gauge(const char *name, uint64_t value)
{
	printf("# TYPE iot_collector_held_%s gauge\n"
	       "iot_collector_held_%s %" PRIu64 "\n",
	       name, name, value);
}

static uint64_t active_of(const struct store_day_figures *day)
{
	return day->inspected.accounts;
}

static uint64_t fresh_of(const struct store_day_figures *day)
{
	return day->fresh;
}

static uint64_t devices_of(const struct store_day_figures *day)
{
	return day->devices;
}

static uint64_t labels_of(const struct store_day_figures *day)
{
	return day->labels;
}

static const struct {
	const char *name, *help;
	uint64_t (*value)(const struct store_day_figures *day);
} daily[] = {
	{ "accounts", "Accounts that uploaded on the day", active_of },
	{ "new_accounts", "Of those, the ones made on it", fresh_of },
	{ "devices", "Devices with flows", devices_of },
	{ "labels", "Labels given", labels_of },
};

static void print_summary(const struct stats *stats)
{
	static const char name[] = "iot_collector_day_inspected_seconds";
	char date[DATE_BYTES];

	printf("# TYPE %s summary\n# UNIT %s seconds\n"
	       "# HELP %s How long accounts inspected.\n",
	       name, name, name);
	for (size_t i = 0; i < stats->day_count; i++) {
		const struct store_spans *spans = &stats->days[i].inspected;

		(void)date_of(stats->days[i].day, date);
		printf("%s{day=\"%s\",quantile=\"0.5\"} %" PRIu64 "\n", name,
		       date, spans->median_s);
		printf("%s{day=\"%s\",quantile=\"0.9\"} %" PRIu64 "\n", name,
		       date, spans->p90_s);
		printf("%s_sum{day=\"%s\"} %" PRIu64 "\n", name, date,
		       spans->total_s);
		printf("%s_count{day=\"%s\"} %" PRIu64 "\n", name, date,
		       spans->accounts);
	}
}

static void print_open_metrics(const struct stats *stats)
{
	char date[DATE_BYTES];

	each_total(stats, print_gauge);
	each_health(stats, print_gauge);
	for (size_t at = 0; at < sizeof(daily) / sizeof(daily[0]); at++) {
		printf("# TYPE iot_collector_day_%s gauge\n"
		       "# HELP iot_collector_day_%s %s.\n",
		       daily[at].name, daily[at].name, daily[at].help);
		for (size_t i = 0; i < stats->day_count; i++)
			printf("iot_collector_day_%s{day=\"%s\"} %" PRIu64 "\n",
			       daily[at].name,
			       date_of(stats->days[i].day, date),
			       daily[at].value(&stats->days[i]));
	}
	print_summary(stats);
	printf("# EOF\n");
}

/* Keeps the latest. */
static int take_day(void *user, const struct store_day_figures *day)
{
	struct stats *stats = user;

	if (stats->day_count == stats->days_shown) {
		memmove(stats->days, stats->days + 1,
			(stats->day_count - 1) * sizeof(*stats->days));
		stats->day_count--;
	}
	stats->days[stats->day_count++] = *day;
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'd':
		o->data_dir = arg;
		return 0;
	case 'n':
		if (text_number(arg, 1, DAYS_MAX, &o->days))
			argp_error(state, "\"%s\" is no number from 1 to %d",
				   arg, DAYS_MAX);
		return 0;
	case 'j':
		o->print = print_json;
		return 0;
	case ARGP_KEY_ARG:
		return command_surplus(state, arg);
	case OPTION_OPEN_METRICS:
		o->print = print_open_metrics;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = table,
	.parser = parse,
	.doc = "Shows what is held, how the store is, and for each day who was "
	       "active, how many were new, with how many devices and labels, "
	       "and how long they inspected.",
};

int command_stats(int argc, char **argv)
{
	struct options o = { .data_dir = COMMAND_DATA_DIR,
			     .days = DAYS_SHOWN,
			     .print = print_table };
	struct stats stats = { 0 };
	struct store_reader *reader;
	int err;

	if (argp_parse(&argp, argc, argv, 0, NULL, &o))
		return COMMAND_EXIT_USAGE;
	if (command_read(o.data_dir, &reader))
		return 1;
	stats.days_shown = (size_t)o.days;
	stats.days = calloc(stats.days_shown, sizeof(*stats.days));
	err = stats.days ? store_totals(reader, &stats.totals) : ERR_NOMEM;
	if (!err)
		err = store_figures(reader, take_day, &stats, &stats.figures);
	store_reader_close(reader);
	if (!err)
		o.print(&stats);
	free(stats.days);
	return err ? command_fail(o.data_dir, err_text(err)) : 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "fixture.h"
#include "study/output.h"
#include "study/report.h"
#include "study/report_page.h"
#include "study/sheet.h"

static const struct report_options asked_for = {
	.basis = { .standard = "paper", .min_devices = 1 },
	.score.seed = 7,
};
static struct output output; /* too large for a stack */

static void write_report(struct fixture *x, const char *folder)
{
	if (output_begin(&output, folder))
		fail_msg("%s", output.error);
	must(&x->fleet, report_write(&x->fleet, &asked_for, &output));
	output_done(&output);
}

static bool is_there(const char *folder, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return !access(path, F_OK);
}

static void a_report_has_every_table_and_its_query(void **state)
{
	struct fixture *x = *state;
	char folder[64], name[96], id[96];
	struct buf html;

	snprintf(folder, sizeof(folder), "%s/out", x->folder);
	write_report(x, folder);
	snprintf(name, sizeof(name), "%s/index.html", folder);
	read_path(name, &html);
	assert_non_null(strstr(buf_text(&html), "script-src 'sha256-"));
	for (size_t i = 0; i < sheet_count; i++) {
		if (sheets[i].only[0])
			continue;
		snprintf(id, sizeof(id), "<section id=\"%s\">", sheets[i].name);
		assert_non_null(strstr(buf_text(&html), id));
		snprintf(name, sizeof(name), "%s.csv", sheets[i].name);
		assert_true(is_there(folder, name));
	}
	assert_non_null(strstr(buf_text(&html), "FROM validated LEFT JOIN"));
	assert_non_null(
		strstr(buf_text(&html), "CREATE OR REPLACE TABLE validated"));
	assert_non_null(strstr(buf_text(&html), "<dt>registered domain</dt>"));
	buf_done(&html);
}

/* By one who opens the fleet afterwards, as it stands. */
static void every_query_runs_on_the_fleet_as_it_is_shown(void **state)
{
	struct fixture *x = *state;
	struct fleet fleet;
	struct grid grid;
	struct buf said, found;
	char folder[64], path[160];

	snprintf(folder, sizeof(folder), "%s/out", x->folder);
	write_report(x, folder);
	must(&x->fleet, fleet_finish(&x->fleet));
	must(&fleet, fleet_open(&fleet, x->path, false));
	for (size_t i = 0; i < sheet_count; i++) {
		if (sheets[i].only[0])
			continue;
		must(&fleet, grid_query(&grid, &fleet, sheets[i].sql));
		buf_init(&found, REPORT_BYTES_MAX);
		grid_csv(&grid, &found);
		snprintf(path, sizeof(path), "%s/%s.csv", folder,
			 sheets[i].name);
		read_path(path, &said);
		if (strcmp(buf_text(&found), buf_text(&said)) != 0)
			fail_msg("%s is by its query\n%snot\n%s",
				 sheets[i].name, buf_text(&found),
				 buf_text(&said));
		buf_done(&said);
		buf_done(&found);
		grid_done(&grid);
	}
	fleet_close(&fleet);
	unlink(x->path);
}

static void a_table_that_lacks_its_inputs_says_so(void **state)
{
	struct fixture *x = *state;
	char folder[64], path[80];
	struct buf text;

	must(&x->fleet,
	     fleet_meta_set(&x->fleet, "lacks", "users, zones, views"));
	snprintf(folder, sizeof(folder), "%s/out", x->folder);
	write_report(x, folder);
	assert_false(is_there(folder, "table5.csv"));
	assert_false(is_there(folder, "figure3.csv"));
	assert_true(is_there(folder, "table4.csv"));
	snprintf(path, sizeof(path), "%s/missing.csv", folder);
	read_path(path, &text);
	assert_non_null(strstr(buf_text(&text), "\ntable5,\"zones\"\n"));
	assert_non_null(strstr(buf_text(&text), "\nfigure3,\"users\"\n"));
	buf_done(&text);
	snprintf(path, sizeof(path), "%s/index.html", folder);
	read_path(path, &text);
	assert_non_null(strstr(buf_text(&text), "which lacks: zones."));
	buf_done(&text);
}

static void a_report_replaces_the_one_before(void **state)
{
	struct fixture *x = *state;
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/out", x->folder);
	write_report(x, folder);
	must(&x->fleet, fleet_meta_set(&x->fleet, "lacks", "views"));
	write_report(x, folder);
	assert_false(is_there(folder, "views.csv"));
	assert_true(is_there(folder, "table1.csv"));
}

static void what_is_not_ours_is_not_replaced(void **state)
{
	struct fixture *x = *state;
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/out", x->folder);
	write_report(x, folder);
	put_file(folder, "notes.txt", "mine");
	assert_int_equal(output_begin(&output, folder), ERR_EXISTS);
	assert_non_null(strstr(output.error, "notes.txt"));
	assert_true(is_there(folder, "notes.txt"));
	assert_true(is_there(folder, "table1.csv"));
}

static void a_report_that_fails_leaves_nothing(void **state)
{
	struct fixture *x = *state;
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/out", x->folder);
	assert_int_equal(output_begin(&output, folder), 0);
	must(&x->fleet, fleet_run(&x->fleet, "DROP TABLE views"));
	assert_int_equal(report_write(&x->fleet, &asked_for, &output), ERR_IO);
	assert_non_null(strstr(x->fleet.error, "views"));
	output_done(&output);
	assert_false(is_there(x->folder, "out"));
	/* remove_fleet() fails if anything else is left */
}

static void what_a_killed_report_left_goes_with_the_next(void **state)
{
	static struct output other;
	struct fixture *x = *state;
	char folder[64], left[96];
	struct buf text;

	buf_init(&text, sizeof(left));
	buf_puts(&text, "whole\n");
	snprintf(folder, sizeof(folder), "%s/out", x->folder);
	snprintf(left, sizeof(left), "%s.part.a1B2c3", folder);
	assert_return_code(mkdir(left, 0700), errno);
	put_file(left, "table1.csv", "method,val");
	/* and one that is being written */
	assert_int_equal(output_begin(&other, folder), 0);
	write_report(x, folder);
	assert_false(is_there(x->folder, "out.part.a1B2c3"));
	assert_return_code(access(other.part, F_OK), errno);
	assert_int_equal(output_begin(&output, folder), 0);
	output_done(&output);
	assert_int_equal(output_put(&other, "notes", &text), 0);
	assert_int_equal(output_finish(&other), 0);
	output_done(&other);
	buf_done(&text);
	assert_true(is_there(folder, "notes"));
	assert_false(is_there(folder, "table1.csv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FLEET(a_report_has_every_table_and_its_query),
		WITH_FLEET(every_query_runs_on_the_fleet_as_it_is_shown),
		WITH_FLEET(a_table_that_lacks_its_inputs_says_so),
		WITH_FLEET(a_report_replaces_the_one_before),
		WITH_FLEET(what_is_not_ours_is_not_replaced),
		WITH_FLEET(a_report_that_fails_leaves_nothing),
		WITH_FLEET(what_a_killed_report_left_goes_with_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "study/fleet.h"
#include "study/fleet_endpoints.h"
#include "study/fleet_rows.h"

struct folder {
	char path[32];
	char fleet[48];
};

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	assert_non_null(folder);
	snprintf(folder->path, sizeof(folder->path), "fleet.XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->fleet, sizeof(folder->fleet), "%s/a.fleet",
		 folder->path);
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;

	(void)unlink(folder->fleet);
	assert_return_code(rmdir(folder->path), 0);
	free(folder);
	return 0;
}

static void an_unfinished_fleet_leaves_nothing(void **state)
{
	const struct folder *folder = *state;
	struct fleet f;

	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_run(&f, "INSERT INTO users VALUES (1, 'a', 0)"),
			 0);
	assert_int_equal(access(folder->fleet, F_OK), -1);
	fleet_close(&f);
	/* remove_folder() fails if anything is left */
}

static void a_finished_fleet_is_there_and_not_replaced_unasked(void **state)
{
	const struct folder *folder = *state;
	struct fleet f;
	int64_t n = 0;

	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_run(&f, "INSERT INTO users VALUES (1, 'a', 0)"),
			 0);
	assert_int_equal(fleet_finish(&f), 0);
	assert_int_equal(fleet_create(&f, folder->fleet, false), ERR_EXISTS);
	assert_int_equal(fleet_open(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_number(&f, "SELECT count(*) FROM users", &n), 0);
	assert_int_equal(n, 1);
	assert_int_equal(fleet_run(&f, "DELETE FROM users"), ERR_IO);
	assert_non_null(strstr(f.error, "read-only"));
	fleet_close(&f);
}

/* As the engine of another process does. */
static void hold_lock(const char *path, int ready, int over)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	char byte = fd >= 0 && !fcntl(fd, F_SETLK, &lock) ? '1' : '0';

	if (write(ready, &byte, 1) != 1 || read(over, &byte, 1) < 0)
		_exit(1);
	_exit(0);
}

static void what_another_is_making_is_left_to_it(void **state)
{
	const struct folder *folder = *state;
	int ready[2], over[2], status;
	char part[64], byte = '0';
	struct fleet f;
	pid_t child;

	snprintf(part, sizeof(part), "%s" FLEET_PART, folder->fleet);
	assert_return_code(pipe2(ready, O_CLOEXEC), 0);
	assert_return_code(pipe2(over, O_CLOEXEC), 0);
	child = fork();
	assert_return_code(child, 0);
	if (!child) {
		close(over[1]);
		hold_lock(part, ready[1], over[0]);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, '1');
	assert_int_equal(fleet_create(&f, folder->fleet, true), ERR_EXISTS);
	assert_non_null(strstr(f.error, "another is making it"));
	assert_return_code(access(part, F_OK), 0);
	close(over[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(over[0]);
	close(ready[0]);
	close(ready[1]);
	/* what a dead one left is in nobody's way */
	assert_int_equal(fleet_create(&f, folder->fleet, true), 0);
	fleet_close(&f);
}

/* A fleet half made, with its log beside it. */
static void begin_and_die(const char *path)
{
	struct fleet f;

	if (!fleet_create(&f, path, false) &&
	    !fleet_run(&f, "INSERT INTO users VALUES (1, 'a', 60)"))
		raise(SIGKILL);
	_exit(1);
}

static void what_a_killed_one_left_goes_when_it_is_made_again(void **state)
{
	const struct folder *folder = *state;
	char part[64];
	struct fleet f;
	pid_t child = fork();
	int status;

	if (!child)
		begin_and_die(folder->fleet);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	snprintf(part, sizeof(part), "%s" FLEET_PART, folder->fleet);
	assert_return_code(access(part, F_OK), errno);
	assert_int_equal(access(folder->fleet, F_OK), -1);
	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_finish(&f), 0);
	assert_int_equal(access(part, F_OK), -1);
}

/* It would be the new one's, or keep it from being opened. */
static void a_log_of_what_is_replaced_goes_with_it(void **state)
{
	const struct folder *folder = *state;
	char log[64];
	struct fleet f;
	FILE *file;

	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_finish(&f), 0);
	snprintf(log, sizeof(log), "%s.wal", folder->fleet);
	file = fopen(log, "w");
	assert_non_null(file);
	fputs("of another", file);
	fclose(file);
	assert_int_equal(fleet_create(&f, folder->fleet, true), 0);
	assert_int_equal(fleet_finish(&f), 0);
	assert_int_equal(access(log, F_OK), -1);
	assert_int_equal(fleet_open(&f, folder->fleet, true), 0);
	fleet_close(&f);
}

static void what_is_no_fleet_is_refused(void **state)
{
	const struct folder *folder = *state;
	struct fleet f;
	FILE *file;

	assert_int_equal(fleet_open(&f, folder->fleet, false), ERR_NOTFOUND);
	file = fopen(folder->fleet, "w");
	assert_non_null(file);
	fputs("device,name\n1,echo\n", file);
	fclose(file);
	assert_int_equal(fleet_open(&f, folder->fleet, false), ERR_IO);
	assert_null(strchr(f.error, '\n'));
}

/* 96 MB of numbers that nothing makes smaller, in 64 MiB. */
static void spill_and_die(const char *path)
{
	struct fleet f;

	if (!fleet_open(&f, path, true) &&
	    !fleet_run(&f, "SET memory_limit = '64MiB'; SET threads = 1;"
			   "CREATE TEMP TABLE much AS SELECT random() AS r"
			   " FROM range(12000000)"))
		raise(SIGKILL);
	_exit(1);
}

static void what_a_killed_program_left_goes_with_the_next(void **state)
{
	const struct folder *folder = *state;
	char spilled[64];
	struct fleet f;
	pid_t child;
	int status;

	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_finish(&f), 0);
	child = fork();
	if (!child)
		spill_and_die(folder->fleet);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	snprintf(spilled, sizeof(spilled), "%s.tmp", folder->fleet);
	assert_return_code(access(spilled, F_OK), errno);
	/* who only reads may not be alone */
	assert_int_equal(fleet_open(&f, folder->fleet, false), 0);
	fleet_close(&f);
	assert_return_code(access(spilled, F_OK), errno);
	assert_int_equal(fleet_open(&f, folder->fleet, true), 0);
	fleet_close(&f);
	assert_int_equal(access(spilled, F_OK), -1);
}

static void a_folder_of_somebody_elses_stays(void **state)
{
	const struct folder *folder = *state;
	char spilled[64], file[80];
	struct fleet f;
	FILE *made;

	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_finish(&f), 0);
	snprintf(spilled, sizeof(spilled), "%s.tmp", folder->fleet);
	assert_return_code(mkdir(spilled, 0700), errno);
	snprintf(file, sizeof(file), "%s/thesis.tex", spilled);
	made = fopen(file, "w");
	assert_non_null(made);
	fclose(made);
	assert_int_equal(fleet_open(&f, folder->fleet, true), 0);
	fleet_close(&f);
	assert_return_code(unlink(file), errno);
	assert_return_code(rmdir(spilled), errno);
}

static void a_text_with_a_quote_stays_a_text(void **state)
{
	const struct folder *folder = *state;
	const char *hostile = "philip's'); DROP TABLE users; --";
	struct fleet f;
	char *value;

	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_meta_set(&f, "it's", "first"), 0);
	assert_int_equal(fleet_meta_set(&f, "it's", hostile), 0);
	value = fleet_meta(&f, "it's");
	assert_string_equal(value, hostile);
	free(value);
	assert_null(fleet_meta(&f, "absent"));
	fleet_close(&f);
}

/* More than one of the engine's chunks of 2,048 rows. */
#define ROWS 5000

static void rows_come_back_as_they_went_in(void **state)
{
	const struct folder *folder = *state;
	struct fleet_rows rows;
	struct fleet_cursor c;
	struct fleet f;
	char text[32];
	int64_t at = 0;

	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_rows_begin(&rows, &f, "users"), 0);
	for (int i = 0; i < ROWS; i++) {
		fleet_rows_int(&rows, i);
		snprintf(text, sizeof(text), "a rather long account %d", i);
		fleet_rows_text(&rows, i % 7 ? text : NULL);
		fleet_rows_int(&rows, -i % 720);
		fleet_rows_next(&rows);
	}
	assert_int_equal(fleet_rows_end(&rows), 0);
	assert_int_equal(fleet_cursor_begin(&c, &f,
					    "SELECT * FROM users ORDER BY 1"),
			 0);
	for (; fleet_cursor_next(&c); at++) {
		struct slice found = fleet_cursor_text(&c, 1);

		assert_int_equal(fleet_cursor_int(&c, 0), at);
		assert_int_equal(fleet_cursor_int(&c, 2), -at % 720);
		assert_int_equal(fleet_cursor_null(&c, 1), at % 7 == 0);
		snprintf(text, sizeof(text), "a rather long account %d",
			 (int)at);
		if (at % 7)
			assert_true(slice_equal(found, slice_text(text)));
	}
	assert_int_equal(at, ROWS);
	fleet_cursor_end(&c);
	fleet_close(&f);
}

static void a_row_of_another_shape_is_refused(void **state)
{
	const struct folder *folder = *state;
	struct fleet_rows rows;
	struct fleet f;

	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_rows_begin(&rows, &f, "users"), 0);
	fleet_rows_int(&rows, 1);
	fleet_rows_next(&rows);
	assert_int_equal(fleet_rows_end(&rows), ERR_IO);
	assert_string_not_equal(f.error, "");
	assert_int_equal(fleet_rows_begin(&rows, &f, "no_table"), ERR_IO);
	fleet_close(&f);
}

static void expect_domain(struct fleet *f, int endpoint, const char *domain)
{
	struct fleet_cursor c;
	char sql[96];

	snprintf(sql, sizeof(sql),
		 "SELECT domain FROM endpoints WHERE endpoint = %d", endpoint);
	assert_int_equal(fleet_cursor_begin(&c, f, sql), 0);
	assert_true(fleet_cursor_next(&c));
	assert_int_equal(fleet_cursor_null(&c, 0), !domain);
	if (domain)
		assert_true(slice_equal(fleet_cursor_text(&c, 0),
					slice_text(domain)));
	fleet_cursor_end(&c);
}

static void endpoints_are_named_by_the_registries_part_alone(void **state)
{
	const struct folder *folder = *state;
	struct know know;
	struct fleet f;
	char *lists;

	know_init(&know);
	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(
		fleet_run(&f, "INSERT INTO endpoints(endpoint, addr, host)"
			      " VALUES (1, '192.0.2.1', 'wiwo.orvibo.com'),"
			      " (2, NULL, 'x.s3.amazonaws.com'),"
			      " (3, '192.0.2.3', NULL),"
			      " (4, '192.168.1.2', 'printer.local')"),
		0);
	assert_int_equal(fleet_name_endpoints(&f, &know), 0);
	expect_domain(&f, 1, "orvibo.com");
	expect_domain(&f, 2, "amazonaws.com");
	expect_domain(&f, 3, NULL);
	expect_domain(&f, 4, NULL);
	lists = fleet_meta(&f, "trackers");
	assert_non_null(strstr(lists, "SHA-256"));
	free(lists);
	fleet_close(&f);
}

static void a_tracker_is_one_by_the_list_given(void **state)
{
	const struct folder *folder = *state;
	struct know_listing listing;
	struct know know;
	struct fleet f;
	int64_t trackers;

	know_init(&know);
	if (!know_tracker(&know, slice_text("doubleclick.net"), &listing))
		skip();
	assert_int_equal(fleet_create(&f, folder->fleet, false), 0);
	assert_int_equal(fleet_run(&f, "INSERT INTO endpoints(endpoint, host)"
				       " VALUES (1, 'ad.doubleclick.net'),"
				       " (2, 'example.org')"),
			 0);
	assert_int_equal(fleet_name_endpoints(&f, &know), 0);
	assert_int_equal(fleet_number(&f,
				      "SELECT sum(endpoint) FROM endpoints"
				      " WHERE tracker",
				      &trackers),
			 0);
	assert_int_equal(trackers, 1);
	know.file_count = 0;
	assert_int_equal(fleet_name_endpoints(&f, &know), 0);
	assert_int_equal(fleet_number(&f,
				      "SELECT count(*) FROM endpoints"
				      " WHERE tracker",
				      &trackers),
			 0);
	assert_int_equal(trackers, 0);
	fleet_close(&f);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_unfinished_fleet_leaves_nothing),
		TEST(a_finished_fleet_is_there_and_not_replaced_unasked),
		TEST(what_another_is_making_is_left_to_it),
		TEST(what_a_killed_one_left_goes_when_it_is_made_again),
		TEST(a_log_of_what_is_replaced_goes_with_it),
		TEST(what_is_no_fleet_is_refused),
		TEST(what_a_killed_program_left_goes_with_the_next),
		TEST(a_folder_of_somebody_elses_stays),
		TEST(a_text_with_a_quote_stays_a_text),
		TEST(rows_come_back_as_they_went_in),
		TEST(a_row_of_another_shape_is_refused),
		TEST(endpoints_are_named_by_the_registries_part_alone),
		TEST(a_tracker_is_one_by_the_list_given),
	};

	return cmocka_run_group_tests_name("fleet", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guard/rundir.h"

static char path[64];
static int dir;

static struct privilege_user ourselves(void)
{
	return (struct privilege_user){ .uid = getuid(), .gid = getgid() };
}

static int dir_open(void **state)
{
	struct privilege_user user = ourselves();
	char base[] = "/tmp/rundir-XXXXXX";

	(void)state;
	if (!mkdtemp(base))
		return -1;
	snprintf(path, sizeof(path), "%s/run", base);
	return rundir_open(path, &user, &dir);
}

static int dir_close(void **state)
{
	static const char *const files[] = { "lock", "undo", "undo.bad" };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		unlinkat(dir, files[i], 0);
	close(dir);
	rmdir(path);
	*strrchr(path, '/') = '\0';
	return rmdir(path);
}

static void what_is_written_is_read_and_replaced_whole(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(rundir_read(dir, "undo", text, sizeof(text)),
			 ERR_NOTFOUND);
	assert_int_equal(rundir_write(dir, "undo", "long before", 11), 0);
	assert_int_equal(rundir_write(dir, "undo", "now", 3), 0);
	assert_int_equal(rundir_read(dir, "undo", text, sizeof(text)), 3);
	assert_string_equal(text, "now");
	assert_int_not_equal(faccessat(dir, "undo.new", F_OK, 0), 0);
	assert_int_equal(rundir_read(dir, "undo", text, 4), 3);
	assert_int_equal(rundir_read(dir, "undo", text, 3), ERR_LIMIT);
}

static void a_file_can_be_set_aside_and_removed_twice(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(rundir_write(dir, "undo", "x", 1), 0);
	assert_int_equal(rundir_rename(dir, "undo", "undo.bad"), 0);
	assert_int_equal(rundir_read(dir, "undo", text, sizeof(text)),
			 ERR_NOTFOUND);
	assert_int_equal(rundir_remove(dir, "undo.bad"), 0);
	assert_int_equal(rundir_remove(dir, "undo.bad"), 0);
}

static void a_link_in_the_place_of_a_file_is_not_followed(void **state)
{
	char text[16];

	(void)state;
	assert_int_equal(symlinkat("/etc/passwd", dir, "undo"), 0);
	assert_int_equal(rundir_read(dir, "undo", text, sizeof(text)), ERR_IO);
	assert_int_equal(symlinkat("/tmp/rundir-elsewhere", dir, "lock"), 0);
	assert_int_equal(rundir_lock(dir, &(int){ -1 }), ERR_IO);
	assert_int_not_equal(access("/tmp/rundir-elsewhere", F_OK), 0);
}

static void the_lock_is_one_instances(void **state)
{
	int again, first, second;

	(void)state;
	assert_int_equal(rundir_lock(dir, &first), 0);
	assert_int_equal(rundir_look(path, &again), 0);
	assert_true(rundir_is_locked(again));
	assert_int_equal(rundir_lock(again, &second), ERR_BUSY);
	close(first);
	assert_false(rundir_is_locked(again));
	assert_int_equal(rundir_lock(again, &second), 0);
	close(second);
	close(again);
}

static void one_in_use_is_not_given_to_another_user(void **state)
{
	const struct privilege_user other = { .uid = 12345, .gid = 12345 };
	struct stat status;
	int again, lock;

	(void)state;
	if (geteuid()) /* only root gives it away */
		skip();
	assert_int_equal(rundir_lock(dir, &lock), 0);
	assert_int_equal(rundir_open(path, &other, &again), ERR_BUSY);
	assert_int_equal(fstat(dir, &status), 0);
	assert_int_equal(status.st_uid, getuid());
	close(lock);
	assert_int_equal(rundir_open(path, &other, &again), 0);
	assert_int_equal(fstat(dir, &status), 0);
	assert_int_equal(status.st_uid, other.uid);
	close(again);
}

static void one_with_other_files_is_left_as_it_is(void **state)
{
	const struct privilege_user other = { .uid = 12345, .gid = 12345 };
	struct stat status;
	int fd;

	(void)state;
	if (geteuid())
		skip();
	assert_int_equal(mkdirat(dir, "other", 0700), 0);
	assert_int_equal(fchmod(dir, 0755), 0);
	assert_int_equal(rundir_open(path, &other, &fd), ERR_DENIED);
	assert_int_equal(fstat(dir, &status), 0);
	assert_int_equal(status.st_uid, getuid());
	assert_int_equal(status.st_mode & 07777, 0755);
	assert_int_equal(unlinkat(dir, "other", AT_REMOVEDIR), 0);
}

static void the_directory_is_its_users_alone(void **state)
{
	struct stat status;

	(void)state;
	assert_int_equal(fstat(dir, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	assert_int_equal(status.st_uid, getuid());
}

static void a_link_in_the_place_of_the_directory_is_refused(void **state)
{
	struct privilege_user user = ourselves();
	char link[80];
	int fd;

	(void)state;
	snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(rundir_open(link, &user, &fd), ERR_IO);
	unlink(link);
}

#define RUNDIR_TEST(f) cmocka_unit_test_setup_teardown(f, dir_open, dir_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUNDIR_TEST(what_is_written_is_read_and_replaced_whole),
		RUNDIR_TEST(a_file_can_be_set_aside_and_removed_twice),
		RUNDIR_TEST(a_link_in_the_place_of_a_file_is_not_followed),
		RUNDIR_TEST(the_lock_is_one_instances),
		RUNDIR_TEST(one_in_use_is_not_given_to_another_user),
		RUNDIR_TEST(one_with_other_files_is_left_as_it_is),
		RUNDIR_TEST(the_directory_is_its_users_alone),
		RUNDIR_TEST(a_link_in_the_place_of_the_directory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
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

#include "data/imported.h"
#include "data/list.h"

static void make(struct buf *file, const char *host)
{
	struct list list;

	list_init(&list, 5);
	list_add_tracker(&list, host, KNOW_CATEGORY_TRACKING,
			 slice_of(NULL, 0));
	list.what = "trackers";
	list_finish(&list, "My List!");
	buf_init(file, (size_t)1 << 20);
	assert_int_equal(reference_build_write(&list.build, file), 0);
	list_done(&list);
}

static bool is_tracker(const struct imported *i, const char *host)
{
	struct know_listing found;
	struct know know;

	imported_know(i, &know);
	return know_tracker(&know, slice_text(host), &found);
}

static int make_folder(void **state)
{
	static char path[64];

	snprintf(path, sizeof(path), "./imported-%d-XXXXXX", (int)getpid());
	*state = mkdtemp(path);
	return *state ? 0 : -1;
}

static int remove_folder(void **state)
{
	char lists[128];

	snprintf(lists, sizeof(lists), "%s/lists", (char *)*state);
	(void)rmdir(lists);
	return rmdir(*state);
}

static void a_list_is_used_until_it_is_removed(void **state)
{
	const char *dir = *state;
	struct imported i;
	struct buf file;

	imported_open(&i, dir);
	assert_int_equal(i.count, 0);
	make(&file, "one.thing.test");
	assert_int_equal(imported_put(dir, "My List!", &file), 0);
	buf_done(&file);
	imported_open(&i, dir);
	assert_int_equal(i.count, 1);
	assert_string_equal(i.files[0].name, "my-list");
	assert_true(is_tracker(&i, "x.one.thing.test"));
	/* a newer one takes its place, also while the older is in use */
	make(&file, "two.thing.test");
	assert_int_equal(imported_put(dir, "my list", &file), 0);
	buf_done(&file);
	assert_true(is_tracker(&i, "one.thing.test"));
	imported_close(&i);
	imported_open(&i, dir);
	assert_int_equal(i.count, 1);
	assert_false(is_tracker(&i, "one.thing.test"));
	assert_true(is_tracker(&i, "two.thing.test"));
	imported_close(&i);
	assert_int_equal(imported_remove(dir, "My List!"), 0);
	assert_int_equal(imported_remove(dir, "My List!"), ERR_NOTFOUND);
	imported_open(&i, dir);
	assert_int_equal(i.count, 0);
}

static void what_is_damaged_is_counted_and_left_alone(void **state)
{
	const char *dir = *state;
	char path[128];
	struct imported i;
	struct buf file;
	FILE *f;

	make(&file, "one.thing.test");
	assert_int_equal(imported_put(dir, "good", &file), 0);
	file.data[0] = 'X';
	assert_int_equal(imported_put(dir, "damaged", &file), 0);
	buf_done(&file);
	snprintf(path, sizeof(path), "%s/lists/left.know.part", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	imported_open(&i, dir);
	assert_int_equal(i.count, 1);
	assert_int_equal(i.refused, 1);
	imported_close(&i);
	unlink(path);
	assert_int_equal(imported_remove(dir, "good"), 0);
	assert_int_equal(imported_remove(dir, "damaged"), 0);
}

static void names_cannot_leave_the_folder(void **state)
{
	const char *dir = *state;
	struct buf file;

	make(&file, "one.thing.test");
	assert_int_equal(imported_put(dir, "../../..", &file), ERR_INVALID);
	assert_int_equal(imported_put(dir, "../x/y", &file), 0);
	assert_int_equal(imported_remove(dir, "x-y"), 0);
	assert_int_equal(imported_put(dir, "", &file), ERR_INVALID);
	buf_done(&file);
}

static void there_are_only_so_many(void **state)
{
	const char *dir = *state;
	struct buf file;
	char name[16];

	make(&file, "one.thing.test");
	for (size_t n = 0; n < IMPORTED_MAX; n++) {
		snprintf(name, sizeof(name), "list%zu", n);
		assert_int_equal(imported_put(dir, name, &file), 0);
	}
	assert_int_equal(imported_put(dir, "more", &file), ERR_LIMIT);
	assert_int_equal(imported_put(dir, "list0", &file), 0);
	buf_done(&file);
	for (size_t n = 0; n < IMPORTED_MAX; n++) {
		snprintf(name, sizeof(name), "list%zu", n);
		assert_int_equal(imported_remove(dir, name), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_list_is_used_until_it_is_removed, make_folder,
			remove_folder),
		cmocka_unit_test_setup_teardown(
			what_is_damaged_is_counted_and_left_alone, make_folder,
			remove_folder),
		cmocka_unit_test_setup_teardown(names_cannot_leave_the_folder,
						make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(there_are_only_so_many,
						make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

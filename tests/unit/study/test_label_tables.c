// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "study/label_tables.h"

static void expect_wrong(const char *text, bool has_arrow, size_t at,
			 const char *wrong)
{
	struct label_table table;
	const char *why = NULL;
	size_t line = 99;

	assert_int_equal(label_table_read(slice_text(text), has_arrow, &table,
					  &line, &why),
			 ERR_MALFORMED);
	assert_int_equal(line, at);
	assert_non_null(strstr(why, wrong));
}

static void each_line_needs_a_reason_and_clean_labels(void **unused)
{
	(void)unused;
	expect_wrong("# c\n\nring -> amazon\n", true, 3, "reason");
	expect_wrong("ring: why\n", true, 1, "->");
	expect_wrong("asus -> acer: why", false, 1, "->");
	expect_wrong("Ring -> amazon: why", true, 1, "compared");
	expect_wrong("ring -> : why", true, 1, "compared");
	expect_wrong(": why", false, 1, "compared");
	expect_wrong("a: x\nb: y\na: z\n", false, 0, "two lines");
	expect_wrong("a -> b: x\nb -> c: y\n", true, 0, "label itself");
}

static void a_table_is_found_in_by_whole_labels(void **unused)
{
	struct label_table table;
	const char *why;
	size_t line;

	(void)unused;
	assert_int_equal(label_table_read(slice_text("b: two: parts\na: x"),
					  false, &table, &line, &why),
			 0);
	assert_int_equal(table.count, 2);
	assert_true(
		slice_equal(table.rows[1].reason, slice_text("two: parts")));
	free(table.rows);
}

static void the_programs_own_tables_are_right(void **unused)
{
	struct label_tables t;
	char why[LABEL_WHY_BYTES];
	const struct label_row *row;

	(void)unused;
	if (label_tables_open(&t, NULL, why))
		fail_msg("%s", why);
	row = label_tables_find(&t, LABEL_VENDORS, slice_text("ring"));
	assert_non_null(row);
	assert_true(slice_equal(row->becomes, slice_text("amazon")));
	assert_non_null(
		label_tables_find(&t, LABEL_NOT_VENDORS, slice_text("asus")));
	row = label_tables_find(&t, LABEL_NAMES, slice_text("outlet"));
	assert_true(slice_equal(row->becomes, slice_text("switch")));
	assert_null(label_tables_find(&t, LABEL_VENDORS, slice_text("rin")));
	label_tables_close(&t);
}

static void a_users_table_is_used_instead_and_its_fault_named(void **unused)
{
	char folder[] = "tables.XXXXXX", path[64], why[LABEL_WHY_BYTES];
	struct label_tables t;
	FILE *file;

	(void)unused;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/vendors.txt", folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("acme -> ajax: why\n", file);
	fclose(file);
	assert_int_equal(label_tables_open(&t, folder, why), 0);
	assert_non_null(
		label_tables_find(&t, LABEL_VENDORS, slice_text("acme")));
	assert_null(label_tables_find(&t, LABEL_VENDORS, slice_text("ring")));
	assert_non_null(
		label_tables_find(&t, LABEL_STOP_WORDS, slice_text("the")));
	label_tables_close(&t);
	file = fopen(path, "a");
	assert_non_null(file);
	fputs("ACME -> ajax: why\n", file);
	fclose(file);
	assert_int_equal(label_tables_open(&t, folder, why), ERR_MALFORMED);
	assert_non_null(strstr(why, "vendors.txt:2: "));
	assert_return_code(unlink(path), 0);
	assert_return_code(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_needs_a_reason_and_clean_labels),
		cmocka_unit_test(a_table_is_found_in_by_whole_labels),
		cmocka_unit_test(the_programs_own_tables_are_right),
		cmocka_unit_test(
			a_users_table_is_used_instead_and_its_fault_named),
	};

	return cmocka_run_group_tests_name("label_tables", tests, NULL, NULL);
}

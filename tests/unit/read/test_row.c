// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "read/row.h"

static void check(struct row *row, const char *expected)
{
	struct slice line;

	assert_int_equal(row_end(row, &line), 0);
	assert_int_equal(line.len, strlen(expected));
	assert_memory_equal(line.data, expected, line.len);
	row_begin(row);
}

static void cells_from_outside_are_safe_in_a_spreadsheet(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "plain.example.com", "plain.example.com\r\n" },
		{ "", "\r\n" },
		{ "=1+1", "'=1+1\r\n" },
		{ "+1", "'+1\r\n" },
		{ "-1", "'-1\r\n" },
		{ "@x", "'@x\r\n" },
		{ "a=1", "a=1\r\n" },
		{ "=a,b", "\"'=a,b\"\r\n" },
		{ "a\"b", "\"a\"\"b\"\r\n" },
		{ "a\r\nb", "a\\x0d\\x0ab\r\n" },
		{ "\t=1", "\\x09=1\r\n" },
		{ "\\", "\\\\\r\n" },
		{ "\xff", "\\xff\r\n" },
	};
	struct row row;

	(void)state;
	row_init(&row, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		row_begin(&row);
		row_text(&row, slice_text(cases[i].text), "");
		check(&row, cases[i].expected);
	}
	row_done(&row);
}

static void lists_are_numbers_joined_by_plus(void **state)
{
	static const uint8_t bytes[] = { 0x13, 1, 0, 0xff, 7 };
	struct row row;

	(void)state;
	row_init(&row, 1000);
	row_begin(&row);
	row_list_u16(&row, slice_of(bytes, 4));
	row_list_u8(&row, slice_of(bytes, 5));
	row_list_u16(&row, slice_of(bytes, 5)); /* half a number is none */
	row_list_u8(&row, slice_of(NULL, 0));
	check(&row, "4865+255,19+1+0+255+7,4865+255,\r\n");
	row_done(&row);
}

/* RFC 4648 10 */
static void base64_is_that_of_the_rfc(void **state)
{
	static const char *const cases[][2] = {
		{ "", "\r\n" },
		{ "f", "Zg==\r\n" },
		{ "fo", "Zm8=\r\n" },
		{ "foo", "Zm9v\r\n" },
		{ "foob", "Zm9vYg==\r\n" },
		{ "fooba", "Zm9vYmE=\r\n" },
		{ "foobar", "Zm9vYmFy\r\n" },
	};
	struct row row;

	(void)state;
	row_init(&row, 1000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		row_begin(&row);
		row_base64(&row, slice_text(cases[i][0]));
		check(&row, cases[i][1]);
	}
	row_done(&row);
}

static void
a_row_past_its_limit_is_an_error_and_the_next_one_is_not(void **state)
{
	struct slice line;
	struct row row;

	(void)state;
	row_init(&row, 10);
	row_begin(&row);
	row_text(&row, slice_text("twelve bytes"), "");
	assert_int_equal(row_end(&row, &line), ERR_LIMIT);
	row_begin(&row);
	row_string(&row, "short");
	check(&row, "short\r\n");
	row_done(&row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cells_from_outside_are_safe_in_a_spreadsheet),
		cmocka_unit_test(lists_are_numbers_joined_by_plus),
		cmocka_unit_test(base64_is_that_of_the_rfc),
		cmocka_unit_test(
			a_row_past_its_limit_is_an_error_and_the_next_one_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

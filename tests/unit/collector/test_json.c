// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static struct json json_of(const char *text)
{
	return (struct json){ cursor_of(text, strlen(text)), &arena };
}

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 65536);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

static void integers_are_digits_alone(void **state)
{
	static const struct {
		const char *text;
		int64_t value; /* -1: refused */
	} cases[] = {
		{ "0", 0 },
		{ "7", 7 },
		{ " 100 ", 100 },
		{ "101", -1 },
		{ "00", -1 },
		{ "07", -1 },
		{ "-1", -1 },
		{ "+1", -1 },
		{ "1.0", -1 },
		{ "1e2", -1 },
		{ "1E2", -1 },
		{ "0x1", -1 },
		{ "", -1 },
		{ "null", -1 },
		{ "\"1\"", -1 },
		{ "true", -1 },
		{ "1_0", -1 },
		{ "1 2", -1 },
		{ "99999999999999999999999999", -1 },
		{ "1]", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json j = json_of(cases[i].text);
		int64_t value = json_number(&j, 100);

		json_end(&j);
		assert_int_equal(cursor_ok(&j.in), cases[i].value >= 0);
		if (cases[i].value >= 0)
			assert_int_equal(value, cases[i].value);
	}
}

static void the_largest_integer_is_not_passed(void **state)
{
	struct json j = json_of("9007199254740991");

	(void)state;
	assert_true(json_number(&j, 9007199254740991) == 9007199254740991);
	j = json_of("9007199254740992");
	json_number(&j, 9007199254740991);
	assert_false(cursor_ok(&j.in));
}

static void signs_and_thousandths(void **state)
{
	struct json j = json_of("-300");

	(void)state;
	assert_int_equal(json_signed(&j, 1080), -300);
	j = json_of("-1081");
	json_signed(&j, 1080);
	assert_false(cursor_ok(&j.in));
	j = json_of("- 1");
	json_signed(&j, 1080);
	assert_false(cursor_ok(&j.in));
	j = json_of("2.5");
	assert_int_equal(json_thousandths(&j, 10), 2500);
	j = json_of("2.00099999");
	assert_int_equal(json_thousandths(&j, 10), 2000);
	j = json_of("7");
	assert_int_equal(json_thousandths(&j, 10), 7000);
	j = json_of("2.");
	json_thousandths(&j, 10);
	assert_false(cursor_ok(&j.in));
	j = json_of("2.5e1");
	json_thousandths(&j, 10);
	assert_false(cursor_ok(&j.in));
}

static void expect_text(const char *text, const char *wanted)
{
	struct json j = json_of(text);
	struct slice value = json_text(&j);

	json_end(&j);
	assert_int_equal(cursor_ok(&j.in), wanted != NULL);
	if (wanted)
		assert_true(slice_equal(value, slice_text(wanted)));
}

static void texts_are_utf8_without_control_characters(void **state)
{
	(void)state;
	expect_text("\"\"", "");
	expect_text("\"a b\"", "a b");
	expect_text("\"\xc3\xa9\"", "\xc3\xa9");
	expect_text("\"\\u00e9\"", "\xc3\xa9");
	expect_text("\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80");
	expect_text("\"\\\"\\\\\\/\"", "\"\\/");
	expect_text("\"a\\u0041b\"", "aAb");
	expect_text("\"a", NULL);
	expect_text("\"a\\\"", NULL);
	expect_text("\"a\nb\"", NULL);
	expect_text("\"a\\nb\"", NULL);
	expect_text("\"\\u0000\"", NULL);
	expect_text("\"\x7f\"", NULL);
	expect_text("\"\xff\"", NULL);
	expect_text("\"\xc3\"", NULL);
	expect_text("\"\xed\xa0\x80\"", NULL);
	expect_text("\"\\ud83d\"", NULL);
	expect_text("\"\\ude00\"", NULL);
	expect_text("\"\\ud83d\\ud83d\"", NULL);
	expect_text("\"\\u12\"", NULL);
	expect_text("\"\\x41\"", NULL);
	expect_text("a", NULL);
	expect_text("", NULL);
}

static void items_are_parted_by_commas(void **state)
{
	static const struct {
		const char *text;
		int items; /* -1: refused */
	} cases[] = {
		{ "[]", 0 },	  { "[1]", 1 },	  { " [ 1 , 2 ] ", 2 },
		{ "[1,2,3]", 3 }, { "[1,]", -1 }, { "[,1]", -1 },
		{ "[1 2]", -1 },  { "[1", -1 },	  { "[", -1 },
		{ "[1}", -1 },	  { "{}", -1 },	  { "[1]]", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json j = json_of(cases[i].text);
		uint32_t count = 0;

		json_enter(&j, '[');
		while (json_more(&j, ']', &count))
			json_number(&j, 9);
		json_end(&j);
		assert_int_equal(cursor_ok(&j.in), cases[i].items >= 0);
		if (cases[i].items >= 0)
			assert_int_equal(count, cases[i].items);
	}
}

static void members_have_keys(void **state)
{
	struct json j = json_of("{\"a\" : 1, \"b\":2}");
	uint32_t count = 0;

	(void)state;
	json_enter(&j, '{');
	while (json_more(&j, '}', &count)) {
		assert_int_equal(json_key(&j).data[0], 'a' + (int)count - 1);
		assert_int_equal(json_number(&j, 9), count);
	}
	json_end(&j);
	assert_true(cursor_ok(&j.in));
	j = json_of("{\"a\" 1}");
	count = 0;
	json_enter(&j, '{');
	assert_true(json_more(&j, '}', &count));
	json_key(&j);
	assert_false(cursor_ok(&j.in));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_digits_alone),
		cmocka_unit_test(the_largest_integer_is_not_passed),
		cmocka_unit_test(signs_and_thousandths),
		cmocka_unit_test(texts_are_utf8_without_control_characters),
		cmocka_unit_test(items_are_parted_by_commas),
		cmocka_unit_test(members_have_keys),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

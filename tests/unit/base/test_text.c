// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void outside_text_is_made_safe_to_show(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain text", "plain text" },
		{ "", "" },
		{ "a\nb\t\033[31m", "a\\x0ab\\x09\\x1b[31m" },
		{ "back\\slash", "back\\\\slash" },
		{ "\\x0a", "\\\\x0a" },
		{ "\177", "\\x7f" },
		{ "Peter\xe2\x80\x99s", "Peter\xe2\x80\x99s" },
		{ "\xf0\x9f\x93\xba", "\xf0\x9f\x93\xba" },
		{ "\xc2\x85", "\\xc2\\x85" }, /* a C1 control */
		{ "\xe2\x80\xae"
		  "evil",
		  "\\xe2\\x80\\xae"
		  "evil" },
		{ "\xd8\x9c", "\\xd8\\x9c" }, /* Arabic letter mark */
		{ "a\xff"
		  "b",
		  "a\\xff"
		  "b" },
		{ "\xc0\xaf", "\\xc0\\xaf" }, /* overlong */
		{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf" },
		{ "\xed\xa0\x80", "\\xed\\xa0\\x80" }, /* surrogate */
		{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80" },
		{ "\xe2\x80", "\\xe2\\x80" }, /* cut */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, 1000);
		text_escape(&out, slice_text(cases[i].in));
		assert_int_equal(buf_check(&out), 0);
		assert_string_equal(buf_text(&out), cases[i].out);
		buf_done(&out);
	}
}

static void names_of_zone_files_are_read_back(void **state)
{
	static const struct {
		const char *in, *dotted, *plain;
	} cases[] = {
		{ "a.example", "a.example", "a.example" },
		{ "Living\\032Room.local", "Living Room.local",
		  "Living Room.local" },
		{ "a\\\\b.example", "a\\b.example", "a\\b.example" },
		{ "evil\\.google.com", "evil.google.com", "evil\\.google.com" },
		{ "\\999\\12", "99912", "99912" },
		{ "end\\", "end\\", "end\\" },
	};
	uint8_t out[64];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice in = slice_text(cases[i].in);

		assert_true(slice_equal(
			slice_of(out, text_unzone(in, true, out, sizeof(out))),
			slice_text(cases[i].dotted)));
		assert_true(slice_equal(
			slice_of(out, text_unzone(in, false, out, sizeof(out))),
			slice_text(cases[i].plain)));
	}
	assert_int_equal(text_unzone(slice_text("abc"), true, out, 2), 2);
}

/* Reads an escaped text back; that it can be shows that no two look alike. */
static size_t unescape(const char *text, uint8_t *out)
{
	size_t n = 0;

	while (*text) {
		if (text[0] == '\\' && text[1] == 'x') {
			char pair[3] = { text[2], text[3], 0 };

			out[n++] = (uint8_t)strtoul(pair, NULL, 16);
			text += 4;
		} else {
			text += *text == '\\';
			out[n++] = (uint8_t)*text++;
		}
	}
	return n;
}

static void every_pair_of_bytes_reads_back_from_its_escape(void **state)
{
	(void)state;
	for (unsigned v = 0; v < 65536; v++) {
		uint8_t in[2] = { (uint8_t)(v >> 8), (uint8_t)v }, back[16];
		struct buf out;

		buf_init(&out, 100);
		text_escape(&out, slice_of(in, sizeof(in)));
		assert_true(text_is_utf8(buf_slice(&out)));
		assert_int_equal(unescape(buf_text(&out), back), 2);
		assert_memory_equal(back, in, 2);
		buf_done(&out);
	}
}

static void utf8_is_told_from_other_bytes(void **state)
{
	(void)state;
	assert_true(text_is_utf8(slice_text("")));
	assert_true(text_is_utf8(slice_text("caf\xc3\xa9 \n")));
	assert_true(text_is_utf8(slice_text("\xf4\x8f\xbf\xbf")));
	assert_false(text_is_utf8(slice_text("caf\xe9")));
	assert_false(text_is_utf8(slice_text("\xf5\x80\x80\x80")));
	assert_false(text_is_utf8(slice_of("\xe2\x82\xac", 2)));
}

static void a_number_fills_its_text_and_stays_in_its_range(void **state)
{
	static const struct {
		const char *text;
		int answer;
	} cases[] = {
		{ "5", 0 },
		{ "500", 0 },
		{ "007", 0 },
		{ "4", ERR_LIMIT },
		{ "501", ERR_LIMIT },
		{ "99999999999999999999999", ERR_LIMIT },
		{ "", ERR_MALFORMED },
		{ " 7", ERR_MALFORMED },
		{ "+7", ERR_MALFORMED },
		{ "-7", ERR_MALFORMED },
		{ "7 ", ERR_MALFORMED },
		{ "0x7", ERR_MALFORMED },
		{ "7.0", ERR_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t v = 12345;

		assert_int_equal(text_number(cases[i].text, 5, 500, &v),
				 cases[i].answer);
		if (cases[i].answer)
			assert_int_equal(v, 12345);
	}
}

static void the_largest_number_is_read(void **state)
{
	uint64_t v;

	(void)state;
	assert_int_equal(text_number("18446744073709551615", 0, UINT64_MAX, &v),
			 0);
	assert_true(v == UINT64_MAX);
	assert_int_equal(text_number("18446744073709551616", 0, UINT64_MAX, &v),
			 ERR_LIMIT);
}

static void hex_is_two_digits_a_byte(void **state)
{
	char out[9];

	(void)state;
	assert_string_equal(text_hex("\x00\x9a\xff\x10", 4, out), "009aff10");
	assert_string_equal(text_hex("", 0, out), "");
}

static void hex_is_read_back_and_nothing_else(void **state)
{
	static const char *const wrong[] = { "",	  "009aff1",
					     "009aff100", "009Aff10",
					     "009aff1g",  "009aff1 " };
	uint8_t bytes[4];

	(void)state;
	assert_int_equal(text_unhex(slice_text("009aff10"), bytes, 4), 0);
	assert_memory_equal(bytes, "\x00\x9a\xff\x10", 4);
	assert_int_equal(text_unhex(slice_text(""), bytes, 0), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(text_unhex(slice_text(wrong[i]), bytes, 4),
				 ERR_MALFORMED);
}

static void base64_is_that_of_its_rfc(void **state)
{
	/* RFC 4648 10 */
	static const char *const cases[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "+//+" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, 100);
		text_base64(&out, slice_text(cases[i][0]));
		assert_string_equal(buf_text(&out), cases[i][1]);
		buf_done(&out);
	}
}

static void characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(text_characters(""), 0);
	assert_int_equal(text_characters("cafe"), 4);
	assert_int_equal(text_characters("caf\xc3\xa9"), 4);
	assert_int_equal(text_characters("\xf4\x8f\xbf\xbf\xe2\x82\xac"), 2);
}

static void what_can_be_shown_is_copied_by_whole_characters(void **state)
{
	char out[8];

	(void)state;
	assert_int_equal(text_printable(slice_text("a\\b\n\x7f\xff"
						   "c\xe2\x80\xae"),
					out, sizeof(out)),
			 4);
	assert_string_equal(out, "a\\bc");
	assert_int_equal(text_printable(slice_text("12345\xe2\x82\xac"), out,
					sizeof(out)),
			 5);
	assert_string_equal(out, "12345");
	assert_int_equal(text_printable(slice_text("1234\xe2\x82\xac"), out,
					sizeof(out)),
			 7);
	assert_int_equal(text_printable(slice_text(""), out, sizeof(out)), 0);
	assert_string_equal(out, "");
}

static void a_name_is_under_whole_labels_alone(void **state)
{
	static const struct {
		const char *name, *domain;
		bool is;
	} cases[] = {
		{ "a.example.org", "example.org", true },
		{ "A.Example.ORG", "example.org", true },
		{ "example.org", "example.org", true },
		{ "anexample.org", "example.org", false },
		{ "org", "example.org", false },
		{ "a.example.org", "", false },
		{ "", "example.org", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(text_is_under(slice_text(cases[i].name),
					       slice_text(cases[i].domain)),
				 cases[i].is);
	assert_false(text_is_under((struct slice){ 0 }, slice_text("org")));
}

static void lines_are_taken_off_one_by_one(void **state)
{
	static const char *const lines[] = { "one", "", "two\r", "last" };
	struct slice rest = slice_text("one\n\ntwo\r\nlast"), line;

	(void)state;
	for (size_t i = 0; i < COUNT(lines); i++) {
		assert_true(text_next_line(&rest, &line));
		assert_true(slice_equal(line, slice_text(lines[i])));
	}
	assert_false(text_next_line(&rest, &line));
	rest = slice_text("\n");
	assert_true(text_next_line(&rest, &line));
	assert_int_equal(line.len, 0);
	assert_false(text_next_line(&rest, &line));
	rest = (struct slice){ 0 };
	assert_false(text_next_line(&rest, &line));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(outside_text_is_made_safe_to_show),
		cmocka_unit_test(names_of_zone_files_are_read_back),
		cmocka_unit_test(
			every_pair_of_bytes_reads_back_from_its_escape),
		cmocka_unit_test(utf8_is_told_from_other_bytes),
		cmocka_unit_test(characters_are_counted_not_bytes),
		cmocka_unit_test(
			what_can_be_shown_is_copied_by_whole_characters),
		cmocka_unit_test(a_name_is_under_whole_labels_alone),
		cmocka_unit_test(lines_are_taken_off_one_by_one),
		cmocka_unit_test(
			a_number_fills_its_text_and_stays_in_its_range),
		cmocka_unit_test(the_largest_number_is_read),
		cmocka_unit_test(hex_is_two_digits_a_byte),
		cmocka_unit_test(hex_is_read_back_and_nothing_else),
		cmocka_unit_test(base64_is_that_of_its_rfc),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

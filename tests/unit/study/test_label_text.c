// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "study/label_text.h"

static void expect(const char *typed, const char *cleaned)
{
	struct label_text out, again;

	label_clean(slice_text(typed), &out);
	assert_string_equal(out.text, cleaned);
	assert_int_equal(out.len, strlen(cleaned));
	label_clean(label_slice(&out), &again);
	assert_string_equal(again.text, cleaned);
}

static void a_label_is_words_of_ascii_in_lower_case(void **unused)
{
	(void)unused;
	expect("  Philips  Hue\t", "philips hue");
	expect("Caf\xc3\xa9 \xe2\x98\x95 Maker", "caf maker");
	expect("tp\xc2\xa0link", "tplink");
	expect("\xff\xfe\x01", "");
	expect("", "");
	expect("Philip's\r\nTV", "philip's tv");
}

static void what_is_too_long_is_cut_without_a_space_at_its_end(void **unused)
{
	char typed[2 * LABEL_BYTES_MAX + 1];
	struct label_text out;

	(void)unused;
	memset(typed, 'x', sizeof(typed) - 1);
	typed[sizeof(typed) - 1] = '\0';
	typed[LABEL_BYTES_MAX - 1] = ' ';
	label_clean(slice_text(typed), &out);
	assert_true(out.is_cut);
	assert_int_equal(out.len, LABEL_BYTES_MAX - 1);
	label_clean(slice_of(typed, LABEL_BYTES_MAX - 1), &out);
	assert_false(out.is_cut);
}

static void two_parts_are_joined_by_what_is_left_of_them(void **unused)
{
	struct label_text out;

	(void)unused;
	label_join(slice_text(" Front Door "), slice_text("Camera"), &out);
	assert_string_equal(out.text, "front door camera");
	label_join(slice_text("\xe2\x98\x95"), slice_text("Camera"), &out);
	assert_string_equal(out.text, "camera");
	label_join((struct slice){ 0 }, (struct slice){ 0 }, &out);
	assert_string_equal(out.text, "");
}

static void words_are_between_spaces_and_bare_without_punctuation(void **unused)
{
	struct slice label = slice_text("the (smart) tv");
	size_t at = 0;

	(void)unused;
	assert_true(slice_equal(label_word(label, &at), slice_text("the")));
	assert_true(slice_equal(label_bare(label_word(label, &at)),
				slice_text("smart")));
	assert_true(slice_equal(label_word(label, &at), slice_text("tv")));
	assert_null(label_word(label, &at).data);
	assert_int_equal(label_bare(slice_text("--")).len, 0);
}

static void a_compact_label_is_letters_and_digits(void **unused)
{
	struct label_text out;

	(void)unused;
	assert_string_equal(label_compact(slice_text("tp-link #2"), &out)->text,
			    "tplink2");
	assert_true(label_contains(slice_text("tplinkcloud.com"),
				   slice_text("tplink")));
	assert_false(label_contains(slice_text("any"), slice_text("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_label_is_words_of_ascii_in_lower_case),
		cmocka_unit_test(
			what_is_too_long_is_cut_without_a_space_at_its_end),
		cmocka_unit_test(two_parts_are_joined_by_what_is_left_of_them),
		cmocka_unit_test(
			words_are_between_spaces_and_bare_without_punctuation),
		cmocka_unit_test(a_compact_label_is_letters_and_digits),
	};

	return cmocka_run_group_tests_name("label_text", tests, NULL, NULL);
}

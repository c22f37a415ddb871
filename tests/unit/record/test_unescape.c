// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/unescape.h"

static void each_escape_becomes_what_it_stands_for(void **state)
{
	static const struct {
		const char *text, *plain;
	} cases[] = {
		{ "", "" },
		{ "a%3Ab%3ac", "a:b:c" },
		{ "a%253Ab%25253Ac", "a:b:c" },
		{ "a%2525253Ab", "a%3Ab" }, /* four times */
		{ "\\x3a\\u003A\\058", ":::" },
		{ "&#58;&#x3A;&#X3a;", ":::" },
		{ "&#39;&apos;&amp;quot;", "''\"" },
		{ "Anna\\'s \\\\ \\/", "Anna's \\ /" },
		{ "\\u2019&#8217;&rsquo;%E2%80%99\\226\\128\\153",
		  "\xe2\x80\x99\xe2\x80\x99\xe2\x80\x99\xe2\x80\x99"
		  "\xe2\x80\x99" },
		{ "&#233;&#x1F600;", "\xc3\xa9\xf0\x9f\x98\x80" },
		/* none of them */
		{ "100% %4 %4g &#; &#x; &x; &#1114112;",
		  "100% %4 %4g &#; &#x; &x; &#1114112;" },
		{ "C:\\Users \\x3 \\u003 \\25 \\256 \\",
		  "C:\\Users \\x3 \\u003 \\25 \\256 \\" },
	};
	uint8_t out[UNESCAPE_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice plain = unescape(slice_text(cases[i].text), out);

		if (!slice_equal(plain, slice_text(cases[i].plain)))
			fail_msg("%s became %.*s", cases[i].text,
				 (int)plain.len, (const char *)plain.data);
	}
}

/* Each cut of a text ends within its bytes, or the sanitizer would tell. */
static void a_text_cut_anywhere_is_read_to_its_end(void **state)
{
	static const char whole[] =
		"%253A\\x3a\\u003a\\058&#58;&#x3a;&apos;\\:";
	uint8_t out[UNESCAPE_MAX];

	(void)state;
	for (size_t n = 0; n < sizeof(whole); n++) {
		uint8_t *text = malloc(n ? n : 1);

		memcpy(text, whole, n);
		assert_true(unescape(slice_of(text, n), out).len <= n);
		free(text);
	}
}

static void a_long_text_is_read_as_far_as_is_looked_at(void **state)
{
	static uint8_t text[2 * UNESCAPE_MAX];
	uint8_t out[UNESCAPE_MAX];
	struct slice plain;

	(void)state;
	memset(text, 'x', sizeof(text));
	plain = unescape(slice_of(text, sizeof(text)), out);
	assert_ptr_equal(plain.data, text);
	assert_int_equal(plain.len, sizeof(text));
	memcpy(text, "%3A", 3);
	plain = unescape(slice_of(text, sizeof(text)), out);
	assert_int_equal(plain.len, UNESCAPE_MAX - 2);
	assert_int_equal(plain.data[0], ':');
	plain = slice_text("plain");
	assert_false(unescape_any(&plain, out));
	assert_true(slice_equal(plain, slice_text("plain")));
	plain = slice_text("a%3Ab");
	assert_true(unescape_any(&plain, out));
	assert_true(slice_equal(plain, slice_text("a:b")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_escape_becomes_what_it_stands_for),
		cmocka_unit_test(a_text_cut_anywhere_is_read_to_its_end),
		cmocka_unit_test(a_long_text_is_read_as_far_as_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

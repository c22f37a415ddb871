// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/session.h"

static void what_was_made_is_ours_for_its_purpose_alone(void **state)
{
	char token[SESSION_TEXT_BYTES], cookie[SESSION_TEXT_BYTES];
	struct session_secret secret, other;

	(void)state;
	assert_int_equal(session_secret_make(&secret), 0);
	assert_int_equal(session_secret_make(&other), 0);
	assert_int_equal(session_token_make(&secret, token), 0);
	assert_int_equal(session_cookie_make(&secret, cookie), 0);
	assert_int_equal(strlen(token), SESSION_TEXT_BYTES - 1);
	assert_true(session_token_is_ours(&secret, slice_text(token)));
	assert_true(session_cookie_is_ours(&secret, slice_text(cookie)));
	assert_false(session_cookie_is_ours(&secret, slice_text(token)));
	assert_false(session_token_is_ours(&secret, slice_text(cookie)));
	assert_false(session_token_is_ours(&other, slice_text(token)));
}

static void no_two_are_the_same(void **state)
{
	char a[SESSION_TEXT_BYTES], b[SESSION_TEXT_BYTES];
	struct session_secret secret = { { 1 } };

	(void)state;
	assert_int_equal(session_cookie_make(&secret, a), 0);
	assert_int_equal(session_cookie_make(&secret, b), 0);
	assert_string_not_equal(a, b);
}

static void one_changed_character_is_enough(void **state)
{
	struct session_secret secret = { { 1 } };
	char cookie[SESSION_TEXT_BYTES];

	(void)state;
	assert_int_equal(session_cookie_make(&secret, cookie), 0);
	for (size_t i = 0; i < SESSION_TEXT_BYTES - 1; i++) {
		char was = cookie[i];

		cookie[i] ^= 1;
		assert_false(session_cookie_is_ours(
			&secret, slice_of(cookie, SESSION_TEXT_BYTES - 1)));
		cookie[i] = '\0';
		assert_false(session_cookie_is_ours(
			&secret, slice_of(cookie, SESSION_TEXT_BYTES - 1)));
		cookie[i] = was;
		assert_false(
			session_cookie_is_ours(&secret, slice_of(cookie, i)));
	}
	assert_true(session_cookie_is_ours(&secret, slice_text(cookie)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_is_ours_for_its_purpose_alone),
		cmocka_unit_test(no_two_are_the_same),
		cmocka_unit_test(one_changed_character_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

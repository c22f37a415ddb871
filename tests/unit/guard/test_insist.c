// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/insist.h"

#define BEGIN_MS 1000000

/* That many times, evenly, from then on; the last is told of. */
static bool times(struct insist *i, unsigned count, uint64_t from_ms,
		  uint64_t apart_ms)
{
	bool told = false;

	for (unsigned k = 0; k < count; k++)
		told = insist_heard(i, from_ms + k * apart_ms);
	return told;
}

static void who_comes_or_wakes_does_not_insist(void **state)
{
	struct insist i = { 0 };

	(void)state;
	for (unsigned minute = 0; minute < 10; minute++)
		assert_false(times(&i, INSIST_TIMES - 1,
				   BEGIN_MS + minute * INSIST_MS, 10));
	assert_false(i.on);
}

static void who_says_so_each_two_seconds_does_and_is_told_once(void **state)
{
	struct insist i = { 0 };

	(void)state;
	assert_true(times(&i, INSIST_TIMES, BEGIN_MS, 1900));
	assert_true(i.on);
	assert_false(times(&i, 100, BEGIN_MS + 59000, 10));
	assert_true(i.on);
}

static void it_is_over_after_a_minute_without(void **state)
{
	struct insist i = { 0 };

	(void)state;
	assert_true(times(&i, INSIST_TIMES, BEGIN_MS, 100));
	assert_false(insist_is_over(&i, BEGIN_MS + INSIST_MS - 1));
	assert_false(insist_is_over(&i, BEGIN_MS + INSIST_MS));
	assert_true(i.on); /* in that minute it was so often */
	assert_true(insist_is_over(&i, BEGIN_MS + 2 * INSIST_MS));
	assert_false(i.on);
	assert_false(insist_is_over(&i, BEGIN_MS + 4 * INSIST_MS));
	assert_true(times(&i, INSIST_TIMES, BEGIN_MS + 5 * INSIST_MS, 100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_comes_or_wakes_does_not_insist),
		cmocka_unit_test(
			who_says_so_each_two_seconds_does_and_is_told_once),
		cmocka_unit_test(it_is_over_after_a_minute_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/path.h"

/* Each report adds the same to what came and what left. */
static enum path_verdict after(unsigned reports, uint64_t from_device,
			       uint64_t to_gateway, uint64_t from_gateway,
			       uint64_t to_device)
{
	struct message_passed counts = { .from_device = 0 };
	struct path path;

	path_reset(&path);
	for (unsigned i = 0; i < reports; i++) {
		path_report(&path, &counts);
		counts.from_device += from_device;
		counts.to_gateway += to_gateway;
		counts.from_gateway += from_gateway;
		counts.to_device += to_device;
	}
	return path_judge(&path);
}

static void a_silent_device_is_not_judged(void **state)
{
	(void)state;
	assert_int_equal(after(0, 0, 0, 0, 0), PATH_UNKNOWN);
	assert_int_equal(after(1, 9, 9, 9, 9), PATH_UNKNOWN);
	assert_int_equal(after(100, 0, 0, 0, 0), PATH_UNKNOWN);
}

static void passing_both_ways_is_good(void **state)
{
	(void)state;
	assert_int_equal(after(2, 1, 1, 1, 1), PATH_GOOD);
	assert_int_equal(after(50, 500, 500, 900, 900), PATH_GOOD);
	/* merged frames leave in parts */
	assert_int_equal(after(50, 50, 700, 90, 1300), PATH_GOOD);
}

static void good_stays_good_while_it_is_silent(void **state)
{
	struct message_passed counts = { .from_device = 0 };
	struct path path;

	(void)state;
	path_reset(&path);
	path_report(&path, &counts);
	counts.from_device = counts.to_gateway = 5;
	counts.from_gateway = counts.to_device = 5;
	for (int i = 0; i < 100; i++)
		path_report(&path, &counts);
	assert_int_equal(path_judge(&path), PATH_GOOD);
}

static void what_is_not_passed_on_is_black(void **state)
{
	(void)state;
	assert_int_equal(after(2, 3, 0, 0, 0), PATH_BLACK_OUT);
	assert_int_equal(after(2, 3, 3, 3, 0), PATH_BLACK_IN);
	assert_int_equal(after(2, 2, 0, 0, 0), PATH_UNKNOWN);
}

static void a_path_that_turns_black_is_seen_within_its_span(void **state)
{
	struct message_passed counts = { .from_device = 0 };
	struct path path;

	(void)state;
	path_reset(&path);
	for (int i = 0; i < 100; i++) {
		path_report(&path, &counts);
		counts.from_device += 10;
		counts.to_gateway += 10;
		counts.from_gateway += 10;
		counts.to_device += 10;
	}
	assert_int_equal(path_judge(&path), PATH_GOOD);
	for (int i = 0; i < PATH_SPAN; i++) {
		path_report(&path, &counts);
		counts.from_device += 10;
	}
	path_report(&path, &counts);
	assert_int_equal(path_judge(&path), PATH_BLACK_OUT);
}

static void a_tenth_lost_is_too_much(void **state)
{
	(void)state;
	assert_int_equal(after(9, 100, 89, 100, 100), PATH_LOSSY);
	assert_int_equal(after(9, 100, 100, 100, 89), PATH_LOSSY);
	assert_int_equal(after(9, 100, 91, 100, 91), PATH_GOOD);
	/* one of a few is on its way when counted */
	assert_int_equal(after(2, 4, 3, 4, 3), PATH_GOOD);
}

static void no_answer_at_all_is_bad_but_not_at_once(void **state)
{
	(void)state;
	assert_int_equal(after(4, 100, 100, 0, 0), PATH_UNKNOWN);
	assert_int_equal(after(PATH_SPAN + 2, 100, 100, 0, 0),
			 PATH_UNANSWERED_OUT);
	assert_int_equal(after(PATH_SPAN + 2, 1, 1, 0, 0), PATH_UNKNOWN);
}

static void
a_device_that_sends_nothing_is_told_of_and_does_no_harm(void **state)
{
	(void)state;
	assert_int_equal(after(4, 0, 0, 100, 100), PATH_UNKNOWN);
	assert_int_equal(after(PATH_SPAN + 2, 0, 0, 100, 100), PATH_UNSENT);
	assert_int_equal(after(PATH_SPAN + 2, 0, 0, 1, 1), PATH_UNKNOWN);
	assert_int_equal(after(PATH_SPAN + 2, 1, 1, 100, 100), PATH_GOOD);
	/* what is not passed on does */
	assert_int_equal(after(PATH_SPAN + 2, 0, 0, 100, 0), PATH_BLACK_IN);
}

static void a_new_engine_begins_anew(void **state)
{
	struct message_passed counts = { .from_device = 1000, .to_gateway = 9 };
	struct path path;

	(void)state;
	path_reset(&path);
	path_report(&path, &counts);
	counts = (struct message_passed){ .from_device = 1, .to_gateway = 1 };
	path_report(&path, &counts);
	assert_int_equal(path_judge(&path), PATH_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_device_is_not_judged),
		cmocka_unit_test(passing_both_ways_is_good),
		cmocka_unit_test(good_stays_good_while_it_is_silent),
		cmocka_unit_test(what_is_not_passed_on_is_black),
		cmocka_unit_test(
			a_path_that_turns_black_is_seen_within_its_span),
		cmocka_unit_test(a_tenth_lost_is_too_much),
		cmocka_unit_test(no_answer_at_all_is_bad_but_not_at_once),
		cmocka_unit_test(
			a_device_that_sends_nothing_is_told_of_and_does_no_harm),
		cmocka_unit_test(a_new_engine_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

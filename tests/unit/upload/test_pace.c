// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "upload/pace.h"

static void each_failure_waits_longer_up_to_a_limit(void **state)
{
	struct pace p = { 0 };
	uint64_t now = 1000, before = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		pace_failed(&p, now, 0, UINT32_MAX);
		assert_true(p.due_ms - now >= before);
		assert_true(p.due_ms - now <= PACE_MOST_MS);
		before = p.due_ms - now;
		assert_false(pace_is_due(&p, p.due_ms - 1));
		assert_true(pace_is_due(&p, p.due_ms));
	}
	assert_int_equal(before, PACE_MOST_MS);
	pace_succeeded(&p, now, false);
	assert_int_equal(p.due_ms, now + PACE_MS);
}

static void homes_cut_off_together_come_back_apart(void **state)
{
	struct pace least = { 0 }, most = { 0 };

	(void)state;
	for (int i = 0; i < 6; i++) {
		pace_failed(&least, 0, 0, 0);
		pace_failed(&most, 0, 0, UINT32_MAX);
	}
	assert_int_equal(least.due_ms, most.due_ms / 2);
}

static void a_collector_is_never_asked_sooner_than_it_says(void **state)
{
	struct pace p = { 0 };

	(void)state;
	pace_failed(&p, 0, 300, 0);
	assert_true(p.due_ms >= 300000);
	p = (struct pace){ 0 };
	pace_failed(&p, 0, UINT64_MAX, UINT32_MAX);
	assert_true(p.due_ms <= PACE_ASKED_MOST_MS + PACE_MS);
}

static void what_is_tried_again_at_once_still_counts_its_failures(void **state)
{
	struct pace p = { 0 };
	uint64_t before = 0;

	(void)state;
	for (int i = 0; i < 4; i++) {
		pace_failed(&p, 0, 0, UINT32_MAX);
		assert_true(p.due_ms > before);
		before = p.due_ms;
		pace_again(&p, 0);
		assert_true(pace_is_due(&p, 0));
	}
}

static void what_the_owner_asks_for_is_tried_at_once(void **state)
{
	struct pace p = { 0 };

	(void)state;
	pace_failed(&p, 0, 300, 0);
	pace_hurry(&p, 7);
	assert_true(pace_is_due(&p, 7));
	pace_succeeded(&p, 7, true);
	assert_true(pace_is_due(&p, 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_waits_longer_up_to_a_limit),
		cmocka_unit_test(homes_cut_off_together_come_back_apart),
		cmocka_unit_test(
			a_collector_is_never_asked_sooner_than_it_says),
		cmocka_unit_test(
			what_is_tried_again_at_once_still_counts_its_failures),
		cmocka_unit_test(what_the_owner_asks_for_is_tried_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

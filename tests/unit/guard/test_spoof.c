// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/spoof.h"

static const struct mac router = { { 2, 0, 0, 0, 0, 1 } };
static const struct mac other = { { 2, 0, 0, 0, 0, 66 } };

static void two_that_go_on_saying_so_are_found(void **state)
{
	struct spoof s;

	(void)state;
	spoof_init(&s, &router);
	assert_false(spoof_heard(&s, &router, 1000));
	assert_false(spoof_heard(&s, &other, 2000));
	assert_true(spoof_asks(&s, &other, 2000));
	assert_false(spoof_asks(&s, &other, 2000 + SPOOF_ASK_MS - 1));
	assert_false(spoof_heard(&s, &router, 2001));
	assert_false(spoof_asks(&s, &router, 4000));
	assert_false(spoof_heard(&s, &other, 3000));
	assert_true(spoof_heard(&s, &other, 4000));
	assert_false(spoof_heard(&s, &router, 5000));
	assert_false(spoof_is_over(&s, 4000 + SPOOF_OVER_MS - 1));
	assert_true(spoof_is_over(&s, 4000 + SPOOF_OVER_MS));
	assert_false(spoof_is_over(&s, 4000 + SPOOF_OVER_MS));
}

static void a_router_that_was_replaced_is_no_spoofer(void **state)
{
	struct spoof s;

	(void)state;
	spoof_init(&s, &router);
	assert_false(spoof_heard(&s, &router, 1000));
	for (uint64_t t = 0; t < 10; t++)
		assert_false(spoof_heard(&s, &other, 11001 + t * 1000));
}

static void claims_far_apart_are_none(void **state)
{
	struct spoof s;

	(void)state;
	spoof_init(&s, &router);
	for (uint64_t t = 1; t < 100; t++) {
		assert_false(spoof_heard(&s, &router, t * 6000));
		assert_false(spoof_heard(&s, &other, t * 6000));
	}
}

static void made_up_claimants_do_not_push_the_router_out(void **state)
{
	struct spoof s;

	(void)state;
	spoof_init(&s, &router);
	assert_false(spoof_heard(&s, &router, 1000));
	for (uint8_t i = 10; i < 200; i++) {
		struct mac mac = { { 2, 0, 0, 0, 9, i } };

		assert_false(spoof_heard(&s, &mac, 1000 + i));
	}
	assert_int_equal(s.count, SPOOF_CLAIMANTS_MAX);
	assert_false(spoof_heard(&s, &other, 2000));
	assert_false(spoof_heard(&s, &other, 2001));
	assert_false(spoof_heard(&s, &router, 2001));
	assert_true(spoof_heard(&s, &other, 2002));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_that_go_on_saying_so_are_found),
		cmocka_unit_test(a_router_that_was_replaced_is_no_spoofer),
		cmocka_unit_test(claims_far_apart_are_none),
		cmocka_unit_test(made_up_claimants_do_not_push_the_router_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

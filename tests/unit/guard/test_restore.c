// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/restore.h"

static void ipv6_that_is_switched_off_waits_with_a_silent_ipv4(void **state)
{
	(void)state;
	for (int both = 0; both <= 1; both++)
		assert_int_equal(restore_six_beside(RESTORE_UNTOLD,
						    RESTORE_LATER, both),
				 RESTORE_LATER);
}

static void it_is_told_where_ipv4_shows_the_same_router(void **state)
{
	(void)state;
	assert_int_equal(restore_six_beside(RESTORE_UNTOLD, 0, true), 0);
	assert_int_equal(restore_six_beside(RESTORE_UNTOLD, 0, false),
			 RESTORE_UNTOLD);
	assert_int_equal(restore_six_beside(RESTORE_UNTOLD, RESTORE_ELSEWHERE,
					    true),
			 RESTORE_UNTOLD);
}

static void one_that_is_on_goes_by_its_own_router(void **state)
{
	static const int found[] = { 0, RESTORE_ELSEWHERE, RESTORE_LATER };

	(void)state;
	for (size_t six = 0; six < 3; six++)
		for (size_t four = 0; four < 3; four++)
			assert_int_equal(restore_six_beside(found[six],
							    found[four], true),
					 found[six]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			ipv6_that_is_switched_off_waits_with_a_silent_ipv4),
		cmocka_unit_test(it_is_told_where_ipv4_shows_the_same_router),
		cmocka_unit_test(one_that_is_on_goes_by_its_own_router),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Who read meanwhile would keep what is erased in the logs. */
static void nothing_is_read_while_something_is_erased(void **state)
{
	struct crowd crowd;

	(void)state;
	crowd_init(&crowd, 3);
	assert_true(crowd_begin(&crowd, false)); /* there is none yet */
	assert_false(crowd_begin(&crowd, false));
	assert_true(crowd_begin(&crowd, true));
	crowd_hold(&crowd);
	assert_true(crowd.stop);
	assert_false(crowd_begin(&crowd, true));
	assert_true(crowd.stop);
	crowd_let_go(&crowd);
	assert_true(crowd_begin(&crowd, false)); /* what was broken off */
	assert_false(crowd.stop);
	crowd_hold(&crowd);
	crowd_forget(&crowd);
	assert_true(crowd_begin(&crowd, false));
	assert_false(crowd_begin(&crowd, false));
	crowd_done(&crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_read_while_something_is_erased),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

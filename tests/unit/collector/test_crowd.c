// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "collector/collector.h"
#include "collector/exchange.h"

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

/* The thread that asks has others to serve. */
static void who_asks_while_it_is_made_is_put_off(void **state)
{
	struct collector collector = { .data_dir = "" };
	struct exchange e;

	(void)state;
	crowd_init(&collector.crowd, 3);
	exchange_init(&e, &collector, NULL);
	pthread_mutex_lock(&collector.crowd.lock);
	assert_true(crowd_labels(&collector, &e));
	assert_int_equal(e.reply.status, 503);
	assert_true(e.reply.retry_after_s > 0);
	pthread_mutex_unlock(&collector.crowd.lock);
	exchange_done(&e);
	exchange_init(&e, &collector, NULL);
	assert_true(crowd_labels(&collector, &e));
	assert_int_equal(e.reply.status, 200);
	exchange_done(&e);
	crowd_done(&collector.crowd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_read_while_something_is_erased),
		cmocka_unit_test(who_asks_while_it_is_made_is_put_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

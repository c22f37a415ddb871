// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/heir.h"

static const struct mac one = { { 2, 1 } }, other = { { 2, 2 } };

/* Asked all of its times; gives when the last wait is over. */
static uint64_t ask(struct heir *h, uint64_t ms)
{
	for (int i = 0; i < HEIR_ASKS; i++) {
		assert_false(heir_is_due(h, ms));
		assert_true(heir_asks(h, ms));
		assert_false(heir_asks(h, ms + HEIR_ASK_MS - 1));
		ms += HEIR_ASK_MS;
	}
	assert_false(heir_is_due(h, ms - 1));
	return ms;
}

static void a_silent_router_has_an_heir(void **state)
{
	struct heir h = { .asked = 0 };
	uint64_t ms;

	(void)state;
	assert_false(heir_waits(&h));
	assert_false(heir_asks(&h, 4000));
	assert_false(heir_is_due(&h, UINT64_MAX));
	heir_claims(&h, &one, 5000);
	assert_true(heir_waits(&h));
	ms = ask(&h, 5000);
	assert_true(heir_is_due(&h, ms));
	assert_false(heir_asks(&h, ms));
	assert_false(heir_is_over(&h, ms + HEIR_PROVE_MS - 1));
	assert_true(heir_is_over(&h, ms + HEIR_PROVE_MS));
}

static void one_that_answers_has_none(void **state)
{
	struct heir h = { .asked = 0 };

	(void)state;
	heir_claims(&h, &one, 5000);
	assert_true(heir_asks(&h, 5000));
	heir_clear(&h);
	assert_false(heir_waits(&h));
	assert_false(heir_is_due(&h, UINT64_MAX));
	heir_claims(&h, &one, 9000); /* he says so again: all anew */
	assert_true(heir_is_due(&h, ask(&h, 9000)));
}

static void who_takes_turns_puts_nothing_off(void **state)
{
	struct heir h = { .asked = 0 };
	uint64_t ms;

	(void)state;
	heir_claims(&h, &one, 5000);
	ms = ask(&h, 5000);
	heir_claims(&h, &other, ms - 1);
	assert_true(mac_equal(&h.mac, &other));
	assert_true(heir_is_due(&h, ms));
}

/* A process that was held up has not waited. */
static void who_was_not_asked_was_not_silent(void **state)
{
	struct heir h = { .asked = 0 };

	(void)state;
	heir_claims(&h, &one, 5000);
	assert_false(heir_is_due(&h, 9000));
	assert_true(heir_is_due(&h, ask(&h, 9000)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_silent_router_has_an_heir),
		cmocka_unit_test(one_that_answers_has_none),
		cmocka_unit_test(who_takes_turns_puts_nothing_off),
		cmocka_unit_test(who_was_not_asked_was_not_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

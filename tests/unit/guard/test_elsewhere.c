// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/elsewhere.h"

#define BEGIN_MS 1000000

static const struct addr here = { 4, { 10, 0, 8, 5 } };
static const struct addr there = { 4, { 10, 0, 9, 5 } };

static bool is_at(const struct elsewhere *e, const struct addr *address)
{
	const struct addr at = elsewhere_address(e);

	return addr_equal(&at, address);
}

static void heard_alone_is_not_believed(void **state)
{
	struct elsewhere e = { 0 };

	(void)state;
	assert_true(elsewhere_heard(&e, &there, BEGIN_MS));
	assert_int_equal(elsewhere_address(&e).family, 0);
	/* too late, or of another, or never asked */
	assert_false(elsewhere_answered(&e, &here, BEGIN_MS + 1));
	assert_false(elsewhere_answered(&e, &there,
					BEGIN_MS + ELSEWHERE_ANSWER_MS + 1));
	e = (struct elsewhere){ 0 };
	assert_false(elsewhere_answered(&e, &there, BEGIN_MS));
	assert_int_equal(elsewhere_address(&e).family, 0);
}

static void who_answers_has_it_until_it_answers_no_more(void **state)
{
	struct elsewhere e = { 0 };
	uint64_t now = BEGIN_MS;
	unsigned asked = 0;
	bool gone = false;

	(void)state;
	assert_true(elsewhere_heard(&e, &there, now));
	assert_true(elsewhere_answered(&e, &there, now + 5));
	assert_true(is_at(&e, &there));
	for (now += 10; now < BEGIN_MS + 10 * ELSEWHERE_GONE_MS; now += 1000)
		if (elsewhere_ask(&e, now, &gone))
			assert_false(elsewhere_answered(&e, &there, now + 5));
	assert_true(is_at(&e, &there));
	for (uint64_t last = now; !gone; now += 1000) {
		asked += elsewhere_ask(&e, now, &gone);
		assert_true(now < last + ELSEWHERE_GONE_MS + 2000);
	}
	assert_true(asked > 1);
	assert_int_equal(elsewhere_address(&e).family, 0);
	assert_false(elsewhere_ask(&e, now + ELSEWHERE_ASK_MS, &gone));
	assert_false(gone);
}

static void nobody_is_asked_often(void **state)
{
	struct elsewhere e = { 0 };
	unsigned asked = 0;

	(void)state;
	for (uint64_t ms = 0; ms < ELSEWHERE_AGAIN_MS; ms += 10)
		asked += elsewhere_heard(&e, &there, BEGIN_MS + ms);
	assert_int_equal(asked, 1);
	for (uint64_t ms = 0; ms < ELSEWHERE_AGAIN_MS; ms += 10)
		asked += elsewhere_heard(&e, ms % 20 ? &here : &there,
					 BEGIN_MS + ELSEWHERE_AGAIN_MS + ms);
	assert_true(asked <= 1 + ELSEWHERE_AGAIN_MS / ELSEWHERE_OTHER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heard_alone_is_not_believed),
		cmocka_unit_test(who_answers_has_it_until_it_answers_no_more),
		cmocka_unit_test(nobody_is_asked_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "judge/offer.h"
#include "know/suite.h"

static void check(enum offer_rules rules, uint16_t highest, uint16_t suite,
		  bool outdated, unsigned int weak)
{
	uint8_t bytes[] = { 0x13, 0x01, (uint8_t)(suite >> 8), (uint8_t)suite };
	struct offer_verdict verdict = offer_judge(
		rules, highest, (struct slice){ bytes, sizeof(bytes) });

	assert_int_equal(verdict.outdated, outdated);
	assert_int_equal(verdict.weak, weak);
}

static void the_paper_takes_tls_1_0_for_outdated_and_1_1_not(void **state)
{
	(void)state;
	check(OFFER_PAPER, 0x0300, 0xc02f, true, 0);
	check(OFFER_PAPER, 0x0301, 0xc02f, true, 0);
	check(OFFER_PAPER, 0x0302, 0xc02f, false, 0);
	check(OFFER_CURRENT, 0x0302, 0xc02f, true, 0);
	check(OFFER_CURRENT, 0x0303, 0xc02f, false, 0);
}

static void triple_des_is_weak_today_only(void **state)
{
	(void)state;
	check(OFFER_PAPER, 0x0303, 0x000a, false, 0);
	check(OFFER_CURRENT, 0x0303, 0x000a, false, SUITE_3DES);
	check(OFFER_PAPER, 0x0303, 0x0004, false, SUITE_RC4);
	check(OFFER_PAPER, 0x0303, 0x0003, false, SUITE_RC4 | SUITE_EXPORT);
	check(OFFER_PAPER, 0x0303, 0x0000, false, SUITE_NULL | SUITE_ANON);
}

static void an_odd_byte_at_the_end_is_no_suite(void **state)
{
	static const uint8_t bytes[] = { 0x00, 0x05, 0x00 };

	(void)state;
	assert_int_equal(offer_judge(OFFER_PAPER, 0x0303,
				     (struct slice){ bytes, 3 })
				 .weak,
			 SUITE_RC4);
	assert_int_equal(offer_judge(OFFER_PAPER, 0x0303,
				     (struct slice){ bytes, 1 })
				 .weak,
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_paper_takes_tls_1_0_for_outdated_and_1_1_not),
		cmocka_unit_test(triple_des_is_weak_today_only),
		cmocka_unit_test(an_odd_byte_at_the_end_is_no_suite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/hosts6.h"

static struct addr address(unsigned n)
{
	return (struct addr){
		6, { 0xfe, 0x80, [14] = (uint8_t)(n >> 8), [15] = (uint8_t)n }
	};
}

static struct mac mac(unsigned n)
{
	return (struct mac){ { 2, 0, 0, 0, (uint8_t)(n >> 8), (uint8_t)n } };
}

static struct host6 *heard(struct hosts6 *h, unsigned host, unsigned at,
			   uint64_t now_ms, bool *fresh)
{
	struct addr a = address(at);
	struct mac m = mac(host);

	return hosts6_heard(h, &m, &a, now_ms, fresh);
}

static void an_address_is_its_last_speaker_s_and_unproven_then(void **state)
{
	struct hosts6 h;
	struct host6 *host;
	bool fresh;

	(void)state;
	hosts6_init(&h, 1);
	host = heard(&h, 1, 7, 5, &fresh);
	assert_true(fresh && !host->proven);
	host->proven = true;
	host = heard(&h, 1, 7, 6, &fresh);
	assert_true(!fresh && host->proven);
	host = heard(&h, 2, 7, 7, &fresh);
	assert_true(fresh && !host->proven);
	assert_int_equal(host->mac.b[5], 2);
	hosts6_done(&h);
}

static void of_one_mac_the_newest_are_kept(void **state)
{
	struct addr other = address(9999), first = address(0);
	struct hosts6 h;
	bool fresh;

	(void)state;
	hosts6_init(&h, 1);
	assert_non_null(heard(&h, 2, 9999, 0, &fresh));
	for (unsigned i = 0; i < 10 * HOSTS6_OF_ONE; i++)
		assert_non_null(heard(&h, 1, i, i + 1, &fresh));
	assert_int_equal(h.by_address.count, HOSTS6_OF_ONE + 1);
	assert_non_null(hosts6_find(&h, &other));
	assert_null(hosts6_find(&h, &first));
	hosts6_done(&h);
}

static void in_a_full_table_the_oldest_makes_room(void **state)
{
	struct addr first = address(0);
	struct hosts6 h;
	bool fresh;

	(void)state;
	hosts6_init(&h, 1);
	for (unsigned i = 0; i <= HOSTS6_MAX; i++)
		assert_non_null(heard(&h, i, i, i + 1, &fresh));
	assert_int_equal(h.by_address.count, HOSTS6_MAX);
	assert_null(hosts6_find(&h, &first));
	hosts6_done(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_address_is_its_last_speaker_s_and_unproven_then),
		cmocka_unit_test(of_one_mac_the_newest_are_kept),
		cmocka_unit_test(in_a_full_table_the_oldest_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guard/burst.h"
#include "guard/hosts.h"
#include "guard/scan.h"

/* Runs a round from now on; gives when its last address was asked. */
static uint64_t round_of(struct scan *s, uint64_t now_ms, unsigned *asked,
			 struct addr *first, struct addr *last)
{
	uint64_t rounds = s->rounds, at = now_ms;
	struct addr address;

	*asked = 0;
	for (; s->rounds == rounds; at++) {
		if (!scan_due(s, at, &address))
			continue;
		if (!(*asked)++)
			*first = address;
		*last = address;
		assert_false(scan_due(s, at, &address)); /* paced */
	}
	return at - 1;
}

static void a_slash_24_takes_two_and_a_half_seconds(void **state)
{
	struct cidr own = { { 4, { 192, 168, 1, 77 } }, 24 };
	struct addr first, last;
	struct scan scan;
	unsigned asked;
	uint64_t end;

	(void)state;
	scan_init(&scan, &own, 5000);
	end = round_of(&scan, 5000, &asked, &first, &last);
	assert_int_equal(asked, 253); /* but for ourselves */
	assert_int_equal(first.b[3], 1);
	assert_int_equal(last.b[3], 254);
	assert_in_range(end - 5000, 2400, 2600);
	assert_int_equal(scan.skipped, 0);
}

static void a_larger_subnet_is_bounded_and_around_us(void **state)
{
	struct cidr own = { { 4, { 10, 9, 8, 7 } }, 8 };
	struct addr first, last;
	struct scan scan;
	unsigned asked;

	(void)state;
	scan_init(&scan, &own, 0);
	round_of(&scan, 0, &asked, &first, &last);
	assert_int_equal(asked, SCAN_ADDRESSES_MAX - 1);
	assert_int_equal(first.b[1], 9);
	assert_int_equal(first.b[2], 8);
	assert_int_equal(last.b[2], 11);
	assert_int_equal(scan.skipped, (1 << 24) - 2 - SCAN_ADDRESSES_MAX);
}

static void smallest_subnets_have_their_hosts_asked(void **state)
{
	struct addr first, last;
	struct scan scan;
	unsigned asked;

	(void)state;
	scan_init(&scan, &(struct cidr){ { 4, { 10, 0, 0, 1 } }, 30 }, 0);
	round_of(&scan, 0, &asked, &first, &last);
	assert_int_equal(asked, 1);
	assert_int_equal(first.b[3], 2);
	scan_init(&scan, &(struct cidr){ { 4, { 10, 0, 0, 2 } }, 30 }, 0);
	round_of(&scan, 0, &asked, &first, &last);
	assert_int_equal(asked, 1);
	assert_int_equal(first.b[3], 1);
}

static void rounds_follow_each_other_and_can_be_asked_for(void **state)
{
	struct cidr own = { { 4, { 192, 168, 1, 77 } }, 24 };
	struct addr first, last, address;
	struct scan scan;
	unsigned asked;
	uint64_t end;

	(void)state;
	scan_init(&scan, &own, 0);
	end = round_of(&scan, 0, &asked, &first, &last);
	assert_false(scan_due(&scan, end + SCAN_SOON_MS - 1, &address));
	end = round_of(&scan, end + SCAN_SOON_MS, &asked, &first, &last);
	assert_int_equal(asked, 253);
	assert_false(scan_due(&scan, end + SCAN_AGAIN_MS - 1, &address));
	scan_again(&scan, end + 100);
	assert_false(scan_due(&scan, end + SCAN_ASKED_MS - 1, &address));
	assert_true(scan_due(&scan, end + SCAN_ASKED_MS, &address));
}

static void a_burst_says_it_at_each_offset_once(void **state)
{
	unsigned said = 0;
	struct burst burst;

	(void)state;
	burst_start(&burst, burst_firm, 1000);
	for (uint64_t now = 1000; now < 5000; now++)
		if (burst_due(&burst, now))
			said++;
	assert_int_equal(said, 5);
	assert_int_equal(burst_next_ms(&burst), UINT64_MAX);
	burst_start(&burst, burst_firm, 1000);
	assert_true(burst_due(&burst, 1900)); /* late: three are one */
	assert_int_equal(burst_next_ms(&burst), 2200);
	burst_stop(&burst);
	assert_false(burst_due(&burst, 9999));
}

static void a_firm_burst_goes_past_the_locktime_of_linux(void **state)
{
	(void)state;
	assert_true(BURST_FIRM_MS > 1100);
}

static void a_host_that_answers_no_more_is_gone_in_time(void **state)
{
	const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
	const struct addr address = { 4, { 10, 0, 0, 9 } };
	unsigned asked = 0;
	struct hosts hosts;
	struct host *host;
	uint64_t now;

	(void)state;
	hosts_init(&hosts, 1);
	host = hosts_heard(&hosts, &mac, &address, 1000, 5);
	assert_non_null(host);
	assert_true(host->present && host->news);
	for (now = 1000; host->present; now++)
		asked += hosts_ask(host, now);
	assert_int_equal(asked, HOSTS_PROBES);
	assert_int_equal(now - 1 - 1000,
			 HOSTS_PROBE_MS + HOSTS_PROBES * HOSTS_ASK_MS);
	host->news = false;
	assert_ptr_equal(hosts_heard(&hosts, &mac, &address, now, 6), host);
	assert_true(host->present && host->news);
	assert_int_equal(host->first_ns, 5);
	assert_int_equal(host->last_ns, 6);
	hosts_done(&hosts);
}

static void a_host_takes_a_new_address_but_does_not_flutter(void **state)
{
	const struct mac mac = { { 2, 0, 0, 0, 0, 1 } };
	const struct addr one = { 4, { 10, 0, 0, 1 } };
	const struct addr two = { 4, { 10, 0, 0, 2 } };
	struct hosts hosts;
	struct host *host;

	(void)state;
	hosts_init(&hosts, 1);
	host = hosts_heard(&hosts, &mac, &one, 0, 0);
	hosts_heard(&hosts, &mac, &two, 10, 0);
	assert_int_equal(host->address.b[3], 2);
	hosts_heard(&hosts, &mac, &one, 20, 0);
	assert_int_equal(host->address.b[3], 1);
	hosts_heard(&hosts, &mac, &two, HOSTS_CHANGE_MS - 1, 0);
	assert_int_equal(host->address.b[3], 1);
	hosts_heard(&hosts, &mac, &two, HOSTS_CHANGE_MS, 0);
	assert_int_equal(host->address.b[3], 2);
	hosts_done(&hosts);
}

static void past_the_limit_of_hosts_only_the_gone_make_room(void **state)
{
	const struct addr address = { 4, { 10, 0, 0, 1 } };
	struct hosts hosts;

	(void)state;
	hosts_init(&hosts, 1);
	for (unsigned i = 0; i <= HOSTS_MAX; i++) {
		struct mac mac = { { 2, 0, 0, 0, (uint8_t)(i >> 8),
				     (uint8_t)i } };
		const struct host *host =
			hosts_heard(&hosts, &mac, &address, 0, 0);

		assert_int_equal(!host, i == HOSTS_MAX);
	}
	assert_int_equal(hosts.refused, 1);
	hosts_find(&hosts, &(struct mac){ { 2, 0, 0, 0, 0, 7 } })->present =
		false;
	assert_non_null(
		hosts_heard(&hosts, &(struct mac){ { 4 } }, &address, 0, 0));
	assert_null(hosts_find(&hosts, &(struct mac){ { 2, 0, 0, 0, 0, 7 } }));
	hosts_done(&hosts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slash_24_takes_two_and_a_half_seconds),
		cmocka_unit_test(a_larger_subnet_is_bounded_and_around_us),
		cmocka_unit_test(smallest_subnets_have_their_hosts_asked),
		cmocka_unit_test(rounds_follow_each_other_and_can_be_asked_for),
		cmocka_unit_test(a_burst_says_it_at_each_offset_once),
		cmocka_unit_test(a_firm_burst_goes_past_the_locktime_of_linux),
		cmocka_unit_test(a_host_that_answers_no_more_is_gone_in_time),
		cmocka_unit_test(
			a_host_takes_a_new_address_but_does_not_flutter),
		cmocka_unit_test(
			past_the_limit_of_hosts_only_the_gone_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

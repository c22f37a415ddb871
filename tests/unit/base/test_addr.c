// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct addr addr(const char *text)
{
	struct addr a;

	assert_int_equal(addr_parse(text, &a), 0);
	return a;
}

static void an_address_reads_and_prints_in_its_canonical_form(void **state)
{
	static const struct {
		const char *text, *canonical;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1" },
		{ "0.0.0.0", "0.0.0.0" },
		{ "2001:DB8:0:0:0:0:0:1", "2001:db8::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "::", "::" },
		{ "::ffff:192.0.2.1", "::ffff:192.0.2.1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct addr a = addr(cases[i].text);
		char out[ADDR_TEXT_BYTES];

		assert_string_equal(addr_format(&a, out), cases[i].canonical);
	}
}

static void no_address_prints_as_nothing(void **state)
{
	static const struct addr none;
	char out[ADDR_TEXT_BYTES] = "x";

	(void)state;
	assert_string_equal(addr_format(&none, out), "");
}

static void what_is_not_an_address_is_malformed(void **state)
{
	static const char *const texts[] = {
		"",	      "1.2.3",	  "1.2.3.4.5", "256.1.1.1",
		"1.2.3.4 ",   " 1.2.3.4", "1.2.3.4/8", ":",
		"2001:db8:",  "1::2::3",  "fe80::1%1", "example.com",
		"0x7f.1.1.1",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct addr a;

		assert_int_equal(addr_parse(texts[i], &a), ERR_MALFORMED);
	}
}

static void a_mac_reads_in_both_notations(void **state)
{
	static const struct mac want = { { 0, 0x1a, 0xFF, 3, 4, 5 } };
	struct mac mac;
	char out[MAC_TEXT_BYTES];

	(void)state;
	assert_int_equal(mac_parse("00:1A:ff:03:04:05", &mac), 0);
	assert_true(mac_equal(&mac, &want));
	assert_int_equal(mac_parse("00-1a-FF-03-04-05", &mac), 0);
	assert_true(mac_equal(&mac, &want));
	assert_string_equal(mac_format(&mac, out), "00:1a:ff:03:04:05");
}

static void what_is_not_a_mac_is_malformed(void **state)
{
	static const char *const texts[] = {
		"",
		"0",
		"00",
		"00:1a:ff:03:04",
		"00:1a:ff:03:04:05:06",
		"00:1a:ff:03:04:05 ",
		"00:1a-ff:03:04:05",
		"001aff030405",
		"0:1a:ff:03:04:05",
		"00:1g:ff:03:04:05",
		"00:1a:ff:03:04:0",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct mac mac;

		assert_int_equal(mac_parse(texts[i], &mac), ERR_MALFORMED);
	}
}

static void group_and_zero_macs_are_told(void **state)
{
	static const struct mac zero;
	static const struct mac group = { { 0x33, 0x33, 0, 0, 0, 1 } };
	static const struct mac local = { { 2, 0, 0, 0, 0, 1 } };

	(void)state;
	assert_true(mac_is_zero(&zero));
	assert_false(mac_is_zero(&local));
	assert_true(mac_is_group(&group));
	assert_false(mac_is_group(&local));
	assert_false(mac_is_group(&zero));
}

static void a_range_contains_what_shares_its_bits(void **state)
{
	static const struct {
		const char *range, *first, *last, *before, *after;
	} cases[] = {
		{ "10.0.0.0/8", "10.0.0.0", "10.255.255.255", "9.255.255.255",
		  "11.0.0.0" },
		{ "10.1.2.3/20", "10.1.0.0", "10.1.15.255", "10.0.255.255",
		  "10.1.16.0" },
		{ "192.0.2.7/32", "192.0.2.7", "192.0.2.7", "192.0.2.6",
		  "192.0.2.8" },
		{ "192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.6",
		  "192.0.2.8" },
		{ "2001:db8::/33", "2001:db8::", "2001:db8:7fff::",
		  "2001:db7:ffff::", "2001:db8:8000::" },
		{ "fe80::1/128", "fe80::1", "fe80::1", "fe80::", "fe80::2" },
		{ "0.0.0.0/0", "0.0.0.0", "255.255.255.255", "::", "::1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct addr first = addr(cases[i].first);
		struct addr last = addr(cases[i].last);
		struct addr before = addr(cases[i].before);
		struct addr after = addr(cases[i].after);
		struct cidr range;

		assert_int_equal(cidr_parse(cases[i].range, &range), 0);
		assert_true(cidr_contains(&range, &first));
		assert_true(cidr_contains(&range, &last));
		assert_false(cidr_contains(&range, &before));
		assert_false(cidr_contains(&range, &after));
	}
}

static void what_is_not_a_range_is_malformed(void **state)
{
	static const char *const texts[] = {
		"10.0.0.0/33",
		"10.0.0.0/",
		"10.0.0.0/-1",
		"10.0.0.0/+8",
		"10.0.0.0/8x",
		"10.0.0.0/ 8",
		"/8",
		"::/129",
		"10.0.0.0/18446744073709551617",
		"1111111111111111111111111111111111111111111111111111/8",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct cidr range;

		assert_int_equal(cidr_parse(texts[i], &range), ERR_MALFORMED);
	}
}

static void kinds_of_addresses_end_where_their_rfcs_say(void **state)
{
	enum {
		P = 1,
		L = 2,
		M = 4,
		O = 8,
		U = 16,
		B = 32
	};
	static const struct {
		const char *text;
		int kinds; /* private, link-local, multicast, loopback, ... */
	} cases[] = {
		{ "9.255.255.255", 0 },
		{ "10.0.0.0", P },
		{ "11.0.0.0", 0 },
		{ "172.15.255.255", 0 },
		{ "172.16.0.0", P },
		{ "172.31.255.255", P },
		{ "172.32.0.0", 0 },
		{ "192.167.255.255", 0 },
		{ "192.168.0.0", P },
		{ "192.169.0.0", 0 },
		{ "100.63.255.255", 0 },
		{ "100.64.0.0", P },
		{ "100.127.255.255", P },
		{ "100.128.0.0", 0 },
		{ "169.254.255.255", P | L },
		{ "169.253.255.255", 0 },
		{ "127.255.0.1", P | O },
		{ "0.0.0.0", P | U },
		{ "223.255.255.255", 0 },
		{ "224.0.0.0", M },
		{ "239.255.255.255", M },
		{ "240.0.0.0", 0 },
		{ "255.255.255.255", B },
		{ "::", P | U },
		{ "::1", P | O },
		{ "::2", 0 },
		{ "fe80::1", P | L },
		{ "febf:ffff::1", P | L },
		{ "fec0::1", 0 },
		{ "fbff::1", 0 },
		{ "fc00::1", P },
		{ "fdff::1", P },
		{ "feff::1", 0 },
		{ "ff02::1", M },
		{ "2001:db8::1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct addr a = addr(cases[i].text);
		int kinds = (addr_is_private(&a) ? P : 0) |
			    (addr_is_link_local(&a) ? L : 0) |
			    (addr_is_multicast(&a) ? M : 0) |
			    (addr_is_loopback(&a) ? O : 0) |
			    (addr_is_unspecified(&a) ? U : 0) |
			    (addr_is_broadcast(&a) ? B : 0);

		assert_int_equal(kinds, cases[i].kinds);
	}
}

static void addresses_of_two_families_are_never_equal(void **state)
{
	static const uint8_t bytes[16] = { 10, 1, 2, 3 };
	struct addr four = addr_v4(bytes), six = addr_v6(bytes);
	struct addr again = addr_v4(bytes);

	(void)state;
	assert_false(addr_equal(&four, &six));
	assert_true(addr_equal(&four, &again));
	assert_memory_equal(four.b, six.b, 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			an_address_reads_and_prints_in_its_canonical_form),
		cmocka_unit_test(no_address_prints_as_nothing),
		cmocka_unit_test(what_is_not_an_address_is_malformed),
		cmocka_unit_test(a_mac_reads_in_both_notations),
		cmocka_unit_test(what_is_not_a_mac_is_malformed),
		cmocka_unit_test(group_and_zero_macs_are_told),
		cmocka_unit_test(a_range_contains_what_shares_its_bits),
		cmocka_unit_test(what_is_not_a_range_is_malformed),
		cmocka_unit_test(kinds_of_addresses_end_where_their_rfcs_say),
		cmocka_unit_test(addresses_of_two_families_are_never_equal),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "know/resolver.h"

static const char *by_host(const char *host)
{
	const struct resolver *r = resolver_by_host(slice_text(host));

	return r ? r->name : "none";
}

static const char *by_addr(const char *text)
{
	struct addr addr;
	const struct resolver *r;

	assert_int_equal(addr_parse(text, &addr), 0);
	r = resolver_by_addr(&addr);
	return r ? r->name : "none";
}

static void a_name_is_matched_by_whole_labels(void **state)
{
	(void)state;
	assert_string_equal(by_host("dns.google"), "Google Public DNS");
	assert_string_equal(by_host("mozilla.cloudflare-dns.com"),
			    "Cloudflare 1.1.1.1");
	assert_string_equal(by_host("a1b2c3.dns.nextdns.io"), "NextDNS");
	assert_string_equal(by_host("notdns.google"), "none");
	assert_string_equal(by_host("dns.google.evil.example"), "none");
	assert_string_equal(by_host("google"), "none");
	assert_string_equal(by_host("xcloudflare-dns.com"), "none");
	assert_string_equal(by_host(""), "none");
}

static void an_address_is_matched_whole(void **state)
{
	(void)state;
	assert_string_equal(by_addr("8.8.8.8"), "Google Public DNS");
	assert_string_equal(by_addr("8.8.8.9"), "none");
	assert_string_equal(by_addr("45.90.30.17"), "NextDNS");
	assert_string_equal(by_addr("45.90.29.17"), "none");
	assert_string_equal(by_addr("2606:4700:4700::1111"),
			    "Cloudflare 1.1.1.1");
	assert_string_equal(by_addr("2620:fe::fe"), "Quad9");
	assert_string_equal(by_addr("2620:fe::fd"), "none");
	/* the bytes of 8.8.8.8, as another family's */
	assert_string_equal(by_addr("808:808::"), "none");
}

static void the_ways_are_those_it_offers(void **state)
{
	const struct resolver *plain =
		resolver_by_addr(&(struct addr){ 4, { 114, 114, 114, 114 } });
	const struct resolver *all =
		resolver_by_host(slice_text("dns.adguard-dns.com"));

	(void)state;
	assert_int_equal(plain->ways, RESOLVER_PLAIN);
	assert_true(all->ways & RESOLVER_DOQ);
	assert_true(resolver_count() > 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_matched_by_whole_labels),
		cmocka_unit_test(an_address_is_matched_whole),
		cmocka_unit_test(the_ways_are_those_it_offers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

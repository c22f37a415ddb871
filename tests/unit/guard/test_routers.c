// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard/routers.h"

static struct ndp advertisement(uint8_t router, uint16_t lifetime_s)
{
	return (struct ndp){
		.type = NDP_ROUTER_ADVERTISEMENT,
		.eth_src = { { 2, 0, 0, 0, 0, router } },
		.src = { 6, { 0xfe, 0x80, [15] = router } },
		.router_lifetime_s = lifetime_s,
		.prefixes = { { { 6, { 0x20, 1, 0xd, 0xb8 } }, 64 } },
		.prefix_count = 1,
	};
}

static void a_router_is_one_for_its_lifetime(void **state)
{
	struct routers r = { .count = 0 };
	struct ndp ndp = advertisement(1, 10);
	struct router router;

	(void)state;
	assert_int_equal(routers_now(&r, 0, &router), 0);
	assert_true(routers_heard(&r, &ndp, 1000));
	assert_false(routers_heard(&r, &ndp, 2000));
	assert_int_equal(routers_now(&r, 11999, &router), 1);
	assert_int_equal(router.mac.b[5], 1);
	assert_int_equal(routers_now(&r, 12000, &router), 0);
	assert_true(routers_heard(&r, &ndp, 20000));
	ndp = advertisement(1, 0); /* it stops being one */
	assert_true(routers_heard(&r, &ndp, 21000));
	assert_int_equal(routers_now(&r, 21000, &router), 0);
}

static void two_are_two(void **state)
{
	struct routers r = { .count = 0 };
	struct ndp one = advertisement(1, 100), two = advertisement(2, 100);
	struct router router;

	(void)state;
	assert_true(routers_heard(&r, &one, 0));
	assert_true(routers_heard(&r, &two, 0));
	assert_int_equal(routers_now(&r, 1, &router), 2);
	for (unsigned i = 0; i < 3 * ROUTERS_MAX; i++) {
		struct ndp more = advertisement((uint8_t)(3 + i), 100);

		(void)routers_heard(&r, &more, 0);
	}
	assert_int_equal(routers_now(&r, 1, &router), ROUTERS_MAX);
	assert_int_equal(r.refused, 2 + 2 * ROUTERS_MAX);
}

/* As an impostor does, and a router that took another's place. */
static void two_at_one_address_are_one_router(void **state)
{
	struct routers r = { .count = 0 };
	struct ndp one = advertisement(1, 100), two = one;
	const struct mac nobody = { { 2, 0, 0, 0, 0, 9 } };
	struct router router;

	(void)state;
	two.eth_src.b[5] = 2;
	assert_true(routers_heard(&r, &one, 0));
	assert_true(routers_heard(&r, &two, 0));
	assert_int_equal(routers_now(&r, 1, &router), 1);
	assert_true(mac_equal(&router.mac, &one.eth_src));
	routers_succeed(&r, &one.src, &two.eth_src);
	assert_int_equal(r.count, 1);
	assert_int_equal(routers_now(&r, 1, &router), 1);
	assert_true(mac_equal(&router.mac, &two.eth_src));
	/* one that has not advertised itself yet has the other's lifetime */
	routers_succeed(&r, &one.src, &nobody);
	assert_int_equal(routers_now(&r, 99999, &router), 1);
	assert_true(mac_equal(&router.mac, &nobody));
	assert_int_equal(routers_now(&r, 100000, &router), 0);
}

static void the_resolver_is_the_first_of_the_link(void **state)
{
	static const struct addr own = { 6, { 0x20, 1, 0xd, 0xb8, [15] = 1 } };
	struct ndp ndp = advertisement(1, 100);
	struct routers r = { .count = 0 };
	struct router router;

	(void)state;
	ndp.resolvers[0] = (struct addr){ 6, { 0x20, 1, 0x48, 0x60 } };
	ndp.resolver_count = 1;
	assert_true(routers_heard(&r, &ndp, 0));
	assert_int_equal(routers_now(&r, 1, &router), 1);
	assert_int_equal(router.resolver.family, 0);
	assert_int_equal(r.resolver_count, 1);
	ndp.resolvers[1] = own;
	ndp.resolver_count = 2;
	assert_true(routers_heard(&r, &ndp, 1));
	ndp.resolver_count = 0; /* said in another one */
	assert_false(routers_heard(&r, &ndp, 2));
	assert_int_equal(routers_now(&r, 3, &router), 1);
	assert_true(addr_equal(&router.resolver, &own));
	/* each that was named is kept, once */
	assert_int_equal(r.resolver_count, 2);
	assert_true(addr_equal(&r.resolvers[1], &own));
}

static void only_a_link_s_addresses_are_on_link(void **state)
{
	static const struct {
		const char *text;
		bool on_link;
	} cases[] = {
		{ "2001:db8::1", true }, { "2001:db8:0:1::1", false },
		{ "fe80::1", true },	 { "2001:4860:4860::8888", false },
		{ "ff02::1", false },	 { "::", false },
		{ "::1", false },	 { "192.168.1.1", false },
	};
	struct routers r = { .count = 0 };
	struct ndp ndp = advertisement(1, 10);
	struct addr address;

	(void)state;
	/* a prefix that would make all the world a link is none */
	ndp.prefixes[1] = (struct cidr){ { 6, { 0x20 } }, 3 };
	ndp.prefix_count = 2;
	assert_true(routers_heard(&r, &ndp, 0));
	assert_int_equal(r.prefix_count, 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(addr_parse(cases[i].text, &address), 0);
		assert_int_equal(routers_is_on_link(&r, &address),
				 cases[i].on_link);
	}
}

static void what_a_router_calls_the_home_is_kept_the_latest(void **state)
{
	struct ndp ndp = advertisement(1, 100);
	struct routers r = { .count = 0 };

	(void)state;
	(void)routers_heard(&r, &ndp, 0);
	memcpy(ndp.domains[0], "smith.example", 14);
	ndp.domain_count = 1;
	assert_true(routers_heard(&r, &ndp, 1));
	memcpy(ndp.domains[0], "Smith.Example", 14);
	assert_false(routers_heard(&r, &ndp, 2));
	for (char c = 'a'; c < 'a' + ROUTERS_DOMAINS_MAX; c++) {
		ndp.domains[0][0] = c;
		assert_true(routers_heard(&r, &ndp, 3));
	}
	assert_int_equal(r.domain_count, ROUTERS_DOMAINS_MAX);
	assert_int_equal(r.domains_left_out, 1);
	assert_string_equal(r.domains[0], "amith.Example");
	ndp.domains_left_out = 2;
	(void)routers_heard(&r, &ndp, 4);
	assert_int_equal(r.domains_left_out, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_router_is_one_for_its_lifetime),
		cmocka_unit_test(two_are_two),
		cmocka_unit_test(two_at_one_address_are_one_router),
		cmocka_unit_test(the_resolver_is_the_first_of_the_link),
		cmocka_unit_test(
			what_a_router_calls_the_home_is_kept_the_latest),
		cmocka_unit_test(only_a_link_s_addresses_are_on_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

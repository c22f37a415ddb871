// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "read/names.h"

static const struct mac tv = { { 2, 0, 0, 0, 0, 1 } };
static const struct mac camera = { { 2, 0, 0, 0, 0, 2 } };
static struct names names;
static struct addr server;

static int begin(void **state)
{
	(void)state;
	server = addr_v4((const uint8_t[]){ 192, 0, 2, 1 });
	names_init(&names, 1);
	return 0;
}

static int end(void **state)
{
	(void)state;
	names_done(&names);
	return 0;
}

static void learn(const struct mac *device, enum record_name_source source,
		  uint64_t time_ns, uint16_t port, const char *name)
{
	struct record_name n = { .time_ns = time_ns,
				 .addr = server,
				 .name = slice_text(name),
				 .source = source,
				 .device_port = port };

	names_add(&names, device, &n);
}

static void expect(const struct mac *device, uint64_t time_ns, uint16_t port,
		   const char *name, bool inferred)
{
	struct names_question q = { .device = device,
				    .addr = &server,
				    .device_port = port,
				    .time_ns = time_ns };
	struct names_answer a = names_find(&names, &q);

	assert_int_equal(a.inferred, inferred);
	assert_true(slice_equal(a.name, slice_text(name)));
}

static void dns_is_better_than_sni_and_sni_than_host(void **state)
{
	(void)state;
	expect(&tv, 100, 0, "", false);
	learn(&tv, RECORD_NAME_HTTP_HOST, 50, 7, "host");
	expect(&tv, 100, 0, "host", false);
	learn(&tv, RECORD_NAME_SNI, 40, 8, "sni");
	expect(&tv, 100, 7, "sni", false);
	learn(&tv, RECORD_NAME_DNS, 200, 0, "dns");
	expect(&tv, 100, 8, "dns", false);
}

static void the_latest_before_is_better_than_the_first_after(void **state)
{
	(void)state;
	learn(&tv, RECORD_NAME_DNS, 100, 0, "one");
	learn(&tv, RECORD_NAME_DNS, 200, 0, "two");
	learn(&tv, RECORD_NAME_DNS, 300, 0, "one");
	expect(&tv, 50, 0, "one", false);
	expect(&tv, 150, 0, "one", false);
	expect(&tv, 200, 0, "two", false);
	expect(&tv, 1000, 0, "one", false);
}

static void a_connection_has_its_own_name(void **state)
{
	(void)state;
	learn(&tv, RECORD_NAME_SNI, 100, 1000, "one");
	learn(&tv, RECORD_NAME_SNI, 101, 1001, "two");
	expect(&tv, 500, 1000, "one", false);
	expect(&tv, 500, 1001, "two", false);
	expect(&tv, 500, 1002, "two", false);
}

static void another_devices_name_is_inferred(void **state)
{
	(void)state;
	learn(&camera, RECORD_NAME_DNS, 100, 0, "cam");
	expect(&tv, 100, 0, "cam", true);
	learn(&tv, RECORD_NAME_HTTP_HOST, 100, 0, "own");
	expect(&tv, 100, 0, "own", false);
}

static void past_the_limit_the_oldest_gives_way_and_is_counted(void **state)
{
	char text[16];

	(void)state;
	for (uint64_t i = 0; i < NAMES_OF_PAIR_MAX + 5; i++) {
		(void)snprintf(text, sizeof(text), "n%d", (int)i);
		learn(&tv, RECORD_NAME_DNS, 100 + i, 0, text);
	}
	assert_int_equal(names.refused, 5);
	expect(&tv, 100, 0, "n5", false);
	expect(&tv, 1000, 0, text, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			dns_is_better_than_sni_and_sni_than_host, begin, end),
		cmocka_unit_test_setup_teardown(
			the_latest_before_is_better_than_the_first_after, begin,
			end),
		cmocka_unit_test_setup_teardown(a_connection_has_its_own_name,
						begin, end),
		cmocka_unit_test_setup_teardown(
			another_devices_name_is_inferred, begin, end),
		cmocka_unit_test_setup_teardown(
			past_the_limit_the_oldest_gives_way_and_is_counted,
			begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

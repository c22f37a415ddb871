// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/told.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void a_service_is_told(void **state)
{
	static const char *const names[] = {
		"telemetry.acme.example",
		"e1234.dscb.akamaiedge.example",
		"ec2-203-0-113-9.compute-1.amazonaws.com",
		"_mqtt.acme.example",
		"A.B",
		"xn--bcher-kva.example",
		"devices.philips.example",
		"www.duckdns.example",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(told_host(names[i]));
}

static void a_name_of_a_home_is_not(void **state)
{
	static const char *const names[] = {
		"smith.duckdns.org",
		"nas.smith.synology.me",
		"SMITH.MyFritz.NET",
		"192-168-1-5.0123456789abcdef.plex.direct",
		"printer.local",
		"fritz.box",
		"tv.home.arpa",
		"router",
		"7.113.0.203.in-addr.arpa",
		"annas-iphone.dyn.example.net",
		"johns-macbook.corp.example",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(told_host(names[i]));
}

/* Whoever uploads can write what he likes. */
static void what_is_no_name_is_not(void **state)
{
	static const char *const names[] = {
		"",
		".",
		"a..b",
		"a.b.",
		"203.0.113.9",
		"<script>alert(1)</script>.example",
		"call 555-1234.example",
		"b\xc3\xbc"
		"cher.example",
		"a.example/path",
		"0123456789012345678901234567890123456789012345678901234567890"
		"123.example",
	};
	char longest[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(told_host(names[i]));
	for (size_t i = 0; i < 255; i++)
		longest[i] = i % 2 ? '.' : 'a';
	longest[253] = '\0';
	assert_true(told_host(longest));
	longest[253] = '.';
	longest[254] = 'a';
	longest[255] = '\0';
	assert_false(told_host(longest));
}

static void a_label_of_a_person_is_not(void **state)
{
	(void)state;
	assert_true(told_label("Philips TV"));
	assert_true(told_label("TV in the hall"));
	assert_false(told_label("Anna's iPhone"));
	assert_false(told_label("johns-macbook"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_is_told),
		cmocka_unit_test(a_name_of_a_home_is_not),
		cmocka_unit_test(what_is_no_name_is_not),
		cmocka_unit_test(a_label_of_a_person_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

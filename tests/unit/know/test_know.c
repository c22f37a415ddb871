// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ssl.h>
#include <string.h>

#include "know/know.h"
#include "know/oui.h"
#include "know/suffix.h"
#include "know/suite.h"

static void a_registered_domain_is_one_label_below_a_registrys(void **state)
{
	static const char *const cases[][2] = {
		{ "www.example.com", "example.com" },
		{ "example.com", "example.com" },
		{ "com", "" },
		{ "a.b.example.co.uk", "example.co.uk" },
		{ "co.uk", "" },
		{ "x.s3.amazonaws.com", "amazonaws.com" },
		{ "printer.local", "" },
		{ "router", "" },
		{ "192.168.1.1", "" },
		{ "a.xn--h1aax.xn--p1ai", "xn--h1aax.xn--p1ai" },
		{ "a..com", "" },
		{ ".com", "" },
		{ "..", "" },
		{ "", "" },
	};

	(void)state;
	assert_true(suffix_rule_count() > 5000);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice got =
			suffix_registered_domain(slice_text(cases[i][0]));

		assert_true(slice_equal(got, slice_text(cases[i][1])));
	}
}

static void a_name_longer_than_any_has_no_registered_domain(void **state)
{
	char name[300];

	(void)state;
	memset(name, 'a', sizeof(name));
	memcpy(name + sizeof(name) - 5, ".com", 5);
	assert_null(suffix_registered_domain(slice_text(name)).data);
}

static void what_no_file_has_is_told(void **state)
{
	struct know know = { .file_count = 0 };

	(void)state;
	for (enum know_part i = 0; i < KNOW_PARTS; i++) {
		assert_true(know_part_name(i)[0] && know_part_what(i)[0]);
		assert_int_equal(know_has(&know, i), i == KNOW_PART_DOMAINS);
	}
	know_init(&know);
	assert_true(know_has(&know, KNOW_PART_PORTS));
	assert_true(know_has(&know, KNOW_PART_SUITES));
}

static const char *vendor(uint8_t a, uint8_t b, uint8_t c, uint8_t d, uint8_t e)
{
	struct mac mac = { { a, b, c, d, e, 1 } };

	return oui_vendor(&mac);
}

static void the_longest_assignment_names_the_vendor(void **state)
{
	(void)state;
	if (!oui_count())
		skip(); /* built without the data, which the build said */
	assert_true(oui_count() > 30000);
	assert_string_equal(vendor(0, 0, 0, 1, 2), "XEROX CORPORATION");
	/* 24 bits given away in parts of 28, and of 36 */
	assert_string_equal(vendor(0x00, 0x55, 0xda, 0x01, 0),
			    "Shinko Technos co.,ltd.");
	assert_string_equal(vendor(0x00, 0x1b, 0xc5, 0x00, 0x00),
			    "Converging Systems Inc.");
	/* made up by the device itself */
	assert_null(vendor(0x02, 0, 0, 0, 0));
}

static unsigned weakness_by_name(const char *name)
{
	static const struct {
		const char *part;
		unsigned weakness;
	} parts[] = {
		{ "EXPORT", SUITE_EXPORT },  { "anon", SUITE_ANON },
		{ "WITH_NULL", SUITE_NULL }, { "RC4", SUITE_RC4 },
		{ "3DES", SUITE_3DES },	     { "WITH_DES", SUITE_DES },
	};
	unsigned weakness = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(name, parts[i].part))
			weakness |= parts[i].weakness;
	return weakness;
}

static void weak_suites_are_those_whose_names_say_so(void **state)
{
	SSL_CTX *context = SSL_CTX_new(TLS_method());
	STACK_OF(SSL_CIPHER) * suites;

	(void)state;
	assert_non_null(context);
	assert_int_equal(SSL_CTX_set_cipher_list(
				 context, "ALL:COMPLEMENTOFALL:@SECLEVEL=0"),
			 1);
	suites = SSL_CTX_get_ciphers(context);
	assert_true(sk_SSL_CIPHER_num(suites) > 100);
	for (int i = 0; i < sk_SSL_CIPHER_num(suites); i++) {
		const SSL_CIPHER *suite = sk_SSL_CIPHER_value(suites, i);

		assert_int_equal(
			suite_weakness(SSL_CIPHER_get_protocol_id(suite)),
			weakness_by_name(SSL_CIPHER_standard_name(suite)));
	}
	SSL_CTX_free(context);
}

static void suites_that_nobody_builds_any_more_are_weak_too(void **state)
{
	(void)state;
	assert_int_equal(suite_weakness(0x0000), SUITE_NULL | SUITE_ANON);
	assert_int_equal(suite_weakness(0x0003), SUITE_EXPORT | SUITE_RC4);
	assert_int_equal(suite_weakness(0x0019),
			 SUITE_EXPORT | SUITE_ANON | SUITE_DES);
	assert_int_equal(suite_weakness(0xc0b5), SUITE_NULL);
	/* as Windows XP offers them */
	assert_int_equal(suite_weakness(0x0062), SUITE_EXPORT | SUITE_DES);
	assert_int_equal(suite_weakness(0x0064), SUITE_EXPORT | SUITE_RC4);
	assert_int_equal(suite_weakness(0xfeff), SUITE_3DES);
	/* IDEA */
	assert_int_equal(suite_weakness(0x0007), 0);
	assert_int_equal(suite_weakness(0x1301), 0);
	assert_int_equal(suite_weakness(0xffff), 0);
	assert_string_equal(suite_weakness_name(SUITE_RC4), "RC4");
}

static void where_strangers_register_names_is_public(void **state)
{
	static const char *const public[] = { "com",	"de", "co.uk",
					      "com.au", "ck", "kobe.jp" };
	static const char *const not [] = { "t-online.de",   "smith.example",
					    "example.com",   "smithnet",
					    "amazonaws.com", "" };

	(void)state;
	for (size_t i = 0; i < sizeof(public) / sizeof(public[0]); i++)
		if (!suffix_is_public(slice_text(public[i])))
			fail_msg("%s", public[i]);
	for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
		if (suffix_is_public(slice_text(not [i])))
			fail_msg("%s", not [i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_file_has_is_told),
		cmocka_unit_test(
			a_registered_domain_is_one_label_below_a_registrys),
		cmocka_unit_test(
			a_name_longer_than_any_has_no_registered_domain),
		cmocka_unit_test(where_strangers_register_names_is_public),
		cmocka_unit_test(the_longest_assignment_names_the_vendor),
		cmocka_unit_test(weak_suites_are_those_whose_names_say_so),
		cmocka_unit_test(
			suites_that_nobody_builds_any_more_are_weak_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

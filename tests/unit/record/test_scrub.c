// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "rules.h"

static const char *scrubbed(enum scrub_kind kind, const char *text)
{
	static char out[SCRUB_OUT_MAX + 1];
	struct share_rules rules = rules_of_home();
	struct buf b;

	rules.scrub.own = &rules_own;
	buf_init(&b, SCRUB_OUT_MAX);
	assert_int_equal(scrub_text(&rules.scrub, kind, slice_text(text), &b),
			 0);
	strncpy(out, buf_text(&b), sizeof(out) - 1);
	buf_done(&b);
	return out;
}

/* Spellings of a MAC, each of which must not be anywhere in what comes out. */
static const char *const spellings[] = {
	"3c:22:fb:0a:1b:2c",
	"3C-22-FB-0A-1B-2C",
	"3c22fb0a1b2c",
	"3C22FB0A1B2C",
	"3c22.fb0a.1b2c",
	"3c22:fb0a:1b2c",
	"3c_22_fb_0a_1b_2c",
	"3c 22 fb 0a 1b 2c",
	"3c, 22, fb, 0a, 1b, 2c",
	"0x3c,0x22,0xfb,0x0a,0x1b,0x2c",
	"3c.22.fb.0a.1b.2c",
	"3c/22/fb/0a/1b/2c",
	"3c:22-fb:0a-1b:2c",
	"3c%3A22%3afb%3A0A%3A1B%3A2C",
	"3c%2d22%2dfb%2d0a%2d1b%2d2c",
	"3c22-fb0a-1b2c",
	"3c22 fb0a 1b2c",
	"3c22_fb0a_1b2c",
	"3c22fb-0a1b2c",
	"3C22FB:0A1B2C",
	"3c22fb.0a1b2c",
	"3c%253A22%253Afb%253A0a%253A1b%253A2c",
	"3c\\x3a22\\x3afb\\x3a0a\\x3a1b\\x3a2c",
	"3c\\u003a22\\u003afb\\u003a0a\\u003a1b\\u003a2c",
	"3c&#58;22&#58;fb&#58;0a&#58;1b&#58;2c",
	"3c : 22 : fb : 0a : 1b : 2c",
	"3c+22+fb+0a+1b+2c",
	"3c\\:22\\:fb\\:0a\\:1b\\:2c",
	"3c\\05822\\058fb\\0580a\\0581b\\0582c",
	"%33%63%32%32%66%62%30%61%31%62%32%63",
	"3c\xe2\x80\x91"
	"22\xe2\x80\x91"
	"fb\xe2\x80\x91"
	"0a\xe2\x80\x91"
	"1b\xe2\x80\x91"
	"2c",
	"3c\xef\xbc\x9a"
	"22\xef\xbc\x9a"
	"fb\xef\xbc\x9a"
	"0a\xef\xbc\x9a"
	"1b\xef\xbc\x9a"
	"2c",
	"3c\",\"22\",\"fb\",\"0a\",\"1b\",\"2c",
	"2c:1b:0a:fb:22:3c",
	"2c1b0afb223c",
	"3c22fbfffe0a1b2c",
	"3c:22:fb:ff:fe:0a:1b:2c",
	"3e22:fbff:fe0a:1b2c",
	/* base64 of its bytes, and of how it is spelled */
	"PCL7Chss",
	"AAAAPCL7ChssAAAA",
	"Ajwi+wobLAI",
	"AgI8IvsKGywC",
	"M2M6MjI6ZmI6MGE6MWI6MmM",
	"M2MyMmZiMGExYjJj",
};
/* What may stand before and behind one. */
static const char *const around[] = {
	"",    " ",    "1",	"12",	       "123", "a",
	"f",   "ab",   "x",	"TV_",	       "tv-", "id",
	"id=", "v1.0", "face",	"12345678901", ".",   "A:",
	"-",   "/",    "=",	"sn ",	       "0x",  "%3A",
	"(",   "1.2.", "uuid:", "Chrome/69",   "é",   "serial=",
};

static void id_of(const uint8_t mac[6], char out[65])
{
	uint8_t digest[32];

	rules_hash(NULL, mac, 6, digest);
	text_hex(digest, 32, out);
	out[32] = '\0';
}

static void a_mac_in_any_spelling_is_the_id_of_its_device(void **state)
{
	static const char *const whole[] = {
		"3c:22:fb:0a:1b:2c", "3C-22-FB-0A-1B-2C",
		"3c22fb0a1b2c",	     "3C22FB0A1B2C",
		"3c22.fb0a.1b2c",    "3c_22_fb_0a_1b_2c",
		"3c 22 fb 0a 1b 2c", "3c:22:fb:a:1b:2c",
		"3c.22.fb.0a.1b.2c", "3c%3A22%3afb%3A0A%3A1B%3A2C",
		"3c22-fb0a-1b2c",
	};
	static const uint8_t mac[] = { 0x3c, 0x22, 0xfb, 0x0a, 0x1b, 0x2c };
	char id[65], text[100], expected[100];

	(void)state;
	id_of(mac, id);
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++) {
		snprintf(text, sizeof(text), "TV_%s, kitchen", whole[i]);
		snprintf(expected, sizeof(expected), "TV_[mac:%s], kitchen",
			 id);
		assert_string_equal(scrubbed(SCRUB_FREE, text), expected);
		snprintf(text, sizeof(text), "xyz%szyx", whole[i]);
		assert_null(strcasestr(scrubbed(SCRUB_FREE, text), whole[i]));
	}
}

/* Not six letters in a row of it may stay, however they are joined. */
static bool has_part(const char *out, const char *digits)
{
	char bare[SCRUB_OUT_MAX + 1];
	size_t n = 0;

	for (size_t i = 0; out[i]; i++) {
		/* what was found stands in brackets */
		if (out[i] == '[' && strchr(out + i, ']'))
			i = (size_t)(strchr(out + i, ']') - out);
		else if (isalnum((unsigned char)out[i]))
			bare[n++] = out[i];
	}
	bare[n] = '\0';
	for (size_t i = 0; i + 6 <= strlen(digits); i++) {
		char part[7];

		memcpy(part, digits + i, 6);
		part[6] = '\0';
		if (strcasestr(bare, part))
			return true;
	}
	return false;
}

static void a_mac_is_found_whatever_stands_around_it(void **state)
{
	static const char *const parts[] = { "3c22fb0a1b2c", "PCL7Chss",
					     "jwi+wob",	     "I8IvsKGy",
					     "M2M6MjI6ZmI6", "M2MyMmZiMGEx" };
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(*spellings); i++)
		for (size_t b = 0; b < sizeof(around) / sizeof(*around); b++)
			for (size_t e = 0; e < sizeof(around) / sizeof(*around);
			     e++) {
				const char *out;

				snprintf(text, sizeof(text), "%s%s%s",
					 around[b], spellings[i], around[e]);
				out = scrubbed(SCRUB_FREE, text);
				for (size_t k = 0;
				     k < sizeof(parts) / sizeof(*parts); k++)
					if (has_part(out, parts[k]))
						fail_msg("%s became %s", text,
							 out);
			}
}

static void a_mac_as_its_bytes_is_found(void **state)
{
	char id[65], expected[100];

	(void)state;
	id_of((const uint8_t *)"\x3c\x22\xfb\x0a\x1b\x2c", id);
	snprintf(expected, sizeof(expected), "id [mac:%s]!", id);
	assert_string_equal(
		scrubbed(SCRUB_FREE, "id \x3c\x22\xfb\x0a\x1b\x2c!"), expected);
}

static void a_mac_behind_a_word_of_hex_letters_is_found(void **state)
{
	static const char *const texts[] = {
		"id00:17:88:a1:b2:c9",
		"MAC00-17-88-A1-B2-C9",
		"deviceface00_17_88_a1_b2_c9",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *out = scrubbed(SCRUB_FREE, texts[i]);

		assert_non_null(strstr(out, "[mac:"));
		assert_null(strcasestr(out, "b2"));
	}
}

static void an_address_made_of_a_mac_is_hashed(void **state)
{
	struct share_rules rules = rules_of_home();
	struct addr a;
	struct buf b;

	(void)state;
	buf_init(&b, SCRUB_OUT_MAX);
	assert_int_equal(addr_parse("2a00:1450::3e22:fbff:fe0a:1b2c", &a), 0);
	assert_int_equal(scrub_addr(&rules.scrub, &a, &b), 0);
	assert_memory_equal(buf_text(&b), "[address:", 9);
	buf_clear(&b);
	assert_int_equal(addr_parse("2a00:1450::1111", &a), 0);
	assert_int_equal(scrub_addr(&rules.scrub, &a, &b), 0);
	assert_string_equal(buf_text(&b), "2a00:1450::1111");
	buf_done(&b);
}

static void half_of_its_own_mac_is_its_id(void **state)
{
	char id[65], expected[100];

	(void)state;
	id_of(rules_own.b, id);
	snprintf(expected, sizeof(expected), "Hue-[mac:%s]", id);
	assert_string_equal(scrubbed(SCRUB_FREE, "Hue-A1B2C3"), expected);
	assert_string_equal(scrubbed(SCRUB_FREE, "Hue-b2c3"), expected);
	assert_string_equal(scrubbed(SCRUB_FREE, "Hue-A1-B2-C3"), expected);
	assert_string_equal(scrubbed(SCRUB_FREE, "Hue-a1 b2 c3"), expected);
	assert_string_equal(scrubbed(SCRUB_FREE, "Hue-a1b2c4"), "Hue-a1b2c4");
	/* less than half of it is no half, where the text ends too */
	assert_string_equal(scrubbed(SCRUB_FREE, "HS1a1"), "HS1a1");
	assert_string_equal(scrubbed(SCRUB_FREE, "Hue a1"), "Hue a1");
	assert_string_equal(scrubbed(SCRUB_FREE, "Hue a1 b2"), "Hue a1 b2");
	/* another's, where it stands alone */
	id_of(rules_macs[1].b, id);
	snprintf(expected, sizeof(expected), "Cam [mac:%s]", id);
	assert_string_equal(scrubbed(SCRUB_FREE, "Cam 0A-1B-2C"), expected);
	assert_string_equal(scrubbed(SCRUB_FREE, "Cam 0a:1b:2c"), expected);
	assert_string_equal(scrubbed(SCRUB_FREE, "Cam 0a:1b:2d"),
			    "Cam 0a:1b:2d");
}

static void what_says_which_one_it_is_becomes_a_hash(void **state)
{
	static const struct {
		const char *text, *kind;
	} cases[] = {
		{ "3c22fbfffe0a1b2c", "eui64" },
		{ "3c:22:fb:ff:fe:0a:1b:2c", "eui64" },
		{ "3c22.fbff.fe0a.1b2c", "eui64" },
		{ "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "uuid" },
		{ "F81D4FAE7DEC11D0A76500A0C91E6BF6", "uuid" },
		{ "192.168.1.20", "address" },
		{ "10.0.0.7", "address" },
		{ "172.31.255.1", "address" },
		{ "169.254.3.4", "address" },
		{ "100.64.3.4", "address" },
		{ "192-168-1-20", "address" },
		{ "fe80::1", "address" },
		{ "fd12:3456::1", "address" },
		{ "2001:db8:1::5", "address" },
		{ "fd12:3456:0:0:0:0:0:5", "address" },
		{ "192%2E168%2E1%2E20", "address" },
		{ "app.192.168.1.20.nip.example", "address" },
		{ "serial number: Q7-13", "serial" },
		{ "serial%3DAB12", "serial" },
		{ "anna.s@example.org", "id" },
		{ "2a00:1450::3e22:fbff:fe0a:1b2c", "address" },
		{ "352099001761481", "serial" },
		{ "G070VM1234567890", "serial" },
		{ "C02XL0ABJGH5", "serial" },
		{ "SN=ABC1", "serial" },
		{ "serial: Q7-13", "serial" },
		{ "id=living-room", "serial" },
		{ "deviceId: 77", "serial" },
		{ "uuid:roku:ecp:P0A1", "serial" },
		{ "uuid:00000000-lab::roku:ecp", "serial" },
		{ "user=anna", "serial" },
		{ "serialNumber:0042", "serial" },
		{ "0a1b2c3d4e5f60", "id" },
	};
	char mark[32];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *out = scrubbed(SCRUB_FREE, cases[i].text);

		snprintf(mark, sizeof(mark), "[%s:", cases[i].kind);
		if (!strstr(out, mark))
			fail_msg("%s became %s", cases[i].text, out);
	}
}

static void what_many_have_stays(void **state)
{
	static const char *const texts[] = {
		"Mozilla/5.0 (SMART-TV; Linux; Tizen 5.0) Chrome/69.0.3497.106",
		"Dalvik/2.1.0 (Linux; U; Android 9; AFTMM Build/PS7233.3046N)",
		"Roku/DVP-9.10 (519.10E04111A)",
		"Linux/3.14 UPnP/1.0 IpBridge/1.56.0",
		"UN55KU7000",
		"Philips hue bridge 2015",
		"8.8.8.8",
		"Home%20Assistant/2021.1 CFNetwork/1206",
		"me@home",
		"2606:4700::1111",
		"version 1.2.3.4.5",
		"_spotify-connect._tcp.local",
		"1,3,6,15,28,51,58,59",
		"12:34:56",
		"urn:schemas-upnp-org:device:MediaRenderer:1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_string_equal(scrubbed(SCRUB_FREE, texts[i]), texts[i]);
	assert_string_equal(scrubbed(SCRUB_HOST,
				     "d3k0dx1vsibqq3.cloudfront.net"),
			    "d3k0dx1vsibqq3.cloudfront.net");
	assert_string_equal(scrubbed(SCRUB_HOST,
				     "r4---sn-aigl6nsr.example.com"),
			    "r4---sn-aigl6nsr.example.com");
}

static bool is_local(const char *name)
{
	struct slice domain = slice_text("smith.example");
	struct share_rules rules = rules_of_home();

	rules.scrub.domains = &domain;
	rules.scrub.domain_count = 1;
	return scrub_is_home_name(&rules.scrub, slice_text(name));
}

static void where_the_home_is_goes_out(void **state)
{
	(void)state;
	assert_string_equal(scrubbed(SCRUB_FREE, "at 203.0.113.77."),
			    "at [home].");
	assert_string_equal(scrubbed(SCRUB_FREE, "a.203.0.113.77.443.x"),
			    "a.[home].443.x");
	assert_string_equal(scrubbed(SCRUB_HOST, "7.77.113.0.203.isp.example"),
			    "7.[home].isp.example");
	assert_string_equal(scrubbed(SCRUB_HOST, "pcb00714D.isp.example"),
			    "p[home].isp.example");
	assert_string_equal(scrubbed(SCRUB_FREE, "nas%2Elocal%3A80"),
			    "[local]:80");
	assert_string_equal(scrubbed(SCRUB_FREE, "http://us.duckdns.org/x"),
			    "http://[local]/x");
	assert_string_equal(scrubbed(SCRUB_FREE, "see printer.local now"),
			    "see [local] now");
	assert_string_equal(scrubbed(SCRUB_FREE, "nas.fritz.box"), "[local]");
	assert_string_equal(scrubbed(SCRUB_FREE, "http://tv.internal/x"),
			    "http://[local]/x");
	assert_true(is_local("nas.smith.example"));
	assert_true(is_local("smith.example."));
	assert_false(is_local("goldsmith.example"));
	assert_true(is_local("tv.lan"));
	assert_true(is_local("TV.Local."));
	assert_true(is_local("4.3.2.1.in-addr.arpa"));
	assert_true(is_local("4.3.2.1.In-Addr.Arpa.jones.example"));
	assert_true(is_local("annas-pc"));
	/* who asks for it has the home's address */
	assert_true(is_local("us.DuckDNS.org"));
	assert_false(is_local("duckdns.org"));
	assert_false(is_local("a.example"));
	assert_false(is_local("notlocal.example"));
}

static void a_text_keeps_to_its_limit_and_is_escaped(void **state)
{
	char text[400];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[399] = '\0';
	assert_int_equal(strlen(scrubbed(SCRUB_FREE, text)), SCRUB_TEXT_MAX);
	assert_string_equal(scrubbed(SCRUB_FREE, "a\nb\xff"), "a\\x0ab\\xff");
}

static void no_part_of_a_mac_stays_where_a_text_is_cut(void **state)
{
	char text[SCRUB_TEXT_MAX + 200], whole[SCRUB_OUT_MAX + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		size_t len = strlen(spellings[i]);

		strncpy(whole, scrubbed(SCRUB_FREE, spellings[i]),
			sizeof(whole) - 1);
		whole[sizeof(whole) - 1] = '\0';
		/* so many of its bytes are in front of the cut */
		for (size_t n = 1; n <= len; n++) {
			size_t plain = SCRUB_TEXT_MAX - n;
			const char *out;

			memset(text, 'z', sizeof(text));
			text[plain - 1] = ' ';
			memcpy(text + plain, spellings[i], len);
			text[plain + len] = ' ';
			text[sizeof(text) - 1] = '\0';
			out = scrubbed(SCRUB_FREE, text) + plain;
			/* "0x" may stay in front of what is found */
			if (strchr(out, '[')) {
				size_t found = strlen(whole);

				assert_memory_equal(out, whole, found);
				/* more of it fits where it was escaped */
				assert_int_equal(strspn(out + found, " z"),
						 strlen(out + found));
			} else
				assert_true(strlen(out) <
					    strcspn(whole, "[") + 1);
		}
	}
	/* nor half a character */
	memset(text, 'z', sizeof(text));
	memcpy(text + SCRUB_TEXT_MAX - 2, "\xe2\x82\xac", 3);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(strlen(scrubbed(SCRUB_FREE, text)),
			 SCRUB_TEXT_MAX - 2);
}

static void a_domain_is_found_in_a_text(void **state)
{
	static const struct {
		const char *text, *domain;
		bool says;
	} cases[] = {
		{ "nas.smith.example", "smith.example", true },
		{ "see NAS.Smith.Example:80/x", "smith.example", true },
		{ "smith.example.", "smith.example", true },
		{ "goldsmith.example", "smith.example", false },
		{ "smith.example.com", "smith.example", false },
		{ "", "smith.example", false },
		{ "dns", "dns", false }, /* a word of the record's own */
		{ "tv.dns", "dns", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		if (scrub_says_domain(slice_text(cases[i].text),
				      slice_text(cases[i].domain)) !=
		    cases[i].says)
			fail_msg("%s", cases[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mac_in_any_spelling_is_the_id_of_its_device),
		cmocka_unit_test(a_mac_is_found_whatever_stands_around_it),
		cmocka_unit_test(a_mac_as_its_bytes_is_found),
		cmocka_unit_test(a_mac_behind_a_word_of_hex_letters_is_found),
		cmocka_unit_test(an_address_made_of_a_mac_is_hashed),
		cmocka_unit_test(half_of_its_own_mac_is_its_id),
		cmocka_unit_test(what_says_which_one_it_is_becomes_a_hash),
		cmocka_unit_test(what_many_have_stays),
		cmocka_unit_test(where_the_home_is_goes_out),
		cmocka_unit_test(a_domain_is_found_in_a_text),
		cmocka_unit_test(a_text_keeps_to_its_limit_and_is_escaped),
		cmocka_unit_test(no_part_of_a_mac_stays_where_a_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/endpoint.h"
#include "judge/sentence.h"
#include "know/reference_build.h"

#define TCP	6
#define UDP	17
#define NOTHING RECORD_APPLICATIONS

/* Hosts here are of data/companies.txt, which is always built in; addresses
 * are for documentation (RFC 5737), which no list has. */
struct row {
	const char *name;
	enum endpoint_source source;
	const char *addr;
	uint8_t protocol;
	uint16_t port;
	enum record_application application;
	const char *vendor;
	const char *sentence;
	enum lan_named named;
};

static struct know know_own(void)
{
	struct know know;

	know_init(&know);
	return know;
}

static struct endpoint_facts facts_of(const struct row *r)
{
	struct endpoint_facts f = {
		.name = r->name ? slice_text(r->name) : slice_of(NULL, 0),
		.source = r->source,
		.protocol = r->protocol,
		.port = r->port,
		.has_application = r->application != NOTHING,
		.application = r->application,
		.vendor = r->vendor,
		.named = r->named,
	};

	assert_int_equal(addr_parse(r->addr, &f.addr), 0);
	f.local = addr_is_private(&f.addr) || addr_is_multicast(&f.addr);
	return f;
}

static void check(const struct know *know, const struct row *r)
{
	struct endpoint_facts f = facts_of(r);
	struct endpoint_verdict v;
	struct buf out;

	endpoint_judge(know, &f, &v);
	buf_init(&out, SENTENCE_BYTES_MAX);
	sentence_put(&out, know, &f, &v);
	assert_int_equal(buf_check(&out), 0);
	assert_string_equal(buf_text(&out), r->sentence);
	buf_done(&out);
}

static void each_endpoint_is_told_in_a_plain_sentence(void **state)
{
	static const struct row rows[] = {
		{ "time.google.com", ENDPOINT_DNS, "192.0.2.1", UDP, 123,
		  RECORD_APPLICATION_NTP, "Roku, Inc",
		  "asks the time from an NTP server run by Google, a search "
		  "and advertising company" },
		{ "acr-eu.samba.tv", ENDPOINT_SNI, "192.0.2.1", TCP, 80,
		  RECORD_APPLICATION_HTTP, "Sony Corporation",
		  "reports to Samba TV, an advertising company, "
		  "unencrypted" },
		{ "acr0.samsungacr.com", ENDPOINT_DNS, "192.0.2.1", TCP, 443,
		  RECORD_APPLICATION_TLS, "Samsung Electronics Co.,Ltd",
		  "reports to its maker, Samsung, for advertising" },
		{ "m1.tuyaeu.com", ENDPOINT_DNS, "192.0.2.1", TCP, 1883,
		  RECORD_APPLICATION_MQTT, "Espressif Inc.",
		  "is controlled through the platform Tuya, unencrypted" },
		{ "a1b2-ats.iot.eu-west-1.amazonaws.com", ENDPOINT_DNS,
		  "192.0.2.1", TCP, 8883, RECORD_APPLICATION_TLS,
		  "iRobot Corporation",
		  "is controlled through the platform AWS IoT of Amazon Web "
		  "Services" },
		{ "ws.meethue.com", ENDPOINT_DNS, "192.0.2.1", TCP, 443,
		  NOTHING, "Philips Lighting BV",
		  "is controlled through the cloud of its maker, Signify "
		  "(Hue)" },
		{ "fw-update.ubnt.com", ENDPOINT_DNS, "192.0.2.1", TCP, 443,
		  NOTHING, "Ubiquiti Inc",
		  "fetches updates from its maker, Ubiquiti" },
		{ "x.cloudfront.net", ENDPOINT_DNS, "192.0.2.1", TCP, 443,
		  NOTHING, "Wyze Labs Inc",
		  "talks to x.cloudfront.net, on servers that anybody can "
		  "rent from Amazon Web Services" },
		{ "dns.google", ENDPOINT_SNI, "8.8.8.8", TCP, 853,
		  RECORD_APPLICATION_DOT, NULL,
		  "asks names from Google Public DNS instead of the home's own "
		  "resolver, encrypted (DNS over TLS)",
		  LAN_NOT_NAMED },
		{ NULL, ENDPOINT_UNNAMED, "8.8.8.8", UDP, 53,
		  RECORD_APPLICATION_DNS, NULL,
		  "asks names from Google Public DNS instead of the home's own "
		  "resolver",
		  LAN_NOT_NAMED },
		{ NULL, ENDPOINT_UNNAMED, "198.51.100.53", UDP, 53,
		  RECORD_APPLICATION_DNS, NULL,
		  "asks names from 198.51.100.53, the resolver that the router "
		  "names",
		  LAN_NAMED },
		{ "dns.google", ENDPOINT_SNI, "8.8.8.8", TCP, 853,
		  RECORD_APPLICATION_DOT, NULL,
		  "asks names from Google Public DNS, the resolver that the "
		  "router names, encrypted (DNS over TLS)",
		  LAN_NAMED },
		{ NULL, ENDPOINT_UNNAMED, "198.51.100.53", UDP, 53,
		  RECORD_APPLICATION_DNS, NULL, "asks names from 198.51.100.53",
		  LAN_NOT_KNOWN },
		{ "cloudflare-dns.com", ENDPOINT_SNI, "192.0.2.1", TCP, 443,
		  RECORD_APPLICATION_DOH, NULL,
		  "asks names from Cloudflare 1.1.1.1 instead of the home's "
		  "own resolver, encrypted (DNS over HTTPS)",
		  LAN_NOT_NAMED },
		{ "thing.example", ENDPOINT_DNS, "192.0.2.1", TCP, 443, NOTHING,
		  NULL,
		  "talks to thing.example, encrypted; no list says whose it "
		  "is" },
		{ "thing.example", ENDPOINT_DNS, "192.0.2.1", UDP, 50999,
		  NOTHING, NULL,
		  "talks to thing.example (UDP port 50999), not known whether "
		  "encrypted; no list says whose it is" },
		{ "thing.example", ENDPOINT_REVERSE, "192.0.2.1", TCP, 80,
		  RECORD_APPLICATION_HTTP, NULL,
		  "talks to thing.example?, unencrypted; no list says whose it "
		  "is" },
		{ NULL, ENDPOINT_UNNAMED, "192.0.2.1", TCP, 23,
		  RECORD_APPLICATION_TELNET, NULL,
		  "opens a terminal (Telnet), as worms do, at 192.0.2.1, "
		  "unencrypted; it never asked for its name, and no list says "
		  "whose it is" },
		{ NULL, ENDPOINT_UNNAMED, "224.0.0.251", UDP, 5353,
		  RECORD_APPLICATION_MDNS, NULL,
		  "tells the home network who it is, and asks who else is "
		  "there (mDNS)" },
		{ NULL, ENDPOINT_UNNAMED, "192.168.1.1", UDP, 53,
		  RECORD_APPLICATION_DNS, NULL,
		  "asks names from the home's own resolver" },
		{ NULL, ENDPOINT_UNNAMED, "192.168.1.9", TCP, 8009, NOTHING,
		  NULL, "talks to another device of the home (Google Cast)" },
		/* hostile names stay text */
		{ "a\x1b[2J.example", ENDPOINT_DNS, "192.0.2.1", TCP, 443,
		  NOTHING, NULL,
		  "talks to a\\x1b[2J.example, encrypted; no list says whose "
		  "it is" },
	};
	struct know know = know_own();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&know, &rows[i]);
}

static struct endpoint_verdict judged(const char *name, const char *vendor)
{
	struct row r = { name, ENDPOINT_DNS, "192.0.2.1", TCP,
			 443,  NOTHING,	     vendor,	  NULL };
	struct endpoint_facts f = facts_of(&r);
	struct know know = know_own();
	struct endpoint_verdict v;

	endpoint_judge(&know, &f, &v);
	return v;
}

static void a_maker_and_its_owner_are_first_parties(void **state)
{
	(void)state;
	assert_int_equal(judged("x.ring.com", "Ring LLC").party,
			 ENDPOINT_PARTY_FIRST);
	assert_int_equal(judged("home.nest.com", "Nest Labs Inc.").party,
			 ENDPOINT_PARTY_FIRST);
	assert_int_equal(judged("iot.us-east-1.amazonaws.com",
				"Amazon Technologies Inc.")
				 .party,
			 ENDPOINT_PARTY_FIRST);
	assert_int_equal(judged("logs.roku.com", "Samsung Electronics").party,
			 ENDPOINT_PARTY_THIRD);
	assert_int_equal(judged("m1.tuyaus.com", "Meross").party,
			 ENDPOINT_PARTY_SUPPORT);
	assert_int_equal(judged("x.s3.amazonaws.com", "Roku, Inc").party,
			 ENDPOINT_PARTY_SUPPORT);
	assert_int_equal(judged("thing.example", "Roku, Inc").party,
			 ENDPOINT_PARTY_UNKNOWN);
	assert_int_equal(judged("x.ring.com", NULL).party,
			 ENDPOINT_PARTY_UNKNOWN);
	/* it may be a Roku's */
	assert_int_equal(judged("ads.roku.com", NULL).party,
			 ENDPOINT_PARTY_UNKNOWN);
}

/* The name in a posture: whose the device is may be known later, or told by
 * its owner. */
static bool is_third(const char *host, const char *vendor)
{
	struct row r = { host, ENDPOINT_DNS, "192.0.2.1", TCP,
			 443,  NOTHING,	     NULL,	  NULL };
	struct endpoint_facts f = facts_of(&r);
	struct know know = know_own();
	struct endpoint_verdict v;
	struct party party;

	endpoint_judge(&know, &f, &v);
	endpoint_to_party(&f, &v, &party);
	return party.third && endpoint_is_third(&know, vendor, party.company);
}

static void nobody_is_a_third_party_while_the_maker_is_not_known(void **state)
{
	(void)state;
	assert_false(is_third("x.ring.com", NULL));
	assert_false(is_third("x.ring.com", ""));
	assert_false(is_third("ads.roku.com", "Nobody Ever Heard Of Ltd"));
	assert_false(is_third("x.ring.com", "Ring LLC"));
	assert_false(is_third("x.ring.com", "Amazon Technologies Inc."));
	assert_true(is_third("x.ring.com", "Samsung Electronics"));
	assert_true(is_third("ads.roku.com", "Shelly"));
	/* what a maker rents for its things */
	assert_false(is_third("m1.tuyaus.com", "Meross"));
	assert_false(is_third("x.s3.amazonaws.com", "Roku, Inc"));
}

static void a_platform_is_told_by_its_hosts(void **state)
{
	(void)state;
	assert_string_equal(judged("ps1.pubnub.com", NULL).platform, "PubNub");
	assert_string_equal(judged("a2.tuyaeu.com", NULL).platform, "Tuya");
	assert_string_equal(judged("h.azure-devices.net", NULL).company,
			    "Microsoft");
	assert_string_equal(
		judged("q.iot.ap-south-1.amazonaws.com", NULL).platform,
		"AWS IoT");
	assert_string_equal(judged("ws.meethue.com", NULL).platform, "");
}

/* What is put before or behind a known host makes another host of it, unless
 * it is a label of its own in front. */
static void a_host_is_never_known_by_substring(void **state)
{
	static const char *const hosts[] = { "samba.tv", "tuyaeu.com",
					     "ads.roku.com", "meethue.com",
					     "pndsn.com" };
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		assert_true(judged(hosts[i], NULL).company[0]);
		snprintf(text, sizeof(text), "a.b.%s", hosts[i]);
		assert_string_equal(judged(text, NULL).company,
				    judged(hosts[i], NULL).company);
		snprintf(text, sizeof(text), "not%s", hosts[i]);
		/* of notads.roku.com roku.com is left */
		if (i != 2)
			assert_string_equal(judged(text, NULL).company, "");
		assert_int_equal(judged(text, NULL).category,
				 KNOW_CATEGORY_NONE);
		snprintf(text, sizeof(text), "%s.example", hosts[i]);
		assert_string_equal(judged(text, NULL).company, "");
		snprintf(text, sizeof(text), "%sx", hosts[i]);
		assert_string_equal(judged(text, NULL).company, "");
		snprintf(text, sizeof(text), "my-%s", hosts[i]);
		if (i != 2)
			assert_string_equal(judged(text, NULL).company, "");
	}
}

static void a_malicious_host_goes_before_all_else(void **state)
{
	struct row r = { "x.bad.example", ENDPOINT_DNS, "192.0.2.1", TCP, 80,
			 NOTHING,	  "Roku, Inc",	NULL };
	struct endpoint_facts f = facts_of(&r);
	struct endpoint_verdict v;
	struct reference_build b;
	struct reference ref;
	struct know know = know_own();
	struct buf file, out;
	uint32_t fields[3] = { 0 };
	struct party party;

	(void)state;
	reference_build_init(&b, 1);
	fields[1] = reference_build_text(&b, slice_text("Bad hosts"));
	fields[2] = KNOW_CATEGORY_MALICIOUS;
	assert_true(reference_build_add(&b, REFERENCE_MALICIOUS,
					slice_text("bad.example"), fields, 3));
	buf_init(&file, 65536);
	assert_int_equal(reference_build_write(&b, &file), 0);
	reference_build_done(&b);
	assert_int_equal(reference_open(buf_slice(&file), &ref), 0);
	assert_int_equal(know_add(&know, &ref), 0);
	endpoint_judge(&know, &f, &v);
	assert_int_equal(v.category, KNOW_CATEGORY_MALICIOUS);
	buf_init(&out, SENTENCE_BYTES_MAX);
	sentence_put(&out, &know, &f, &v);
	assert_string_equal(buf_text(&out),
			    "talks to x.bad.example, which the list Bad hosts "
			    "has as malicious, unencrypted");
	endpoint_to_party(&f, &v, &party);
	assert_string_equal(party.bad_list, "Bad hosts");
	assert_null(party.tracker);
	buf_done(&out);
	buf_done(&file);
}

static void what_was_said_goes_before_the_port(void **state)
{
	struct row r = {
		"thing.example",	 ENDPOINT_DNS, "192.0.2.1", TCP, 8883,
		RECORD_APPLICATION_MQTT, NULL,	       NULL
	};
	struct endpoint_facts f = facts_of(&r);
	struct know know = know_own();
	struct endpoint_verdict v;

	(void)state;
	endpoint_judge(&know, &f, &v);
	assert_int_equal(v.secrecy, ENDPOINT_IN_CLEAR);
	f.has_application = false;
	endpoint_judge(&know, &f, &v);
	assert_int_equal(v.secrecy, ENDPOINT_ENCRYPTED);
	f.port = 4711;
	endpoint_judge(&know, &f, &v);
	assert_int_equal(v.secrecy, ENDPOINT_SECRECY_UNKNOWN);
}

static void a_name_that_other_homes_tell_accuses_nobody(void **state)
{
	struct row r = { "acr-eu.samba.tv",
			 ENDPOINT_REVERSE,
			 "192.0.2.1",
			 TCP,
			 443,
			 NOTHING,
			 NULL,
			 NULL };
	struct endpoint_facts f = facts_of(&r);
	struct know know = know_own();
	struct endpoint_verdict v;

	(void)state;
	endpoint_judge(&know, &f, &v);
	assert_int_equal(v.category, KNOW_CATEGORY_ADVERTISING);
	f.source = ENDPOINT_CROWD;
	endpoint_judge(&know, &f, &v);
	assert_int_equal(v.category, KNOW_CATEGORY_NONE);
	assert_string_equal(v.company, "Samba TV");
	assert_non_null(endpoint_doubt(f.source));
	assert_string_equal(endpoint_source_name(f.source), "crowd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_endpoint_is_told_in_a_plain_sentence),
		cmocka_unit_test(a_maker_and_its_owner_are_first_parties),
		cmocka_unit_test(
			nobody_is_a_third_party_while_the_maker_is_not_known),
		cmocka_unit_test(a_platform_is_told_by_its_hosts),
		cmocka_unit_test(a_host_is_never_known_by_substring),
		cmocka_unit_test(a_malicious_host_goes_before_all_else),
		cmocka_unit_test(what_was_said_goes_before_the_port),
		cmocka_unit_test(a_name_that_other_homes_tell_accuses_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

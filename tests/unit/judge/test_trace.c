// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "judge/trace.h"

#define PHONE "192.168.1.30"
#define OTHER "192.168.1.31"

static struct addr addr_of(const char *text)
{
	struct addr addr;

	assert_int_equal(addr_parse(text, &addr), 0);
	return addr;
}

static void add(struct finding_list *list, enum rule_kind kind,
		const char *subject, const char *endpoint, const char *evidence)
{
	struct addr addr = addr_of(endpoint);
	struct finding_report r = { kind, subject, &addr, 1000, evidence };

	assert_non_null(finding_report(list, &r));
}

static struct trace phone(void)
{
	struct trace trace = { 0 };
	struct addr addr = addr_of(PHONE), none = { 0 };

	trace_add_addr(&trace, &addr);
	trace_add_addr(&trace, &addr);
	trace_add_addr(&trace, &none);
	trace_add_name(&trace, "Dannys-Phone");
	trace_add_name(&trace, "dannys-phone");
	trace_add_name(&trace, "a");
	assert_int_equal(trace.addr_count, 1);
	assert_int_equal(trace.name_count, 1);
	return trace;
}

/* Tells texts apart; of whose key nothing is looked at here. */
static void plain_hash(void *user, const void *data, size_t len,
		       uint8_t out[32])
{
	uint64_t hash = table_hash(1, data, len);

	(void)user;
	memset(out, 0, 32);
	memcpy(out, &hash, sizeof(hash));
}

static void add_to(struct trace_set *set, const char *name)
{
	struct trace_hash hash;

	assert_true(trace_hash_of(set, name, &hash));
	assert_int_equal(trace_set_add(set, &hash), 0);
}

static void a_name_is_found_whole_and_in_domains_of_homes(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} cases[] = {
		{ "Dannys-Phone", true },
		{ "HTTP to dannys-phone.lan, not encrypted", true },
		{ "offers TLS 1.0 at most to DANNYS-PHONE: outdated", true },
		{ "dannys-phone.fritz.box", true },
		{ "it is dannys-phone.", true },
		{ "dannys-phone.home.arpa.", true },
		{ "dannys-phone.example", false },
		{ "dannys-phone.lan.example", false },
		{ "dannys-phone-2.lan", false },
		{ "my-dannys-phone", false },
		{ "x.dannys-phone.lan", false },
		{ "", false },
	};
	struct trace_set set = { .hash = plain_hash };
	struct trace trace = phone(), hashed = { .known = &set };

	(void)state;
	trace_set_init(&set, 4, 1);
	assert_false(trace_in_text(&hashed, "dannys-phone"));
	add_to(&set, "DANNYS-phone");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (trace_in_text(&trace, cases[i].text) != cases[i].found ||
		    trace_in_text(&hashed, cases[i].text) != cases[i].found)
			fail_msg("%s", cases[i].text);
	trace_set_done(&set);
}

static void a_name_is_found_in_the_homes_own_domains(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} cases[] = {
		{ "dannys-phone.home.example", true },
		{ "to Dannys-Phone.HOME.example, not encrypted", true },
		{ "dannys-phone.guest.home.example.", true },
		{ "dannys-phone.smith", true },
		{ "dannys-phone.routerlogin.net", true },
		{ "dannys-phone.myhome.example", false },
		{ "dannys-phone.home.example.org", false },
		{ "dannys-phone.example", false },
		{ "x.dannys-phone.home.example", false },
	};
	const struct slice domains[] = { slice_text("home.example"),
					 slice_text("smith") };
	struct trace_set set = { .hash = plain_hash };
	struct trace trace = phone(), hashed = { .known = &set };

	(void)state;
	trace_set_init(&set, 4, 1);
	add_to(&set, "dannys-phone");
	assert_false(trace_in_text(&trace, cases[0].text));
	trace.domains = hashed.domains = domains;
	trace.domain_count = hashed.domain_count = 2;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (trace_in_text(&trace, cases[i].text) != cases[i].found ||
		    trace_in_text(&hashed, cases[i].text) != cases[i].found)
			fail_msg("%s", cases[i].text);
	trace_set_done(&set);
}

/* Somebody's iPhone is called so by default. */
static void what_only_says_its_kind_is_a_name_where_names_stand(void **state)
{
	struct trace_set set = { .hash = plain_hash };
	struct trace hashed = { .known = &set }, trace = { 0 };
	struct trace_hash none;

	(void)state;
	trace_set_init(&set, 2, 1);
	add_to(&set, "iPhone");
	add_to(&set, "Annas iPhone");
	trace_add_name(&trace, "iPhone");
	assert_true(trace_in_text(&hashed, "iphone.local"));
	assert_true(trace_in_text(&trace, "iphone.local"));
	assert_false(trace_in_free_text(&hashed, "Mozilla/5.0 (iPhone; U)"));
	assert_false(trace_in_free_text(&trace, "Mozilla/5.0 (iPhone; U)"));
	assert_true(trace_in_free_text(&hashed, "for=annas iphone, 2"));
	assert_false(trace_hash_of(&set, "tv", &none));
	assert_true(trace_hash_of(&set, "one more", &none));
	assert_int_equal(trace_set_add(&set, &none), ERR_LIMIT);
	trace_set_clear(&set);
	assert_false(trace_in_text(&hashed, "iphone.local"));
	trace_set_done(&set);
}

static void what_names_it_goes_and_the_rest_stays(void **state)
{
	struct finding_list list = { 0 };
	struct trace trace = phone();

	(void)state;
	/* whatever it is called at its address */
	add(&list, RULE_OUTDATED_TLS, "pixel.lan", PHONE, "to pixel.lan");
	add(&list, RULE_WEAK_SUITES, "", PHONE, "to pixel.lan");
	/* by its own name, wherever it was */
	add(&list, RULE_PLAINTEXT_HTTP, "dannys-phone.lan", OTHER, "HTTP");
	add(&list, RULE_CLEAR_PROTOCOL, "", OTHER, "MQTT to dannys-phone");
	/* these have its address alone, or nothing of it */
	add(&list, RULE_OUTDATED_TLS, PHONE, PHONE, "offers TLS 1.0 to " PHONE);
	add(&list, RULE_PORT_SCAN, "", PHONE, "many ports of " PHONE);
	add(&list, RULE_OUTDATED_TLS, "tv.lan", OTHER, "to tv.lan");
	assert_true(trace_erase(&trace, &list, false));
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[0].subject, PHONE);
	assert_int_equal(list.items[1].kind, RULE_PORT_SCAN);
	assert_string_equal(list.items[2].subject, "tv.lan");
	assert_false(trace_erase(&trace, &list, false));
	finding_done(&list);
}

static void of_the_home_what_it_did_goes(void **state)
{
	struct finding_list list = { 0 };
	struct trace trace = phone();

	(void)state;
	add(&list, RULE_ROGUE_DHCP, PHONE, PHONE, PHONE " hands out addresses");
	add(&list, RULE_ROGUE_DHCP, OTHER, OTHER, OTHER " hands out addresses");
	assert_true(trace_erase(&trace, &list, true));
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].subject, OTHER);
	finding_done(&list);
}

static void sums_lose_what_others_call_it(void **state)
{
	static struct judge judge;
	struct posture_items *clear = &judge.posture.lists[POSTURE_CLEAR];
	struct trace trace = phone();

	(void)state;
	add(&judge.findings, RULE_PLAINTEXT_HTTP, "pixel.fritz.box", PHONE, "");
	snprintf(clear->items[0].text, sizeof(clear->items[0].text),
		 "pixel.fritz.box");
	snprintf(clear->items[1].text, sizeof(clear->items[1].text),
		 "image.example");
	clear->count = 2;
	change_add(&judge.posture.changes, RULE_FIRST_PLAINTEXT, 1,
		   "HTTP to pixel.fritz.box");
	change_add(&judge.posture.changes, RULE_FIRST_PLAINTEXT, 2,
		   "HTTP to image.example");
	trace_learn(&trace, &judge.findings);
	assert_true(trace_erase_judge(&trace, &judge));
	assert_int_equal(judge.findings.count, 0);
	assert_int_equal(clear->count, 1);
	assert_string_equal(clear->items[0].text, "image.example");
	assert_int_equal(judge.posture.changes.count, 1);
	assert_string_equal(change_at(&judge.posture.changes, 0)->text,
			    "HTTP to image.example");
	assert_false(trace_erase_judge(&trace, &judge));
	judge_done(&judge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_whole_and_in_domains_of_homes),
		cmocka_unit_test(a_name_is_found_in_the_homes_own_domains),
		cmocka_unit_test(
			what_only_says_its_kind_is_a_name_where_names_stand),
		cmocka_unit_test(what_names_it_goes_and_the_rest_stays),
		cmocka_unit_test(of_the_home_what_it_did_goes),
		cmocka_unit_test(sums_lose_what_others_call_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "judge/finding.h"

static struct finding *seen(struct finding_list *list, enum rule_kind kind,
			    const char *subject, uint64_t at_ms,
			    const char *evidence)
{
	struct finding_report r = { kind, subject, NULL, at_ms, evidence };

	return finding_report(list, &r);
}

static void what_is_seen_again_is_one_finding_with_more_hits(void **state)
{
	struct finding_list list = { 0 };
	struct finding *f;

	(void)state;
	assert_non_null(seen(&list, RULE_PLAINTEXT_HTTP, "a", 1000, "one"));
	assert_non_null(seen(&list, RULE_PLAINTEXT_HTTP, "b", 2000, "two"));
	f = seen(&list, RULE_PLAINTEXT_HTTP, "a", 3000, "three");
	assert_non_null(f);
	assert_int_equal(list.count, 2);
	assert_int_equal(f->since_ms, 1000);
	assert_int_equal(f->last_ms, 3000);
	assert_int_equal(f->hits, 2);
	assert_string_equal(f->evidence[0].text, "one");
	assert_string_equal(f->evidence[1].text, "three");
	finding_done(&list);
}

static void the_first_evidence_stays_and_the_latest_is_there(void **state)
{
	struct finding_list list = { 0 };
	struct finding *f = NULL;
	char text[16];

	(void)state;
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "number %d", i);
		f = seen(&list, RULE_HOST_SCAN, "", 1000 + (uint64_t)i, text);
	}
	assert_non_null(f);
	assert_int_equal(f->hits, 20);
	assert_string_equal(f->evidence[0].text, "number 0");
	assert_string_equal(f->evidence[3].text, "number 19");
	finding_done(&list);
}

static void a_device_cannot_fill_the_list_with_one_kind(void **state)
{
	struct finding_list list = { 0 };
	char text[16];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "host%d", i);
		assert_non_null(
			seen(&list, RULE_PLAINTEXT_HTTP, text, 1000, text));
	}
	assert_int_equal(list.count, FINDING_OF_KIND_MAX + 1);
	assert_string_equal(list.items[FINDING_OF_KIND_MAX].subject, "");
	assert_int_equal(list.items[FINDING_OF_KIND_MAX].hits,
			 1000 - FINDING_OF_KIND_MAX);
	finding_done(&list);
}

static void the_list_has_an_end_and_counts_past_it(void **state)
{
	struct finding_list list = { 0 };
	char text[16];

	(void)state;
	for (int kind = 0; kind < RULES; kind++)
		for (int i = 0; i < 10; i++) {
			snprintf(text, sizeof(text), "%d", i);
			(void)!seen(&list, kind, text, 1000, text);
		}
	assert_int_equal(list.count, FINDING_MAX);
	assert_true(list.refused > 0);
	finding_done(&list);
}

static void rechecked_it_is_gone_only_after_its_quiet_time(void **state)
{
	struct finding_list list = { 0 };
	struct finding *f = seen(&list, RULE_HOST_SCAN, "", 1000000, "x");
	uint64_t quiet_ms = rules[RULE_HOST_SCAN].quiet_s * 1000ull;

	(void)state;
	assert_non_null(f);
	list.changed = false;
	assert_false(finding_recheck(&list, f, 1000000 + quiet_ms - 1));
	assert_int_equal(f->state, FINDING_OPEN);
	assert_false(list.changed);
	assert_true(finding_recheck(&list, f, 1000000 + quiet_ms));
	assert_int_equal(f->state, FINDING_GONE);
	assert_true(list.changed);
	/* and it comes back */
	f = seen(&list, RULE_HOST_SCAN, "", 1000000 + quiet_ms + 1, "y");
	assert_non_null(f);
	assert_int_equal(f->state, FINDING_OPEN);
	assert_int_equal(list.count, 1);
	finding_done(&list);
}

static void what_was_dismissed_stays_so_when_seen_again(void **state)
{
	struct finding_list list = { 0 };
	struct finding *f = seen(&list, RULE_PLAINTEXT_HTTP, "a", 1000, "x");

	(void)state;
	assert_non_null(f);
	finding_dismiss(&list, f);
	f = seen(&list, RULE_PLAINTEXT_HTTP, "a", 2000, "x");
	assert_non_null(f);
	assert_int_equal(f->state, FINDING_DISMISSED);
	assert_int_equal(f->hits, 2);
	finding_done(&list);
}

static void every_rule_says_all_that_a_person_needs(void **state)
{
	(void)state;
	for (int i = 0; i < RULES; i++) {
		assert_non_null(rules[i].name);
		assert_true(rules[i].threshold > 0);
		assert_non_null(rules[i].counts);
		assert_non_null(rules[i].text);
		assert_non_null(rules[i].to_do);
		assert_non_null(rules[i].reason);
		assert_int_equal(rule_find(rules[i].name), i);
		assert_non_null(rule_class_name(rules[i].class));
		assert_non_null(rule_severity_name(rules[i].severity));
		assert_non_null(rule_advice_name(rules[i].advice));
	}
	assert_int_equal(rule_find("nothing"), RULES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_is_seen_again_is_one_finding_with_more_hits),
		cmocka_unit_test(
			the_first_evidence_stays_and_the_latest_is_there),
		cmocka_unit_test(a_device_cannot_fill_the_list_with_one_kind),
		cmocka_unit_test(the_list_has_an_end_and_counts_past_it),
		cmocka_unit_test(
			rechecked_it_is_gone_only_after_its_quiet_time),
		cmocka_unit_test(what_was_dismissed_stays_so_when_seen_again),
		cmocka_unit_test(every_rule_says_all_that_a_person_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "know/know.h"
#include "web/identify.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const struct mac mac = { { 0xda, 0xa1, 0x19, 1, 2, 3 } };

static struct identify_opinion opinion_of(const struct record_window *window)
{
	struct identify *self = NULL;
	struct identify_opinion opinion;
	struct know know;

	know_init(&know);
	assert_true(identify_window(&self, &know, &mac, window));
	identify_opinion(self, &opinion);
	identify_free(self);
	return opinion;
}

/* All reasons, a line each. */
static void reasons_of(const struct record_window *window, char out[1024])
{
	struct identify_opinion opinion = opinion_of(window);
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < opinion.reason_count; i++) {
		used += (size_t)snprintf(out + used, 1024 - used, "%s\n",
					 opinion.reasons[i]);
		assert_in_range(used, 1, 1023);
	}
}

static void what_it_says_to_everyone_is_told_in_the_rules_words(void **state)
{
	const struct record_clue clue = { .kind = RECORD_CLUE_DHCP_VENDOR_CLASS,
					  .text = slice_text("MSFT 5.0") };
	const struct record_window window = { .clues = &clue, .clue_count = 1 };
	char reasons[1024];

	(void)state;
	reasons_of(&window, reasons);
	assert_non_null(strstr(reasons, "Windows"));
}

static void whom_it_talks_to_is_in_no_reason(void **state)
{
	static const char *const hosts[] = { "g.whatsapp.net",
					     "captive.apple.com",
					     "gs-loc.apple.com" };
	struct record_question questions[COUNT(hosts)] = { 0 };
	const struct record_http http = {
		.user_agent = slice_text("Mozilla/5.0 (iPhone; CPU iPhone OS "
					 "17_0 like Mac OS X) Mobile/15E148"),
		.host = slice_text("example.org"),
	};
	const struct record_window window = { .questions = questions,
					      .question_count = COUNT(hosts),
					      .http = &http,
					      .http_count = 1 };
	char reasons[1024];
	const char *names;

	(void)state;
	for (size_t i = 0; i < COUNT(hosts); i++)
		questions[i].name = slice_text(hosts[i]);
	reasons_of(&window, reasons);
	names = strstr(reasons, "the names that it asks for");
	assert_non_null(names);
	assert_null(strstr(reasons, "messenger"));
	assert_null(strstr(reasons, "Internet"));
	assert_null(strstr(reasons, "asks where it is"));
	assert_non_null(strstr(reasons, "what its programs call themselves"));
}

static void the_same_reason_is_given_once(void **state)
{
	static const char *const hosts[] = { "captive.apple.com",
					     "push.apple.com",
					     "iphone-ld.apple.com",
					     "gs-loc.apple.com" };
	struct record_question questions[COUNT(hosts)] = { 0 };
	const struct record_window window = { .questions = questions,
					      .question_count = COUNT(hosts) };
	struct identify_opinion opinion;

	(void)state;
	for (size_t i = 0; i < COUNT(hosts); i++)
		questions[i].name = slice_text(hosts[i]);
	opinion = opinion_of(&window);
	for (size_t i = 0; i < opinion.reason_count; i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(opinion.reasons[i],
						opinion.reasons[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_it_says_to_everyone_is_told_in_the_rules_words),
		cmocka_unit_test(whom_it_talks_to_is_in_no_reason),
		cmocka_unit_test(the_same_reason_is_given_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

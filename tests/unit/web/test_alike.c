// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/share_columns.h"
#include "web/alike.h"

#define NOW   UINT64_C(1700000000000)
#define TV    "000102030405060708090a0b0c0d0e0f"
#define LIGHT "101112131415161718191a1b1c1d1e1f"
#define HEADER                                                    \
	"{\"upload\":1,\"columns\":{"                             \
	"\"device\":[\"id\",\"oui\",\"watched\"],"                \
	"\"name\":[\"device\",\"time_ms\",\"address\",\"name\"]," \
	"\"hello\":[\"device\",\"ja4\"],"                         \
	"\"label\":[\"device\",\"name\",\"category\",\"vendor\"," \
	"\"source\"]}}\n"
#define SEGMENT \
	"{\"segment\":1,\"end\":5,\"device\":[[\"" TV "\",\"3c5ab4\",1]],"
#define HOSTS                                                    \
	"\"name\":[[0,1,\"198.51.100.9\",\"api.acme.example\"]," \
	"[0,1,\"198.51.100.9\",\"log.acme.example.com\"],"       \
	"[0,1,\"198.51.100.9\",\"www.acme.example.com\"],"       \
	"[0,1,\"198.51.100.9\",\"[mac:0a1b]\"]]"
#define LABEL(source) \
	"\"label\":[[0,\"Box\",\"television\",\"Acme\",\"" source "\"]]"
#define GUESSES                                                    \
	"{\"guesses\":[{\"name\":\"Roku TV\",\"category\":\"tv\"," \
	"\"vendor\":\"Roku\",\"homes\":12,\"share\":0.8}]}"

static int make(void **state)
{
	static struct alike alike;

	alike_init(&alike);
	*state = &alike;
	return 0;
}

static int unmake(void **state)
{
	alike_done(*state);
	return 0;
}

static void learn(struct alike *a, const char *segment)
{
	char body[4096];

	snprintf(body, sizeof(body), HEADER "%s}\n", segment);
	alike_learn(a, slice_text(body), NOW);
}

/* The question that is due, as text; NULL: none. */
static const char *question(const struct alike *a, bool labelled,
			    uint64_t now_ms)
{
	static char text[4096];
	enum alike_question which = ALIKE_NOTHING;
	json_t *body = alike_question(a, TV, labelled, now_ms, &which);
	char *dumped;

	if (!body)
		return NULL;
	dumped = json_dumps(body, JSON_COMPACT);
	snprintf(text, sizeof(text), "%s %s",
		 which == ALIKE_DEVICE ? "device" : "normal", dumped);
	free(dumped);
	json_decref(body);
	return text;
}

/* Asks what is due, and takes the answer. */
static void answer(struct alike *a, bool labelled, const char *reply,
		   uint64_t now_ms)
{
	enum alike_question which = ALIKE_NOTHING;
	json_t *body = alike_question(a, TV, labelled, now_ms, &which);
	json_t *json = reply ? json_loads(reply, 0, NULL) : NULL;

	assert_non_null(body);
	assert_true(json || !reply);
	alike_answer(a, TV, which, body, json, now_ms);
	json_decref(json);
	json_decref(body);
}

static void a_question_has_what_was_sent_and_no_more(void **state)
{
	struct alike *a = *state;

	assert_null(question(a, false, NOW));
	learn(a, SEGMENT HOSTS ",\"hello\":[[0,\"t13d1516h2\"]]");
	assert_string_equal(
		question(a, false, NOW),
		"device {\"oui\":\"3c5ab4\",\"names\":[\"api.acme.example\","
		"\"log.acme.example.com\",\"www.acme.example.com\"],"
		"\"hellos\":[\"t13d1516h2\"]}");
	assert_null(question(a, true, NOW));
	assert_true(a->changed);
}

static void a_single_fact_is_like_anything(void **state)
{
	struct alike *a = *state;

	learn(a, "{\"segment\":1,\"end\":5,\"device\":[[\"" TV "\",null,1]],"
		 "\"name\":[[0,1,\"198.51.100.9\",\"api.acme.example\"]]");
	assert_null(question(a, false, NOW));
	learn(a, SEGMENT "\"name\":[]");
	assert_non_null(question(a, false, NOW));
}

static void what_a_switch_let_out_goes_with_it(void **state)
{
	static const uint32_t hosts[] = { SHARE_BIT(ANSWERS),
					  SHARE_BIT(SERVER_NAME),
					  SHARE_BIT(HTTP_HOST) };
	struct alike *a = *state;

	learn(a, SEGMENT HOSTS ",\"hello\":[[0,\"ja\"]]," LABEL("typed"));
	alike_narrow(a, SHARE_BIT(TUYA) | SHARE_BIT(BYTES));
	assert_non_null(strstr(question(a, false, NOW), "3c5ab4"));
	alike_narrow(a, SHARE_BIT(OUI));
	assert_non_null(strstr(question(a, false, NOW), "\"oui\":null"));
	alike_narrow(a, SHARE_BIT(CLIENT_HELLO));
	assert_non_null(strstr(question(a, false, NOW), "\"hellos\":[]"));
	assert_non_null(question(a, true, NOW));
	alike_narrow(a, SHARE_BIT(LABELS));
	assert_null(question(a, true, NOW));
	for (size_t i = 0; i < 3; i++) {
		learn(a, SEGMENT HOSTS);
		assert_non_null(question(a, false, NOW));
		alike_narrow(a, hosts[i]);
		assert_null(question(a, false, NOW));
	}
}

static void a_device_is_asked_about_once_a_day_or_when_it_did_more(void **state)
{
	struct alike *a = *state;

	learn(a, SEGMENT HOSTS);
	answer(a, false, "{\"guesses\":[]}", NOW);
	assert_null(question(a, false, NOW + ALIKE_AGAIN_MS - 1));
	assert_non_null(question(a, false, NOW + ALIKE_AGAIN_MS));
	learn(a, SEGMENT HOSTS);
	assert_null(question(a, false, NOW + ALIKE_FRESH_MS));
	learn(a,
	      SEGMENT "\"name\":[[0,1,\"198.51.100.9\",\"new.acme.example\"]]");
	assert_null(question(a, false, NOW + ALIKE_FRESH_MS - 1));
	assert_non_null(question(a, false, NOW + ALIKE_FRESH_MS));
	/* what the collector will not answer is not asked over and over */
	answer(a, false, NULL, NOW + ALIKE_FRESH_MS);
	assert_null(question(a, false, NOW + ALIKE_FRESH_MS));
}

static void its_kind_is_what_its_owner_says(void **state)
{
	struct alike *a = *state;

	learn(a, SEGMENT HOSTS "," LABEL("confirmed"));
	assert_string_equal(question(a, true, NOW),
			    "normal {\"vendor\":\"Acme\",\"category\":"
			    "\"television\",\"domains\":[\"example.com\"]}");
	learn(a, SEGMENT LABEL("rejected"));
	assert_null(question(a, true, NOW));
	learn(a, SEGMENT LABEL("typed"));
	assert_non_null(question(a, true, NOW));
	alike_unlabel(a, TV);
	assert_null(question(a, true, NOW));
}

static void or_what_most_say_of_devices_like_it(void **state)
{
	struct alike *a = *state;
	json_t *guesses;

	learn(a, SEGMENT HOSTS);
	answer(a, false, GUESSES, NOW);
	guesses = alike_guesses(a, TV);
	assert_int_equal(json_array_size(guesses), 1);
	assert_int_equal(json_integer_value(json_object_get(
				 json_array_get(guesses, 0), "homes")),
			 12);
	assert_string_equal(question(a, false, NOW),
			    "normal {\"vendor\":\"Roku\",\"category\":\"tv\","
			    "\"domains\":[\"example.com\"]}");
	answer(a, false,
	       "{\"guesses\":[{\"name\":\"\",\"category\":\"tv\",\"vendor\":"
	       "\"Roku\",\"homes\":3,\"share\":0.4}]}",
	       NOW + ALIKE_AGAIN_MS);
	assert_null(question(a, false, NOW + ALIKE_AGAIN_MS));
}

static void guesses_that_cannot_be_are_refused(void **state)
{
	struct alike *a = *state;
	char text[4096];
	char name[200];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	learn(a, SEGMENT HOSTS);
	snprintf(text, sizeof(text),
		 "{\"guesses\":[7,{\"name\":\"%s\",\"category\":\"tv\","
		 "\"vendor\":\"R\",\"homes\":3,\"share\":1},"
		 "{\"name\":\"\",\"category\":\"tv\",\"vendor\":\"R\","
		 "\"homes\":3,\"share\":1.5},"
		 "{\"name\":\"a\",\"category\":\"tv\",\"vendor\":\"R\","
		 "\"homes\":3,\"share\":1}]}",
		 name);
	answer(a, false, text, NOW);
	assert_int_equal(json_array_size(alike_guesses(a, TV)), 0);
	assert_int_equal(a->counters.answers_refused, 4);
	answer(a, false,
	       "{\"guesses\":[{\"name\":\"\",\"category\":\"\",\"vendor\":\"\","
	       "\"homes\":3,\"share\":1},{\"name\":\"a\",\"category\":\"tv\","
	       "\"vendor\":\"R\",\"homes\":0,\"share\":1}]}",
	       NOW + ALIKE_AGAIN_MS);
	assert_int_equal(json_array_size(alike_guesses(a, TV)), 0);
	answer(a, false, "{\"guesses\":8}", NOW + 2 * ALIKE_AGAIN_MS);
	answer(a, false, "[]", NOW + 3 * ALIKE_AGAIN_MS);
	assert_int_equal(json_array_size(alike_guesses(a, TV)), 0);
}

static bool share_of(const struct alike *a, const char *domain,
		     struct alike_share *out)
{
	return alike_share_of(a, TV, slice_text(domain), out);
}

static void a_share_is_of_a_domain_that_was_asked_about(void **state)
{
	struct alike *a = *state;
	struct alike_share share;

	learn(a, SEGMENT HOSTS "," LABEL("typed"));
	assert_false(share_of(a, "example.com", &share));
	answer(a, true,
	       "{\"homes\":120,\"domains\":{\"example.com\":0.94,"
	       "\"other.example\":0.5}}",
	       NOW);
	assert_true(share_of(a, "example.com", &share));
	assert_int_equal(share.homes, 120);
	assert_true(share.share > 0.93 && share.share < 0.95);
	assert_string_equal(share.vendor, "Acme");
	assert_string_equal(share.category, "television");
	assert_false(share_of(a, "other.example", &share));
	assert_int_equal(a->counters.answers_refused, 1);
	assert_null(question(a, true, NOW));
	/* of another kind it says nothing */
	learn(a, SEGMENT "\"label\":[[0,\"x\",\"light\",\"Acme\",\"typed\"]]");
	assert_false(share_of(a, "example.com", &share));
	assert_non_null(question(a, true, NOW));
	answer(a, true, "{\"homes\":0,\"domains\":{\"example.com\":0.5}}", NOW);
	assert_false(share_of(a, "example.com", &share));
	assert_null(question(a, true, NOW));
}

static void what_is_known_of_a_device_goes_with_it(void **state)
{
	struct alike *a = *state;

	learn(a, SEGMENT HOSTS);
	answer(a, false, GUESSES, NOW);
	alike_forget(a, LIGHT);
	assert_non_null(alike_guesses(a, TV));
	alike_forget(a, TV);
	assert_null(alike_guesses(a, TV));
	learn(a, SEGMENT HOSTS);
	alike_expire(a, NOW + ALIKE_DEVICE_MS);
	assert_non_null(question(a, false, NOW));
	alike_expire(a, NOW + ALIKE_DEVICE_MS + 1);
	assert_null(question(a, false, NOW));
	learn(a, SEGMENT HOSTS);
	alike_clear(a);
	assert_null(question(a, false, NOW));
}

static void facts_and_devices_have_limits(void **state)
{
	struct alike *a = *state;
	char segment[512];
	json_t *hosts;

	for (int i = 0; i < ALIKE_FACTS_MAX + 1; i++) {
		snprintf(
			segment, sizeof(segment),
			SEGMENT
			"\"name\":[[0,1,\"198.51.100.9\",\"h%d.example.com\"]]",
			i);
		learn(a, segment);
	}
	hosts = json_object_get(json_object_get(a->devices, TV), "hosts");
	assert_int_equal(json_array_size(hosts), ALIKE_FACTS_MAX);
	assert_string_equal(json_string_value(json_array_get(hosts, 0)),
			    "h1.example.com");
	for (int i = 1; i < ALIKE_DEVICES_MAX + 1; i++) {
		snprintf(segment, sizeof(segment),
			 "{\"segment\":1,\"end\":5,\"device\":[[\"%032x\","
			 "\"3c5ab4\",1]],\"hello\":[[0,\"ja\"]]",
			 (unsigned int)i);
		learn(a, segment);
	}
	assert_int_equal(json_object_size(a->devices), ALIKE_DEVICES_MAX);
	assert_int_equal(a->counters.facts_refused, 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, unmake)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_question_has_what_was_sent_and_no_more),
		TEST(a_single_fact_is_like_anything),
		TEST(what_a_switch_let_out_goes_with_it),
		TEST(a_device_is_asked_about_once_a_day_or_when_it_did_more),
		TEST(its_kind_is_what_its_owner_says),
		TEST(or_what_most_say_of_devices_like_it),
		TEST(guesses_that_cannot_be_are_refused),
		TEST(a_share_is_of_a_domain_that_was_asked_about),
		TEST(what_is_known_of_a_device_goes_with_it),
		TEST(facts_and_devices_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

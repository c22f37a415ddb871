// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "web/crowd.h"

#define NOW   UINT64_C(1700000000000)
#define TV    "000102030405060708090a0b0c0d0e0f"
#define LIGHT "101112131415161718191a1b1c1d1e1f"

/* As the hub writes them: a TV without a name for .9 and .10, with one for
 * .11, and a light. */
static const char upload[] =
	"{\"upload\":1,\"client\":\"1\",\"consent\":\"x\",\"columns\":{"
	"\"device\":[\"id\",\"oui\",\"watched\"],"
	"\"flow\":[\"device\",\"protocol\",\"remote\"],"
	"\"name\":[\"device\",\"time_ms\",\"address\",\"name\"]}}\n"
	"{\"segment\":1,\"end\":5,\"device\":[[\"" TV
	"\",\"3c5ab4\",1]],\"flow\":[[0,6,\"198.51.100.9\"],"
	"[0,6,\"198.51.100.11\"],[0,6,\"192.168.1.5\"]],"
	"\"name\":[[0,1,\"198.51.100.11\",\"own.example\"]]}\n"
	"{\"segment\":2,\"end\":10,\"device\":[[\"" LIGHT "\",null,1],[\"" TV
	"\",\"3c5ab4\",1]],"
	"\"flow\":[[1,6,\"198.51.100.10\"],[0,17,\"2001:db8::9\"]]}\n";

static int make(void **state)
{
	static struct crowd crowd;

	crowd_init(&crowd);
	*state = &crowd;
	return 0;
}

static int unmake(void **state)
{
	crowd_done(*state);
	return 0;
}

static void take(struct crowd *c, const char *names, uint64_t now_ms)
{
	json_t *list = json_loads(names, JSON_DECODE_ANY, NULL);

	assert_non_null(list);
	crowd_take_names(c, slice_text(upload), list, now_ms);
	json_decref(list);
}

static const char *name_of(const struct crowd *c, const char *address,
			   uint64_t now_ms)
{
	static char text[CROWD_NAME_BYTES_MAX + 1];
	struct crowd_name name;
	struct addr addr;

	assert_int_equal(addr_parse(address, &addr), 0);
	if (!crowd_name_of(c, &addr, now_ms, &name))
		return NULL;
	snprintf(text, sizeof(text), "%.*s", (int)name.name.len,
		 (const char *)name.name.data);
	return text;
}

#define OFFER(address, name) \
	"{\"address\":\"" address "\",\"name\":\"" name "\",\"accounts\":4}"

static void a_name_is_taken_for_an_address_that_was_sent(void **state)
{
	struct crowd *c = *state;
	struct crowd_name name;
	struct addr addr;

	take(c,
	     "[" OFFER("198.51.100.9", "api.acme.example") "," OFFER(
		     "2001:DB8:0::9", "v6.acme.example") "]",
	     NOW);
	assert_string_equal(name_of(c, "198.51.100.9", NOW),
			    "api.acme.example");
	assert_string_equal(name_of(c, "2001:db8::9", NOW), "v6.acme.example");
	assert_null(name_of(c, "198.51.100.10", NOW));
	assert_int_equal(addr_parse("198.51.100.9", &addr), 0);
	assert_true(crowd_name_of(c, &addr, NOW, &name));
	assert_int_equal(name.homes, 4);
	assert_int_equal(c->counters.names_taken, 2);
	assert_true(c->changed);
}

static void a_name_that_was_not_asked_for_is_refused(void **state)
{
	static const char *const refused[] = {
		OFFER("198.51.100.12", "a.example"), /* never sent */
		OFFER("198.51.100.11", "a.example"), /* named by the home */
		OFFER("192.168.1.5", "a.example"),   /* the home's own */
		OFFER("224.0.0.251", "a.example"),
		OFFER("not an address", "a.example"),
		OFFER("198.51.100.9", "localhost"),
		OFFER("198.51.100.9", "nas.local"),
		OFFER("198.51.100.9", "203.0.113.7"),
		OFFER("198.51.100.9", "a..example"),
		OFFER("198.51.100.9", ".example"),
		OFFER("198.51.100.9", "a.example."),
		OFFER("198.51.100.9", "-a.example"),
		OFFER("198.51.100.9", "A.example"),
		OFFER("198.51.100.9", "a b.example"),
		OFFER("198.51.100.9", "<b>.example"),
		OFFER("198.51.100.9", ""),
		"{\"address\":\"198.51.100.9\",\"name\":\"a.example\"}",
		"{\"address\":\"198.51.100.9\",\"name\":7,\"accounts\":3}",
		"{\"address\":\"198.51.100.9\",\"name\":\"a.example\","
		"\"accounts\":0}",
		"7",
	};
	const size_t count = sizeof(refused) / sizeof(refused[0]);
	struct crowd *c = *state;
	char list[300];

	for (size_t i = 0; i < count; i++) {
		snprintf(list, sizeof(list), "[%s]", refused[i]);
		take(c, list, NOW);
		if (json_object_size(c->names))
			fail_msg("taken: %s", refused[i]);
	}
	assert_int_equal(c->counters.names_refused, count);
	assert_int_equal(c->counters.names_taken, 0);
	assert_false(c->changed);
	take(c, "{}", NOW);
	take(c, "null", NOW);
}

static void no_more_names_are_taken_than_a_reply_may_have(void **state)
{
	struct crowd *c = *state;
	json_t *list = json_array();

	for (unsigned int i = 0; i < CROWD_REPLY_MAX; i++)
		json_array_append_new(
			list, json_pack("{s:s,s:s,s:i}", "address", "203.0.1.1",
					"name", "a.example", "accounts", 3));
	json_array_append_new(list, json_pack("{s:s,s:s,s:i}", "address",
					      "198.51.100.9", "name",
					      "a.example", "accounts", 3));
	crowd_take_names(c, slice_text(upload), list, NOW);
	json_decref(list);
	assert_null(name_of(c, "198.51.100.9", NOW));
	assert_true(c->counters.names_refused >= 1);
}

static void the_name_told_longest_ago_makes_room(void **state)
{
	struct crowd *c = *state;
	char address[32];

	for (unsigned int i = 0; i < CROWD_NAMES_MAX; i++) {
		snprintf(address, sizeof(address), "203.0.%u.%u", i / 256,
			 i % 256);
		json_object_set_new(
			c->names, address,
			json_pack("{s:s,s:i,s:s,s:I}", "name", "a.example",
				  "homes", 3, "device", TV, "at",
				  (json_int_t)(NOW - 1000 + i % 1000)));
	}
	take(c, "[" OFFER("198.51.100.9", "b.example") "]", NOW);
	assert_int_equal(json_object_size(c->names), CROWD_NAMES_MAX);
	assert_string_equal(name_of(c, "198.51.100.9", NOW), "b.example");
	assert_null(name_of(c, "203.0.0.0", NOW));
	assert_int_equal(c->counters.names_dropped, 1);
}

static void a_name_that_is_told_again_is_written_once_a_day(void **state)
{
	struct crowd *c = *state;

	take(c, "[" OFFER("198.51.100.9", "a.example") "]", NOW);
	c->changed = false;
	take(c, "[" OFFER("198.51.100.9", "a.example") "]", NOW + 5000);
	assert_false(c->changed);
	take(c, "[" OFFER("198.51.100.9", "b.example") "]", NOW + 5000);
	assert_true(c->changed);
	assert_string_equal(name_of(c, "198.51.100.9", NOW), "b.example");
	c->changed = false;
	take(c, "[" OFFER("198.51.100.9", "b.example") "]",
	     NOW + 5000 + CROWD_AGAIN_MS);
	assert_true(c->changed);
	assert_int_equal(c->counters.names_taken, 2);
}

static void a_name_that_is_not_told_any_more_ends(void **state)
{
	struct crowd *c = *state;

	take(c, "[" OFFER("198.51.100.9", "a.example") "]", NOW);
	assert_non_null(name_of(c, "198.51.100.9", NOW + CROWD_NAME_MS));
	assert_null(name_of(c, "198.51.100.9", NOW + CROWD_NAME_MS + 1));
	c->changed = false;
	crowd_expire(c, NOW + CROWD_NAME_MS);
	assert_false(c->changed);
	crowd_expire(c, NOW + CROWD_NAME_MS + 1);
	assert_true(c->changed);
	assert_int_equal(json_object_size(c->names), 0);
}

static void what_is_known_for_a_device_goes_with_it(void **state)
{
	struct crowd *c = *state;

	take(c,
	     "[" OFFER("198.51.100.9", "a.example") "," OFFER("2001:db8::9",
							      "b.example") "]",
	     NOW);
	crowd_forget(c, LIGHT);
	assert_non_null(name_of(c, "198.51.100.9", NOW));
	assert_null(name_of(c, "2001:db8::9", NOW));
	crowd_forget(c, TV);
	assert_null(name_of(c, "198.51.100.9", NOW));
}

static void what_was_kept_is_read(void **state)
{
	struct crowd *c = *state, other;
	json_t *list = json_array();

	take(c, "[" OFFER("198.51.100.9", "a.example") "]", NOW);
	crowd_init(&other);
	crowd_read(&other, list);
	crowd_read(&other, NULL);
	assert_int_equal(json_object_size(other.names), 0);
	crowd_read(&other, c->names);
	assert_string_equal(name_of(&other, "198.51.100.9", NOW), "a.example");
	crowd_clear(&other);
	assert_null(name_of(&other, "198.51.100.9", NOW));
	crowd_done(&other);
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_name_is_taken_for_an_address_that_was_sent, make,
			unmake),
		cmocka_unit_test_setup_teardown(
			a_name_that_was_not_asked_for_is_refused, make, unmake),
		cmocka_unit_test_setup_teardown(
			no_more_names_are_taken_than_a_reply_may_have, make,
			unmake),
		cmocka_unit_test_setup_teardown(
			the_name_told_longest_ago_makes_room, make, unmake),
		cmocka_unit_test_setup_teardown(
			a_name_that_is_told_again_is_written_once_a_day, make,
			unmake),
		cmocka_unit_test_setup_teardown(
			a_name_that_is_not_told_any_more_ends, make, unmake),
		cmocka_unit_test_setup_teardown(
			what_is_known_for_a_device_goes_with_it, make, unmake),
		cmocka_unit_test_setup_teardown(what_was_kept_is_read, make,
						unmake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

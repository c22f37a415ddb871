// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/gate.h"

#define START_MS 1795305600000ull

static const struct home_device excluded = { .excluded = true,
					     .watched = true,
					     .lock = HOME_OPEN_OWNER };

/* Whose word it is decides the state, and the owner's exclusion before all. */
static void each_word_gives_its_state(void **state)
{
	static const struct {
		enum home_lock lock;
		bool gateway;
		enum gate_state want;
	} cases[] = {
		{ HOME_IDENTIFYING, false, GATE_IDENTIFYING },
		{ HOME_IDENTIFYING, true, GATE_OPEN },
		{ HOME_OPEN_THING, false, GATE_OPEN },
		{ HOME_OPEN_OWNER, false, GATE_OPEN },
		{ HOME_OPEN_UNLOCKED, false, GATE_OPEN },
		{ HOME_LOCKED_COMPUTER, false, GATE_LOCKED },
		{ HOME_LOCKED_OWNER, false, GATE_LOCKED },
		{ HOME_LEFT_ALONE, false, GATE_EXCLUDED },
		{ HOME_LEFT_ALONE, true, GATE_EXCLUDED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct home_device device = { .lock = cases[i].lock,
					      .gateway = cases[i].gateway };

		assert_int_equal(gate_state(&device), cases[i].want);
	}
	assert_int_equal(gate_state(&excluded), GATE_EXCLUDED);
}

/* Every state, and all that may be let through in it. */
static void each_state_lets_out_what_it_may(void **state)
{
	static const struct {
		enum home_lock lock;
		bool consent, watched;
		const char *let; /* a letter each, in the order of enum gate */
	} cases[] = {
		{ HOME_LEFT_ALONE, false, false, "a......." },
		{ HOME_LEFT_ALONE, true, true, "a......." },
		{ HOME_LOCKED_COMPUTER, false, false, "a......." },
		{ HOME_LOCKED_COMPUTER, true, true, "a......." },
		{ HOME_LOCKED_OWNER, true, true, "a......." },
		{ HOME_IDENTIFYING, false, false, "an......" },
		{ HOME_IDENTIFYING, false, true, "an......" },
		{ HOME_IDENTIFYING, true, false, "anA....." },
		{ HOME_IDENTIFYING, true, true, "anA.w..." },
		{ HOME_OPEN_THING, false, false, "an....h." },
		{ HOME_OPEN_OWNER, false, true, "an....h." },
		{ HOME_OPEN_OWNER, true, false, "anAs..hS" },
		{ HOME_OPEN_UNLOCKED, true, true, "anAswthS" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct home_device device = { .lock = cases[i].lock,
					      .watched = cases[i].watched };
		char let[GATES + 1] = "anAswthS";

		for (enum gate what = 0; what < GATES; what++)
			if (!gate_lets(&device, cases[i].consent, what))
				let[what] = '.';
		assert_string_equal(let, cases[i].let);
	}
}

static struct record_window window(void)
{
	return (struct record_window){
		.start_ns = START_MS * 1000000,
		.flow_count = 1,
		.name_count = 2,
		.question_count = 3,
		.hello_count = 4,
		.http_count = 5,
		.clue_count = 6,
		.server_count = 9,
		.service_count = 10,
		.forward_in_frames = 7,
		.forward_out_frames = 8,
	};
}

static void assert_traffic(const struct record_window *w, bool there)
{
	assert_int_equal(w->flow_count, there ? 1 : 0);
	assert_int_equal(w->name_count, there ? 2 : 0);
	assert_int_equal(w->question_count, there ? 3 : 0);
	assert_int_equal(w->hello_count, there ? 4 : 0);
	assert_int_equal(w->http_count, there ? 5 : 0);
	assert_int_equal(w->server_count, there ? 9 : 0);
	assert_int_equal(w->service_count, there ? 10 : 0);
	assert_int_equal(w->forward_in_frames, there ? 7 : 0);
	assert_int_equal(w->forward_out_frames, there ? 8 : 0);
	assert_int_equal(w->clue_count, 6);
}

static void an_unwatched_window_keeps_its_clues_alone(void **state)
{
	struct home_device device = { 0 };
	struct record_window w = window();

	(void)state;
	assert_true(gate_window(&device, true, &w));
	assert_traffic(&w, false);
}

static void a_watched_window_is_whole(void **state)
{
	struct home_device device = { .watched = true };
	struct record_window w = window();

	(void)state;
	assert_true(gate_window(&device, true, &w));
	assert_traffic(&w, true);
	device.lock = HOME_OPEN_THING;
	assert_true(gate_window(&device, true, &w));
	assert_traffic(&w, true);
	assert_false(gate_window(&device, false, &w));
	assert_false(gate_window(&excluded, true, &w));
	device.lock = HOME_LOCKED_COMPUTER;
	assert_false(gate_window(&device, true, &w));
}

static void a_window_begun_before_the_watch_ended_is_whole(void **state)
{
	struct home_device device = { .watch_ended_ms = START_MS + 1 };
	struct record_window w = window();

	(void)state;
	assert_true(gate_window(&device, true, &w));
	assert_traffic(&w, true);
	device.watch_ended_ms = START_MS;
	assert_true(gate_window(&device, true, &w));
	assert_traffic(&w, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_gives_its_state),
		cmocka_unit_test(each_state_lets_out_what_it_may),
		cmocka_unit_test(an_unwatched_window_keeps_its_clues_alone),
		cmocka_unit_test(a_watched_window_is_whole),
		cmocka_unit_test(
			a_window_begun_before_the_watch_ended_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

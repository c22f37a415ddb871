// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "web/gate.h"

#define START_MS 1795305600000ull

/* Every state of a device, and what may be known of it. */
static void each_state_lets_out_what_it_may(void **state)
{
	static const struct {
		bool consent, excluded, watched;
		bool announcements, traffic, history;
	} cases[] = {
		{ false, false, false, false, false, true },
		{ false, false, true, false, false, true },
		{ false, true, false, false, false, false },
		{ false, true, true, false, false, false },
		{ true, false, false, true, false, true },
		{ true, false, true, true, true, true },
		{ true, true, false, false, false, false },
		{ true, true, true, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct home_device device = { .excluded = cases[i].excluded,
					      .watched = cases[i].watched };
		bool consent = cases[i].consent;

		assert_true(gate_lets(&device, consent, GATE_ADDRESS));
		assert_int_equal(gate_lets(&device, consent,
					   GATE_ANNOUNCEMENTS),
				 cases[i].announcements);
		assert_int_equal(gate_lets(&device, consent, GATE_TRAFFIC),
				 cases[i].traffic);
		assert_int_equal(gate_lets(&device, consent, GATE_HISTORY),
				 cases[i].history);
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
	assert_false(gate_window(&device, false, &w));
	device.excluded = true;
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
		cmocka_unit_test(each_state_lets_out_what_it_may),
		cmocka_unit_test(an_unwatched_window_keeps_its_clues_alone),
		cmocka_unit_test(a_watched_window_is_whole),
		cmocka_unit_test(
			a_window_begun_before_the_watch_ended_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

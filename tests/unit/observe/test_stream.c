// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "observe/stream.h"

static void add(struct streams *s, struct stream *stream, uint32_t seq,
		const char *text)
{
	(void)stream_add(s, stream, seq, slice_text(text));
}

static void assert_has(const struct stream *stream, const char *text)
{
	assert_int_equal(stream->have, strlen(text));
	assert_memory_equal(stream->data, text, strlen(text));
}

static void pieces_in_any_order_give_the_same_bytes(void **state)
{
	static const char text[] = "the quick brown fox jumps";
	/* pieces of five, in every order that a counter in base 5 gives */
	(void)state;
	for (unsigned order = 0; order < 3125; order++) {
		struct record_counters counters = { 0 };
		struct stream *stream = NULL;
		struct streams s;
		unsigned digits = order, seen = 0;

		streams_init(&s, &counters);
		assert_non_null(streams_open(&s, &stream, STREAM_HELLO,
					     UINT32_MAX - 7, 0));
		for (int i = 0; i < 5; i++, digits /= 5) {
			unsigned at = digits % 5;

			(void)stream_add(&s, stream, UINT32_MAX - 7 + at * 5,
					 slice_of(text + at * 5, 5));
			seen |= 1u << at;
		}
		if (seen == 31)
			assert_has(stream, text);
		else
			assert_true(stream->have < 25);
		streams_done(&s);
		assert_int_equal(s.bytes, 0);
	}
}

static void what_came_first_stays(void **state)
{
	struct record_counters counters = { 0 };
	struct stream *stream = NULL;
	struct streams s;

	(void)state;
	streams_init(&s, &counters);
	assert_non_null(streams_open(&s, &stream, STREAM_HELLO, 100, 0));
	add(&s, stream, 104, "EFGH");
	add(&s, stream, 100, "abcdefghij");
	assert_has(stream, "abcdEFGHij");
	add(&s, stream, 98, "..XXXXXXXXXXk");
	assert_has(stream, "abcdEFGHijk");
	streams_done(&s);
}

static void consuming_moves_the_front_and_what_lies_ahead(void **state)
{
	struct record_counters counters = { 0 };
	struct stream *stream = NULL;
	struct streams s;

	(void)state;
	streams_init(&s, &counters);
	assert_non_null(streams_open(&s, &stream, STREAM_DNS, 100, 0));
	add(&s, stream, 108, "ij");
	add(&s, stream, 100, "abcdef");
	stream_consume(stream, 4);
	assert_has(stream, "ef");
	add(&s, stream, 106, "gh");
	assert_has(stream, "efghij");
	streams_done(&s);
}

static void the_memory_of_all_is_bounded(void **state)
{
	static const uint8_t piece[STREAM_BYTES_MAX];
	struct stream *owners[200] = { 0 };
	struct record_counters counters = { 0 };
	struct streams s;

	(void)state;
	streams_init(&s, &counters);
	for (size_t i = 0; i < 200; i++) {
		struct stream *stream =
			streams_open(&s, &owners[i], STREAM_DNS, 0, 0);

		assert_non_null(stream);
		(void)stream_add(&s, stream, 0, slice_of(piece, sizeof(piece)));
		assert_true(s.bytes <= STREAMS_BYTES_MAX);
	}
	assert_true(counters.stream_bytes_refused > 0);
	streams_done(&s);
}

static void the_number_of_all_is_bounded(void **state)
{
	struct stream **owners = calloc(STREAMS_MAX + 1, sizeof(*owners));
	struct record_counters counters = { 0 };
	struct streams s;

	(void)state;
	assert_non_null(owners);
	streams_init(&s, &counters);
	for (uint32_t i = 0; i < STREAMS_MAX; i++)
		assert_non_null(
			streams_open(&s, &owners[i], STREAM_HELLO, 0, 0));
	assert_null(streams_open(&s, &owners[STREAMS_MAX], STREAM_HELLO, 0, 0));
	assert_int_equal(counters.streams_refused, 1);
	streams_done(&s);
	free(owners);
}

static void the_islands_of_one_are_bounded(void **state)
{
	struct record_counters counters = { 0 };
	struct stream *stream = NULL;
	struct streams s;

	(void)state;
	streams_init(&s, &counters);
	assert_non_null(streams_open(&s, &stream, STREAM_HELLO, 0, 0));
	for (uint32_t i = 0; i < STREAM_ISLANDS_MAX; i++)
		add(&s, stream, 10 + 2 * i, "x");
	assert_int_equal(counters.stream_bytes_refused, 0);
	add(&s, stream, 500, "yz");
	assert_int_equal(counters.stream_bytes_refused, 2);
	streams_done(&s);
}

static void one_that_never_closes_is_given_up(void **state)
{
	struct stream *first = NULL, *second = NULL, *hole = NULL;
	struct record_counters counters = { 0 };
	struct streams s;

	(void)state;
	streams_init(&s, &counters);
	assert_non_null(streams_open(&s, &first, STREAM_HELLO, 0, 1));
	assert_non_null(streams_open(&s, &hole, STREAM_HOLE, 0, 1));
	assert_non_null(streams_open(&s, &second, STREAM_HELLO, 0, 2));
	streams_expire(&s, 1 + STREAM_AGE_WINDOWS);
	assert_non_null(first);
	streams_expire(&s, 2 + STREAM_AGE_WINDOWS);
	assert_null(first);
	assert_null(hole);
	assert_non_null(second);
	/* in a hole nothing was known to have begun */
	assert_int_equal(counters.streams_abandoned, 1);
	streams_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_in_any_order_give_the_same_bytes),
		cmocka_unit_test(what_came_first_stays),
		cmocka_unit_test(consuming_moves_the_front_and_what_lies_ahead),
		cmocka_unit_test(the_memory_of_all_is_bounded),
		cmocka_unit_test(the_number_of_all_is_bounded),
		cmocka_unit_test(the_islands_of_one_are_bounded),
		cmocka_unit_test(one_that_never_closes_is_given_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

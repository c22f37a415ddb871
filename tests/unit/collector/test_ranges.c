// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/store/ranges.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void expect(const struct ranges *r, const char *wanted)
{
	char text[256] = "";
	size_t at = 0;

	for (uint32_t i = 0; i < r->count; i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at,
				       "%s%llu-%llu", i ? " " : "",
				       (unsigned long long)r->items[i].first,
				       (unsigned long long)r->items[i].last);
	assert_string_equal(text, wanted);
}

static void add(struct ranges *r, uint64_t first, uint64_t last)
{
	assert_int_equal(ranges_add(r, first, last, NULL), 0);
}

static void numbers_join_their_neighbours(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	add(&r, 1, 1);
	add(&r, 2, 2);
	expect(&r, "1-2");
	add(&r, 5, 7);
	add(&r, 10, 10);
	expect(&r, "1-2 5-7 10-10");
	add(&r, 9, 9);
	expect(&r, "1-2 5-7 9-10");
	add(&r, 3, 4);
	expect(&r, "1-7 9-10");
	add(&r, 6, 20);
	expect(&r, "1-20");
	add(&r, 2, 3);
	expect(&r, "1-20");
	ranges_done(&r);
}

static void the_largest_number_has_no_neighbour(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	add(&r, UINT64_MAX, UINT64_MAX);
	add(&r, 0, 0);
	expect(&r, "0-0 18446744073709551615-18446744073709551615");
	add(&r, 1, UINT64_MAX);
	expect(&r, "0-18446744073709551615");
	ranges_done(&r);
}

/* Against a set kept the slow way. */
static void a_number_is_had_if_it_was_added(void **state)
{
	bool had[200] = { false };
	struct ranges r = { 0 };

	(void)state;
	srand(7);
	for (int i = 0; i < 2000; i++) {
		uint64_t first = (uint64_t)rand() % 200, last;

		if (i % 100 == 0) {
			ranges_clear(&r);
			memset(had, 0, sizeof(had));
		}
		last = first + (uint64_t)rand() % (200 - first);
		last = i % 3 ? first : last;
		add(&r, first, last);
		for (uint64_t n = first; n <= last; n++)
			had[n] = true;
		for (uint64_t n = 0; n < 200; n++)
			assert_int_equal(ranges_has(&r, n), had[n]);
		for (uint32_t k = 1; k < r.count; k++)
			assert_true(r.items[k - 1].last + 1 < r.items[k].first);
	}
	ranges_done(&r);
}

static void past_the_limit_the_oldest_gap_is_given_up(void **state)
{
	struct ranges r = { 0 };
	uint64_t closed = 0;

	(void)state;
	for (uint64_t i = 0; i <= RANGES_MAX; i++)
		assert_int_equal(
			ranges_add(&r, 1 + 10 * i, 2 + 10 * i, &closed), 0);
	assert_int_equal(closed, 1);
	assert_int_equal(r.count, RANGES_MAX);
	assert_int_equal(r.items[0].first, 1);
	assert_int_equal(r.items[0].last, 12);
	ranges_done(&r);
}

static void the_bytes_give_the_same_set(void **state)
{
	struct ranges r = { 0 }, again = { 0 };
	struct buf bytes;

	(void)state;
	add(&r, 1, 4);
	add(&r, 6, 6);
	add(&r, 1000, UINT64_MAX);
	buf_init(&bytes, 1024);
	ranges_encode(&r, &bytes);
	assert_int_equal(bytes.len, 3 * RANGES_RANGE_BYTES);
	assert_int_equal(ranges_decode(&again, buf_slice(&bytes)), 0);
	expect(&again, "1-4 6-6 1000-18446744073709551615");
	for (size_t len = 1; len < bytes.len; len++)
		if (len % RANGES_RANGE_BYTES)
			assert_int_equal(
				ranges_decode(&again,
					      slice_of(bytes.data, len)),
				ERR_MALFORMED);
	expect(&again, "1-4 6-6 1000-18446744073709551615");
	buf_done(&bytes);
	ranges_done(&r);
	ranges_done(&again);
}

static void ranges_out_of_order_are_refused(void **state)
{
	struct ranges r = { 0 };
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 1024);
	buf_u64(&bytes, 5);
	buf_u64(&bytes, 4);
	assert_int_equal(ranges_decode(&r, buf_slice(&bytes)), ERR_MALFORMED);
	buf_clear(&bytes);
	buf_u64(&bytes, 5);
	buf_u64(&bytes, 9);
	buf_u64(&bytes, 9);
	buf_u64(&bytes, 10);
	assert_int_equal(ranges_decode(&r, buf_slice(&bytes)), ERR_MALFORMED);
	buf_done(&bytes);
	ranges_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_join_their_neighbours),
		cmocka_unit_test(the_largest_number_has_no_neighbour),
		cmocka_unit_test(a_number_is_had_if_it_was_added),
		cmocka_unit_test(past_the_limit_the_oldest_gap_is_given_up),
		cmocka_unit_test(the_bytes_give_the_same_set),
		cmocka_unit_test(ranges_out_of_order_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

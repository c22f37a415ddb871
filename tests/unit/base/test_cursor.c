// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

static void numbers_are_read_in_network_order(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(cursor_u8(&c), 0x01);
	assert_int_equal(cursor_u16(&c), 0x0203);
	assert_int_equal(cursor_u24(&c), 0x040506);
	cursor_seek(&c, 0);
	assert_int_equal(cursor_u32(&c), 0x01020304);
	cursor_seek(&c, 0);
	assert_true(cursor_u64(&c) == 0x0102030405060708);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_check(&c), 0);
}

static void little_endian_numbers_say_so(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	assert_int_equal(cursor_u16le(&c), 0x0201);
	assert_int_equal(cursor_u32le(&c), 0x06050403);
}

static void the_first_read_past_the_end_sticks(void **state)
{
	struct cursor c = cursor_of(bytes, 3);
	uint8_t out[2] = { 9, 9 };

	(void)state;
	cursor_skip(&c, 2);
	assert_int_equal(cursor_u16(&c), 0);
	assert_int_equal(cursor_check(&c), ERR_TRUNCATED);
	/* one byte would still be there */
	assert_int_equal(cursor_u8(&c), 0);
	assert_int_equal(cursor_left(&c), 0);
	assert_int_equal(cursor_offset(&c), 2);
	assert_null(cursor_bytes(&c, 0));
	assert_null(cursor_take(&c, 0).data);
	assert_null(cursor_rest(&c).data);
	cursor_copy(&c, out, sizeof(out));
	assert_int_equal(out[0], 0);
	assert_int_equal(out[1], 0);
	cursor_seek(&c, 0);
	assert_false(cursor_ok(&c));
}

static void every_reader_stops_at_the_end(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(bytes); n++) {
		struct cursor c = cursor_of(bytes, n);

		assert_true(cursor_u64(&c) == 0);
		assert_false(cursor_ok(&c));
		assert_int_equal(cursor_offset(&c), 0);
		c = cursor_of(bytes, n);
		(void)cursor_u32(&c);
		assert_int_equal(cursor_ok(&c), n >= 4);
		c = cursor_of(bytes, n);
		(void)cursor_u32le(&c);
		assert_int_equal(cursor_ok(&c), n >= 4);
		c = cursor_of(bytes, n);
		(void)cursor_u24(&c);
		assert_int_equal(cursor_ok(&c), n >= 3);
		c = cursor_of(bytes, n);
		(void)cursor_u16le(&c);
		assert_int_equal(cursor_ok(&c), n >= 2);
		c = cursor_of(bytes, n);
		assert_null(cursor_bytes(&c, SIZE_MAX));
	}
}

static void a_sub_cursor_fails_alone(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof(bytes));
	struct cursor sub = cursor_sub(&c, 3);

	(void)state;
	assert_int_equal(cursor_left(&sub), 3);
	(void)cursor_u32(&sub);
	assert_false(cursor_ok(&sub));
	assert_true(cursor_ok(&c));
	assert_int_equal(cursor_u8(&c), 4);
	sub = cursor_sub(&c, 5);
	assert_false(cursor_ok(&sub));
	assert_false(cursor_ok(&c));
}

static void views_are_of_the_callers_bytes(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof(bytes));
	struct slice view;

	(void)state;
	view = cursor_take(&c, 0);
	assert_ptr_equal(view.data, bytes);
	assert_int_equal(view.len, 0);
	view = cursor_take(&c, 5);
	assert_ptr_equal(view.data, bytes);
	assert_int_equal(view.len, 5);
	view = cursor_rest(&c);
	assert_ptr_equal(view.data, bytes + 5);
	assert_int_equal(view.len, 3);
	view = cursor_rest(&c);
	assert_non_null(view.data);
	assert_int_equal(view.len, 0);
	assert_true(cursor_ok(&c));
}

static void seeking_stays_inside(void **state)
{
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	cursor_seek(&c, sizeof(bytes));
	assert_true(cursor_ok(&c));
	cursor_seek(&c, 1);
	assert_int_equal(cursor_u8(&c), 2);
	cursor_seek(&c, sizeof(bytes) + 1);
	assert_false(cursor_ok(&c));
}

static void a_cursor_over_nothing_has_nothing(void **state)
{
	struct cursor c = cursor_slice((struct slice){ 0 });

	(void)state;
	assert_int_equal(cursor_left(&c), 0);
	cursor_seek(&c, 0);
	cursor_skip(&c, 0);
	assert_null(cursor_rest(&c).data);
	assert_true(cursor_ok(&c));
	assert_int_equal(cursor_u8(&c), 0);
	assert_false(cursor_ok(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_read_in_network_order),
		cmocka_unit_test(little_endian_numbers_say_so),
		cmocka_unit_test(the_first_read_past_the_end_sticks),
		cmocka_unit_test(every_reader_stops_at_the_end),
		cmocka_unit_test(a_sub_cursor_fails_alone),
		cmocka_unit_test(views_are_of_the_callers_bytes),
		cmocka_unit_test(seeking_stays_inside),
		cmocka_unit_test(a_cursor_over_nothing_has_nothing),
	};

	return cmocka_run_group_tests_name("cursor", tests, NULL, NULL);
}

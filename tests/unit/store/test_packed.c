// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/packed.h"

static void numbers_of_every_size_come_back(void **state)
{
	struct buf bytes;
	struct cursor c;

	(void)state;
	buf_init(&bytes, 4096);
	for (int bit = 0; bit < 64; bit++) {
		packed_put(&bytes, UINT64_C(1) << bit);
		packed_put_signed(&bytes, INT64_MIN >> bit);
		packed_put_signed(&bytes, INT64_MAX >> bit);
	}
	assert_int_equal(buf_check(&bytes), 0);
	c = cursor_slice(buf_slice(&bytes));
	for (int bit = 0; bit < 64; bit++) {
		assert_true(packed_take(&c) == UINT64_C(1) << bit);
		assert_true(packed_take_signed(&c) == INT64_MIN >> bit);
		assert_true(packed_take_signed(&c) == INT64_MAX >> bit);
	}
	assert_true(cursor_ok(&c) && !cursor_left(&c));
	buf_done(&bytes);
}

static void absent_bytes_are_not_empty_ones(void **state)
{
	struct buf bytes;
	struct slice taken;
	struct cursor c;

	(void)state;
	buf_init(&bytes, 64);
	packed_put_bytes(&bytes, slice_of(NULL, 0));
	packed_put_bytes(&bytes, slice_text(""));
	packed_put_bytes(&bytes, slice_text("tv"));
	c = cursor_slice(buf_slice(&bytes));
	assert_null(packed_take_bytes(&c).data);
	taken = packed_take_bytes(&c);
	assert_true(taken.data && !taken.len);
	assert_true(slice_equal(packed_take_bytes(&c), slice_text("tv")));
	assert_true(cursor_ok(&c));
	buf_done(&bytes);
}

static void a_flow_that_is_cut_is_none(void **state)
{
	const int64_t flow[PACKED_FLOW_COLUMNS] = {
		[PACKED_REMOTE] = 70000,
		[PACKED_FIRST_MS] = 1795305599999,
		[PACKED_LAST_MS] = 1795305604000,
		[PACKED_OUT_MISSED_BYTES] = INT64_MAX,
	};
	int64_t taken[PACKED_FLOW_COLUMNS];
	struct buf bytes;
	struct cursor c;

	(void)state;
	buf_init(&bytes, 256);
	packed_put_flow(&bytes, 1795305600, flow);
	c = cursor_slice(buf_slice(&bytes));
	assert_true(packed_take_flow(&c, 1795305600, taken));
	assert_memory_equal(taken, flow, sizeof(flow));
	assert_false(packed_take_flow(&c, 1795305600, taken));
	assert_true(cursor_ok(&c));
	for (size_t len = 1; len < bytes.len; len++) {
		c = cursor_of(bytes.data, len);
		assert_false(packed_take_flow(&c, 1795305600, taken));
		assert_false(cursor_ok(&c));
	}
	buf_done(&bytes);
}

static void a_number_without_end_fails(void **state)
{
	uint8_t bytes[11];
	struct cursor c = cursor_of(bytes, sizeof(bytes));

	(void)state;
	memset(bytes, 0xff, sizeof(bytes));
	packed_take(&c);
	assert_false(cursor_ok(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_of_every_size_come_back),
		cmocka_unit_test(absent_bytes_are_not_empty_ones),
		cmocka_unit_test(a_flow_that_is_cut_is_none),
		cmocka_unit_test(a_number_without_end_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

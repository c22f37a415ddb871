// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_is_appended_stands_there_terminated(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_string_equal(buf_text(&b), "");
	buf_puts(&b, "ab");
	buf_printf(&b, "%d-%s", 42, "c");
	buf_append(&b, "xyz", 1);
	buf_append(&b, NULL, 0);
	assert_int_equal(buf_check(&b), 0);
	assert_string_equal(buf_text(&b), "ab42-cx");
	assert_int_equal(b.len, 7);
	buf_done(&b);
	assert_string_equal(buf_text(&b), "");
}

static void numbers_are_written_in_network_order(void **state)
{
	static const uint8_t want[] = { 0x01, 0x02, 0x03, 0x04, 0x05,
					0x06, 0x07, 0x08, 0x09, 0x0a,
					0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
	struct buf b;

	(void)state;
	buf_init(&b, sizeof(want));
	buf_u8(&b, 0x01);
	buf_u16(&b, 0x0203);
	buf_u32(&b, 0x04050607);
	buf_u64(&b, 0x08090a0b0c0d0e0f);
	assert_int_equal(buf_check(&b), 0);
	assert_int_equal(b.len, sizeof(want));
	assert_memory_equal(b.data, want, sizeof(want));
	buf_done(&b);
}

static void it_grows_to_its_maximum_and_no_further(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < 1000; i++)
		buf_u8(&b, (uint8_t)i);
	assert_int_equal(buf_check(&b), 0);
	assert_int_equal(b.len, 1000);
	buf_u8(&b, 0);
	assert_int_equal(buf_check(&b), ERR_LIMIT);
	assert_int_equal(b.len, 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(b.data[i], i & 0xff);
	buf_done(&b);
}

static void an_append_that_does_not_fit_leaves_nothing_and_sticks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_puts(&b, "abc");
	buf_puts(&b, "def");
	assert_string_equal(buf_text(&b), "abc");
	/* would fit, but what comes before it is missing */
	buf_puts(&b, "g");
	buf_printf(&b, "%d", 1);
	assert_string_equal(buf_text(&b), "abc");
	assert_int_equal(buf_check(&b), ERR_LIMIT);
	buf_clear(&b);
	assert_int_equal(buf_check(&b), 0);
	buf_puts(&b, "12345");
	assert_string_equal(buf_text(&b), "12345");
	assert_int_equal(buf_check(&b), 0);
	buf_done(&b);
}

static void a_cut_takes_back_the_end_only(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_cut(&b, 0);
	buf_puts(&b, "abcdef");
	buf_cut(&b, 10);
	assert_string_equal(buf_text(&b), "abcdef");
	buf_cut(&b, 2);
	assert_string_equal(buf_text(&b), "ab");
	buf_puts(&b, "x");
	assert_string_equal(buf_text(&b), "abx");
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_appended_stands_there_terminated),
		cmocka_unit_test(numbers_are_written_in_network_order),
		cmocka_unit_test(it_grows_to_its_maximum_and_no_further),
		cmocka_unit_test(
			an_append_that_does_not_fit_leaves_nothing_and_sticks),
		cmocka_unit_test(a_cut_takes_back_the_end_only),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}

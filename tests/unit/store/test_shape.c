// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/shape.h"

#define BYTES(...)                                 \
	slice_of((const uint8_t[]){ __VA_ARGS__ }, \
		 sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void assert_bytes(struct slice got, struct slice want)
{
	assert_non_null(got.data);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);
}

static void what_is_new_in_each_hello_is_left_out(void **state)
{
	struct record_hello hello = {
		.cipher_suites = BYTES(0x5a, 0x5a, 0x13, 0x01),
		.groups = BYTES(0xfa, 0xfa, 0x00, 0x1d),
		.supported_versions = BYTES(0x1a, 0x1a, 0x03, 0x04),
		.extensions = BYTES(0x2a, 0x2a, 0, 1, 7,       /* GREASE */
				    0, 0, 0, 2, 'a', 'b',      /* name */
				    0, 35, 0, 3, 1, 2, 3,      /* ticket */
				    0, 51, 0, 2, 9, 9,	       /* key share */
				    0, 5, 0, 5, 1, 0, 0, 0, 0, /* status */
				    0, 41, 0, 1, 8),	       /* PSK */
	};
	struct shape s;

	(void)state;
	assert_int_equal(shape_init(&s, &hello), 0);
	assert_bytes(s.hello.cipher_suites, BYTES(0x0a, 0x0a, 0x13, 0x01));
	assert_bytes(s.hello.groups, BYTES(0x0a, 0x0a, 0x00, 0x1d));
	assert_bytes(s.hello.supported_versions, BYTES(0x0a, 0x0a, 0x03, 0x04));
	assert_bytes(s.hello.extensions,
		     BYTES(0x0a, 0x0a, 0, 0, 0, 0, 0, 0, 0, 35, 0, 0, 0, 51, 0,
			   0, 0, 5, 0, 5, 1, 0, 0, 0, 0, 0, 41, 0, 0));
	shape_done(&s);
}

static void an_absent_list_stays_absent_and_an_empty_one_empty(void **state)
{
	struct record_hello hello = { .groups = slice_text(""),
				      .cipher_suites = BYTES(0x13, 0x01) };
	struct shape s;

	(void)state;
	assert_int_equal(shape_init(&s, &hello), 0);
	assert_null(s.hello.extensions.data);
	assert_non_null(s.hello.groups.data);
	assert_int_equal(s.hello.groups.len, 0);
	shape_done(&s);
}

static void a_block_cut_anywhere_is_read_to_its_end_only(void **state)
{
	static const uint8_t block[] = { 0, 5, 0, 2, 1, 2, 0, 51, 0, 1, 9 };

	(void)state;
	for (size_t len = 0; len <= sizeof(block); len++) {
		uint8_t *copy = test_malloc(len + 1);
		struct record_hello hello;
		struct shape s;

		memcpy(copy, block, len);
		hello = (struct record_hello){
			.extensions = slice_of(copy, len),
			.cipher_suites = slice_of(copy, len),
		};
		assert_int_equal(shape_init(&s, &hello), 0);
		assert_int_equal(s.hello.cipher_suites.len, len);
		shape_done(&s);
		test_free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_in_each_hello_is_left_out),
		cmocka_unit_test(
			an_absent_list_stays_absent_and_an_empty_one_empty),
		cmocka_unit_test(a_block_cut_anywhere_is_read_to_its_end_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

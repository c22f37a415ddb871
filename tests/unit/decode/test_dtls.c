// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "decode/dtls.h"
#include "decode/tls.h"

static struct buf bytes;

static int begin(void **state)
{
	(void)state;
	buf_init(&bytes, 4096);
	return 0;
}

static int end(void **state)
{
	(void)state;
	buf_done(&bytes);
	return 0;
}

static void put_record(uint8_t type, uint16_t epoch, size_t len)
{
	buf_u8(&bytes, type);
	buf_u16(&bytes, 0xfefd);
	buf_u16(&bytes, epoch);
	buf_append(&bytes, "\0\0\0\0\0\1", 6);
	buf_u16(&bytes, (uint16_t)len);
}

static void put_u24(size_t v)
{
	buf_u8(&bytes, (uint8_t)(v >> 16));
	buf_u16(&bytes, (uint16_t)v);
}

static void put_fragment(uint8_t type, uint16_t number, size_t length,
			 size_t offset, const char *data, size_t len)
{
	buf_u8(&bytes, type);
	put_u24(length);
	buf_u16(&bytes, number);
	put_u24(offset);
	put_u24(len);
	buf_append(&bytes, data, len);
}

static void fragments_of_clear_records_are_told_and_no_others(void **state)
{
	struct dtls_fragment f;
	struct dtls_walk walk;

	(void)state;
	put_record(22, 0, 2 * 12 + 5);
	put_fragment(1, 7, 5, 0, "abc", 3);
	put_fragment(1, 7, 5, 3, "de", 2);
	put_record(20, 0, 1); /* change_cipher_spec */
	buf_u8(&bytes, 1);
	put_record(22, 1, 2); /* encrypted */
	buf_append(&bytes, "xx", 2);
	put_record(22, 0, 12);
	put_fragment(14, 8, 0, 0, "", 0);
	assert_true(dtls_may_begin(buf_slice(&bytes)));
	dtls_walk(&walk, buf_slice(&bytes));
	assert_int_equal(dtls_next(&walk, &f), 1);
	assert_int_equal(f.number, 7);
	assert_int_equal(f.length, 5);
	assert_true(slice_equal(f.data, slice_text("abc")));
	assert_int_equal(dtls_next(&walk, &f), 1);
	assert_int_equal(f.offset, 3);
	assert_true(slice_equal(f.data, slice_text("de")));
	assert_int_equal(dtls_next(&walk, &f), 1);
	assert_int_equal(f.type, 14);
	assert_int_equal(dtls_next(&walk, &f), 0);
}

static void what_breaks_its_own_lengths_is_refused(void **state)
{
	struct dtls_fragment f;
	struct dtls_walk walk;

	(void)state;
	put_record(22, 0, 12 + 3);
	put_fragment(1, 0, 5, 3, "abc", 3); /* past its message's end */
	dtls_walk(&walk, buf_slice(&bytes));
	assert_int_equal(dtls_next(&walk, &f), ERR_MALFORMED);
	for (size_t n = 1; n < bytes.len; n++) {
		dtls_walk(&walk, slice_of(bytes.data, n));
		assert_int_equal(dtls_next(&walk, &f), ERR_TRUNCATED);
	}
}

static void nothing_else_begins_so(void **state)
{
	static const char *const others[] = {
		"\x16\x03\x01\x00\x05 a record of TLS's",
		"\x17\xfe\xfd\0\0 application data ",
		"\x16\xfe\xfd\0\1 another epoch     ",
		"\x2e\x01\x02\x03 the unified header",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(dtls_may_begin(slice_of(others[i], 20)));
	assert_false(dtls_may_begin(slice_of("\x16\xfe\xfd\0\0", 5)));
}

static void a_hello_with_a_cookie_is_one_without(void **state)
{
	static const uint8_t with[] = "\xfe\xfd"
				      "0123456789abcdef0123456789abcdef"
				      "\0"
				      "\x03"
				      "yum"
				      "\0\2\xc0\x2b"
				      "\1\0";
	struct tls_client_hello hello;
	struct slice body = slice_of(with, sizeof(with) - 1);

	(void)state;
	assert_int_equal(tls_decode_dtls_client_hello(body, &hello), 0);
	assert_int_equal(hello.legacy_version, 0xfefd);
	assert_int_equal(tls_list_u16(hello.cipher_suites, 0), 0xc02b);
	assert_int_equal(tls_highest_version(&hello), 0x0303);
	assert_int_not_equal(tls_decode_client_hello(body, &hello), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		TEST(fragments_of_clear_records_are_told_and_no_others),
		TEST(what_breaks_its_own_lengths_is_refused),
		TEST(nothing_else_begins_so),
		TEST(a_hello_with_a_cookie_is_one_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/stun.h"

#include "bytes.h"

static const char binding[] =
	"0001000c2112a442000000000000000000000000802200057476312e30000000";

static void a_binding_request_tells_its_software(void **state)
{
	struct slice bytes = bytes_of_hex(binding);
	struct stun s;

	(void)state;
	assert_int_equal(stun_decode(bytes, &s), 0);
	assert_int_equal(s.method, 1);
	assert_int_equal(s.class, 0);
	assert_view(s.software, "tv1.0");
	bytes_set(bytes, 0, 1);
	bytes_set(bytes, 1, 1);
	assert_int_equal(stun_decode(bytes, &s), 0);
	assert_int_equal(s.class, 2); /* a success */
	assert_int_equal(s.method, 1);
	bytes_free(bytes);
}

static void whom_the_other_end_saw_is_told(void **state)
{
	/* RFC 5769 2.2 and 2.3: 192.0.2.1 and an IPv6 one, XORed */
	static const struct {
		const char *hex, *address;
	} cases[] = {
		{ "0101000c2112a442b7e7a701bc34d686fa87dfae"
		  "002000080001a147e112a643",
		  "192.0.2.1" },
		{ "010100182112a442b7e7a701bc34d686fa87dfae"
		  "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9",
		  "2001:db8:1234:5678:11:2233:4455:6677" },
		{ "0101000c2112a442b7e7a701bc34d686fa87dfae"
		  "0001000800018055cb00714d",
		  "203.0.113.77" },
		{ "0101000c2112a442b7e7a701bc34d686fa87dfae"
		  "0001000800038055cb00714d",
		  "" },
	};
	char text[ADDR_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice bytes = bytes_of_hex(cases[i].hex);
		struct stun s;

		assert_int_equal(stun_decode(bytes, &s), 0);
		assert_string_equal(addr_format(&s.mapped, text),
				    cases[i].address);
		bytes_free(bytes);
	}
}

static void what_is_not_stun_is_malformed(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{ 0, 0x40 },  /* the first two bits */
		{ 3, 0x0d },  /* the length */
		{ 4, 0x20 },  /* the cookie */
		{ 23, 0x09 }, /* an attribute past the end */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct slice bytes = bytes_of_hex(binding);
		struct stun s;

		bytes_set(bytes, changes[i].at, changes[i].value);
		assert_int_equal(stun_decode(bytes, &s), ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void attributes_have_a_limit(void **state)
{
	uint8_t bytes[20 + 4 * (STUN_ATTRIBUTES_MAX + 1)] = { 0,    1,	  0,
							      0,    0x21, 0x12,
							      0xa4, 0x42 };
	struct stun s;

	(void)state;
	bytes[2] = (sizeof(bytes) - 24) >> 8;
	bytes[3] = (sizeof(bytes) - 24) & 255;
	assert_int_equal(stun_decode(slice_of(bytes, sizeof(bytes) - 4), &s),
			 0);
	bytes[2] = (sizeof(bytes) - 20) >> 8;
	bytes[3] = (sizeof(bytes) - 20) & 255;
	assert_int_equal(stun_decode(slice_of(bytes, sizeof(bytes)), &s),
			 ERR_LIMIT);
}

static void no_prefix_is_a_message(void **state)
{
	struct slice all = bytes_of_hex(binding);

	(void)state;
	for (size_t n = 0; n < all.len; n++) {
		struct slice cut = bytes_copy(all.data, n);
		struct stun s;

		assert_int_equal(stun_decode(cut, &s), ERR_MALFORMED);
		bytes_free(cut);
	}
	bytes_free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_binding_request_tells_its_software),
		cmocka_unit_test(whom_the_other_end_saw_is_told),
		cmocka_unit_test(what_is_not_stun_is_malformed),
		cmocka_unit_test(attributes_have_a_limit),
		cmocka_unit_test(no_prefix_is_a_message),
	};

	return cmocka_run_group_tests_name("stun", tests, NULL, NULL);
}

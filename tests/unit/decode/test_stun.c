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
		cmocka_unit_test(what_is_not_stun_is_malformed),
		cmocka_unit_test(attributes_have_a_limit),
		cmocka_unit_test(no_prefix_is_a_message),
	};

	return cmocka_run_group_tests_name("stun", tests, NULL, NULL);
}

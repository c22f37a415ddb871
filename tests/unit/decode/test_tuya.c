// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tuya.h"

#include "bytes.h"

static const char clear[] =
	"000055aa00000000000000130000005c000000007b226970223a223139322e31"
	"36382e372e3231222c2267774964223a2278222c2270726f647563744b657922"
	"3a226b65797170336d786839786437766366222c2276657273696f6e223a2233"
	"2e31227dc5c5c5c50000aa55";

static int decode(const char *hex, struct tuya *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	return tuya_decode(bytes, out);
}

static void a_broadcast_in_clear_tells_its_product(void **state)
{
	struct tuya t;

	(void)state;
	assert_int_equal(decode(clear, &t), 0);
	assert_false(t.encrypted);
	assert_view(t.product_key, "keyqp3mxh9xd7vcf");
	assert_view(t.version, "3.1");
}

static void an_encrypted_one_is_known_for_what_it_is(void **state)
{
	static const char *const frames[] = {
		"000055aa00000000000000130000001811223344556677881122334455667788"
		"c5c5c5c50000aa55",
		"0000669900000000000100000013000000080102030405060708"
		"00009966",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		struct tuya t;

		assert_int_equal(decode(frames[i], &t), 0);
		assert_true(t.encrypted);
		assert_absent(t.product_key);
	}
}

static void what_is_no_broadcast_is_malformed(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{ 3, 0xab },   /* the prefix */
		{ 15, 0x5d },  /* the length */
		{ 107, 0x54 }, /* the suffix */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct slice bytes = bytes_of_hex(clear);
		struct tuya t;

		bytes_set(bytes, changes[i].at, changes[i].value);
		assert_int_equal(tuya_decode(bytes, &t), ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void no_prefix_is_a_broadcast(void **state)
{
	struct slice all = bytes_of_hex(clear);

	(void)state;
	for (size_t n = 0; n < all.len; n++) {
		struct slice cut = bytes_copy(all.data, n);
		struct tuya t;

		assert_int_equal(tuya_decode(cut, &t),
				 n < 20 ? ERR_TRUNCATED : ERR_MALFORMED);
		bytes_free(cut);
	}
	bytes_free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_broadcast_in_clear_tells_its_product),
		cmocka_unit_test(an_encrypted_one_is_known_for_what_it_is),
		cmocka_unit_test(what_is_no_broadcast_is_malformed),
		cmocka_unit_test(no_prefix_is_a_broadcast),
	};

	return cmocka_run_group_tests_name("tuya", tests, NULL, NULL);
}

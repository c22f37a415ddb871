// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tuya.h"

#include "bytes.h"
#include "with_crypto.h"

static const char clear[] =
	"000055aa00000000000000130000005c000000007b226970223a223139322e31"
	"36382e372e3231222c2267774964223a2278222c2270726f647563744b657922"
	"3a226b65797170336d786839786437766366222c2276657273696f6e223a2233"
	"2e31227dc5c5c5c50000aa55";

static uint8_t text[TUYA_CONTENT_MAX_BYTES];

static int decode(const char *hex, struct tuya *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	return tuya_decode(crypto, bytes, text, out);
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

/* Made by another library, of the same text as in clear. */
static void an_encrypted_one_tells_its_product_too(void **state)
{
	static const struct {
		const char *hex, *version;
	} frames[] = {
		{ "000055aa000000000000001300000068da968e82630286cc94b6aa8c1b28"
		  "def111d3005f148632391e3d791fc62ec1cee3c949d359d5c3ea6cd5201d"
		  "408904bf1428e89926558ab04db0d74fc6baaf1c343378fd637a924ca2f9"
		  "5eab619c9c2e2dd3a795424f2879a4492a51a7d90f0774ee42ed0000aa55",
		  "3.3" },
		{ "000055aa00000000000000130000006c00000000da968e82630286cc94b6"
		  "aa8c1b28def111d3005f148632391e3d791fc62ec1cee3c949d359d5c3ea"
		  "6cd5201d408904bf1428e89926558ab04db0d74fc6baaf1c343378fd637a"
		  "924ca2f95eab619c9c2e2dd3a795424f2879a4492a51a7d90f078edf496c"
		  "0000aa55",
		  "3.3" },
		{ "0000669900000000000100000013000000706162636465666768696a6b6c"
		  "1cd011bd3b17d6f42719ae86081073f052c4fae1900b0d7c852729252e05"
		  "fe0d7e3ddf66e8098da29f13f27513760af4f24f00aee5c6ad04801992f4"
		  "e02bbdc63476cb27070cb7beb87ac561a77c0f49772f81d14cc3cb74d23b"
		  "bb2bde9c6b0fc3b5f8f400009966",
		  "3.5" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(frames); i++) {
		struct tuya t;

		assert_int_equal(decode(frames[i].hex, &t), 0);
		assert_true(t.encrypted);
		assert_view(t.product_key, "keyqp3mxh9xd7vcf");
		assert_view(t.version, frames[i].version);
	}
}

static void one_that_was_changed_on_the_way_tells_nothing(void **state)
{
	struct slice bytes = bytes_of_hex(
		"0000669900000000000100000013000000706162636465666768696a6b6c"
		"1cd011bd3b17d6f42719ae86081073f052c4fae1900b0d7c852729252e05"
		"fe0d7e3ddf66e8098da29f13f27513760af4f24f00aee5c6ad04801992f4"
		"e02bbdc63476cb27070cb7beb87ac561a77c0f49772f81d14cc3cb74d23b"
		"bb2bde9c6b0fc3b5f8f400009966");
	struct tuya t;

	(void)state;
	bytes_set(bytes, 40, bytes.data[40] ^ 1);
	assert_int_equal(tuya_decode(crypto, bytes, text, &t), 0);
	assert_absent(t.product_key);
	bytes_free(bytes);
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
		assert_int_equal(tuya_decode(crypto, bytes, text, &t),
				 ERR_MALFORMED);
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

		assert_int_equal(tuya_decode(crypto, cut, text, &t),
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
		cmocka_unit_test(an_encrypted_one_tells_its_product_too),
		cmocka_unit_test(one_that_was_changed_on_the_way_tells_nothing),
		cmocka_unit_test(what_is_no_broadcast_is_malformed),
		cmocka_unit_test(no_prefix_is_a_broadcast),
	};

	return cmocka_run_group_tests_name("tuya", tests, make_crypto,
					   free_crypto);
}

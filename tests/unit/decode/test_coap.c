// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/coap.h"

#include "bytes.h"

/* GET, token "ab", Uri-Host, Uri-Path. */
static const char get[] =
	"4201000761623d03636f61702e6578616d706c652e636f6d857374617465";

static int decode(const char *hex, struct coap *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	return coap_decode(bytes, out);
}

static void a_request_tells_its_host(void **state)
{
	struct coap m;

	(void)state;
	assert_int_equal(decode(get, &m), 0);
	assert_int_equal(m.class, COAP_REQUEST);
	assert_int_equal(m.code, 1);
	assert_view(m.host, "coap.example.com");
}

static void short_messages_are_known(void **state)
{
	struct coap m;

	(void)state;
	assert_int_equal(decode("60000007", &m), 0); /* acknowledgement */
	assert_true(m.empty);
	assert_int_equal(decode("60450007", &m), 0); /* 2.05 */
	assert_int_equal(m.class, COAP_SUCCESS);
	assert_int_equal(m.code, 5);
	assert_absent(m.host);
}

static void what_breaks_the_rules_is_malformed(void **state)
{
	static const char *const texts[] = {
		"80010007",		      /* version 2 */
		"490100070000000000000000ff", /* a token of nine */
		"40000007",		      /* empty, but to be confirmed */
		"6000000701",		      /* empty with something in it */
		"40210007",		      /* a class that there is not */
		"40010007ff",		      /* a payload of nothing */
		"40010007f0",		      /* a delta of 15 */
		"400100073510",		      /* an option cut short */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct coap m;

		assert_int_equal(decode(texts[i], &m), ERR_MALFORMED);
	}
}

static void options_have_a_limit(void **state)
{
	uint8_t bytes[4 + COAP_OPTIONS_MAX + 1] = { 0x40, 1, 0, 7 };
	struct coap m;

	(void)state;
	assert_int_equal(coap_decode(slice_of(bytes, sizeof(bytes) - 1), &m),
			 0);
	assert_int_equal(coap_decode(slice_of(bytes, sizeof(bytes)), &m),
			 ERR_LIMIT);
}

static void every_prefix_tells_a_whole_host_or_none(void **state)
{
	struct slice all = bytes_of_hex(get);
	struct coap whole, m;

	(void)state;
	assert_int_equal(coap_decode(all, &whole), 0);
	for (size_t n = 0; n < all.len; n++) {
		struct slice cut = bytes_copy(all.data, n);
		int err = coap_decode(cut, &m);

		if (n < 6)
			assert_int_equal(err, ERR_TRUNCATED);
		if (!err)
			assert_view_or_absent(m.host, whole.host);
		bytes_free(cut);
	}
	bytes_free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_tells_its_host),
		cmocka_unit_test(short_messages_are_known),
		cmocka_unit_test(what_breaks_the_rules_is_malformed),
		cmocka_unit_test(options_have_a_limit),
		cmocka_unit_test(every_prefix_tells_a_whole_host_or_none),
	};

	return cmocka_run_group_tests_name("coap", tests, NULL, NULL);
}

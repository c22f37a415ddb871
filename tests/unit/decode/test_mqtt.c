// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/mqtt.h"

#include "bytes.h"

/* MQTT 3.1.1 with a user and a password, 5.0 with a property, 3.1 bare. */
static const char connect_311[] =
	"102100044d51545404c2003c000863616d6572612d3700036164610006736563"
	"726574";
static const char connect_5[] =
	"101600044d5154540502003c05110000000a000474762d35";
static const char connect_31[] = "101000064d51497364700302003c00026964";

static int decode(const char *hex, struct mqtt_connect *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	return mqtt_decode_connect(bytes, out);
}

static void each_version_tells_its_client(void **state)
{
	struct mqtt_connect m;

	(void)state;
	assert_int_equal(decode(connect_311, &m), 0);
	assert_int_equal(m.level, 4);
	assert_view(m.client_id, "camera-7");
	assert_true(m.has_user);
	assert_true(m.has_password);
	assert_int_equal(decode(connect_5, &m), 0);
	assert_int_equal(m.level, 5);
	assert_view(m.client_id, "tv-5");
	assert_false(m.has_user);
	assert_false(m.has_password);
	assert_int_equal(decode(connect_31, &m), 0);
	assert_int_equal(m.level, 3);
	assert_view(m.client_id, "id");
}

static void a_client_may_have_no_id(void **state)
{
	struct mqtt_connect m;

	(void)state;
	assert_int_equal(decode("100c00044d5154540402003c0000", &m), 0);
	assert_non_null(m.client_id.data);
	assert_int_equal(m.client_id.len, 0);
}

static void what_is_no_connect_is_malformed(void **state)
{
	static const char *const texts[] = {
		"20020000",			/* another packet */
		"100c00044d5154550402003c0000", /* another name */
		"100c00044d5154540602003c0000", /* a level to come */
		"100c00044d5154540403003c0000", /* the bit that is reserved */
		"100b00044d5154540402003c00",	/* ends in its id's length */
		"10ffffffff7f",			/* a length of five bytes */
		"1000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct mqtt_connect m;

		assert_int_equal(decode(texts[i], &m), ERR_MALFORMED);
	}
}

static void every_prefix_wants_more_until_the_id(void **state)
{
	static const struct {
		const char *hex;
		size_t behind_id;
	} cases[] = { { connect_311, 22 },
		      { connect_5, 24 },
		      { connect_31, 18 } };

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice all = bytes_of_hex(cases[i].hex);

		for (size_t n = 0; n <= all.len; n++) {
			struct slice cut = bytes_copy(all.data, n);
			struct mqtt_connect m;

			assert_true(mqtt_may_begin(cut));
			assert_int_equal(mqtt_decode_connect(cut, &m),
					 n < cases[i].behind_id ? ERR_AGAIN
								: 0);
			bytes_free(cut);
		}
		bytes_free(all);
	}
}

static void an_id_too_far_is_a_limit(void **state)
{
	static uint8_t bytes[MQTT_CONNECT_MAX_BYTES + 4] = {
		0x10, 0xff, 0xff, 0x03, 0, 4,  'M',  'Q',
		'T',  'T',  4,	  2,	0, 60, 0xff, 0xf0
	};
	struct mqtt_connect m;

	(void)state;
	assert_int_equal(mqtt_decode_connect(slice_of(bytes, 4095), &m),
			 ERR_AGAIN);
	assert_int_equal(mqtt_decode_connect(slice_of(bytes, sizeof(bytes)),
					     &m),
			 ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_tells_its_client),
		cmocka_unit_test(a_client_may_have_no_id),
		cmocka_unit_test(what_is_no_connect_is_malformed),
		cmocka_unit_test(every_prefix_wants_more_until_the_id),
		cmocka_unit_test(an_id_too_far_is_a_limit),
	};

	return cmocka_run_group_tests_name("mqtt", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "read/line.h"

static void whatever_the_text_is_the_line_is_json(void **state)
{
	struct line line;

	(void)state;
	line_init(&line, 10000);
	for (unsigned b = 0; b < 256; b++) {
		const uint8_t text[] = { 'a', (uint8_t)b, '"', '\\', 'z' };
		struct slice out;
		json_t *value;

		line_begin(&line);
		line_key(&line, "text");
		line_text(&line, slice_of(text, sizeof(text)));
		line_key(&line, "list");
		line_open(&line, '[');
		line_number(&line, UINT64_MAX);
		line_time(&line, 5, 42);
		line_close(&line, ']');
		line_key(&line, "none");
		line_open(&line, '[');
		line_close(&line, ']');
		assert_int_equal(line_end(&line, &out), 0);
		assert_int_equal(out.data[out.len - 1], '\n');
		value = json_loadb((const char *)out.data, out.len,
				   JSON_DECODE_INT_AS_REAL, NULL);
		assert_non_null(value);
		assert_non_null(json_object_get(value, "text"));
		assert_int_equal(
			json_array_size(json_object_get(value, "list")), 2);
		assert_int_equal(
			json_array_size(json_object_get(value, "none")), 0);
		json_decref(value);
	}
	line_done(&line);
}

static void times_keep_their_nanoseconds(void **state)
{
	static const char expected[] = "{\"t\":18446744073.000000009}\n";
	struct slice out;
	struct line line;

	(void)state;
	line_init(&line, 100);
	line_begin(&line);
	line_key(&line, "t");
	line_time(&line, UINT64_C(18446744073), 9);
	assert_int_equal(line_end(&line, &out), 0);
	assert_true(slice_equal(out, slice_text(expected)));
	line_done(&line);
}

static void a_line_past_its_limit_is_an_error(void **state)
{
	struct slice out;
	struct line line;

	(void)state;
	line_init(&line, 10);
	line_begin(&line);
	line_key(&line, "long enough");
	assert_int_equal(line_end(&line, &out), ERR_LIMIT);
	line_done(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_the_text_is_the_line_is_json),
		cmocka_unit_test(times_keep_their_nanoseconds),
		cmocka_unit_test(a_line_past_its_limit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

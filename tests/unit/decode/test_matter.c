// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/matter.h"

#include "bytes.h"

/* PBKDFParamRequest, with a source, to be acknowledged. */
static const char pase[] = "040000000900000000000000000000000520010000001518";

static void the_beginning_of_a_session_is_known(void **state)
{
	struct slice bytes = bytes_of_hex(pase);
	struct matter m;

	(void)state;
	assert_int_equal(matter_decode(bytes, &m), 0);
	assert_int_equal(m.opcode, 0x20);
	bytes_free(bytes);
}

static void all_else_looks_like_nothing(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{ 0, 0x14 },  /* a version to come */
		{ 0, 0x06 },  /* to a group */
		{ 1, 0x01 },  /* in a session */
		{ 3, 0x01 },  /* of a group */
		{ 16, 0x25 }, /* bits that there are not */
		{ 17, 0x25 }, /* an operation that there is not */
		{ 20, 0x01 }, /* another protocol */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct slice bytes = bytes_of_hex(pase);
		struct matter m;

		bytes_set(bytes, changes[i].at, changes[i].value);
		assert_int_equal(matter_decode(bytes, &m), ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void a_head_cut_short_is_truncated(void **state)
{
	struct slice all = bytes_of_hex(pase);

	(void)state;
	for (size_t n = 0; n < 22; n++) {
		struct slice cut = bytes_copy(all.data, n);
		struct matter m;

		assert_int_equal(matter_decode(cut, &m), ERR_TRUNCATED);
		bytes_free(cut);
	}
	bytes_free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_beginning_of_a_session_is_known),
		cmocka_unit_test(all_else_looks_like_nothing),
		cmocka_unit_test(a_head_cut_short_is_truncated),
	};

	return cmocka_run_group_tests_name("matter", tests, NULL, NULL);
}

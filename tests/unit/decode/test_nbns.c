// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/nbns.h"

#include "bytes.h"

/* As Windows says it: registers DEN-PC<20>, joins WORKGROUP<1e>. */
static const char registers[] =
	"0000291000010000000000012045454546454f434e4641454443414341434143"
	"414341434143414341434143410000200001c00c002000010000000000060000"
	"c0a80714";
static const char joins[] =
	"00002910000100000000000120464845504643454c4548464345504646464143"
	"4143414341434143414341424f0000200001c00c002000010000000000068000"
	"c0a80714";
/* An answer to "*": CAM<00>, CAM<20> and WORKGROUP<00>, which is a group. */
static const char lists[] =
	"00008400000000010000000020434b4341434143414341434143414341434143"
	"41434143414341434143414141000021000100000000006b0343414d20202020"
	"202020202020202000040043414d202020202020202020202020200400574f52"
	"4b47524f555020202020202000840002fc000000010000000000000000000000"
	"0000000000000000000000000000000000000000000000000000000000000000"
	"000000";

static int decode(const char *hex, struct nbns *out)
{
	struct slice bytes = bytes_of_hex(hex);
	int err = nbns_decode(bytes, out);

	bytes_free(bytes);
	return err;
}

static void a_registration_tells_name_kind_and_group(void **state)
{
	struct nbns n;

	(void)state;
	assert_int_equal(decode(registers, &n), 0);
	assert_int_equal(n.op, NBNS_REGISTER);
	assert_false(n.response);
	assert_false(n.status);
	assert_int_equal(n.name_count, 1);
	assert_string_equal(n.names[0].text, "DEN-PC");
	assert_int_equal(n.names[0].kind, 0x20);
	assert_false(n.names[0].group);
	assert_int_equal(decode(joins, &n), 0);
	assert_string_equal(n.names[0].text, "WORKGROUP");
	assert_int_equal(n.names[0].kind, 0x1e);
	assert_true(n.names[0].group);
}

static void a_status_lists_all_names(void **state)
{
	struct nbns n;

	(void)state;
	assert_int_equal(decode(lists, &n), 0);
	assert_true(n.response);
	assert_true(n.status);
	assert_int_equal(n.name_count, 3);
	assert_string_equal(n.names[1].text, "CAM");
	assert_int_equal(n.names[1].kind, 0x20);
	assert_false(n.names[1].group);
	assert_string_equal(n.names[2].text, "WORKGROUP");
	assert_true(n.names[2].group);
}

static void names_past_the_limit_are_counted(void **state)
{
	struct slice head = bytes_of_hex(lists);
	uint8_t bytes[57 + 255 * 18];
	struct nbns n;

	(void)state;
	memset(bytes, 'A', sizeof(bytes));
	memcpy(bytes, head.data, 57);
	bytes[54] = (1 + 255 * 18) >> 8;
	bytes[55] = (1 + 255 * 18) & 255;
	bytes[56] = 255;
	bytes_free(head);
	assert_int_equal(nbns_decode(slice_of(bytes, sizeof(bytes)), &n), 0);
	assert_int_equal(n.name_count, NBNS_NAMES_MAX);
	assert_int_equal(n.names_left_out, 255 - NBNS_NAMES_MAX);
}

static void what_is_no_name_service_is_malformed(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} changes[] = {
		{ 2, 0x18 },  /* an operation that there is not */
		{ 12, 0x1f }, /* a name too short */
		{ 13, 'Q' },  /* a letter past P */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(changes); i++) {
		struct slice bytes = bytes_of_hex(registers);
		struct nbns n;

		bytes_set(bytes, changes[i].at, changes[i].value);
		assert_int_equal(nbns_decode(bytes, &n), ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void every_prefix_is_truncated(void **state)
{
	static const char *const messages[] = { registers, lists };

	(void)state;
	for (size_t i = 0; i < COUNT(messages); i++) {
		struct slice all = bytes_of_hex(messages[i]);

		for (size_t n = 0; n < all.len; n++) {
			struct slice cut = bytes_copy(all.data, n);
			struct nbns nbns;

			assert_int_equal(nbns_decode(cut, &nbns),
					 ERR_TRUNCATED);
			bytes_free(cut);
		}
		bytes_free(all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_registration_tells_name_kind_and_group),
		cmocka_unit_test(a_status_lists_all_names),
		cmocka_unit_test(names_past_the_limit_are_counted),
		cmocka_unit_test(what_is_no_name_service_is_malformed),
		cmocka_unit_test(every_prefix_is_truncated),
	};

	return cmocka_run_group_tests_name("nbns", tests, NULL, NULL);
}

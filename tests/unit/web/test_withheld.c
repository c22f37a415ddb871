// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "web/withheld.h"

static uint8_t block[1 << 20];

static struct slice window(uint8_t name, size_t length)
{
	memset(block, name, length);
	return slice_of(block, length);
}

static void assert_first(const struct withheld *held, uint8_t name,
			 size_t length)
{
	struct slice bytes;
	bool watched;

	assert_true(withheld_first(held, &bytes, &watched));
	assert_true(watched);
	assert_int_equal(bytes.len, length);
	assert_int_equal(bytes.data[0], name);
	assert_int_equal(bytes.data[length - 1], name);
}

static void windows_come_out_as_they_went_in(void **state)
{
	struct withheld held = { 0 };
	struct withheld_sum sum = { 0 };
	struct slice bytes;
	bool watched;

	(void)state;
	for (uint8_t name = 1; name <= 3; name++)
		withheld_add(&held, &sum, window(name, 100u * name),
			     WITHHELD_WATCHED_BYTES, true);
	assert_int_equal(held.windows, 3);
	assert_int_equal(sum.bytes, 600);
	for (uint8_t name = 1; name <= 3; name++) {
		assert_first(&held, name, 100u * name);
		withheld_take(&held, &sum);
	}
	assert_false(withheld_first(&held, &bytes, &watched));
	assert_int_equal(held.bytes + sum.bytes + sum.lost, 0);
	withheld_add(&held, &sum, window(9, 9), WITHHELD_WATCHED_BYTES, true);
	assert_first(&held, 9, 9);
	withheld_wipe(&held, &sum);
}

static void past_its_limit_the_oldest_goes_and_is_counted(void **state)
{
	struct withheld held = { 0 };
	struct withheld_sum sum = { 0 };

	(void)state;
	for (uint8_t name = 1; name <= 5; name++)
		withheld_add(&held, &sum, window(name, sizeof(block)),
			     WITHHELD_WATCHED_BYTES, true);
	assert_int_equal(held.windows, 2);
	assert_int_equal(held.lost, 3);
	assert_first(&held, 4, sizeof(block));
	withheld_wipe(&held, &sum);
	assert_int_equal(held.windows + held.bytes + sum.bytes, 0);
	assert_int_equal(sum.lost, 3);
	/* of one that is not watched, less */
	withheld_add(&held, &sum, window(1, WITHHELD_OTHER_BYTES + 1),
		     WITHHELD_OTHER_BYTES, false);
	assert_int_equal(held.windows, 0);
	assert_int_equal(sum.lost, 4);
}

static void all_together_have_a_limit(void **state)
{
	static struct withheld held[40];
	struct withheld_sum sum = { 0 };

	(void)state;
	for (size_t i = 0; i < 40; i++)
		for (int j = 0; j < 2; j++)
			withheld_add(&held[i], &sum, window(1, sizeof(block)),
				     WITHHELD_WATCHED_BYTES, true);
	assert_int_equal(sum.bytes, WITHHELD_ALL_BYTES);
	assert_int_equal(sum.lost, 16);
	for (size_t i = 0; i < 40; i++)
		withheld_wipe(&held[i], &sum);
	assert_int_equal(sum.bytes, 0);
}

static bool is_even(void *user, struct slice bytes)
{
	(void)user;
	return bytes.data[0] % 2 == 0;
}

static void some_of_them_go_and_the_rest_stays_in_order(void **state)
{
	struct withheld held = { 0 };
	struct withheld_sum sum = { 0 };

	(void)state;
	for (uint8_t name = 1; name <= 4; name++)
		withheld_add(&held, &sum, window(name, 10u * name),
			     WITHHELD_OTHER_BYTES, false);
	withheld_sift(&held, &sum, is_even, NULL);
	assert_int_equal(held.windows, 2);
	assert_int_equal(sum.bytes, 40);
	/* the last went: what comes is behind the one that is last now */
	withheld_add(&held, &sum, window(5, 50), WITHHELD_OTHER_BYTES, false);
	for (uint8_t name = 1; name <= 5; name += 2) {
		assert_int_equal(held.first != NULL, 1);
		withheld_take(&held, &sum);
	}
	assert_int_equal(held.windows + held.bytes + sum.bytes + sum.lost, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_come_out_as_they_went_in),
		cmocka_unit_test(past_its_limit_the_oldest_goes_and_is_counted),
		cmocka_unit_test(all_together_have_a_limit),
		cmocka_unit_test(some_of_them_go_and_the_rest_stays_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "guard/peers.h"

static const struct mac tv = { { 2, 0, 0, 0, 0, 1 } };
static const struct mac plug = { { 2, 0, 0, 0, 0, 2 } };
static const struct mac laptop = { { 2, 0, 0, 0, 0, 3 } };
static struct peers ours, other;

/* The instance that claims the device, or 0. */
static uint64_t claimed(const struct mac *device, uint64_t now_ms)
{
	const struct peers_claim *c = peers_claimed(&ours, device, now_ms);

	assert_true(!c || mac_equal(&c->by, &laptop));
	return c ? c->instance : 0;
}

/* Hands the other's claim of devices to us. */
static int claim(const struct mac *devices, size_t count, uint64_t now_ms)
{
	struct buf frame;
	bool own;
	int err;

	buf_init(&frame, 1500);
	assert_int_equal(peers_format(&other, devices, count, &frame), 0);
	err = peers_take(&ours, &laptop, buf_slice(&frame), now_ms, &own);
	buf_done(&frame);
	return err;
}

static int both_begin(void **state)
{
	(void)state;
	peers_init(&ours, 7);
	peers_init(&other, 9);
	return 0;
}

static void a_claim_holds_until_it_is_old(void **state)
{
	const struct mac both[] = { tv, plug };

	(void)state;
	assert_int_equal(claim(both, 2, 1000), 0);
	assert_int_equal(claimed(&tv, 1000), 9);
	assert_int_equal(claimed(&plug, 1000 + PEERS_HOLD_MS - 1), 9);
	assert_int_equal(claimed(&plug, 1000 + PEERS_HOLD_MS), 0);
	assert_int_equal(claim(&tv, 1, 3000), 0);
	assert_int_equal(claimed(&tv, 1000 + PEERS_HOLD_MS), 9);
	assert_int_equal(claimed(&plug, 1000 + PEERS_HOLD_MS), 0);
}

static void of_several_the_lowest_number_claims(void **state)
{
	(void)state;
	assert_int_equal(claim(&tv, 1, 0), 0);
	peers_init(&other, 5);
	assert_int_equal(claim(&tv, 1, 0), 0);
	peers_init(&other, 6);
	assert_int_equal(claim(&tv, 1, 0), 0);
	assert_int_equal(claimed(&tv, 0), 5);
}

static void our_own_beacon_coming_back_claims_nothing(void **state)
{
	(void)state;
	peers_init(&other, 7);
	assert_int_equal(claim(&tv, 1, 0), 0);
	assert_int_equal(claimed(&tv, 0), 0);
}

static void a_full_frame_is_taken_and_no_prefix_of_it(void **state)
{
	struct mac devices[PEERS_FRAME_DEVICES] = { { { 0 } } };
	struct buf frame;
	bool own;

	(void)state;
	for (size_t i = 0; i < PEERS_FRAME_DEVICES; i++)
		devices[i].b[5] = (uint8_t)i;
	buf_init(&frame, 1500);
	assert_int_equal(
		peers_format(&other, devices, PEERS_FRAME_DEVICES, &frame), 0);
	for (size_t n = 0; n < frame.len; n++) {
		uint8_t *prefix = malloc(n ? n : 1);

		assert_non_null(prefix);
		memcpy(prefix, frame.data, n);
		assert_int_equal(peers_take(&ours, &laptop, slice_of(prefix, n),
					    0, &own),
				 ERR_TRUNCATED);
		free(prefix);
	}
	assert_int_equal(ours.count, 0);
	assert_int_equal(peers_take(&ours, &laptop, buf_slice(&frame), 0, &own),
			 0);
	assert_int_equal(ours.count, PEERS_FRAME_DEVICES);
	frame.data[0] ^= 1;
	assert_int_equal(peers_take(&ours, &laptop, buf_slice(&frame), 0, &own),
			 ERR_MALFORMED);
	buf_done(&frame);
}

static void claims_past_the_limit_are_counted(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= PEERS_CLAIMS_MAX; i++) {
		struct mac device = { { 4, 0, 0, 0, (uint8_t)(i >> 8),
					(uint8_t)i } };

		assert_int_equal(claim(&device, 1, 0), 0);
	}
	assert_int_equal(ours.count, PEERS_CLAIMS_MAX);
	assert_int_equal(ours.refused, 1);
}

#define PEERS_TEST(f) cmocka_unit_test_setup(f, both_begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PEERS_TEST(a_claim_holds_until_it_is_old),
		PEERS_TEST(of_several_the_lowest_number_claims),
		PEERS_TEST(our_own_beacon_coming_back_claims_nothing),
		PEERS_TEST(a_full_frame_is_taken_and_no_prefix_of_it),
		PEERS_TEST(claims_past_the_limit_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guard/clock.h"
#include "guard/state.h"

#define DEVICES 50
#define STEP_MS 8
/* After a device's last frame: by then its own giving back would be over. */
#define OWN_END_MS (BURST_FIRM_MS + RESTORE_SETTLE_MS + RESTORE_LISTEN_MS)
/* Linux believes no change that comes sooner after another. */
#define LOCKTIME_MS 1100

static struct guard g;
static struct guard_config config;
static char folder[32];

static struct mac mac_of(uint8_t last)
{
	return (struct mac){ { 2, 0, 0, 0, 0, last } };
}

static struct addr address_of(uint8_t last)
{
	return (struct addr){ 4, { 10, 0, 0, last } };
}

/* Many devices that are watched among themselves, without a network. */
static int make_home(void **state)
{
	(void)state;
	message_text(folder, sizeof(folder), "/tmp/pairs-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	config.run_dir = open(folder, O_RDONLY | O_DIRECTORY);
	g = (struct guard){ .config = &config,
			    .hub = -1,
			    .keeper = -1,
			    .engine = -1,
			    .firewall_fd = -1,
			    .active = true,
			    .linked = true,
			    .gateway_mac = mac_of(1) };
	g.arp.socket = g.six.wire.socket = -1;
	g.lan.mac = g.undo.own = mac_of(2);
	message_text(g.undo.interface, sizeof(g.undo.interface), "eth0");
	g.undo.address = (struct cidr){ address_of(2), 24 };
	g.undo.gateway = address_of(1);
	g.undo.gateway_mac = mac_of(1);
	hosts_init(&g.hosts, 1);
	hosts6_init(&g.six.hosts, 1);
	for (uint8_t i = 0; i < DEVICES; i++)
		g.watches[g.watch_count++] =
			(struct watch){ .mac = mac_of((uint8_t)(10 + i)),
					.address =
						address_of((uint8_t)(10 + i)),
					.gateway = mac_of(1),
					.wanted = true,
					.step = STEP_HELD };
	pairs_want(&g, &(struct message_pairs){ .all = true });
	return config.run_dir >= 0 ? 0 : -1;
}

static int end_home(void **state)
{
	(void)state;
	hosts_done(&g.hosts);
	hosts6_done(&g.six.hosts);
	(void)!undo_remove(config.run_dir, UNDO_WHOLE);
	close(config.run_dir);
	return rmdir(folder);
}

static size_t count_of(enum step step)
{
	size_t count = 0;

	for (size_t i = 0; i < g.pair_count; i++)
		count += g.pairs[i].four.step == step;
	return count;
}

static void a_device_has_pairs_until_the_last_was_told_the_truth(void **state)
{
	uint64_t now = clock_ms(), began;
	size_t told_before_end = 0;

	(void)state;
	for (size_t held = 0; held < PAIRS_MAX; now += STEP_MS) {
		pairs_turn(&g, now);
		held = count_of(STEP_HELD);
	}
	for (size_t i = 0; i < g.watch_count; i++)
		g.watches[i].step = STEP_RESTORING;
	began = now;
	while (g.pair_count) {
		struct pair last = g.pairs[g.pair_count - 1];

		assert_true(pairs_have(&g, &last.a, false));
		assert_true(pairs_have(&g, &last.b, false));
		assert_false(pairs_have(&g, &last.a, true));
		/* none ends before what is said last of it */
		if (now - began < LOCKTIME_MS)
			assert_int_equal(g.pair_count, PAIRS_MAX);
		if (now - began >= OWN_END_MS && !told_before_end)
			told_before_end = PAIRS_MAX - g.pair_count;
		assert_in_range(now - began, 0, 10000);
		pairs_turn(&g, now);
		now += STEP_MS;
	}
	/* there were some left when a device alone would have been over */
	assert_in_range(told_before_end, 0, PAIRS_MAX - 1);
	assert_true(now - began > OWN_END_MS);
	assert_false(pairs_any(&g));
}

static void a_family_that_is_given_back_alone_ends_its_pairs(void **state)
{
	uint64_t now = clock_ms();
	struct watch *w = &g.watches[0];

	(void)state;
	g.watch_count = 2;
	g.watches[0].six.step = g.watches[1].six.step = STEP_HELD;
	pairs_turn(&g, now);
	assert_int_equal(g.pair_count, 1);
	assert_int_equal(g.pairs[0].four.step, STEP_HELD);
	assert_int_equal(g.pairs[0].six.step, STEP_HELD);
	w->step = STEP_RESTORING;
	pairs_turn(&g, now + STEP_MS);
	assert_int_equal(g.pairs[0].four.step, STEP_RESTORING);
	assert_int_equal(g.pairs[0].six.step, STEP_HELD);
	for (uint64_t ms = STEP_MS; pairs_have(&g, &w->mac, false);
	     ms += STEP_MS) {
		assert_in_range(ms, 0, BURST_FIRM_MS + 2 * STEP_MS);
		pairs_turn(&g, now + ms);
	}
	assert_true(pairs_have(&g, &w->mac, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_device_has_pairs_until_the_last_was_told_the_truth,
			make_home, end_home),
		cmocka_unit_test_setup_teardown(
			a_family_that_is_given_back_alone_ends_its_pairs,
			make_home, end_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

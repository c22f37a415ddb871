// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "guard/clock.h"
#include "guard/state.h"
#include "message/channel.h"

static struct guard g;
static int ends[2];

static struct mac mac_of(uint8_t last)
{
	return (struct mac){ { 2, 0, 0, 0, 0, last } };
}

static struct addr link_local(uint8_t device, uint8_t last)
{
	return (struct addr){
		6, { 0xfe, 0x80, [13] = 1, [14] = device, [15] = last }
	};
}

static struct addr global(uint8_t device, uint8_t last)
{
	return (struct addr){
		6, { 0x20, 1, 0x0d, 0xb8, [14] = device, [15] = last }
	};
}

/* Known to be the device's, and intercepted if held. */
static void give_address(struct watch *w, struct addr address, bool held)
{
	bool fresh;
	struct host6 *host = hosts6_heard(&g.six.hosts, &w->mac, &address,
					  clock_ms(), &fresh);

	assert_non_null(host);
	host->proven = true;
	if (held)
		w->six.addresses[w->six.count++] = address;
}

static struct watch *add_watch(uint8_t last, size_t addresses)
{
	struct watch *w = &g.watches[g.watch_count++];

	*w = (struct watch){ .mac = mac_of(last), .wanted = true };
	w->six.step = STEP_HELD;
	w->six.poison_ms = UINT64_MAX;
	for (size_t i = 0; i < addresses; i++)
		give_address(w, global(last, (uint8_t)i), true);
	return w;
}

/* A home whose IPv6 is intercepted, without a network. */
static int make_home(void **state)
{
	static const struct guard_config config = { .run_dir = -1 };
	uint64_t now = clock_ms();

	(void)state;
	if (channel_pair(ends))
		return -1;
	g = (struct guard){ .config = &config,
			    .keeper = -1,
			    .hub = ends[0],
			    .engine = -1,
			    .capture = -1,
			    .through = -1,
			    .firewall_fd = -1,
			    .active = true,
			    .linked = true,
			    .gateway_mac = mac_of(1) };
	g.engine = ends[0];
	g.reported_ms = now;
	message_text(g.wanted, sizeof(g.wanted), "eth0");
	message_text(g.lan.name, sizeof(g.lan.name), "eth0");
	g.lan.up = true;
	g.lan.mac = mac_of(2);
	g.arp.socket = g.beacon.socket = -1;
	hosts_init(&g.hosts, 1);
	peers_init(&g.peers, 1);
	g.six = (struct six){ .open = true,
			      .through = -1,
			      .key = 1,
			      .wire = { .socket = -1 },
			      .own_link = link_local(2, 1),
			      .router_count = 1,
			      .router_mac = mac_of(1),
			      .router = { link_local(1, 1) },
			      .router_addresses = 1 };
	hosts6_init(&g.six.hosts, 1);
	return 0;
}

static int end_home(void **state)
{
	(void)state;
	hosts6_done(&g.six.hosts);
	hosts_done(&g.hosts);
	close(ends[0]);
	close(ends[1]);
	return 0;
}

static void
at_the_filters_limit_a_device_keeps_the_addresses_it_had(void **state)
{
	struct watch *w, before;

	(void)state;
	for (uint8_t i = 0; i < FILTER_SIX_MAX / HOSTS6_OF_ONE - 1; i++)
		add_watch((uint8_t)(10 + i), HOSTS6_OF_ONE);
	w = add_watch(100, HOSTS6_OF_ONE - 1);
	before = *w;
	/* what a device is addressed by comes first: it is one too many */
	give_address(w, link_local(100, 1), false);
	hold6_turn(&g, clock_ms());
	assert_int_equal(w->six.step, STEP_HELD);
	assert_int_equal(w->six.count, before.six.count);
	assert_memory_equal(w->six.addresses, before.six.addresses,
			    sizeof(before.six.addresses));
	assert_true(g.faults[MESSAGE_FAULT_LIMIT].text[0]);
}

static void
an_address_that_went_to_another_is_told_of_again_and_again(void **state)
{
	struct watch *w = add_watch(10, 2);
	uint64_t now = clock_ms();
	struct mac other = mac_of(11), holder;
	struct addr moved = global(10, 0);
	bool fresh;

	(void)state;
	assert_non_null(
		hosts6_heard(&g.six.hosts, &other, &moved, now, &fresh));
	hold6_turn(&g, now);
	assert_int_equal(w->six.count, 1);
	assert_int_equal(g.six.shed_count, 1);
	holder = shed_holder(&g, &g.six.shed[0]);
	assert_true(mac_equal(&holder, &other));
	/* the last is past what keeps Linux from believing it */
	for (size_t i = 0; burst_firm6[i] != BURST_FIRM6_MS; i++) {
		shed_turn(&g, now + burst_firm6[i]);
		assert_int_equal(g.six.shed_count, 1);
		assert_int_equal(burst_next_ms(&g.six.shed[0].burst),
				 now + burst_firm6[i + 1]);
	}
	/* and until then it is in the record */
	settings6_fill(&g, &g.undo);
	assert_int_equal(g.undo.device6_count, 2);
	assert_true(mac_equal(&g.undo.devices6[1].mac, &other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			at_the_filters_limit_a_device_keeps_the_addresses_it_had,
			make_home, end_home),
		cmocka_unit_test_setup_teardown(
			an_address_that_went_to_another_is_told_of_again_and_again,
			make_home, end_home),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later

/* Live: who is watched, what is passed on, and what of others is read. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "observe/device.h"
#include "observe/window.h"
#include "seen.h"

static const struct addr own_addr = V4(192, 168, 1, 99);
static const struct mac group = { { 1, 0, 0x5e, 0, 0, 0xfb } };

static struct seen s;

static void begin(void)
{
	const struct cidr lan = { V4(192, 168, 1, 0), 24 };
	const struct observe_config config = {
		.mode = OBSERVE_LIVE,
		.seed = 1,
		.locals = &lan,
		.local_count = 1,
		.gateway = router_mac,
		.own = spy_mac,
		.own_addrs = &own_addr,
		.own_addr_count = 1,
	};

	seen_begin(&s, &config);
	assert_int_equal(observe_watch(s.observe, &tv.mac, 1), 0);
}

static void send_frame(unsigned ms, const struct mac *src,
		       const struct mac *dst, const struct end *from,
		       const struct end *to, size_t len)
{
	static const uint8_t data[1400];
	struct frame f;

	frame_tcp(&f, from, to, ACK, 1, data, len);
	frame_readdress(&f, src, dst);
	seen_frame(&s, ms, &f);
}

/* A packet that we pass on: in, and out again. */
static void pass(unsigned ms, const struct end *from, const struct end *to,
		 size_t len)
{
	send_frame(ms, &from->mac, &spy_mac, from, to, len);
	send_frame(ms, &spy_mac, &to->mac, from, to, len);
}

static void what_we_pass_on_counts_once_and_its_path_is_told(void **state)
{
	const struct record_window *w;
	struct observe_path path;

	(void)state;
	begin();
	for (unsigned i = 0; i < 5; i++)
		pass(i, &tv, &server, 10);
	for (unsigned i = 0; i < 3; i++)
		pass(10 + i, &server, &tv, 20);
	/* lost on the way: it came in, and never left */
	send_frame(20, &tv.mac, &spy_mac, &tv, &server, 10);
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(s.count, 1);
	assert_int_equal(w->flow_count, 1);
	assert_int_equal(w->flows[0].out_packets, 6);
	assert_int_equal(w->flows[0].in_packets, 3);
	assert_int_equal(w->forward_in_frames, 9);
	assert_int_equal(w->forward_out_frames, 8);
	path = observe_path_of(s.observe, &tv.mac);
	assert_int_equal(path.v4.from_device, 6);
	assert_int_equal(path.v4.to_gateway, 5);
	assert_int_equal(path.v4.from_gateway, 3);
	assert_int_equal(path.v4.to_device, 3);
	seen_end(&s);
}

static void what_no_router_passes_on_is_not_missed(void **state)
{
	static const struct {
		size_t at; /* behind the Ethernet header */
		uint8_t value;
	} wrongs[] = {
		{ 10, 1 },   /* checksum */
		{ 0, 0x46 }, /* options */
		{ 2, 0x7f }, /* total length */
	};
	struct observe_path path;
	struct frame f;

	(void)state;
	begin();
	pass(0, &tv, &server, 10);
	for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
		frame_tcp(&f, &tv, &server, ACK, 1, "ten bytes.", 10);
		frame_readdress(&f, &tv.mac, &spy_mac);
		f.bytes[14 + wrongs[i].at] = wrongs[i].value;
		seen_frame(&s, 1, &f);
	}
	observe_finish(s.observe);
	path = observe_path_of(s.observe, &tv.mac);
	assert_int_equal(path.v4.from_device, 1);
	assert_int_equal(path.v4.to_gateway, 1);
	seen_end(&s);
}

static void what_is_for_us_is_not_to_be_passed_on(void **state)
{
	const struct end us = { spy_mac, own_addr, 80 };
	struct observe_path path;

	(void)state;
	begin();
	send_frame(0, &tv.mac, &spy_mac, &tv, &us, 10);
	send_frame(1, &spy_mac, &tv.mac, &us, &tv, 10);
	observe_finish(s.observe);
	path = observe_path_of(s.observe, &tv.mac);
	assert_int_equal(path.v4.from_device, 0);
	assert_int_equal(path.v4.to_device, 0);
	assert_int_equal(seen_window_of(&s, &tv.mac, 0)->forward_out_frames, 0);
	seen_end(&s);
}

static void of_those_not_watched_unicast_leaves_nothing(void **state)
{
	(void)state;
	begin();
	pass(0, &bulb, &server, 10);
	pass(1, &server, &bulb, 10);
	send_frame(2, &bulb.mac, &router_mac, &bulb, &server, 10);
	observe_finish(s.observe);
	assert_int_equal(s.count, 0);
	assert_string_equal(buf_text(&s.facts), "");
	seen_end(&s);
}

/* An mDNS response that names a host. */
static void announce_as(unsigned ms, const struct end *from,
			const struct mac *dst, const char *name)
{
	struct end mdns = { *dst, V4(224, 0, 0, 251), 5353 };
	struct end sender = *from;
	struct frame f;
	struct buf b;

	sender.port = 5353;
	buf_init(&b, 512);
	dns_put_head(&b, true, 0, 1);
	dns_put_record(&b, name, 1, from->addr.b, 4);
	frame_udp(&f, &sender, &mdns, b.data, b.len);
	seen_frame(&s, ms, &f);
	buf_done(&b);
}

static void announce(unsigned ms, const struct end *from, const struct mac *dst)
{
	announce_as(ms, from, dst, "bulb-7.local");
}

static void what_they_announce_to_everyone_is_read(void **state)
{
	const struct record_window *w;

	(void)state;
	begin();
	announce(0, &bulb, &group);
	observe_finish(s.observe);
	w = seen_window_of(&s, &bulb.mac, 0);
	assert_int_equal(w->flow_count, 0);
	assert_int_equal(w->clue_count, 1);
	assert_int_equal(w->clues[0].kind, RECORD_CLUE_MDNS_HOST);
	assert_int_equal(w->addr_count, 1);
	seen_end(&s);
}

/* What Tuya's devices broadcast, without a version. */
static const char tuya[] = "\0\0\x55\xaa\0\0\0\0\0\0\0\x13\0\0\0\x1f\0\0\0\0"
			   "{\"productKey\":\"k7\"}"
			   "\0\0\0\0\0\0\xaa\x55";

static void tell_platform(unsigned ms, const struct mac *dst, uint16_t port)
{
	struct end to = { *dst, V4(255, 255, 255, 255), port };
	struct frame f;

	frame_udp(&f, &bulb, &to, tuya, sizeof(tuya) - 1);
	seen_frame(&s, ms, &f);
}

static void what_they_broadcast_of_their_platform_is_read(void **state)
{
	const struct record_window *w;

	(void)state;
	begin();
	tell_platform(0, &broadcast, 6666);
	tell_platform(1, &broadcast, 6668); /* some chatter */
	tell_platform(2, &spy_mac, 6666);
	observe_finish(s.observe);
	w = seen_window_of(&s, &bulb.mac, 0);
	assert_int_equal(w->clue_count, 1);
	assert_int_equal(w->clues[0].kind, RECORD_CLUE_TUYA_PRODUCT);
	assert_int_equal(w->clues[0].text.len, 2);
	/* of those not watched, no conversation is told */
	assert_int_equal(w->service_count, 0);
	assert_int_equal(w->flow_count, 0);
	seen_end(&s);
}

static void what_they_say_to_one_host_is_not(void **state)
{
	(void)state;
	begin();
	announce(0, &bulb, &router_mac);
	announce(1, &bulb, &spy_mac);
	observe_finish(s.observe);
	assert_int_equal(s.count, 0);
	seen_end(&s);
}

static void our_own_arp_tells_nothing(void **state)
{
	struct frame f;

	(void)state;
	begin();
	/* as the poison says it, and as the true owner does */
	frame_arp(&f, &spy_mac, &router_mac, 2, &tv.addr, &router.addr);
	seen_frame(&s, 0, &f);
	frame_arp(&f, &bulb.mac, &broadcast, 1, &bulb.addr, &router.addr);
	seen_frame(&s, 1, &f);
	observe_finish(s.observe);
	assert_int_equal(s.count, 1);
	assert_true(mac_equal(&s.windows[0].device, &bulb.mac));
	seen_end(&s);
}

static void an_end_of_the_watch_ends_the_reading(void **state)
{
	(void)state;
	begin();
	pass(0, &tv, &server, 10);
	assert_int_equal(observe_watch(s.observe, &bulb.mac, 1), 0);
	pass(1, &tv, &server, 10);
	pass(2, &server, &tv, 10);
	pass(5000, &server, &tv, 10);
	pass(5001, &bulb, &server, 10);
	observe_finish(s.observe);
	/* what was read while it was watched is told */
	assert_int_equal(s.count, 2);
	assert_true(mac_equal(&s.windows[0].device, &tv.mac));
	assert_int_equal(s.windows[0].flows[0].out_packets, 1);
	assert_int_equal(s.windows[0].flows[0].in_packets, 0);
	assert_true(mac_equal(&s.windows[1].device, &bulb.mac));
	seen_end(&s);
}

static void a_watch_may_begin_in_mid_flow(void **state)
{
	(void)state;
	begin();
	assert_int_equal(observe_watch(s.observe, NULL, 0), 0);
	pass(0, &tv, &server, 10);
	assert_int_equal(observe_watch(s.observe, &tv.mac, 1), 0);
	pass(1, &tv, &server, 10);
	pass(2, &server, &tv, 10);
	observe_finish(s.observe);
	assert_int_equal(s.windows[0].flows[0].out_packets, 1);
	assert_int_equal(s.windows[0].flows[0].in_packets, 1);
	assert_int_equal(s.windows[0].flows[0].opener, RECORD_OPENER_UNKNOWN);
	seen_end(&s);
}

static void watch_both(void)
{
	const struct mac both[] = { tv.mac, bulb.mac };

	begin();
	assert_int_equal(observe_watch(s.observe, both, 2), 0);
}

/* Packets of all flows that the device's windows have, to it. */
static uint64_t received(const struct mac *device)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s.count; i++) {
		const struct record_window *w = &s.windows[i];

		for (size_t j = 0;
		     mac_equal(&w->device, device) && j < w->flow_count; j++)
			sum += w->flows[j].in_packets;
	}
	return sum;
}

static void a_spoofed_source_takes_no_address_from_who_speaks(void **state)
{
	struct end liar = tv, other = server;

	(void)state;
	watch_both();
	liar.mac = bulb.mac;
	other.port = 8443;
	pass(0, &tv, &server, 10);
	for (unsigned i = 0; i < DEVICE_SILENT_WINDOWS + 4; i++) {
		unsigned ms = 5000 * i + 10;

		pass(ms, &tv, &server, 10);
		pass(ms + 1, &liar, &other, 10);
		pass(ms + 2, &server, &tv, 10);
	}
	observe_finish(s.observe);
	assert_int_equal(received(&tv.mac), DEVICE_SILENT_WINDOWS + 4);
	assert_int_equal(received(&bulb.mac), 0);
	seen_end(&s);
}

static void an_address_moves_when_its_owner_fell_silent(void **state)
{
	struct end heir = tv, other = server;

	(void)state;
	watch_both();
	heir.mac = bulb.mac;
	other.port = 8443;
	pass(0, &tv, &server, 10);
	pass(5000 * (DEVICE_SILENT_WINDOWS + 2), &heir, &other, 10);
	pass(5000 * (DEVICE_SILENT_WINDOWS + 2) + 1, &other, &heir, 10);
	observe_finish(s.observe);
	assert_int_equal(received(&tv.mac), 0);
	assert_int_equal(received(&bulb.mac), 1);
	seen_end(&s);
}

static void of_a_device_with_many_addresses_the_newest_count(void **state)
{
	struct end many = tv;

	(void)state;
	begin();
	pass(0, &tv, &server, 10);
	for (unsigned i = 0; i < DEVICE_ADDRS_MAX; i++) {
		many.addr.b[3] = (uint8_t)(100 + i);
		pass(1 + i, &many, &server, 10);
	}
	pass(100, &server, &tv, 10);
	pass(101, &server, &many, 10);
	observe_finish(s.observe);
	assert_int_equal(received(&tv.mac), 1);
	seen_end(&s);
}

static void excluded_devices_are_never_watched(void **state)
{
	const struct observe_config config = {
		.mode = OBSERVE_LIVE,
		.own = spy_mac,
		.excluded = &tv.mac,
		.excluded_count = 1,
	};
	struct frame f;

	(void)state;
	seen_begin(&s, &config);
	assert_int_equal(observe_watch(s.observe, &tv.mac, 1), 0);
	pass(0, &tv, &server, 10);
	announce(1, &tv, &group);
	frame_arp(&f, &tv.mac, &broadcast, 1, &tv.addr, &router.addr);
	seen_frame(&s, 2, &f);
	observe_finish(s.observe);
	assert_int_equal(s.count, 0);
	seen_end(&s);
}

static void the_clock_closes_windows_without_frames(void **state)
{
	(void)state;
	begin();
	pass(100, &tv, &server, 10);
	observe_advance(s.observe, SEEN_START_NS + 4999999999);
	assert_int_equal(s.count, 0);
	observe_advance(s.observe, SEEN_START_NS + 5000000000);
	assert_int_equal(s.count, 1);
	observe_advance(s.observe, SEEN_START_NS + 60000000000);
	assert_int_equal(s.count, 1);
	seen_end(&s);
}

static void no_more_are_watched_than_the_limit(void **state)
{
	static struct mac macs[OBSERVE_WATCH_MAX + 1];

	(void)state;
	begin();
	for (size_t i = 0; i < OBSERVE_WATCH_MAX + 1; i++)
		macs[i] = (struct mac){ { 2, 1, 0, 0, (uint8_t)(i >> 8),
					  (uint8_t)i } };
	assert_int_equal(observe_watch(s.observe, macs, OBSERVE_WATCH_MAX + 1),
			 ERR_LIMIT);
	assert_int_equal(observe_watch(s.observe, macs, OBSERVE_WATCH_MAX), 0);
	/* the set before it is no longer watched */
	pass(0, &tv, &server, 10);
	observe_finish(s.observe);
	assert_int_equal(s.count, 0);
	seen_end(&s);
}

static void strangers_without_end_do_not_fill_the_memory(void **state)
{
	struct frame f;

	(void)state;
	begin();
	for (unsigned i = 0; i < 6000; i++) {
		const struct mac mac = { { 6, 1, 0, 0, (uint8_t)(i >> 8),
					   (uint8_t)i } };
		const struct addr a = V4(10, 0, (uint8_t)(i >> 8), (uint8_t)i);

		frame_arp(&f, &mac, &broadcast, 1, &a, &router.addr);
		seen_frame(&s, i / 50 * 5000, &f);
		/* nobody looks at these windows: there are too many */
		while (s.count)
			buf_done(&s.texts[--s.count]);
	}
	assert_int_equal(observe_counters(s.observe)->devices_refused, 0);
	/* there is still room for one that is watched */
	assert_int_equal(observe_watch(s.observe, &bulb.mac, 1), 0);
	seen_end(&s);
}

static void one_that_says_too_much_takes_no_room_of_the_others(void **state)
{
	const struct end loud = { { { 6, 1, 0, 0, 0, 1 } },
				  V4(192, 168, 1, 77),
				  5353 };
	char label[64], name[256];

	(void)state;
	begin();
	memset(label, 'a', 63);
	label[63] = '\0';
	/* more than the window has memory for, were all of it copied */
	for (unsigned i = 0; i * 190 < 2 * WINDOW_BYTES_MAX; i++) {
		snprintf(name, sizeof(name), "%u.%s.%s.%s.local", i, label,
			 label, label);
		announce_as(0, &loud, &group, name);
	}
	announce(1, &bulb, &group);
	observe_finish(s.observe);
	assert_int_equal(seen_window_of(&s, &loud.mac, 0)->clue_count,
			 WINDOW_CLUES_MAX);
	assert_int_equal(seen_window_of(&s, &bulb.mac, 0)->clue_count, 1);
	assert_true(observe_counters(s.observe)->clues_refused > 80000);
	seen_end(&s);
}

static void a_burst_of_strangers_leaves_room_for_the_watched(void **state)
{
	static struct mac macs[OBSERVE_WATCH_MAX];
	struct frame f;

	(void)state;
	begin();
	/* all in one window: none of them can be forgotten yet */
	for (unsigned i = 0; i < 6000; i++) {
		const struct mac mac = { { 6, 1, 0, 0, (uint8_t)(i >> 8),
					   (uint8_t)i } };
		const struct addr a = V4(10, 0, (uint8_t)(i >> 8), (uint8_t)i);

		frame_arp(&f, &mac, &broadcast, 1, &a, &router.addr);
		seen_frame(&s, 0, &f);
	}
	assert_true(observe_counters(s.observe)->devices_refused > 1000);
	macs[0] = tv.mac;
	for (unsigned i = 1; i < OBSERVE_WATCH_MAX; i++)
		macs[i] = (struct mac){ { 2, 1, 0, 0, (uint8_t)(i >> 8),
					  (uint8_t)i } };
	assert_int_equal(observe_watch(s.observe, macs, OBSERVE_WATCH_MAX), 0);
	seen_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_we_pass_on_counts_once_and_its_path_is_told),
		cmocka_unit_test(what_no_router_passes_on_is_not_missed),
		cmocka_unit_test(what_is_for_us_is_not_to_be_passed_on),
		cmocka_unit_test(of_those_not_watched_unicast_leaves_nothing),
		cmocka_unit_test(what_they_announce_to_everyone_is_read),
		cmocka_unit_test(what_they_broadcast_of_their_platform_is_read),
		cmocka_unit_test(what_they_say_to_one_host_is_not),
		cmocka_unit_test(our_own_arp_tells_nothing),
		cmocka_unit_test(an_end_of_the_watch_ends_the_reading),
		cmocka_unit_test(a_watch_may_begin_in_mid_flow),
		cmocka_unit_test(
			a_spoofed_source_takes_no_address_from_who_speaks),
		cmocka_unit_test(an_address_moves_when_its_owner_fell_silent),
		cmocka_unit_test(
			of_a_device_with_many_addresses_the_newest_count),
		cmocka_unit_test(excluded_devices_are_never_watched),
		cmocka_unit_test(the_clock_closes_windows_without_frames),
		cmocka_unit_test(no_more_are_watched_than_the_limit),
		cmocka_unit_test(strangers_without_end_do_not_fill_the_memory),
		cmocka_unit_test(
			a_burst_of_strangers_leaves_room_for_the_watched),
		cmocka_unit_test(
			one_that_says_too_much_takes_no_room_of_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

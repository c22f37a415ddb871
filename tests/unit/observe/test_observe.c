// SPDX-License-Identifier: GPL-3.0-or-later

/* Flows, windows, and who is a device. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "seen.h"

static struct seen s;

static void tcp(unsigned ms, const struct end *from, const struct end *to,
		unsigned flags, uint32_t seq, size_t len)
{
	static const uint8_t data[1400];
	struct frame f;

	frame_tcp(&f, from, to, flags, seq, data, len);
	seen_frame(&s, ms, &f);
}

static void udp(unsigned ms, const struct end *from, const struct end *to,
		size_t len)
{
	static const uint8_t data[1400];
	struct frame f;

	frame_udp(&f, from, to, data, len);
	seen_frame(&s, ms, &f);
}

static const struct record_flow *only_flow(const struct record_window *w)
{
	assert_int_equal(w->flow_count, 1);
	return w->flows;
}

static void both_directions_are_one_flow(void **state)
{
	const struct record_window *w;
	const struct record_flow *f;

	(void)state;
	seen_begin(&s, &home);
	tcp(10, &tv, &server, SYN, 100, 0);
	tcp(20, &server, &tv, SYN | ACK, 900, 0);
	tcp(30, &tv, &server, ACK, 101, 200);
	tcp(40, &server, &tv, ACK, 901, 1000);
	tcp(50, &server, &tv, ACK, 1901, 500);
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	f = only_flow(w);
	assert_int_equal(w->start_ns, SEEN_START_NS);
	assert_int_equal(f->protocol, 6);
	assert_true(addr_equal(&f->device, &tv.addr));
	assert_true(addr_equal(&f->remote, &server.addr));
	assert_int_equal(f->device_port, 40000);
	assert_int_equal(f->remote_port, 443);
	assert_int_equal(f->opener, RECORD_OPENER_DEVICE);
	assert_false(f->local);
	assert_int_equal(f->out_packets, 2);
	assert_int_equal(f->in_packets, 3);
	assert_int_equal(f->out_bytes, 54 + 254);
	assert_int_equal(f->in_bytes, 54 + 1054 + 554);
	assert_int_equal(f->out_sequence_bytes, 200);
	assert_int_equal(f->in_sequence_bytes, 1500);
	assert_int_equal(f->first_ns, SEEN_START_NS + 10000000);
	assert_int_equal(f->last_ns, SEEN_START_NS + 50000000);
	seen_end(&s);
}

static void windows_are_five_seconds_of_the_epoch(void **state)
{
	(void)state;
	seen_begin(&s, &home);
	udp(4999, &tv, &server, 10);
	udp(5000, &tv, &server, 10);
	assert_int_equal(s.count, 1);
	udp(5001, &server, &tv, 10);
	/* a quiet time between gives no windows */
	udp(25000, &tv, &server, 10);
	observe_finish(s.observe);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.windows[0].start_ns, SEEN_START_NS);
	assert_int_equal(s.windows[1].start_ns, SEEN_START_NS + 5000000000);
	assert_int_equal(only_flow(&s.windows[1])->out_packets, 1);
	assert_int_equal(only_flow(&s.windows[1])->in_packets, 1);
	assert_int_equal(s.windows[2].start_ns, SEEN_START_NS + 25000000000);
	seen_end(&s);
}

static void sequence_goes_on_from_one_window_to_the_next(void **state)
{
	(void)state;
	seen_begin(&s, &home);
	tcp(10, &tv, &server, SYN, 100, 0);
	tcp(20, &tv, &server, ACK, 101, 100);
	/* 200 bytes are lost to the capture, and one segment comes again */
	tcp(5000, &tv, &server, ACK, 401, 100);
	tcp(5010, &tv, &server, ACK, 101, 100);
	tcp(10000, &tv, &server, ACK, 401, 100);
	observe_finish(s.observe);
	assert_int_equal(only_flow(&s.windows[0])->out_sequence_bytes, 100);
	assert_int_equal(only_flow(&s.windows[1])->out_sequence_bytes, 300);
	assert_int_equal(only_flow(&s.windows[2])->out_sequence_bytes, 0);
	seen_end(&s);
}

static void a_frame_a_little_late_counts_and_is_told(void **state)
{
	(void)state;
	seen_begin(&s, &home);
	udp(5000, &tv, &server, 10);
	udp(4990, &tv, &server, 10);
	observe_finish(s.observe);
	assert_int_equal(s.count, 1);
	assert_int_equal(only_flow(&s.windows[0])->out_packets, 2);
	assert_int_equal(observe_counters(s.observe)->late_frames, 1);
	seen_end(&s);
}

static void a_clock_set_back_opens_windows_of_its_time(void **state)
{
	(void)state;
	seen_begin(&s, &home);
	udp(60000, &tv, &server, 10);
	udp(0, &tv, &server, 10);
	udp(60000, &tv, &server, 10);
	observe_finish(s.observe);
	assert_int_equal(s.count, 3);
	assert_int_equal(s.windows[1].start_ns, SEEN_START_NS);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(only_flow(&s.windows[i])->out_packets, 1);
	seen_end(&s);
}

static void who_opened_it(void **state)
{
	const struct end client = { server.mac, server.addr, 50000 };
	const struct end service = { tv.mac, tv.addr, 8080 };
	const struct end ntp = { server.mac, server.addr, 123 };

	(void)state;
	seen_begin(&s, &home);
	tcp(0, &client, &service, SYN, 1, 0);
	tcp(1, &service, &client, SYN | ACK, 1, 0);
	udp(5000, &tv, &ntp, 48);
	udp(10000, &ntp, &bulb, 48); /* an answer; the question came before */
	tcp(15000, &bulb, &server, ACK, 77, 10);
	observe_finish(s.observe);
	assert_int_equal(only_flow(seen_window_of(&s, &tv.mac, 0))->opener,
			 RECORD_OPENER_REMOTE);
	assert_int_equal(only_flow(seen_window_of(&s, &tv.mac, 1))->opener,
			 RECORD_OPENER_DEVICE);
	assert_int_equal(only_flow(seen_window_of(&s, &bulb.mac, 0))->opener,
			 RECORD_OPENER_UNKNOWN);
	assert_int_equal(only_flow(seen_window_of(&s, &bulb.mac, 1))->opener,
			 RECORD_OPENER_UNKNOWN);
	seen_end(&s);
}

static void local_traffic_is_a_flow_of_both_ends(void **state)
{
	const struct record_flow *f;

	(void)state;
	seen_begin(&s, &home);
	udp(0, &tv, &bulb, 10);
	udp(1, &bulb, &tv, 20);
	observe_finish(s.observe);
	f = only_flow(seen_window_of(&s, &tv.mac, 0));
	assert_true(f->local);
	assert_int_equal(f->out_bytes, 52);
	assert_int_equal(f->in_bytes, 62);
	assert_int_equal(f->opener, RECORD_OPENER_DEVICE);
	f = only_flow(seen_window_of(&s, &bulb.mac, 0));
	assert_true(f->local);
	assert_int_equal(f->out_bytes, 62);
	assert_int_equal(f->in_bytes, 52);
	assert_int_equal(f->opener, RECORD_OPENER_REMOTE);
	seen_end(&s);
}

static void the_router_is_who_hands_in_the_internet(void **state)
{
	const struct end resolver = { router_mac, router.addr, 53 };

	(void)state;
	seen_begin(&s, &home);
	tcp(0, &tv, &server, SYN, 1, 0);
	tcp(1, &server, &tv, SYN | ACK, 1, 0);
	udp(2, &tv, &resolver, 0);
	udp(3, &resolver, &tv, 0);
	observe_finish(s.observe);
	assert_true(seen_window_of(&s, &router_mac, 0)->is_gateway);
	assert_false(seen_window_of(&s, &tv.mac, 0)->is_gateway);
	seen_end(&s);
}

/* A capture made by who intercepts: each packet comes in from one MAC and goes
 * out to the next. */
static void legs(unsigned ms, const struct end *from, const struct end *to,
		 unsigned flags, uint32_t seq, size_t len)
{
	static const uint8_t data[1400];
	struct frame f;

	frame_tcp(&f, from, to, flags, seq, data, len);
	frame_readdress(&f, &from->mac, &spy_mac);
	seen_frame(&s, ms, &f);
	frame_readdress(&f, &spy_mac, &to->mac);
	seen_frame(&s, ms, &f);
}

static void a_packet_on_both_legs_counts_once(void **state)
{
	const struct record_flow *f;

	(void)state;
	seen_begin(&s, &home);
	for (uint32_t i = 0; i < 10; i++) {
		legs(i, &tv, &server, i ? ACK : SYN, 100 + i, i ? 1 : 0);
		legs(i, &server, &tv, i ? ACK : SYN | ACK, 900 + i, i ? 1 : 0);
	}
	observe_finish(s.observe);
	f = only_flow(seen_window_of(&s, &tv.mac, 0));
	assert_int_equal(f->out_packets, 10);
	assert_int_equal(f->in_packets, 10);
	assert_int_equal(f->out_bytes, 10 * 54 + 9);
	assert_int_equal(observe_counters(s.observe)->second_copies, 20);
	assert_false(seen_device(&s, &spy_mac));
	seen_end(&s);
}

static void it_counts_once_when_the_capture_begins_between_legs(void **state)
{
	struct end from_spy = tv;
	const struct record_flow *f;

	(void)state;
	from_spy.mac = spy_mac;
	seen_begin(&s, &home);
	tcp(0, &from_spy, &server, ACK, 100, 1);
	for (uint32_t i = 1; i < 10; i++)
		legs(i, &tv, &server, ACK, 100 + i, 1);
	observe_finish(s.observe);
	f = only_flow(seen_window_of(&s, &tv.mac, 0));
	assert_int_equal(f->out_packets, 10);
	assert_int_equal(f->out_sequence_bytes, 10);
	seen_end(&s);
}

static void interception_may_begin_and_end_in_mid_flow(void **state)
{
	const struct record_flow *f;

	(void)state;
	seen_begin(&s, &home);
	tcp(0, &tv, &server, SYN, 100, 0);
	tcp(1, &server, &tv, SYN | ACK, 100, 0);
	legs(2, &tv, &server, ACK, 101, 10);
	legs(3, &server, &tv, ACK, 101, 10);
	legs(4, &tv, &server, ACK, 111, 10);
	tcp(5, &tv, &server, ACK, 121, 10);
	tcp(6, &server, &tv, ACK, 111, 10);
	observe_finish(s.observe);
	f = only_flow(seen_window_of(&s, &tv.mac, 0));
	assert_int_equal(f->out_packets, 4);
	assert_int_equal(f->in_packets, 3);
	assert_int_equal(observe_counters(s.observe)->second_copies, 3);
	seen_end(&s);
}

static void the_router_found_is_not_who_intercepts(void **state)
{
	struct frame f;

	(void)state;
	seen_begin(&s, &home);
	legs(0, &tv, &server, SYN, 1, 0);
	legs(1, &server, &tv, SYN | ACK, 1, 0);
	frame_arp(&f, &router_mac, &broadcast, 1, &router.addr, &tv.addr);
	seen_frame(&s, 2, &f);
	observe_finish(s.observe);
	assert_true(seen_window_of(&s, &router_mac, 0)->is_gateway);
	seen_end(&s);
}

static void spoofed_arp_does_not_move_an_address(void **state)
{
	const struct record_window *w;
	struct frame f;

	(void)state;
	seen_begin(&s, &home);
	legs(0, &tv, &server, SYN, 1, 0);
	frame_arp(&f, &spy_mac, &router_mac, 2, &tv.addr, &router.addr);
	seen_frame(&s, 1, &f);
	legs(2, &tv, &server, ACK, 2, 10);
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(w->addr_count, 1);
	assert_int_equal(only_flow(w)->out_packets, 2);
	assert_int_equal(seen_window_of(&s, &spy_mac, 0)->addr_count, 0);
	seen_end(&s);
}

static void two_addresses_of_one_device_talk_in_one_flow(void **state)
{
	struct end second = tv;
	const struct record_flow *f;

	(void)state;
	second.addr.b[3] = 21;
	second.port = 7000;
	seen_begin(&s, &home);
	udp(0, &second, &tv, 10);
	udp(1, &tv, &second, 10);
	observe_finish(s.observe);
	f = only_flow(seen_window_of(&s, &tv.mac, 0));
	assert_true(addr_equal(&f->device, &second.addr));
	assert_int_equal(f->out_packets, 1);
	assert_int_equal(f->in_packets, 1);
	seen_end(&s);
}

static void an_address_moves_to_who_sends_from_it(void **state)
{
	struct end other = bulb;

	(void)state;
	other.addr = tv.addr;
	seen_begin(&s, &home);
	udp(0, &tv, &server, 10);
	udp(5000, &other, &server, 10);
	udp(5001, &server, &other, 10);
	observe_finish(s.observe);
	assert_int_equal(only_flow(seen_window_of(&s, &tv.mac, 0))->out_packets,
			 1);
	assert_int_equal(
		only_flow(seen_window_of(&s, &bulb.mac, 0))->in_packets, 1);
	seen_end(&s);
}

static void excluded_devices_leave_nothing(void **state)
{
	struct observe_config config = home;
	struct frame f;

	(void)state;
	config.excluded = &tv.mac;
	config.excluded_count = 1;
	seen_begin(&s, &config);
	udp(0, &tv, &server, 10);
	udp(1, &server, &tv, 10);
	udp(2, &bulb, &tv, 10);
	frame_arp(&f, &tv.mac, &broadcast, 1, &tv.addr, &router.addr);
	seen_frame(&s, 3, &f);
	observe_finish(s.observe);
	assert_false(seen_device(&s, &tv.mac));
	assert_false(seen_device(&s, &bulb.mac));
	assert_string_equal(buf_text(&s.facts), "");
	seen_end(&s);
}

static void ranges_given_are_local(void **state)
{
	const struct cidr range = { V4(93, 184, 216, 0), 24 };
	struct observe_config config = home;
	const struct end far = { router_mac, V4(1, 2, 3, 4), 80 };
	struct end host = server;

	(void)state;
	host.mac = bulb.mac;
	config.locals = &range;
	config.local_count = 1;
	seen_begin(&s, &config);
	udp(0, &host, &far, 10);
	observe_finish(s.observe);
	assert_false(only_flow(seen_window_of(&s, &bulb.mac, 0))->local);
	seen_end(&s);
}

static void a_device_with_a_global_ipv6_address_is_one_device(void **state)
{
	const struct end out6 = {
		{ { 2, 0, 0, 0, 0, 0x20 } },
		{ .family = 6, .b = { 0x20, 1, 0x0d, 0xb8, 1, 2, [15] = 5 } },
		50000
	};
	const struct end far6 = {
		{ { 2, 0, 0, 0, 0, 0xfe } },
		{ .family = 6, .b = { 0x20, 1, 0x0d, 0xb8, 9, 9, [15] = 9 } },
		443
	};
	const struct record_window *w;

	(void)state;
	seen_begin(&s, &home);
	/* the router is known by what it carries, the device by its address */
	tcp(0, &tv, &server, SYN, 1, 0);
	tcp(1, &server, &tv, SYN | ACK, 1, 0);
	tcp(2, &out6, &far6, SYN, 1, 0);
	tcp(3, &far6, &out6, SYN | ACK, 1, 0);
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(w->addr_count, 2);
	assert_int_equal(w->flow_count, 2);
	assert_false(w->flows[1].local);
	assert_int_equal(w->flows[1].in_packets, 1);
	seen_end(&s);
}

static void of_every_host_the_one_who_asks_is_the_device(void **state)
{
	const struct end a = { router_mac, V4(8, 8, 8, 8), 53 };
	const struct end b = { spy_mac, V4(9, 9, 9, 9), 5000 };
	const struct record_flow *f;

	(void)state;
	seen_begin(&s, &all);
	/* the answer comes first in this capture */
	udp(0, &a, &b, 20);
	udp(1, &b, &a, 10);
	observe_finish(s.observe);
	assert_int_equal(s.count, 1);
	f = only_flow(&s.windows[0]);
	assert_true(addr_equal(&f->device, &b.addr));
	assert_int_equal(f->out_packets, 1);
	assert_int_equal(f->in_packets, 1);
	seen_end(&s);
}

static void hosts_without_a_mac_are_told_apart_by_address(void **state)
{
	struct frame f;
	const struct mac one = { { 2, 0, 192, 168, 1, 20 } };
	const struct mac other = { { 2, 0, 192, 168, 1, 30 } };

	(void)state;
	seen_begin(&s, &home);
	frame_udp(&f, &tv, &server, "x", 1);
	observe_frame(s.observe, PACKET_LINK_RAW, SEEN_START_NS,
		      slice_of(f.bytes + 14, f.len - 14), (uint32_t)f.len - 14);
	frame_udp(&f, &bulb, &server, "x", 1);
	observe_frame(s.observe, PACKET_LINK_RAW, SEEN_START_NS,
		      slice_of(f.bytes + 14, f.len - 14), (uint32_t)f.len - 14);
	observe_finish(s.observe);
	assert_int_equal(only_flow(seen_window_of(&s, &one, 0))->out_packets,
			 1);
	assert_int_equal(only_flow(seen_window_of(&s, &other, 0))->out_packets,
			 1);
	seen_end(&s);
}

static void frames_cut_anywhere_do_no_harm(void **state)
{
	struct frame f;

	(void)state;
	for (size_t n = 0; n <= 74; n++) {
		seen_begin(&s, &home);
		frame_tcp(&f, &tv, &server, ACK, 1, "01234567890123456789", 20);
		f.len = n;
		if (n)
			seen_frame(&s, 0, &f);
		observe_finish(s.observe);
		assert_int_equal(s.count, n >= 34);
		seen_end(&s);
	}
}

/* A datagram in two fragments, of which only the first one has the ports. */
static void make_fragment(struct frame *f, unsigned id, bool first)
{
	static const uint8_t data[32];

	/* behind the IP header: 32 bytes of the datagram's 56, then 24 */
	frame_udp(f, &tv, &server, data, first ? 24 : 16);
	f->bytes[18] = (uint8_t)(id >> 8);
	f->bytes[19] = (uint8_t)id;
	f->bytes[20] = first ? 0x20 : 0;
	f->bytes[21] = first ? 0 : 32 / 8;
	if (first)
		f->bytes[39] = 56;
	else
		memset(f->bytes + 34, 0, 8);
}

static void a_later_fragment_counts_with_the_ports_of_the_first(void **state)
{
	const struct record_flow *flow;
	struct frame f;

	(void)state;
	seen_begin(&s, &home);
	make_fragment(&f, 1, true);
	seen_frame(&s, 0, &f);
	make_fragment(&f, 1, false);
	seen_frame(&s, 1, &f);
	observe_finish(s.observe);
	flow = only_flow(seen_window_of(&s, &tv.mac, 0));
	assert_int_equal(flow->device_port, tv.port);
	assert_int_equal(flow->out_packets, 2);
	seen_end(&s);
}

/* A capture in which every frame may hang on the one before. */
#define MIX_FRAMES 600u

struct mixed {
	struct observe_frame frames[MIX_FRAMES];
	struct frame bytes[MIX_FRAMES];
};

static void mix_frame(struct frame *f, unsigned i, const struct buf *hello)
{
	static const uint8_t data[100];
	struct end from = i & 1 ? tv : bulb, to = server;
	size_t half = hello->len / 2;

	/* more conversations than the first table holds, some met again */
	from.port = (uint16_t)(1024 + i * 7 % 301);
	to.port = 443;
	switch (i % 8) {
	case 0:
		make_fragment(f, i / 8, true);
		break;
	case 1:
		make_fragment(f, i / 8, false);
		break;
	case 2:
		frame_arp(f, &tv.mac, &broadcast, 1, &tv.addr, &router.addr);
		break;
	case 3:
		from.port = (uint16_t)(5000 + i / 8);
		frame_tcp(f, &from, &to, ACK, 1, hello->data, half);
		break;
	case 4:
		from = tv;
		from.port = (uint16_t)(5000 + i / 8);
		frame_tcp(f, &from, &to, ACK, (uint32_t)(1 + half),
			  hello->data + half, hello->len - half);
		break;
	case 5:
		frame_udp(f, &to, &from, data, i % 90);
		break;
	case 6:
		frame_udp(f, &from, &to, data, i % 90);
		f->len -= i % f->len; /* cut short */
		break;
	default:
		frame_tcp(f, &from, &to, i & 8 ? SYN : ACK, i, data, i % 90);
		break;
	}
}

static void mix(struct mixed *m)
{
	struct buf hello;
	uint64_t time_ns = SEEN_START_NS;

	buf_init(&hello, 4096);
	hello_record(&hello, "tv.example", 0);
	for (unsigned i = 0; i < MIX_FRAMES; i++) {
		mix_frame(&m->bytes[i], i, &hello);
		/* three minutes of silence: what was known is forgotten */
		time_ns += i == MIX_FRAMES / 2 ? UINT64_C(180000000000)
					       : UINT64_C(30000000);
		m->frames[i] = (struct observe_frame){
			.number = 1000 + i,
			.time_ns = time_ns,
			.bytes = slice_of(m->bytes[i].bytes, m->bytes[i].len),
			.wire_bytes = (uint32_t)m->bytes[i].len,
			.link = PACKET_LINK_ETHERNET,
		};
	}
	buf_done(&hello);
}

static void observe_mixed(struct seen *seen, const struct mixed *m,
			  const struct observe_config *config, size_t at_once)
{
	seen_begin(seen, config);
	for (size_t i = 0; i < MIX_FRAMES; i += at_once) {
		size_t left = MIX_FRAMES - i;

		observe_frames(seen->observe, m->frames + i,
			       left < at_once ? left : at_once);
	}
	observe_finish(seen->observe);
}

static void how_many_frames_at_once_makes_no_difference(void **state)
{
	static const struct observe_config *const configs[] = { &home, &all };
	static const size_t at_once[] = { 3, 64, MIX_FRAMES };
	static struct mixed m;
	static struct seen one;

	(void)state;
	mix(&m);
	for (size_t i = 0; i < 6; i++) {
		observe_mixed(&one, &m, configs[i % 2], 1);
		observe_mixed(&s, &m, configs[i % 2], at_once[i / 2]);
		assert_non_null(
			strstr((const char *)one.facts.data, "frame=1004"));
		assert_true(slice_equal(buf_slice(&one.facts),
					buf_slice(&s.facts)));
		assert_int_equal(one.count, s.count);
		for (size_t n = 0; n < s.count; n++)
			assert_true(slice_equal(buf_slice(&one.texts[n]),
						buf_slice(&s.texts[n])));
		assert_memory_equal(observe_counters(one.observe),
				    observe_counters(s.observe),
				    sizeof(struct record_counters));
		seen_end(&one);
		seen_end(&s);
	}
}

static void who_the_internet_sees_is_told_to_a_device(void **state)
{
	/* RFC 5769 2.2: 192.0.2.1 */
	static const uint8_t stun[] = {
		1, 1,	 0,    12,   0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7,
		1, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0,	 0x20,
		0, 8,	 0,    1,    0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43,
	};
	static const uint8_t natpmp[] = { 0, 128, 0,   0, 0,   0,
					  0, 16,  203, 0, 113, 77 };
	static const char upnp[] = "<NewExternalIPAddress>203.0.113.78</";
	struct end portmap = router, web = router;
	char text[ADDR_TEXT_BYTES];
	struct frame f;

	(void)state;
	portmap.port = 5351;
	web.port = 49000;
	seen_begin(&s, &home);
	frame_udp(&f, &server, &tv, stun, sizeof(stun));
	seen_frame(&s, 10, &f);
	/* what a device tells another is that one's */
	frame_udp(&f, &tv, &server, stun, sizeof(stun));
	seen_frame(&s, 5010, &f);
	frame_udp(&f, &portmap, &tv, natpmp, sizeof(natpmp));
	seen_frame(&s, 10010, &f);
	frame_tcp(&f, &web, &tv, ACK, 1, upnp, sizeof(upnp) - 1);
	seen_frame(&s, 15010, &f);
	observe_finish(s.observe);
	assert_string_equal(
		addr_format(&seen_window_of(&s, &tv.mac, 0)->seen_as, text),
		"192.0.2.1");
	assert_int_equal(seen_window_of(&s, &tv.mac, 1)->seen_as.family, 0);
	assert_string_equal(
		addr_format(&seen_window_of(&s, &tv.mac, 2)->seen_as, text),
		"203.0.113.77");
	assert_string_equal(
		addr_format(&seen_window_of(&s, &tv.mac, 3)->seen_as, text),
		"203.0.113.78");
	seen_end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_directions_are_one_flow),
		cmocka_unit_test(windows_are_five_seconds_of_the_epoch),
		cmocka_unit_test(sequence_goes_on_from_one_window_to_the_next),
		cmocka_unit_test(a_frame_a_little_late_counts_and_is_told),
		cmocka_unit_test(a_clock_set_back_opens_windows_of_its_time),
		cmocka_unit_test(who_opened_it),
		cmocka_unit_test(local_traffic_is_a_flow_of_both_ends),
		cmocka_unit_test(the_router_is_who_hands_in_the_internet),
		cmocka_unit_test(a_packet_on_both_legs_counts_once),
		cmocka_unit_test(
			it_counts_once_when_the_capture_begins_between_legs),
		cmocka_unit_test(interception_may_begin_and_end_in_mid_flow),
		cmocka_unit_test(the_router_found_is_not_who_intercepts),
		cmocka_unit_test(spoofed_arp_does_not_move_an_address),
		cmocka_unit_test(two_addresses_of_one_device_talk_in_one_flow),
		cmocka_unit_test(an_address_moves_to_who_sends_from_it),
		cmocka_unit_test(excluded_devices_leave_nothing),
		cmocka_unit_test(ranges_given_are_local),
		cmocka_unit_test(
			a_device_with_a_global_ipv6_address_is_one_device),
		cmocka_unit_test(of_every_host_the_one_who_asks_is_the_device),
		cmocka_unit_test(hosts_without_a_mac_are_told_apart_by_address),
		cmocka_unit_test(frames_cut_anywhere_do_no_harm),
		cmocka_unit_test(
			a_later_fragment_counts_with_the_ports_of_the_first),
		cmocka_unit_test(who_the_internet_sees_is_told_to_a_device),
		cmocka_unit_test(how_many_frames_at_once_makes_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

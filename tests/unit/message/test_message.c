// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "message/message.h"

static const struct mac tv = { { 0x02, 0, 0, 0, 0, 0x17 } };
static const struct addr tv_address = { .family = 4, .b = { 10, 0, 0, 23 } };

#define SET_TEXT(field, text) message_text(field, sizeof(field), text)

static void sample_command(struct message *m)
{
	switch (m->type) {
	case MESSAGE_PEER:
		m->peer.process = MESSAGE_ENGINE;
		m->peer.pid = 4711;
		m->peer.restarts = 2;
		break;
	case MESSAGE_STOP_REQUEST:
		SET_TEXT(m->stop_request.reason, "the user left");
		break;
	case MESSAGE_CHOOSE:
		SET_TEXT(m->choose.name, "wlan0");
		break;
	case MESSAGE_EXCLUDE:
		m->watched.count = 2;
		m->watched.devices[0].mac = m->watched.devices[1].mac = tv;
		m->watched.devices[1].address = tv_address;
		break;
	case MESSAGE_WATCH:
		m->macs.count = MESSAGE_WATCH_MAX;
		for (uint32_t i = 0; i < m->macs.count; i++)
			m->macs.macs[i].b[5] = (uint8_t)i;
		break;
	default:
		break;
	}
}

static void sample_report(struct message *m)
{
	switch (m->type) {
	case MESSAGE_INTERFACE:
		m->interface.last = m->interface.wireless = true;
		SET_TEXT(m->interface.name, "tun0");
		m->interface.mac = tv;
		m->interface.address.addr = tv_address;
		m->interface.address.bits = 24;
		m->interface.gateway = tv_address;
		SET_TEXT(m->interface.problem, "no Ethernet frames");
		break;
	case MESSAGE_CHOSEN:
		SET_TEXT(m->chosen.name, "eth0");
		m->chosen.mac = m->chosen.gateway_mac = tv;
		m->chosen.address.addr = m->chosen.gateway = tv_address;
		m->chosen.address.bits = 32;
		m->chosen.own6 = m->chosen.resolver = tv_address;
		m->chosen.domain_count = 2;
		SET_TEXT(m->chosen.domains[0], "smith.example");
		SET_TEXT(m->chosen.domains[1], "lan");
		m->chosen.domains_left_out = 5;
		m->chosen.resolver6_count = 1;
		m->chosen.resolvers6[0] = tv_address;
		m->chosen.up = true;
		m->chosen.index = 3;
		break;
	case MESSAGE_HOST:
		m->host.mac = tv;
		m->host.address = tv_address;
		m->host.elsewhere = tv_address;
		m->host.first_ns = 1;
		m->host.last_ns = UINT64_MAX;
		m->host.present = m->host.is_inspector = true;
		break;
	case MESSAGE_WATCH_STATE:
		m->watch_state.mac = tv;
		m->watch_state.phase = MESSAGE_WATCH_RESTORED;
		m->watch_state.cause = MESSAGE_CAUSE_PREPARATION;
		m->watch_state.since_ns = 77;
		SET_TEXT(m->watch_state.reason, "black path");
		m->watch_state.phase6 = MESSAGE_WATCH_ACTIVE;
		SET_TEXT(m->watch_state.reason6, "not so");
		break;
	case MESSAGE_FAULT:
		m->fault.kind = MESSAGE_FAULT_FIREWALL;
		m->fault.over = true;
		SET_TEXT(m->fault.text, "drops");
		SET_TEXT(m->fault.remedy, "nft");
		break;
	case MESSAGE_GUARD_COUNTERS:
		m->guard_counters.arp_sent = 1;
		m->guard_counters.messages_lost = 99;
		break;
	default:
		break;
	}
}

static void sample_of_engine(struct message *m)
{
	switch (m->type) {
	case MESSAGE_CAPTURE:
		m->capture.interface_index = 4;
		m->capture.own = m->capture.gateway = tv;
		m->capture.address.addr = tv_address;
		m->capture.gateway_address = tv_address;
		break;
	case MESSAGE_WATCHED:
		m->watched.count = 1;
		m->watched.devices[0].mac = tv;
		m->watched.devices[0].address = tv_address;
		break;
	case MESSAGE_PAIRS:
		m->pairs.count = 1;
		m->pairs.pairs[0].a = tv;
		break;
	case MESSAGE_NETWORK6:
		m->network6.own_count = 1;
		m->network6.own[0] = (struct addr){ 6, { 0xfe, 0x80, 1 } };
		m->network6.prefix_count = 1;
		m->network6.prefixes[0].addr.family = 6;
		m->network6.prefixes[0].bits = 64;
		break;
	case MESSAGE_WINDOW:
		m->window = slice_text("what record's codec wrote");
		break;
	case MESSAGE_COUNTERS:
		m->counters.frames = 5;
		m->counters.ring_dropped = 6;
		break;
	case MESSAGE_WHO_HAS:
	case MESSAGE_NEIGHBOUR:
	case MESSAGE_SPOKE_FROM:
		m->neighbour.address = tv_address;
		m->neighbour.mac = tv;
		break;
	case MESSAGE_UNLOCK:
		SET_TEXT(m->unlock.code, "abcdefghjk");
		m->unlock.address = tv_address;
		break;
	case MESSAGE_UNLOCK_READY:
		SET_TEXT(m->unlock_ready.code, "abcdefghjk");
		m->unlock_ready.port = 8590;
		break;
	case MESSAGE_UNLOCK_REQUEST:
		m->unlock_request.number = 3;
		m->unlock_request.from = tv_address;
		break;
	case MESSAGE_ASK:
		m->ask.own = m->ask.device = tv_address;
		m->ask.index = 3;
		break;
	case MESSAGE_ANSWER:
		m->answer.device = tv_address;
		m->answer.kind = RECORD_CLUE_UPNP_MODEL;
		m->answer.length = 2;
		m->answer.text[1] = 7;
		break;
	case MESSAGE_DISCOVER_COUNTERS:
		m->discover_counters.asked = 8;
		break;
	case MESSAGE_ASK_NAME:
		m->ask_name.network = (struct cidr){ tv_address, 24 };
		m->ask_name.resolver = tv_address;
		m->ask_name.index = 3;
		m->ask_name.address = tv_address;
		break;
	case MESSAGE_HOST_NAME:
		m->host_name.address = tv_address;
		SET_TEXT(m->host_name.name, "host.example");
		break;
	case MESSAGE_SEND:
		m->send.number = 4;
		m->send.post = m->send.lines = true;
		m->send.reply_max = 4096;
		SET_TEXT(m->send.url, "https://c.example/v1/upload");
		SET_TEXT(m->send.account, "00112233");
		SET_TEXT(m->send.secret, "4455");
		m->send.pem_length = 2;
		m->send.pem[0] = '\n';
		break;
	case MESSAGE_SENT:
		m->sent.number = 4;
		m->sent.status = 503;
		m->sent.retry_after_s = 7;
		m->sent.sent_bytes = 100;
		m->sent.length = 20;
		SET_TEXT(m->sent.why, "no route");
		break;
	case MESSAGE_UNLOCK_ANSWER:
		m->unlock_answer.number = 3;
		m->unlock_answer.verdict = MESSAGE_UNLOCK_OTHER;
		break;
	case MESSAGE_FORWARDED:
		m->forwarded.count = 2;
		m->forwarded.paths[1].mac = tv;
		m->forwarded.paths[1].v6.to_device = 1234567890123;
		break;
	default:
		break;
	}
}

static void sample_make(struct message *m, enum message_type type)
{
	memset(m, 0, sizeof(*m));
	m->type = type;
	m->fd = -1;
	sample_command(m);
	sample_report(m);
	sample_of_engine(m);
}

static void every_type_comes_back_as_it_went(void **state)
{
	static struct message sent, received;
	struct buf first, second;

	(void)state;
	buf_init(&first, MESSAGE_MAX_BYTES);
	buf_init(&second, MESSAGE_MAX_BYTES);
	for (enum message_type t = MESSAGE_PEER; t < MESSAGE_TYPES; t++) {
		buf_clear(&first);
		buf_clear(&second);
		sample_make(&sent, t);
		assert_int_equal(message_encode(&sent, &first), 0);
		assert_int_equal(message_decode(buf_slice(&first), &received),
				 0);
		assert_int_equal(received.type, t);
		if (t == MESSAGE_WINDOW)
			assert_true(slice_equal(received.window, sent.window));
		else
			assert_memory_equal(&received, &sent, sizeof(sent));
		assert_int_equal(message_encode(&received, &second), 0);
		assert_true(slice_equal(buf_slice(&first), buf_slice(&second)));
	}
	buf_done(&first);
	buf_done(&second);
}

static void no_prefix_and_no_longer_input_is_taken(void **state)
{
	static struct message m;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, MESSAGE_MAX_BYTES);
	for (enum message_type t = MESSAGE_PEER; t < MESSAGE_TYPES; t++) {
		if (t == MESSAGE_WINDOW)
			continue; /* its length is the packet's */
		buf_clear(&bytes);
		sample_make(&m, t);
		assert_int_equal(message_encode(&m, &bytes), 0);
		for (size_t n = 0; n < bytes.len; n++) {
			uint8_t *copy = malloc(n ? n : 1);

			assert_non_null(copy);
			memcpy(copy, bytes.data, n);
			assert_int_not_equal(
				message_decode(slice_of(copy, n), &m), 0);
			free(copy);
		}
		buf_u8(&bytes, 0);
		assert_int_equal(message_decode(buf_slice(&bytes), &m),
				 ERR_MALFORMED);
	}
	buf_done(&bytes);
}

static void what_a_type_does_not_allow_is_refused(void **state)
{
	static const struct {
		const char *what;
		uint8_t bytes[16];
		size_t length;
	} cases[] = {
		{ "no such type", { 0 }, 1 },
		{ "type past the last", { MESSAGE_TYPES }, 1 },
		{ "no such process",
		  { MESSAGE_PEER, 0, 0, 0, MESSAGE_PROCESSES },
		  13 },
		{ "too many", { MESSAGE_WATCH, 0, 0, 0, 251 }, 5 },
		{ "newline", { MESSAGE_CHOOSE, 0, 0, 0, 1, '\n' }, 6 },
		{ "zero byte", { MESSAGE_CHOOSE, 0, 0, 0, 1, 0 }, 6 },
		{ "name too long", { MESSAGE_CHOOSE, 0, 0, 0, 16 }, 5 },
	};
	static struct message m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (message_decode(slice_of(cases[i].bytes, cases[i].length),
				   &m) != ERR_MALFORMED)
			fail_msg("taken: %s", cases[i].what);
}

static void a_sender_cannot_send_what_is_refused(void **state)
{
	static struct message m;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, MESSAGE_MAX_BYTES);
	sample_make(&m, MESSAGE_WATCH);
	m.macs.count = MESSAGE_WATCH_MAX + 1;
	assert_int_equal(message_encode(&m, &bytes), ERR_INVALID);
	sample_make(&m, MESSAGE_WATCH_STATE);
	m.watch_state.address.family = 5;
	assert_int_equal(message_encode(&m, &bytes), ERR_INVALID);
	buf_done(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_comes_back_as_it_went),
		cmocka_unit_test(no_prefix_and_no_longer_input_is_taken),
		cmocka_unit_test(what_a_type_does_not_allow_is_refused),
		cmocka_unit_test(a_sender_cannot_send_what_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

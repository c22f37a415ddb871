// SPDX-License-Identifier: GPL-3.0-or-later

/*
 * The engine as a process of its own, between a keeper, a guard and a hub that
 * are this test, reading a packet socket on the loopback interface of a network
 * namespace that is made for it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../observe/frames.h"
#include "engine/engine.h"
#include "message/channel.h"
#include "record/record_codec.h"

#define DEADLINE_MS 20000

static const struct mac own = { { 2, 0, 0, 0, 0, 1 } };
static const struct end tv = { { { 2, 0, 0, 0, 0, 0x20 } },
			       { .family = 4, .b = { 192, 168, 1, 20 } },
			       40000 };
static const struct end bulb = { { { 2, 0, 0, 0, 0, 0x30 } },
				 { .family = 4, .b = { 192, 168, 1, 30 } },
				 40000 };
static const struct end router = { { { 2, 0, 0, 0, 0, 0xfe } },
				   { .family = 4, .b = { 192, 168, 1, 1 } },
				   0 };
static const struct addr server = { .family = 4, .b = { 93, 184, 216, 34 } };

struct scene {
	pid_t engine;
	int keeper, guard, hub; /* our ends */
	int capture, injector;
	struct channel_inbox inbox;
	struct message message;
};

static bool enter_namespace(void)
{
	struct ifreq request = { .ifr_name = "lo" };
	int s;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0 || ioctl(s, SIOCGIFFLAGS, &request))
		return false;
	request.ifr_flags |= IFF_UP;
	if (ioctl(s, SIOCSIFFLAGS, &request))
		return false;
	close(s);
	return true;
}

static int packet_socket(void)
{
	const struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex("lo"),
	};
	const int one = 1;
	int s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	assert_true(s >= 0);
	/* on the loopback every frame leaves and comes in */
	assert_int_equal(setsockopt(s, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
				    sizeof(one)),
			 0);
	assert_int_equal(
		bind(s, (const struct sockaddr *)&address, sizeof(address)), 0);
	return s;
}

static void give_peer(struct scene *s, enum message_process process, int *ours)
{
	struct message m = { .type = MESSAGE_PEER, .peer.process = process };
	int ends[2];

	assert_int_equal(channel_pair(ends), 0);
	m.fd = ends[1];
	assert_int_equal(channel_send(s->keeper, &m), 0);
	close(ends[1]);
	*ours = ends[0];
}

static void give_capture(struct scene *s)
{
	struct message m = {
		.type = MESSAGE_CAPTURE,
		.fd = s->capture,
		.capture = {
			.interface_index = if_nametoindex("lo"),
			.own = own,
			.gateway = router.mac,
			.address = { { .family = 4, .b = { 192, 168, 1, 2 } },
				     24 },
			.gateway_address = router.addr,
		},
	};
	struct message w = { .type = MESSAGE_WATCHED, .fd = -1 };

	assert_int_equal(channel_send(s->guard, &m), 0);
	w.watched.count = 1;
	w.watched.devices[0] =
		(struct message_watched_device){ tv.mac, tv.addr };
	assert_int_equal(channel_send(s->guard, &w), 0);
}

static int start(void **state)
{
	static struct scene s;
	int ends[2];

	if (!enter_namespace()) {
		fprintf(stderr, "no network namespace may be made here\n");
		*state = NULL;
		return 0;
	}
	assert_int_equal(channel_pair(ends), 0);
	s.engine = fork();
	assert_true(s.engine >= 0);
	if (!s.engine) {
		struct engine_config config = { .keeper_fd = ends[1],
						.seed = 1 };

		close(ends[0]);
		_exit(engine_run(&config));
	}
	close(ends[1]);
	s.keeper = ends[0];
	s.capture = packet_socket();
	s.injector = packet_socket();
	give_peer(&s, MESSAGE_HUB, &s.hub);
	give_peer(&s, MESSAGE_GUARD, &s.guard);
	give_capture(&s);
	*state = &s;
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* The next message of a type, others passed over. */
static const struct message *expect(struct scene *s, int end,
				    enum message_type type)
{
	int64_t deadline = now_ms() + DEADLINE_MS;

	while (now_ms() < deadline) {
		struct pollfd wait = { .fd = end, .events = POLLIN };
		int err = channel_receive(end, &s->inbox, &s->message);

		if (!err && s->message.type == type)
			return &s->message;
		assert_true(!err || err == ERR_AGAIN);
		if (err)
			(void)!poll(&wait, 1, 100);
	}
	fail_msg("no %s came", message_type_name(type));
	return NULL;
}

static void inject(struct scene *s, const struct frame *f)
{
	assert_int_equal(write(s->injector, f->bytes, f->len), (int)f->len);
}

/* Until the engine has told guard of so many packets from the device. */
static struct message_path wait_for_path(struct scene *s, uint64_t from_device)
{
	struct message_path path;

	do {
		const struct message *m =
			expect(s, s->guard, MESSAGE_FORWARDED);

		path = m->forwarded.paths[0];
		if (!m->forwarded.count)
			path = (struct message_path){ 0 };
	} while (path.v4.from_device < from_device);
	return path;
}

static void converse(struct scene *s)
{
	const struct end to = { own, server, 443 };
	const struct end from = { router.mac, server, 443 };
	struct end back = tv, stranger = { own, server, 443 };
	struct frame f;

	for (uint32_t i = 0; i < 10; i++) {
		frame_tcp(&f, &tv, &to, i ? ACK : SYN,
			  i ? 101 + 5 * (i - 1) : 100, "hello", i ? 5 : 0);
		inject(s, &f);
		frame_readdress(&f, &own, &router.mac);
		inject(s, &f);
	}
	back.mac = own;
	frame_tcp(&f, &from, &back, SYN | ACK, 500, NULL, 0);
	inject(s, &f);
	frame_readdress(&f, &own, &tv.mac);
	inject(s, &f);
	/* not watched: nothing of it may show */
	frame_tcp(&f, &bulb, &stranger, SYN, 1, NULL, 0);
	inject(s, &f);
}

static void a_watched_device_is_seen_and_its_path_is_told(void **state)
{
	struct scene *s = *state;
	struct record_window w;
	struct message_path path;
	struct arena arena;
	const struct message *m;

	if (!s)
		skip();
	/* the set reached the engine once it reports it */
	do {
		m = expect(s, s->guard, MESSAGE_FORWARDED);
	} while (!m->forwarded.count);
	converse(s);
	path = wait_for_path(s, 10);
	assert_true(mac_equal(&path.mac, &tv.mac));
	assert_int_equal(path.v4.to_gateway, 10);
	assert_int_equal(path.v4.from_gateway, 1);
	assert_int_equal(path.v4.to_device, 1);

	arena_init(&arena, 1 << 20);
	do {
		m = expect(s, s->hub, MESSAGE_WINDOW);
		assert_int_equal(record_decode(m->window, &arena, &w), 0);
		assert_true(mac_equal(&w.device, &tv.mac));
	} while (!w.flow_count);
	assert_int_equal(w.flow_count, 1);
	assert_int_equal(w.flows[0].opener, RECORD_OPENER_DEVICE);
	assert_int_equal(w.flows[0].out_packets, 10);
	assert_int_equal(w.flows[0].out_sequence_bytes, 45);
	assert_int_equal(w.flows[0].in_packets, 1);
	assert_false(w.flows[0].local);
	assert_int_equal(w.forward_in_frames, 11);
	assert_int_equal(w.forward_out_frames, 11);
	arena_done(&arena);
	m = expect(s, s->hub, MESSAGE_COUNTERS);
	assert_int_equal(m->counters.windows_lost, 0);
	assert_int_equal(m->counters.ring_dropped, 0);
}

static void it_ends_when_told(void **state)
{
	struct scene *s = *state;
	int status;

	if (!s)
		skip();
	assert_int_equal(channel_send_plain(s->keeper, MESSAGE_STOP), 0);
	assert_int_equal(waitpid(s->engine, &status, 0), s->engine);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_watched_device_is_seen_and_its_path_is_told),
		cmocka_unit_test(it_ends_when_told),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, start, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/engine.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/ring.h"
#include "engine/sandbox.h"
#include "message/channel.h"
#include "observe/observe.h"
#include "record/record_codec.h"

#define NS_PER_MS UINT64_C(1000000)
/*
 * How long after its end a window closes, though no later frame came: the
 * ring hands frames over late, and this process may have had to wait.
 */
#define WINDOW_MARGIN_NS (500 * NS_PER_MS)
/* Frames read between two looks at the sockets. */
#define FRAMES_A_TURN 100000u
/* Frames observed at once: more cost no less (observe_frames()). */
#define FRAMES_AT_ONCE 64u
/* A message's head takes a few bytes of the largest one. */
#define PART_BYTES (MESSAGE_MAX_BYTES - 64)

struct engine {
	uint64_t seed;
	int keeper, guard, hub; /* -1: none now */
	bool stopping;
	struct ring ring;
	struct observe *observe; /* NULL while nothing is captured */
	struct message_watched watched;
	struct message_network6 network6;
	struct record_counters before; /* of former captures */
	uint64_t windows_lost;
	uint64_t window; /* index of the one last reported */
	uint64_t report_due_ns;
	struct buf part;
	struct channel_inbox inbox;
	struct message message;
};

static uint64_t now_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void drop_end(int *end)
{
	if (*end >= 0)
		close(*end);
	*end = -1;
}

/* Sends, and lets go of a peer that is gone. False when it was not sent. */
static bool send_to(int *end, const struct message *m)
{
	int err = *end >= 0 ? channel_send(*end, m) : ERR_CLOSED;

	if (err == ERR_CLOSED)
		drop_end(end);
	return err == 0;
}

static void send_window(void *user, const struct record_window *window)
{
	struct engine *e = user;
	struct message m = { .type = MESSAGE_WINDOW, .fd = -1 };
	struct record_encoder encoder;
	int err;

	record_encoder_init(&encoder, window);
	for (;;) {
		buf_clear(&e->part);
		err = record_encode_part(&encoder, &e->part, PART_BYTES);
		if (!err)
			break;
		m.window = buf_slice(&e->part);
		if (err < 0 || !send_to(&e->hub, &m))
			e->windows_lost++;
		/* out of memory: what is left of it cannot be had either */
		if (err < 0 && err != ERR_LIMIT)
			break;
	}
}

static struct record_counters counters_sum(const struct engine *e)
{
	struct record_counters sum = e->before;

	if (e->observe) {
		const struct record_counters *now =
			observe_counters(e->observe);

		for (size_t i = 0; i < record_counter_field_count; i++) {
			size_t at = record_counter_fields[i].offset;
			uint64_t a, b;

			memcpy(&a, (const uint8_t *)&sum + at, sizeof(a));
			memcpy(&b, (const uint8_t *)now + at, sizeof(b));
			a += b;
			memcpy((uint8_t *)&sum + at, &a, sizeof(a));
		}
		sum.ring_dropped += e->ring.dropped;
	}
	return sum;
}

static void send_counters(struct engine *e)
{
	struct message m = { .type = MESSAGE_COUNTERS, .fd = -1 };

	if (e->ring.fd >= 0)
		ring_count_dropped(&e->ring);
	m.counters = counters_sum(e);
	m.counters.windows_lost = e->windows_lost;
	(void)send_to(&e->hub, &m);
}

/* Ends the capture: its open window goes out, its counters are kept. */
static void stop_capture(struct engine *e)
{
	if (!e->observe)
		return;
	observe_finish(e->observe);
	ring_count_dropped(&e->ring);
	e->before = counters_sum(e);
	observe_free(e->observe);
	e->observe = NULL;
	ring_close(&e->ring);
	send_counters(e);
}

static void apply_watched(struct engine *e)
{
	struct mac macs[MESSAGE_WATCH_MAX];

	for (uint32_t i = 0; i < e->watched.count; i++)
		macs[i] = e->watched.devices[i].mac;
	/* the set is no larger than both limits */
	if (e->observe && observe_watch(e->observe, macs, e->watched.count))
		fprintf(stderr, "engine: no room for the devices to watch\n");
}

static void apply_network6(struct engine *e)
{
	const struct message_network6 *n = &e->network6;

	static_assert(MESSAGE_OWN6_MAX <= OBSERVE_OWN_ADDRS_MAX &&
			      MESSAGE_PREFIXES_MAX <= OBSERVE_PREFIXES_MAX,
		      "what a message holds is taken");
	if (e->observe)
		(void)!observe_network6(e->observe, n->own, n->own_count,
					n->prefixes, n->prefix_count);
}

/*
 * The socket is moved to where it cannot be written to; see SANDBOX_CAPTURE_FD.
 */
static int capture_descriptor(int fd)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, SANDBOX_CAPTURE_FD);

	close(fd);
	return moved;
}

static int start_capture(struct engine *e, const struct message_capture *c,
			 int fd)
{
	const struct observe_sink sink = { .user = e, .window = send_window };
	const struct observe_config config = {
		.mode = OBSERVE_LIVE,
		.seed = e->seed,
		.locals = &c->address,
		.local_count = c->address.addr.family ? 1 : 0,
		.gateway = c->gateway,
		.own = c->own,
		.own_addrs = &c->address.addr,
		.own_addr_count = c->address.addr.family ? 1 : 0,
	};
	int capture = capture_descriptor(fd);

	stop_capture(e);
	if (capture < 0 || ring_open(&e->ring, capture)) {
		fprintf(stderr, "engine: could not map the capture: %s\n",
			strerror(errno));
		if (capture >= 0)
			close(capture);
		return ERR_IO;
	}
	e->observe = observe_new(&config, &sink);
	if (!e->observe) {
		ring_close(&e->ring);
		return ERR_NOMEM;
	}
	apply_network6(e);
	apply_watched(e);
	return 0;
}

/* A message of guard's: 0, or why the process cannot go on. */
static int hear_guard(struct engine *e, struct message *m)
{
	if (m->type == MESSAGE_CAPTURE)
		return start_capture(e, &m->capture, m->fd);
	if (m->type == MESSAGE_WATCHED) {
		e->watched = m->watched;
		apply_watched(e);
	} else if (m->type == MESSAGE_NETWORK6) {
		e->network6 = m->network6;
		apply_network6(e);
	} else if (m->fd >= 0) {
		close(m->fd);
	}
	return 0;
}

static void take_peer(struct engine *e, const struct message *m)
{
	if (m->peer.process == MESSAGE_GUARD) {
		/* a new guard captures anew */
		stop_capture(e);
		e->watched.count = 0;
		e->network6 = (struct message_network6){ .own_count = 0 };
		drop_end(&e->guard);
		e->guard = m->fd;
	} else if (m->peer.process == MESSAGE_HUB) {
		drop_end(&e->hub);
		e->hub = m->fd;
	} else {
		close(m->fd);
	}
}

static int hear_keeper(struct engine *e, struct message *m)
{
	if (m->type == MESSAGE_PEER)
		take_peer(e, m);
	else if (m->type == MESSAGE_STOP)
		e->stopping = true;
	else if (m->type == MESSAGE_PING)
		/* one that does not get there is asked for again */
		(void)!channel_send_plain(e->keeper, MESSAGE_PONG);
	else if (m->fd >= 0)
		close(m->fd);
	return 0;
}

/* Reads what a peer sent. ERR_CLOSED when it is gone. */
static int hear_peer(struct engine *e, int end,
		     int (*hear)(struct engine *, struct message *))
{
	for (;;) {
		int err = channel_receive(end, &e->inbox, &e->message);

		if (err == ERR_AGAIN)
			return 0;
		if (err == ERR_CLOSED || err == ERR_IO)
			return ERR_CLOSED;
		if (err)
			continue; /* refused; the next may be good */
		err = hear(e, &e->message);
		if (err)
			return err;
		if (e->stopping)
			return 0;
	}
}

static void read_frames(struct engine *e)
{
	struct observe_frame frames[FRAMES_AT_ONCE];
	struct ring_frame frame;
	size_t count = 0;

	for (uint32_t i = 0; i < FRAMES_A_TURN && ring_next(&e->ring, &frame);
	     i++) {
		frames[count++] = (struct observe_frame){
			.time_ns = frame.time_ns,
			.bytes = frame.bytes,
			.wire_bytes = frame.wire_bytes,
			.link = PACKET_LINK_ETHERNET,
		};
		if (count < FRAMES_AT_ONCE && ring_at_hand(&e->ring))
			continue;
		observe_frames(e->observe, frames, count);
		count = 0;
	}
	observe_frames(e->observe, frames, count);
}

static struct message_passed passed_of(const struct observe_passed *passed)
{
	return (struct message_passed){
		.from_device = passed->from_device,
		.to_gateway = passed->to_gateway,
		.from_gateway = passed->from_gateway,
		.to_device = passed->to_device,
	};
}

static void send_forwarded(struct engine *e)
{
	struct message *m = &e->message;

	*m = (struct message){ .type = MESSAGE_FORWARDED, .fd = -1 };
	m->forwarded.count = e->watched.count;
	for (uint32_t i = 0; i < e->watched.count; i++) {
		const struct mac *mac = &e->watched.devices[i].mac;
		struct observe_path path = observe_path_of(e->observe, mac);

		m->forwarded.paths[i] = (struct message_path){
			.mac = *mac,
			.v4 = passed_of(&path.v4),
			.v6 = passed_of(&path.v6),
		};
	}
	(void)send_to(&e->guard, m);
}

/* What the clock alone brings about. */
static void tick(struct engine *e)
{
	uint64_t monotonic = now_ns(CLOCK_MONOTONIC);
	uint64_t now = now_ns(CLOCK_REALTIME) - WINDOW_MARGIN_NS;

	if (!e->observe)
		return;
	observe_advance(e->observe, now);
	if (now / RECORD_WINDOW_NS != e->window) {
		e->window = now / RECORD_WINDOW_NS;
		send_counters(e);
	}
	if (monotonic < e->report_due_ns)
		return;
	e->report_due_ns = monotonic + MESSAGE_FORWARDED_MS * NS_PER_MS;
	send_forwarded(e);
}

enum {
	WAIT_KEEPER,
	WAIT_GUARD,
	WAIT_HUB,
	WAIT_RING,
	WAITS,
};

static int turn(struct engine *e)
{
	struct pollfd wait[WAITS] = {
		[WAIT_KEEPER] = { .fd = e->keeper, .events = POLLIN },
		[WAIT_GUARD] = { .fd = e->guard, .events = POLLIN },
		[WAIT_HUB] = { .fd = e->hub, .events = 0 },
		[WAIT_RING] = { .fd = e->ring.fd, .events = POLLIN },
	};
	int timeout = e->observe ? MESSAGE_FORWARDED_MS / 2 : -1, err;

	if (poll(wait, WAITS, timeout) < 0 && errno != EINTR)
		return ERR_IO;
	if (e->observe) {
		read_frames(e);
		tick(e);
	}
	/* the interface went down: guard will hear of it and decide */
	if (wait[WAIT_RING].revents & POLLERR && e->ring.fd >= 0)
		ring_clear_error(&e->ring);
	if (wait[WAIT_HUB].revents & (POLLHUP | POLLERR))
		drop_end(&e->hub);
	if (wait[WAIT_GUARD].revents && e->guard == wait[WAIT_GUARD].fd) {
		err = hear_peer(e, e->guard, hear_guard);
		if (err == ERR_CLOSED) {
			stop_capture(e);
			drop_end(&e->guard);
		} else if (err) {
			return err;
		}
	}
	if (!wait[WAIT_KEEPER].revents)
		return 0;
	return hear_peer(e, e->keeper, hear_keeper);
}

int engine_run(const struct engine_config *config)
{
	static struct engine e;
	int err = sandbox_enter();

	e = (struct engine){
		.seed = config->seed,
		.keeper = config->keeper_fd,
		.guard = -1,
		.hub = -1,
		.ring.fd = -1,
	};
	buf_init(&e.part, MESSAGE_MAX_BYTES + RECORD_CODEC_PART_MIN);
	if (err)
		fprintf(stderr, "engine: could not confine itself: %s\n",
			err_text(err));
	while (!err && !e.stopping)
		err = turn(&e);
	stop_capture(&e);
	buf_done(&e.part);
	return err && err != ERR_CLOSED;
}

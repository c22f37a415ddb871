// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/discover.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "discover/confine.h"
#include "discover/unlock_page.h"
#include "message/channel.h"

/* The loop looks at its clock at least this often. */
#define TURN_MS 500
/* Messages of one peer taken before the loop turns. */
#define MESSAGES_AT_ONCE 64

struct discover {
	int keeper, hub; /* -1: not there */
	bool ended;
	struct unlock_page *page; /* NULL: nothing is to be unlocked */
};

static uint64_t clock_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void tell_hub(struct discover *d, const struct message *m)
{
	/* full or gone: what is asked again is told again */
	if (d->hub >= 0)
		(void)!channel_send(d->hub, m);
}

static void tell_ready(struct discover *d, const char *code, uint16_t port)
{
	struct message m = { .type = MESSAGE_UNLOCK_READY, .fd = -1 };

	message_text(m.unlock_ready.code, sizeof(m.unlock_ready.code), code);
	m.unlock_ready.port = port;
	tell_hub(d, &m);
}

static void ask_hub(void *user, uint32_t number, const struct addr *from)
{
	struct message m = { .type = MESSAGE_UNLOCK_REQUEST, .fd = -1 };

	m.unlock_request.number = number;
	m.unlock_request.from = *from;
	tell_hub(user, &m);
}

static void close_page(struct discover *d)
{
	unlock_page_close(d->page);
	d->page = NULL;
}

static void take_unlock(struct discover *d, const struct message_unlock *unlock)
{
	close_page(d);
	if (!unlock->code[0])
		return;
	if (unlock->address.family != 4 ||
	    unlock_page_open(&unlock->address, unlock->code, ask_hub, d,
			     &d->page)) {
		tell_ready(d, unlock->code, 0);
		return;
	}
	tell_ready(d, unlock->code, unlock_page_port(d->page));
}

static void take_from_hub(struct discover *d, const struct message *m)
{
	if (m->type == MESSAGE_UNLOCK)
		take_unlock(d, &m->unlock);
	else if (m->type == MESSAGE_UNLOCK_ANSWER && d->page)
		unlock_page_answer(d->page, m->unlock_answer.number,
				   m->unlock_answer.verdict);
}

static void lose_hub(struct discover *d)
{
	close_page(d);
	if (d->hub >= 0)
		close(d->hub);
	d->hub = -1;
}

static void take_from_keeper(struct discover *d, const struct message *m)
{
	if (m->type == MESSAGE_STOP)
		d->ended = true;
	if (m->type == MESSAGE_PING)
		/* one that does not get there is asked for again */
		(void)!channel_send_plain(d->keeper, MESSAGE_PONG);
	if (m->type != MESSAGE_PEER)
		return;
	if (m->peer.process != MESSAGE_HUB) {
		close(m->fd);
		return;
	}
	lose_hub(d);
	d->hub = m->fd;
}

/* Reads one socket; gives ERR_AGAIN, or ERR_CLOSED when it is at its end. */
static int read_from(struct discover *d, int end,
		     void (*take)(struct discover *d, const struct message *m))
{
	static struct channel_inbox inbox;
	static struct message m;

	for (int n = 0; n < MESSAGES_AT_ONCE; n++) {
		int err = channel_receive(end, &inbox, &m);

		if (err == ERR_AGAIN)
			return err;
		if (err == ERR_CLOSED || err == ERR_IO)
			return ERR_CLOSED;
		if (err)
			continue;
		/* only the keeper's is anybody's to keep */
		if (m.fd >= 0 &&
		    (take != take_from_keeper || m.type != MESSAGE_PEER))
			close(m.fd);
		take(d, &m);
	}
	return ERR_AGAIN;
}

enum {
	POLL_KEEPER,
	POLL_HUB,
	POLL_PAGE,
	POLLS
};

static void turn(struct discover *d)
{
	struct pollfd polls[POLLS] = {
		[POLL_KEEPER] = { .fd = d->keeper, .events = POLLIN },
		[POLL_HUB] = { .fd = d->hub, .events = POLLIN },
		[POLL_PAGE] = { .fd = -1 },
	};
	int timeout = -1;

	if (d->page)
		unlock_page_poll(d->page, &polls[POLL_PAGE], &timeout);
	if (d->page && (timeout < 0 || timeout > TURN_MS))
		timeout = TURN_MS;
	if (poll(polls, POLLS, timeout) < 0)
		return;
	if (polls[POLL_HUB].revents &&
	    read_from(d, d->hub, take_from_hub) == ERR_CLOSED)
		lose_hub(d);
	/* last: it may bring a new hub */
	if (polls[POLL_KEEPER].revents &&
	    read_from(d, d->keeper, take_from_keeper) == ERR_CLOSED)
		d->ended = true;
	if (d->page && !unlock_page_run(d->page, clock_now_ms())) {
		tell_ready(d, unlock_page_code(d->page), 0);
		close_page(d);
	}
}

int discover_run(const struct discover_config *config)
{
	struct discover d = { .keeper = config->keeper_fd, .hub = -1 };

	if (confine_discover()) {
		fputs("iot-inspector: seccomp is not to be had on this "
		      "system\n",
		      stderr);
		return 1;
	}
	while (!d.ended)
		turn(&d);
	lose_hub(&d);
	close(d.keeper);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/discover.h"

#include <assert.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "discover/ask.h"
#include "discover/confine.h"
#include "discover/describe.h"
#include "discover/fetch.h"
#include "discover/reverse.h"
#include "discover/unlock_page.h"
#include "message/channel.h"

/* The loop looks at its clock at least this often. */
#define TURN_MS 500
/* Counters go to the hub so often, while they change. */
#define COUNTERS_MS 5000

struct discover {
	int keeper, hub; /* -1: not there */
	bool ended;
	struct unlock_page *page; /* NULL: nothing is to be unlocked */
	struct ask *ask;	  /* NULL: nobody was asked yet */
	struct fetch_set *fetches;
	struct message_discover_counters counters, told;
	uint64_t counters_ms;
	struct reverse *reverse;
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

static void tell_name(void *user, const struct addr *address, const char *name)
{
	struct message m = { .type = MESSAGE_HOST_NAME, .fd = -1 };

	m.host_name.address = *address;
	message_text(m.host_name.name, sizeof(m.host_name.name), name);
	tell_hub(user, &m);
}

static void close_page(struct discover *d)
{
	unlock_page_close(d->page);
	d->page = NULL;
}

static void on_clue(void *user, const struct addr *device,
		    enum record_clue_kind kind, struct slice text)
{
	struct message m = { .type = MESSAGE_ANSWER, .fd = -1 };
	size_t length =
		text.len < MESSAGE_CLUE_MAX ? text.len : MESSAGE_CLUE_MAX;

	m.answer.device = *device;
	m.answer.kind = kind;
	m.answer.length = (uint32_t)length;
	memcpy(m.answer.text, text.data, length);
	tell_hub(user, &m);
}

static void on_description(void *user, const struct addr *device,
			   uint32_t index, struct slice url)
{
	struct discover *d = user;

	/* refused and failed ones are counted there */
	(void)!fetch_begin(d->fetches, ask_own(d->ask), device, index, url);
}

/* Whose description it is that is being read. */
struct described {
	struct discover *discover;
	const struct addr *device;
};

static void on_described(void *user, enum record_clue_kind kind,
			 struct slice text)
{
	const struct described *described = user;

	on_clue(described->discover, described->device, kind, text);
}

static void on_fetched(void *user, const struct addr *device, struct slice body)
{
	struct described described = { user, device };
	struct discover *d = user;

	d->counters.descriptions++;
	if (describe_read(body, on_described, &described))
		d->counters.descriptions_malformed++;
}

static void take_ask(struct discover *d, const struct message_ask *m)
{
	const struct ask_hearers hearers = { on_clue, on_description, d };

	/* another network: what was asked there is over */
	if (d->ask && !addr_equal(ask_own(d->ask), &m->own)) {
		ask_close(d->ask);
		d->ask = NULL;
	}
	if ((!d->ask && ask_open(&m->own, &hearers, &d->ask)) ||
	    ask_device(d->ask, &m->device, m->index, clock_now_ms()))
		d->counters.asks_refused++;
}

static void tell_counters(struct discover *d, uint64_t now_ms)
{
	struct message m = { .type = MESSAGE_DISCOVER_COUNTERS, .fd = -1 };

	if (now_ms - d->counters_ms < COUNTERS_MS)
		return;
	d->counters_ms = now_ms;
	if (d->ask) {
		const struct ask_counters *ask = ask_counters(d->ask);

		d->counters.asked = ask->devices;
		d->counters.answers = ask->answers;
		d->counters.answers_refused = ask->refused;
		d->counters.answers_malformed = ask->malformed;
	}
	d->counters.descriptions_failed = fetch_failures(d->fetches);
	if (!memcmp(&d->told, &d->counters, sizeof(d->told)))
		return;
	d->told = m.discover_counters = d->counters;
	tell_hub(d, &m);
}

static void take_unlock(struct discover *d, const struct message_unlock *unlock)
{
	close_page(d);
	if (!unlock->code[0])
		return;
	if (!unlock->address.family ||
	    unlock_page_open(&unlock->address, unlock->code, ask_hub, d,
			     &d->page)) {
		tell_ready(d, unlock->code, 0);
		return;
	}
	tell_ready(d, unlock->code, unlock_page_port(d->page));
}

static void take_from_hub(void *user, const struct message *m)
{
	struct discover *d = user;

	if (m->type == MESSAGE_ASK)
		take_ask(d, &m->ask);
	else if (m->type == MESSAGE_UNLOCK)
		take_unlock(d, &m->unlock);
	else if (m->type == MESSAGE_UNLOCK_ANSWER && d->page)
		unlock_page_answer(d->page, m->unlock_answer.number,
				   m->unlock_answer.verdict);
	else if (m->type == MESSAGE_ASK_NAME)
		reverse_ask(d->reverse, &m->ask_name, clock_now_ms());
}

static void lose_hub(struct discover *d)
{
	close_page(d);
	ask_close(d->ask);
	d->ask = NULL;
	if (d->hub >= 0)
		close(d->hub);
	d->hub = -1;
}

static void take_from_keeper(void *user, const struct message *m)
{
	struct discover *d = user;

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

static int read_from(struct discover *d, int end,
		     void (*take)(void *user, const struct message *m))
{
	static struct channel_inbox inbox;
	const struct channel_reader reader = {
		.take = take,
		.user = d,
		.keeps_peers = take == take_from_keeper,
	};

	return channel_read(end, &inbox, &reader);
}

enum {
	POLL_KEEPER,
	POLL_HUB,
	POLL_PAGE,
	POLL_REVERSE,
	POLL_ASK, /* and so many more */
	POLLS = POLL_ASK + ASK_DEVICES_MAX
};
static_assert((int)POLLS <= FETCH_POLLS_MAX, "all can be waited for");

static void turn(struct discover *d)
{
	struct pollfd polls[POLLS] = {
		[POLL_KEEPER] = { .fd = d->keeper, .events = POLLIN },
		[POLL_HUB] = { .fd = d->hub, .events = POLLIN },
		[POLL_PAGE] = { .fd = -1 },
	};
	uint64_t now_ms = clock_now_ms();
	int timeout = -1, reverse_timeout;

	reverse_poll(d->reverse, now_ms, &polls[POLL_REVERSE],
		     &reverse_timeout);
	if (d->page)
		unlock_page_poll(d->page, &polls[POLL_PAGE], &timeout);
	for (size_t i = POLL_ASK; i < POLLS; i++)
		polls[i].fd = -1;
	if (d->ask)
		ask_poll(d->ask, polls + POLL_ASK);
	if ((d->page || d->ask) && (timeout < 0 || timeout > TURN_MS))
		timeout = TURN_MS;
	if (reverse_timeout >= 0 && (timeout < 0 || timeout > reverse_timeout))
		timeout = reverse_timeout;
	if (fetch_poll(d->fetches, polls, POLLS, timeout) < 0)
		return;
	now_ms = clock_now_ms();
	reverse_run(d->reverse, now_ms);
	if (d->ask)
		ask_run(d->ask, now_ms);
	if (polls[POLL_HUB].revents &&
	    read_from(d, d->hub, take_from_hub) == ERR_CLOSED)
		lose_hub(d);
	/* last: it may bring a new hub */
	if (polls[POLL_KEEPER].revents &&
	    read_from(d, d->keeper, take_from_keeper) == ERR_CLOSED)
		d->ended = true;
	if (d->page && !unlock_page_run(d->page, now_ms)) {
		tell_ready(d, unlock_page_code(d->page), 0);
		close_page(d);
	}
	tell_counters(d, now_ms);
}

int discover_run(const struct discover_config *config)
{
	struct discover d = { .keeper = config->keeper_fd, .hub = -1 };

	if (fetch_open(on_fetched, &d, &d.fetches) || confine_discover()) {
		fputs("iot-inspector: seccomp is not to be had on this "
		      "system\n",
		      stderr);
		return 1;
	}
	if (reverse_new(&d.reverse, tell_name, &d))
		return 1;
	while (!d.ended)
		turn(&d);
	lose_hub(&d);
	fetch_close(d.fetches);
	reverse_free(d.reverse);
	close(d.keeper);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/guard.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guard/clock.h"
#include "guard/restore.h"
#include "guard/rundir.h"
#include "guard/say.h"
#include "guard/state.h"
#include "message/channel.h"

/* The loop turns at least so often: what has no event is looked at. */
#define TURN_MS 1000
/* A turn that comes so late comes after a sleep. */
#define ASLEEP_MS 4000
/* Counters go to the hub so often. */
#define COUNTERS_MS 5000
/* After a message found a full queue. */
#define AGAIN_MS 1000

void guard_due(struct guard *g, uint64_t ms)
{
	if (ms < g->due_ms)
		g->due_ms = ms;
}

/* False when it was lost. */
static bool tell(struct guard *g, int end, const struct message *m)
{
	/* one that is dying is noticed when its socket ends */
	if (end < 0 || !channel_send(end, m))
		return true;
	g->counters.messages_lost++;
	return false;
}

void guard_tell_hub(struct guard *g, const struct message *m)
{
	if (!tell(g, g->hub, m))
		g->hub_behind = true;
}

void guard_tell_engine(struct guard *g, const struct message *m)
{
	if (tell(g, g->engine, m))
		return;
	g->watched_behind = true;
	g->capture_behind = g->capture_behind || m->type == MESSAGE_CAPTURE;
}

static void tell_fault(struct guard *g, enum message_fault_kind kind)
{
	struct message m = { .type = MESSAGE_FAULT, .fd = -1 };

	m.fault = g->faults[kind];
	guard_tell_hub(g, &m);
}

void guard_fault(struct guard *g, enum message_fault_kind kind,
		 const char *remedy, const char *format, ...)
{
	struct message_fault fault = { .kind = kind };
	va_list args;

	va_start(args, format);
	vsnprintf(fault.text, sizeof(fault.text), format, args);
	va_end(args);
	message_text(fault.remedy, sizeof(fault.remedy), remedy);
	if (!strcmp(fault.text, g->faults[kind].text))
		return;
	g->faults[kind] = fault;
	say("%s", fault.text);
	tell_fault(g, kind);
}

void guard_fault_over(struct guard *g, enum message_fault_kind kind)
{
	if (!g->faults[kind].text[0])
		return;
	g->faults[kind].over = true;
	tell_fault(g, kind);
	g->faults[kind] = (struct message_fault){ .kind = kind };
}

/* The place of one in the set, or of the next that is added. */
static size_t excluded_place(const struct guard *g, const struct mac *mac)
{
	size_t i = 0;

	while (i < g->excluded_count && !mac_equal(&g->excluded[i], mac))
		i++;
	return i;
}

bool guard_excludes(const struct guard *g, const struct mac *mac)
{
	return excluded_place(g, mac) < g->excluded_count;
}

/* The set of the command line, and that of the hub. */
static void exclude(struct guard *g, const struct message_watched *set)
{
	const struct guard_config *config = g->config;

	g->excluded_count = 0;
	memset(g->excluded_at, 0, sizeof(g->excluded_at));
	for (size_t i = 0; i < config->excluded_count; i++)
		g->excluded[g->excluded_count++] = config->excluded[i];
	for (uint32_t i = 0; set && i < set->count; i++) {
		const struct message_watched_device *d = &set->devices[i];
		size_t place = excluded_place(g, &d->mac);

		if (place < g->excluded_count) {
			g->excluded_at[place] = d->address;
			continue;
		}
		if (g->excluded_count == MESSAGE_EXCLUDE_MAX) {
			g->counters.messages_refused++;
			guard_fault(g, MESSAGE_FAULT_LIMIT, "",
				    "at most %d devices can be excluded",
				    MESSAGE_EXCLUDE_MAX);
			break;
		}
		g->excluded[place] = d->mac;
		g->excluded_at[place] = d->address;
		g->excluded_count++;
	}
	capture_filter(g);
}

void guard_read_firewall(struct guard *g)
{
	const struct firewall *judged;

	if (!g->active)
		return;
	if (firewall_read(6, g->lan.name, g->lan.index, &g->six.firewall))
		g->six.firewall = (struct firewall){ .verdict = FIREWALL_OPEN };
	if (firewall_read(4, g->lan.name, g->lan.index, &g->firewall)) {
		g->firewall = (struct firewall){ .verdict = FIREWALL_OPEN };
		if (lan_has_four(g))
			return; /* what becomes of the frames will tell */
	}
	judged = lan_has_four(g) ? &g->firewall : &g->six.firewall;
	if (judged->verdict == FIREWALL_DROPS)
		guard_fault(g, MESSAGE_FAULT_FIREWALL, judged->remedy,
			    "%s on this computer drops what it should pass "
			    "on: no device is watched",
			    judged->who);
	else
		guard_fault_over(g, MESSAGE_FAULT_FIREWALL);
}

/* As the kernel has it, which heard it from the device itself. */
static void tell_neighbour(struct guard *g, const struct addr *address)
{
	struct message m = { .type = MESSAGE_NEIGHBOUR, .fd = -1 };

	m.neighbour.address = *address;
	if (!g->active || !address->family ||
	    net_neighbour(&g->net, g->lan.index, address, &m.neighbour.mac))
		m.neighbour.mac = (struct mac){ 0 };
	guard_tell_hub(g, &m);
}

static void take_from_hub(void *user, const struct message *m)
{
	struct guard *g = user;

	switch (m->type) {
	case MESSAGE_LIST_INTERFACES:
		lan_list(g);
		lan_tell_list(g);
		break;
	case MESSAGE_CHOOSE:
		message_text(g->wanted, sizeof(g->wanted), m->choose.name);
		if (!g->wanted[0])
			watches_want_none(g);
		lan_list(g);
		/* chosen again before it was left: the hub has forgotten it */
		if (g->active && !strcmp(g->wanted, g->lan.name))
			lan_tell_all(g);
		break;
	case MESSAGE_SCAN:
		if (g->active && four_is_here(g))
			scan_again(&g->scan, clock_ms());
		lan6_scan(g);
		break;
	case MESSAGE_WATCH:
		watches_want(g, &m->macs);
		break;
	case MESSAGE_PAIRS:
		pairs_want(g, &m->pairs);
		break;
	case MESSAGE_EXCLUDE:
		exclude(g, &m->watched);
		break;
	case MESSAGE_WHO_HAS:
		tell_neighbour(g, &m->neighbour.address);
		break;
	case MESSAGE_SPOKE_FROM:
		lan_spoke_from(g, &m->neighbour.mac, &m->neighbour.address,
			       clock_ms());
		break;
	case MESSAGE_PAUSE:
		g->paused = true;
		break;
	case MESSAGE_RESUME:
		g->paused = false;
		break;
	default:
		g->counters.messages_refused++;
	}
}

static void take_from_engine(void *user, const struct message *m)
{
	struct guard *g = user;

	if (m->type != MESSAGE_FORWARDED) {
		g->counters.messages_refused++;
		return;
	}
	g->reported_ms = clock_ms();
	hold_report(g, &m->forwarded);
}

static void lose_hub(struct guard *g)
{
	if (g->hub >= 0)
		close(g->hub);
	g->hub = -1;
	g->paused = false;
	watches_want_none(g);
}

static void lose_engine(struct guard *g)
{
	if (g->engine >= 0)
		close(g->engine);
	g->engine = -1;
}

static void tell_hub_all(struct guard *g)
{
	for (enum message_fault_kind k = 0; k < MESSAGE_FAULT_KINDS; k++)
		if (g->faults[k].text[0])
			tell_fault(g, k);
	lan_tell_all(g);
	watches_tell_all(g);
}

/* What is lost would be missed for good: all is said again. */
static void tell_again(struct guard *g, uint64_t now_ms)
{
	bool hub = g->hub_behind, capture = g->capture_behind,
	     watched = g->watched_behind;

	if (now_ms < g->again_ms || !(hub || capture || watched))
		return;
	g->again_ms = now_ms + AGAIN_MS;
	g->hub_behind = g->capture_behind = g->watched_behind = false;
	if (hub) {
		lan_tell_list(g);
		tell_hub_all(g);
	}
	if (capture)
		capture_give(g);
	else if (watched)
		capture_tell_watched(g);
}

static void meet(struct guard *g, enum message_process who, int fd)
{
	if (who == MESSAGE_HUB) {
		lose_hub(g);
		g->hub = fd;
		tell_hub_all(g);
	} else if (who == MESSAGE_ENGINE) {
		lose_engine(g);
		g->engine = fd;
		g->reported_ms = clock_ms();
		capture_give(g);
	} else {
		close(fd);
		g->counters.messages_refused++;
	}
}

static void take_from_keeper(void *user, const struct message *m)
{
	struct guard *g = user;

	if (m->type == MESSAGE_PEER)
		meet(g, m->peer.process, m->fd);
	else if (m->type == MESSAGE_STOP)
		g->stopping = STOPPING_TOLD;
	else if (m->type == MESSAGE_PING)
		/* one that does not get there is asked for again */
		(void)!channel_send_plain(g->keeper, MESSAGE_PONG);
	else
		g->counters.messages_refused++;
}

static int read_from(struct guard *g, int end,
		     void (*take)(void *user, const struct message *m))
{
	static struct channel_inbox inbox;
	const struct channel_reader reader = {
		.take = take,
		.user = g,
		.keeps_peers = take == take_from_keeper,
		.refused = &g->counters.messages_refused,
	};

	return channel_read(end, &inbox, &reader);
}

enum {
	POLL_KEEPER,
	POLL_HUB,
	POLL_ENGINE,
	POLL_NET,
	POLL_FIREWALL,
	POLL_ARP,
	POLL_BEACON,
	POLL_SUSPEND,
	POLL_NDP,
	POLLS
};

static void wait_for_events(struct guard *g, struct pollfd polls[POLLS])
{
	const int fds[POLLS] = {
		[POLL_KEEPER] =
			g->stopping == STOPPING_KEEPER_GONE ? -1 : g->keeper,
		[POLL_HUB] = g->hub,
		[POLL_ENGINE] = g->engine,
		[POLL_NET] = net_watch_fd(&g->net),
		[POLL_FIREWALL] = g->firewall_fd,
		[POLL_ARP] = g->active ? g->arp.socket : -1,
		[POLL_BEACON] = g->active ? g->beacon.socket : -1,
		[POLL_NDP] = g->six.open ? g->six.wire.socket : -1,
	};
	uint64_t now = clock_ms();

	for (int i = 0; i < POLLS; i++)
		polls[i] = (struct pollfd){ .fd = fds[i], .events = POLLIN };
	polls[POLL_SUSPEND].fd =
		suspend_fd(&g->suspend, &polls[POLL_SUSPEND].events);
	guard_due(g, suspend_due_ms(&g->suspend));
	if (poll(polls, POLLS, g->due_ms > now ? (int)(g->due_ms - now) : 0) <
	    0)
		for (int i = 0; i < POLLS; i++)
			polls[i].revents = 0;
}

static void read_events(struct guard *g, const struct pollfd polls[POLLS])
{
	uint64_t now = clock_ms();

	if (polls[POLL_ARP].revents)
		lan_hear_arp(g, now);
	if (polls[POLL_NDP].revents)
		lan6_hear(g, now);
	if (polls[POLL_BEACON].revents)
		lan_hear_beacons(g, now);
	if (polls[POLL_HUB].revents &&
	    read_from(g, g->hub, take_from_hub) == ERR_CLOSED)
		lose_hub(g);
	if (polls[POLL_ENGINE].revents &&
	    read_from(g, g->engine, take_from_engine) == ERR_CLOSED)
		lose_engine(g);
	if (polls[POLL_NET].revents && net_changed(&g->net)) {
		g->six.stale = true;
		lan_list(g);
		lan_tell_list(g);
	}
	if (polls[POLL_FIREWALL].revents && firewall_changed(g->firewall_fd)) {
		guard_read_firewall(g);
		watches_retry(g);
	}
	/* last: it may bring a new hub or engine */
	if (polls[POLL_KEEPER].revents &&
	    read_from(g, g->keeper, take_from_keeper) == ERR_CLOSED)
		g->stopping = STOPPING_KEEPER_GONE;
}

static void tell_counters(struct guard *g, uint64_t now_ms)
{
	struct message m = { .type = MESSAGE_GUARD_COUNTERS, .fd = -1 };

	if (now_ms < g->counters_ms)
		return;
	g->counters_ms = now_ms + COUNTERS_MS;
	m.guard_counters = g->counters;
	guard_tell_hub(g, &m);
}

void guard_look_for_bad_record(struct guard *g)
{
	if (undo_is_set_aside(g->config->run_dir))
		guard_fault(g, MESSAGE_FAULT_RECORD, "sudo reboot",
			    "what an earlier run changed could not be read, "
			    "and was set aside as undo.bad in " RUNDIR_DEFAULT
			    ": devices find their way again within a minute or "
			    "two, and this computer's settings are as they "
			    "were when it is started anew");
}

static int start(struct guard *g)
{
	if (net_open(&g->net))
		return ERR_IO;
	if (firewall_watch(&g->firewall_fd))
		g->firewall_fd = -1; /* no nf_tables in this kernel */
	lan_list(g);
	exclude(g, NULL);
	guard_look_for_bad_record(g);
	g->leftover = undo_is_there(g->config->run_dir, UNDO_WHOLE);
	g->leftover6 = undo_is_there(g->config->run_dir, UNDO_SIX);
	return 0;
}

/* The computer slept, or this process was held up: what was known of the
 * network may be another one's. */
static void look_at_clock(struct guard *g, uint64_t now_ms)
{
	uint64_t boot_ms = clock_boot_ms(), before_ms = g->turned_boot_ms;

	g->turned_boot_ms = boot_ms;
	if (!before_ms || boot_ms - before_ms < ASLEEP_MS)
		return;
	lan_list(g);
	if (g->active)
		lan_doubt(g, now_ms);
}

/* A computer that is about to sleep waits until all is put back; not where
 * the network has gone already, which then is put back when it is there. */
static void turn_suspend(struct guard *g, uint64_t now_ms)
{
	bool was_near = g->suspend.near;

	suspend_turn(&g->suspend, now_ms);
	if (was_near && !g->suspend.near && g->active)
		lan_doubt(g, now_ms);
	if (g->suspend.near && (!watches_any(g) || !g->linked))
		suspend_allow(&g->suspend);
}

enum guard_end guard_run(const struct guard_config *config, int keeper_fd)
{
	static struct guard g;
	struct pollfd polls[POLLS];

	g = (struct guard){ .config = config,
			    .keeper = keeper_fd,
			    .hub = -1,
			    .engine = -1,
			    .capture = -1,
			    .through = -1,
			    .six = { .through = -1 } };
	suspend_init(&g.suspend);
	if (start(&g)) {
		say("no netlink: %s", strerror(errno));
		return GUARD_FAILED;
	}
	while (!g.stopping || watches_any(&g)) {
		uint64_t now = clock_ms();

		g.due_ms = now + TURN_MS;
		look_at_clock(&g, now);
		giveback_leftover(&g, now);
		lan_turn(&g, now);
		hold_turn(&g, now);
		turn_suspend(&g, now);
		tell_counters(&g, now);
		tell_again(&g, now);
		if (g.failed)
			break;
		if (g.stopping && !watches_any(&g))
			break;
		wait_for_events(&g, polls);
		read_events(&g, polls);
	}
	suspend_close(&g.suspend);
	lan_close(&g);
	lose_hub(&g);
	lose_engine(&g);
	if (g.firewall_fd >= 0)
		close(g.firewall_fd);
	net_close(&g.net);
	if (g.stopping == STOPPING_KEEPER_GONE)
		return GUARD_KEEPER_GONE;
	return g.failed ? GUARD_FAILED : GUARD_STOPPED;
}

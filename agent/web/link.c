// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/link.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "message/channel.h"
#include "record/record_codec.h"
#include "store/write.h"
#include "web/act.h"
#include "web/ask.h"
#include "web/gate.h"
#include "web/given.h"
#include "web/history.h"
#include "web/lock.h"
#include "web/state.h"

#define NS_PER_MS 1000000ull

/* The hub has one thread; these are too large for its stack. */
static struct channel_inbox inbox;
static struct message incoming, outgoing;

static void close_peer(struct hub *hub, struct state_peer *peer)
{
	if (peer->fd >= 0)
		close(peer->fd);
	peer->fd = -1;
	hub->status_changed = true;
}

/* A message that this peer has no business to send. */
static void refuse(struct hub *hub, const struct message *m)
{
	if (m->fd >= 0)
		close(m->fd);
	hub->counters.messages_refused++;
}

static void take_peer(struct hub *hub, const struct message *m)
{
	struct state_peer *peer;

	if (m->peer.process == MESSAGE_GUARD) {
		peer = &hub->guard;
		hub->unsaid |= UNSAID_EXCLUDE | UNSAID_LIST;
		if (hub->consent.given)
			hub->unsaid |= UNSAID_WATCH | UNSAID_PAIRS;
		if (hub->chosen[0])
			hub->unsaid |= UNSAID_CHOOSE;
		if (hub->paused)
			hub->unsaid |= UNSAID_PAUSE;
		memset(&hub->network, 0, sizeof(hub->network));
		memset(hub->faults, 0, sizeof(hub->faults));
	} else if (m->peer.process == MESSAGE_ENGINE) {
		peer = &hub->engine;
	} else if (m->peer.process == MESSAGE_DISCOVER) {
		peer = &hub->discover;
	} else if (m->peer.process == MESSAGE_UPLOAD) {
		peer = &hub->upload;
	} else {
		refuse(hub, m);
		return;
	}
	close_peer(hub, peer);
	*peer = (struct state_peer){ .fd = m->fd,
				     .pid = m->peer.pid,
				     .restarts = m->peer.restarts,
				     .since_ms = hub->now_ms };
	if (peer == &hub->discover) {
		unlock_begin_again(hub);
		reverse_lost(hub);
	}
	if (peer == &hub->upload)
		research_lost_courier(hub);
}

void link_read_keeper(struct hub *hub)
{
	int err;

	while (!(err = channel_receive(hub->keeper.fd, &inbox, &incoming))) {
		if (incoming.type == MESSAGE_PEER) {
			take_peer(hub, &incoming);
		} else if (incoming.type == MESSAGE_STOP) {
			hub->stopping = true;
			hub->ended = true;
			return;
		} else if (incoming.type == MESSAGE_PING) {
			/* one that does not get there is asked for again */
			(void)!channel_send_plain(hub->keeper.fd, MESSAGE_PONG);
		} else {
			refuse(hub, &incoming);
		}
	}
	if (err == ERR_CLOSED || err == ERR_IO)
		hub->ended = true;
	else if (err != ERR_AGAIN)
		hub->counters.messages_refused++;
}

static void take_interface(struct hub *hub, const struct message_interface *i)
{
	struct state_interfaces *all = &hub->interfaces;

	if (i->first)
		all->coming_count = 0;
	if (i->name[0] && all->coming_count < MESSAGE_INTERFACES_MAX)
		all->coming[all->coming_count++] = *i;
	if (!i->last)
		return;
	memcpy(all->list, all->coming, sizeof(all->list));
	all->count = all->coming_count;
	all->known = true;
	hub->status_changed = true;
	act_choose_alone(hub);
}

static void take_chosen(struct hub *hub, const struct message_chosen *chosen)
{
	if (!hub->consent.given)
		return;
	if (chosen->name[0] && strcmp(hub->network.name, chosen->name))
		hub->scanned_ms = hub->tick_ms;
	if (strcmp(hub->network.name, chosen->name) ||
	    !mac_equal(&hub->network.gateway_mac, &chosen->gateway_mac) ||
	    !addr_equal(&hub->network.address.addr, &chosen->address.addr))
		home_forget_network(&hub->home);
	hub->network = *chosen;
	given_take_network(hub);
	for (uint32_t i = 0; i < chosen->domain_count; i++)
		research_learn_domain(hub, slice_text(chosen->domains[i]));
	hub->status_changed = true;
}

/* Heard of it in this network. */
static void hear_address(struct home_device *device, const struct addr *address)
{
	if (address->family == 6 && !addr_is_link_local(address))
		device->has_six = true;
	home_add_address(device, address);
}

static void take_host(struct hub *hub, const struct message_host *host)
{
	struct home_device *device;
	uint64_t last_ms = host->last_ns / NS_PER_MS;
	uint64_t first_ms = host->first_ns / NS_PER_MS;
	bool is_new, was_awaited;

	if (host->is_self || !hub->consent.given)
		return;
	device = lock_get(hub, &host->mac);
	if (!device)
		return;
	if (!device->found_ms)
		device->found_ms = hub->tick_ms;
	hear_address(device, &host->address);
	device->elsewhere = host->elsewhere;
	device->present = host->present;
	was_awaited = gate_state(device) == GATE_IDENTIFYING;
	device->gateway = host->is_gateway;
	is_new = !device->first_ms;
	if (!device->first_ms || first_ms < device->first_ms)
		device->first_ms = first_ms;
	if (last_ms > device->last_ms)
		device->last_ms = last_ms;
	hub->devices_changed = true;
	if (is_new)
		watchtower_meet(hub, device);
	if (gate_lets(device, true, GATE_ANNOUNCEMENTS))
		(void)!store_device_seen(hub->store, &device->mac,
					 &host->address, device->first_ms,
					 device->last_ms, device->gateway,
					 &device->store_id);
	/* the router, which was heard before it was known to be that */
	if (was_awaited && gate_state(device) == GATE_OPEN)
		lock_release(hub, device);
}

/* By which address family nothing comes back through us; of both, IPv4, whose
 * cause is told. 0: by neither, as far as guard says. */
static unsigned int unanswered_family(const struct home_device *device)
{
	if (device->resists != MESSAGE_RESISTS_ROUTER)
		return 0;
	return device->cause == MESSAGE_CAUSE_UNANSWERED ? 4 : 6;
}

static void take_watch_state(struct hub *hub,
			     const struct message_watch_state *state)
{
	struct home_device *device = home_find(&hub->home, &state->mac);
	unsigned int was, now;
	bool was_held;

	if (!device) {
		hub->counters.messages_refused++;
		return;
	}
	was_held = device->phase == MESSAGE_WATCH_CHECKING ||
		   device->phase == MESSAGE_WATCH_ACTIVE;
	was = unanswered_family(device);
	device->phase = state->phase;
	device->cause = state->cause;
	device->phase_since_ms = state->since_ns / NS_PER_MS;
	snprintf(device->reason, sizeof(device->reason), "%s", state->reason);
	device->phase6 = state->phase6;
	snprintf(device->reason6, sizeof(device->reason6), "%s",
		 state->reason6);
	device->resists = state->resists;
	now = unanswered_family(device);
	watchtower_phase(hub, device, was_held, now == was ? 0 : now);
	hub->devices_changed = true;
	hub->status_changed = true;
}

static void take_fault(struct hub *hub, const struct message_fault *fault)
{
	struct state_fault *current = &hub->faults[fault->kind];

	if (!current->current)
		current->at_ms = hub->now_ms;
	current->current = !fault->over;
	snprintf(current->text, sizeof(current->text), "%s", fault->text);
	snprintf(current->remedy, sizeof(current->remedy), "%s", fault->remedy);
	watchtower_fault(hub, fault);
	hub->status_changed = true;
}

static void take_guard(struct hub *hub, const struct message *m)
{
	switch (m->type) {
	case MESSAGE_INTERFACE:
		take_interface(hub, &m->interface);
		break;
	case MESSAGE_CHOSEN:
		take_chosen(hub, &m->chosen);
		break;
	case MESSAGE_HOST:
		take_host(hub, &m->host);
		break;
	case MESSAGE_WATCH_STATE:
		take_watch_state(hub, &m->watch_state);
		break;
	case MESSAGE_FAULT:
		take_fault(hub, &m->fault);
		break;
	case MESSAGE_NEIGHBOUR:
		unlock_take_neighbour(hub, &m->neighbour);
		break;
	case MESSAGE_GUARD_COUNTERS:
		hub->guard_counters = m->guard_counters;
		break;
	default:
		refuse(hub, m);
	}
}

static bool is_timely(const struct hub *hub, const struct record_window *window)
{
	uint64_t start_ms = window->start_ns / NS_PER_MS;

	return !(window->start_ns % RECORD_WINDOW_NS) &&
	       start_ms <= hub->now_ms &&
	       start_ms + LINK_LATE_MS >= hub->now_ms;
}

/* What the router answers says nothing of who asked, be it locked, or this
 * computer. */
static void learn_home(struct hub *hub, const struct record_window *window)
{
	for (size_t i = 0; i < window->domain_count; i++)
		research_learn_domain(hub, window->domains[i]);
	watchtower_hear_home(hub, window);
}

/* A device that guard has seen, or that announces itself; never ourselves. */
static struct home_device *window_device(struct hub *hub,
					 const struct record_window *window)
{
	struct home_device *device;

	if (!is_timely(hub, window) || mac_is_zero(&window->device) ||
	    mac_is_group(&window->device) ||
	    mac_equal(&window->device, &hub->network.mac))
		return NULL;
	device = home_find(&hub->home, &window->device);
	if (!device && hub->consent.given && window->clue_count)
		device = lock_get(hub, &window->device);
	return device;
}

/* It spoke from there, if perhaps long ago: guard asks it. */
static void ask_elsewhere(struct hub *hub, const struct home_device *device,
			  const struct addr *address)
{
	struct message m = { .type = MESSAGE_SPOKE_FROM, .fd = -1 };

	if (device->elsewhere.family || hub->network.address.addr.family != 4)
		return;
	m.neighbour.mac = device->mac;
	m.neighbour.address = *address;
	if (hub->guard.fd >= 0 && channel_send(hub->guard.fd, &m) == ERR_AGAIN)
		hub->counters.messages_delayed++; /* the next window says it */
}

/* Where it is and what it is called: what locks it also tells that. */
static void learn_names(struct hub *hub, struct home_device *device,
			const struct record_window *window)
{
	for (size_t i = 0; i < window->addr_count; i++) {
		const struct addr *address = &window->addrs[i];

		if (address->family == 6 || !device->address.family)
			hear_address(device, address);
		else if (!cidr_contains(&hub->network.address, address))
			ask_elsewhere(hub, device, address);
	}
	for (size_t i = 0; i < window->clue_count; i++)
		hub->devices_changed |=
			home_add_name(device,
				      record_clue_name(window->clues[i].kind),
				      window->clues[i].text);
}

static void learn(struct hub *hub, struct home_device *device,
		  const struct record_window *window)
{
	uint64_t start_ms = window->start_ns / NS_PER_MS;

	if (!device->first_ms) {
		device->first_ms = start_ms;
		watchtower_meet(hub, device);
	}
	if (start_ms > device->last_ms)
		device->last_ms = start_ms;
	device->forward_in_frames += window->forward_in_frames;
	device->forward_out_frames += window->forward_out_frames;
}

void link_keep_window(struct hub *hub, struct arena *arena,
		      struct home_device *device, struct record_window *window,
		      bool watched)
{
	hold_window(hub, arena, device, window, watched);
	for (size_t i = 0; i < window->flow_count; i++) {
		device->in_bytes += window->flows[i].in_bytes;
		device->out_bytes += window->flows[i].out_bytes;
	}
	hub->devices_changed |= window->flow_count > 0;
	watchtower_judge(hub, device, window);
	research_window(hub, device, window, watched);
	(void)!write_window(hub->store, window, &device->store_id);
}

/* Its traffic is told, or withheld. */
static void pass_on(struct hub *hub, struct home_device *device,
		    struct record_window *window, struct slice bytes)
{
	bool watched = gate_watched_in(device, hub->consent.given, window);
	json_t *event;

	if (!gate_lets(device, hub->consent.given, GATE_STORE)) {
		lock_withhold(hub, device, bytes, watched);
		return;
	}
	hold_learn(hub);
	link_keep_window(hub, &hub->arena, device, window, watched);
	if (!window->flow_count || !hub->streams.count)
		return;
	event = history_window(hub, device, window);
	stream_send_all(&hub->streams, "window", event);
	json_decref(event);
}

void link_take_window(struct hub *hub, struct slice bytes, bool announced)
{
	struct record_window window;
	struct home_device *device;

	arena_reset(&hub->arena);
	if (record_decode(bytes, &hub->arena, &window)) {
		hub->counters.messages_refused++;
		return;
	}
	if (hub->consent.given && is_timely(hub, &window))
		learn_home(hub, &window);
	device = window_device(hub, &window);
	if (!device || !gate_window(device, hub->consent.given, &window)) {
		if (device)
			hush_hear(hub, device, &window);
		hub->counters.windows_refused++;
		return;
	}
	hush_window(hub, &hub->arena, &window);
	learn_names(hub, device, &window);
	lock_hear(hub, device, &window, announced);
	/* it may have told that it is not to be heard */
	if (!gate_lets(device, hub->consent.given, GATE_ANNOUNCEMENTS)) {
		hub->counters.windows_refused++;
		return;
	}
	hub->counters.windows++;
	learn(hub, device, &window);
	lan_hear_questions(&hub->watchtower.lan, &window);
	pass_on(hub, device, &window, bytes);
}

static void take_engine(struct hub *hub, const struct message *m)
{
	if (m->type == MESSAGE_WINDOW)
		link_take_window(hub, m->window, true);
	else if (m->type == MESSAGE_COUNTERS)
		hub->engine_counters = m->counters;
	else
		refuse(hub, m);
}

static void take_discover(struct hub *hub, const struct message *m)
{
	if (m->type == MESSAGE_UNLOCK_READY)
		unlock_take_ready(hub, &m->unlock_ready);
	else if (m->type == MESSAGE_UNLOCK_REQUEST)
		unlock_take_request(hub, &m->unlock_request);
	else if (m->type == MESSAGE_ANSWER)
		ask_take_answer(hub, &m->answer);
	else if (m->type == MESSAGE_DISCOVER_COUNTERS)
		hub->discover_counters = m->discover_counters;
	else if (m->type == MESSAGE_HOST_NAME)
		reverse_take(hub, &m->host_name);
	else
		refuse(hub, m);
}

static void take_upload(struct hub *hub, const struct message *m)
{
	if (m->type == MESSAGE_SENT)
		research_take_sent(hub, &m->sent);
	else
		refuse(hub, m);
}

static void read_peer(struct hub *hub, struct state_peer *peer,
		      void (*take)(struct hub *hub, const struct message *m))
{
	int err = 0;

	for (int i = 0; i < LINK_TURN_MAX && peer->fd >= 0; i++) {
		err = channel_receive(peer->fd, &inbox, &incoming);
		if (!err)
			take(hub, &incoming);
		else if (err == ERR_AGAIN)
			return;
		else if (err == ERR_CLOSED || err == ERR_IO)
			close_peer(hub, peer);
		else
			hub->counters.messages_refused++;
	}
}

void link_read_guard(struct hub *hub)
{
	read_peer(hub, &hub->guard, take_guard);
}

void link_read_engine(struct hub *hub)
{
	read_peer(hub, &hub->engine, take_engine);
}

void link_read_discover(struct hub *hub)
{
	read_peer(hub, &hub->discover, take_discover);
}

void link_read_upload(struct hub *hub)
{
	read_peer(hub, &hub->upload, take_upload);
	if (hub->upload.fd < 0)
		research_lost_courier(hub);
}

static void add_excluded(struct message *m, const struct home_device *device)
{
	struct message_watched *set = &m->watched;

	if (set->count == MESSAGE_EXCLUDE_MAX)
		return;
	set->devices[set->count].mac = device->mac;
	if (device->address.family == 4)
		set->devices[set->count].address = device->address;
	set->count++;
}

/* Builds one message; false when there is nothing to say after all. */
static bool say_exclude(struct hub *hub, struct message *m)
{
	struct home_device *device;
	uint32_t at = 0;

	m->type = MESSAGE_EXCLUDE;
	while ((device = home_next(&hub->home, &at)))
		if (device->excluded)
			add_excluded(m, device);
	/* the owner's first: these can be made up without end */
	at = 0;
	while ((device = home_next(&hub->home, &at)))
		if (!device->excluded && gate_state(device) == GATE_EXCLUDED)
			add_excluded(m, device);
	return true;
}

static bool say_list(struct hub *hub, struct message *m)
{
	(void)hub;
	m->type = MESSAGE_LIST_INTERFACES;
	return true;
}

static bool say_choose(struct hub *hub, struct message *m)
{
	m->type = MESSAGE_CHOOSE;
	if (hub->consent.given)
		message_text(m->choose.name, sizeof(m->choose.name),
			     hub->chosen);
	return true;
}

static bool say_watch(struct hub *hub, struct message *m)
{
	struct home_device *device;
	uint32_t at = 0;

	m->type = MESSAGE_WATCH;
	while ((device = home_next(&hub->home, &at)))
		if (gate_lets(device, hub->consent.given, GATE_WATCH) &&
		    m->macs.count < MESSAGE_WATCH_MAX)
			m->macs.macs[m->macs.count++] = device->mac;
	return true;
}

static bool say_pairs(struct hub *hub, struct message *m)
{
	m->type = MESSAGE_PAIRS;
	m->pairs = hub->between;
	return hub->consent.given;
}

static bool say_pause(struct hub *hub, struct message *m)
{
	m->type = hub->paused ? MESSAGE_PAUSE : MESSAGE_RESUME;
	return hub->consent.given;
}

static bool say_scan(struct hub *hub, struct message *m)
{
	m->type = MESSAGE_SCAN;
	return hub->consent.given;
}

/* In this order: who not to touch, before anything can be touched. */
static const struct {
	enum state_unsaid what;
	bool (*say)(struct hub *hub, struct message *m);
} sayings[] = {
	{ UNSAID_EXCLUDE, say_exclude }, { UNSAID_LIST, say_list },
	{ UNSAID_CHOOSE, say_choose },	 { UNSAID_PAUSE, say_pause },
	{ UNSAID_PAIRS, say_pairs },	 { UNSAID_WATCH, say_watch },
	{ UNSAID_SCAN, say_scan },
};

void link_tell_guard(struct hub *hub)
{
	int err;

	for (size_t i = 0; i < sizeof(sayings) / sizeof(sayings[0]); i++) {
		if (!(hub->unsaid & sayings[i].what) || hub->guard.fd < 0)
			continue;
		memset(&outgoing, 0, sizeof(outgoing));
		outgoing.fd = -1;
		if (sayings[i].say(hub, &outgoing)) {
			err = channel_send(hub->guard.fd, &outgoing);
			if (err == ERR_AGAIN) {
				hub->counters.messages_delayed++;
				return;
			}
			if (err) /* gone: its end is read soon */
				return;
		}
		hub->unsaid &= ~(unsigned int)sayings[i].what;
	}
}

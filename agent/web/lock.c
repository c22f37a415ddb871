// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "record/record_codec.h"
#include "store/device.h"
#include "store/erase.h"
#include "store/lock.h"
#include "web/between.h"
#include "web/gate.h"
#include "web/link.h"
#include "web/state.h"

/* Clues that are the name of a host, by which it can ask to be left alone. */
static const enum record_clue_kind host_names[] = {
	RECORD_CLUE_DHCP_HOSTNAME, RECORD_CLUE_DHCP_FQDN,
	RECORD_CLUE_DHCP6_FQDN,	   RECORD_CLUE_MDNS_HOST,
	RECORD_CLUE_LLMNR_NAME,	   RECORD_CLUE_NETBIOS_NAME,
};

bool lock_is_host_name(enum record_clue_kind kind)
{
	for (size_t i = 0; i < sizeof(host_names) / sizeof(host_names[0]); i++)
		if (host_names[i] == kind)
			return true;
	return false;
}

/* Its first label does, up to a dot or the kind of a NetBIOS name. */
static bool ends_in_leave_alone(struct slice name)
{
	static const char want[] = LOCK_LEAVE_ALONE;
	size_t want_len = sizeof(want) - 1, len = 0;

	while (len < name.len && name.data[len] != '.' &&
	       name.data[len] != '<' && name.data[len] != ' ')
		len++;
	return len > want_len &&
	       !strncasecmp((const char *)name.data + len - want_len, want,
			    want_len);
}

static bool asks_to_be_left_alone(const struct record_window *window)
{
	for (size_t i = 0; i < window->clue_count; i++)
		if (lock_is_host_name(window->clues[i].kind) &&
		    ends_in_leave_alone(window->clues[i].text))
			return true;
	return false;
}

static bool load_one(void *user, const struct mac *mac)
{
	struct hub *hub = user;

	if (hub->home.devices.count < HOME_DEVICES_MAX)
		(void)!lock_get(hub, mac);
	return true;
}

int lock_load(struct hub *hub)
{
	static const enum home_lock first[] = { HOME_LEFT_ALONE,
						HOME_LOCKED_OWNER,
						HOME_LOCKED_COMPUTER };
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at)))
		home_load_lock(device, hub->store);
	for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++)
		if (store_lock_each(hub->store, first[i], load_one, hub))
			return ERR_IO;
	return 0;
}

void lock_load_closed(struct hub *hub)
{
	hub->erase_due =
		store_lock_erase_closed(hub->store, HOME_LOCKS_CLOSED) != 0;
}

struct home_device *lock_get(struct hub *hub, const struct mac *mac)
{
	struct home_device *device = home_find(&hub->home, mac);

	if (device)
		return device;
	device = home_get(&hub->home, mac);
	if (!device)
		return NULL;
	home_load_lock(device, hub->store);
	/* guard may have forgotten it when it was evicted */
	if (gate_state(device) == GATE_EXCLUDED)
		hub->unsaid |= UNSAID_EXCLUDE;
	return device;
}

void lock_forget(struct hub *hub, struct home_device *device)
{
	withheld_wipe(&device->withheld, &hub->home.withheld);
	withheld_wipe(&device->said, &hub->home.said);
	hold_forget(hub, device);
	identify_free(device->identify);
	device->identify = NULL;
	device->opinion.reason_count = 0;
	watchtower_forget(hub, device);
	research_forget(hub, &device->mac);
	home_forget(device);
}

void lock_first_label(const char *name, char label[HOME_NAME_BYTES])
{
	size_t len;

	(void)snprintf(label, HOME_NAME_BYTES, "%s", name);
	len = strcspn(label, ".<");
	while (len && label[len - 1] == ' ')
		len--;
	label[len] = '\0';
}

/* Where it is. */
static void trace_place(struct home_device *device)
{
	if (!device->trace)
		device->trace = calloc(1, sizeof(*device->trace));
	if (!device->trace)
		return;
	trace_add_addr(device->trace, &device->address);
	for (size_t i = 0; i < device->addr_count; i++)
		trace_add_addr(device->trace, &device->addrs[i]);
}

void lock_forget_closed(struct hub *hub, struct home_device *device)
{
	struct addr addrs[STORE_ADDRS_MAX];
	size_t count = device->addr_count;
	char label[HOME_NAME_BYTES];

	memcpy(addrs, device->addrs, sizeof(addrs));
	trace_place(device);
	for (size_t i = 0; device->trace && i < HOME_NAMES; i++) {
		lock_first_label(device->names[i], label);
		trace_add_name(device->trace, label);
	}
	hush_add(hub, device);
	lock_forget(hub, device);
	/* none of them may be called by a name (web/gate.h) */
	memcpy(device->addrs, addrs, sizeof(addrs));
	device->addr_count = count;
}

/* What is stored of others, and was found of them, no longer tells of it. */
static int erase_trace(struct hub *hub, struct home_device *device)
{
	int err = hush_store(hub, device), erased;

	/* whatever the store says: what is in memory goes at once */
	if (device->trace) {
		hush_lend(hub, device->trace);
		hush_others(hub, device->trace);
		research_hush(hub, device->trace);
		erased = watchtower_erase_trace(hub, device->trace);
		err = err ? err : erased;
		if (!err)
			err = hush_searched(hub, device);
	}
	if (!err) {
		free(device->trace);
		device->trace = NULL;
	}
	return err;
}

static int put(struct hub *hub, const struct home_device *device,
	       enum home_lock lock, uint64_t since_ms)
{
	const struct store_lock stored = {
		.lock = (int)lock,
		.doubt = device->lock_doubt,
		.since_ms = since_ms,
	};
	int err = store_lock_put(hub->store, &device->mac, &stored);

	/* what is made up without end makes no room for what is made by hand */
	if (!err && HOME_LOCKS_FOUND >> lock & 1)
		(void)!store_lock_trim(hub->store, HOME_LOCKS_FOUND);
	return err;
}

/* Nothing of it stays but that it is closed. */
static int erase(struct hub *hub, struct home_device *device)
{
	uint64_t rows;
	int err;

	if (!device->excluded) {
		err = store_lock_erase(hub->store, &device->mac);
		if (!err)
			device->store_id = 0;
		return err;
	}
	if (device->excluded_for_good && !device->store_id)
		return 0;
	err = home_store(device, hub->store, hub->now_ms);
	if (err)
		return err;
	if (device->excluded_for_good)
		return erase_device(hub->store, device->store_id, &rows);
	return store_device_exclude(hub->store, device->store_id, true);
}

/* What is stored of others is searched when its turn comes (lock_tick()): it is
 * found by its names then, after a restart, too. */
static int note_trace(struct hub *hub, struct home_device *device)
{
	if (device->trace) {
		hush_lend(hub, device->trace);
		hush_others(hub, device->trace);
	}
	return hush_store(hub, device);
}

static int write_closed(struct hub *hub, struct home_device *device,
			bool search)
{
	bool locked = HOME_LOCKS_CLOSED >> device->lock & 1;
	int told = search ? erase_trace(hub, device) : note_trace(hub, device);
	int kept =
		locked ? put(hub, device, device->lock, device->lock_since_ms)
		       : 0;
	int err = erase(hub, device);

	err = err ? err : kept ? kept : told;
	device->erase_due = err || !search;
	return err;
}

int lock_write_closed(struct hub *hub, struct home_device *device)
{
	return write_closed(hub, device, true);
}

/* Takes effect even if it cannot be stored. */
static int close_device(struct hub *hub, struct home_device *device,
			enum home_lock lock)
{
	struct identify_opinion why = device->opinion;
	uint64_t began_ms = hub_tick_now();
	int err;

	device->lock = lock;
	device->lock_since_ms = hub->now_ms;
	if (HOME_LOCKS_FOUND >> lock & 1)
		device->lock_since_ms -= hub->now_ms % LOCK_SINCE_STEP_MS;
	device->watched = false;
	if (between_forget(&hub->between, &device->mac))
		(void)!hub_between(hub, &hub->between);
	lock_forget_closed(hub, device);
	if (lock == HOME_LOCKED_COMPUTER)
		device->opinion = why;
	hub->unsaid |= UNSAID_WATCH | UNSAID_EXCLUDE;
	hub->devices_changed = hub->status_changed = true;
	err = write_closed(hub, device, hub->closing_ms < LOCK_TURN_MS);
	hub->closing_ms += hub_tick_now() - began_ms;
	return err;
}

void lock_withhold(struct hub *hub, struct home_device *device,
		   struct slice window, bool watched)
{
	withheld_add(&device->withheld, &hub->home.withheld, window,
		     watched ? WITHHELD_WATCHED_BYTES : WITHHELD_OTHER_BYTES,
		     watched);
}

/* What was withheld goes on, in the order it came. */
static void release(struct hub *hub, struct home_device *device)
{
	struct record_window window;
	struct slice bytes;
	bool watched;

	hold_learn(hub);
	while (withheld_first(&device->withheld, &bytes, &watched)) {
		arena_reset(&hub->held_arena);
		if (!record_decode(bytes, &hub->held_arena, &window)) {
			/* before anything of it is held anew */
			if (!watched)
				gate_strip(&window);
			/* who was closed meanwhile */
			hush_window(hub, &hub->held_arena, &window);
			link_keep_window(hub, &hub->held_arena, device, &window,
					 watched);
		}
		withheld_take(&device->withheld, &hub->home.withheld);
	}
	arena_reset(&hub->held_arena);
}

void lock_release(struct hub *hub, struct home_device *device)
{
	release(hub, device);
	hold_release(hub, device);
}

static void open_device(struct hub *hub, struct home_device *device,
			enum home_lock lock)
{
	bool closed = gate_is_closed(device);

	device->lock = lock;
	device->lock_since_ms = hub->now_ms;
	device->doubted = false;
	if (closed)
		hush_end(hub, device);
	/* not stored, evidence finds it out again; hub_open() has stored it */
	if (lock == HOME_OPEN_THING)
		(void)!put(hub, device, lock, hub->now_ms);
	hub->unsaid |= UNSAID_WATCH | UNSAID_EXCLUDE;
	hub->devices_changed = hub->status_changed = true;
	lock_release(hub, device);
}

/* Open, and what speaks for a computer is more than was known then. */
static bool is_doubtful(const struct home_device *device)
{
	unsigned int computer = device->opinion.computer;

	if (device->opinion.verdict != IDENTIFY_UNKNOWN ||
	    computer < LOCK_DOUBT)
		return false;
	return device->lock == HOME_OPEN_THING ||
	       (device->lock == HOME_OPEN_OWNER &&
		computer > device->lock_doubt);
}

static void take_verdict(struct hub *hub, struct home_device *device)
{
	bool by_hand = device->lock == HOME_OPEN_UNLOCKED;

	if (device->opinion.verdict == IDENTIFY_COMPUTER && !by_hand) {
		(void)!close_device(hub, device, HOME_LOCKED_COMPUTER);
	} else if (device->opinion.verdict == IDENTIFY_THING &&
		   device->lock == HOME_IDENTIFYING) {
		open_device(hub, device, HOME_OPEN_THING);
	} else if (is_doubtful(device)) {
		device->lock = HOME_IDENTIFYING;
		device->lock_since_ms = hub->now_ms;
		device->doubted = true;
		hub->status_changed = true;
		(void)!put(hub, device, HOME_IDENTIFYING, hub->now_ms);
	}
}

void lock_load_verdicts(struct hub *hub)
{
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at)))
		if (!device->gateway && gate_state(device) == GATE_OPEN)
			take_verdict(hub, device);
}

int lock_hear_again(struct hub *hub, struct home_device *device)
{
	if ((device->erase_due && lock_write_closed(hub, device)) ||
	    put(hub, device, HOME_IDENTIFYING, hub->now_ms))
		return ERR_IO;
	device->lock = HOME_IDENTIFYING;
	device->lock_since_ms = hub->now_ms;
	hush_end(hub, device);
	hub->unsaid |= UNSAID_EXCLUDE;
	hub->devices_changed = hub->status_changed = true;
	return 0;
}

void lock_hear(struct hub *hub, struct home_device *device,
	       const struct record_window *window, bool announced)
{
	/* the router is never locked, but it is told what it is */
	if (device->gateway) {
		hub->devices_changed |= identify_window(
			&device->identify, &hub->know, &device->mac, window);
		return;
	}
	if (announced && asks_to_be_left_alone(window)) {
		(void)!close_device(hub, device, HOME_LEFT_ALONE);
		return;
	}
	if (!identify_window(&device->identify, &hub->know, &device->mac,
			     window))
		return;
	identify_opinion(device->identify, &device->opinion);
	hub->devices_changed = true;
	take_verdict(hub, device);
}

static void write_due(struct hub *hub)
{
	uint64_t until_ms = hub_tick_now() + LOCK_TURN_MS;
	struct home_device *device;
	unsigned int turns = LOCK_TURN_MAX;
	uint32_t at = 0;

	while (turns && (device = home_next(&hub->home, &at))) {
		/* closed by a version that did not search for it */
		if (!device->searched && device->address.family &&
		    gate_is_closed(device)) {
			trace_place(device);
			device->erase_due = true;
		}
		if (!device->erase_due)
			continue;
		turns--;
		/* where one fails the next would */
		if (lock_write_closed(hub, device) ||
		    hub_tick_now() >= until_ms)
			return;
	}
}

void lock_tick(struct hub *hub)
{
	if (hub->tick_ms - hub->erased_ms < LOCK_RETRY_MS)
		return;
	if (hub->erase_due)
		lock_load_closed(hub);
	if (!hub->erase_due && !hush_search(hub))
		write_due(hub);
	/* all else has its turn, however long that took */
	hub->erased_ms = hub_tick_now();
	hub->closing_ms = 0;
}

int hub_open(struct hub *hub, struct home_device *device, bool unlocked)
{
	enum home_lock lock = unlocked ? HOME_OPEN_UNLOCKED : HOME_OPEN_OWNER;

	if (gate_state(device) == GATE_OPEN)
		return 0;
	if (gate_state(device) == GATE_EXCLUDED ||
	    (gate_state(device) != GATE_IDENTIFYING && !unlocked))
		return ERR_DENIED;
	if (device->erase_due && lock_write_closed(hub, device))
		return ERR_IO;
	device->lock_doubt = device->opinion.computer;
	if (put(hub, device, lock, hub->now_ms))
		return ERR_IO;
	open_device(hub, device, lock);
	return 0;
}

int hub_lock(struct hub *hub, struct home_device *device)
{
	enum gate_state state = gate_state(device);

	if (state == GATE_LOCKED)
		return 0;
	if (state == GATE_EXCLUDED || device->gateway)
		return ERR_DENIED;
	return close_device(hub, device, HOME_LOCKED_OWNER);
}

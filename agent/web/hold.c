// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/hold.h"

#include <string.h>

#include "record/record_codec.h"
#include "web/gate.h"
#include "web/link.h"
#include "web/lock.h"
#include "web/state.h"

/* The names are in memory anyway: no key has to hide them. */
static void hash_name(void *user, const void *data, size_t len, uint8_t out[32])
{
	const struct hold *hold = user;
	uint64_t halves[4] = { table_hash(hold->seeds[0], data, len),
			       table_hash(hold->seeds[1], data, len) };

	memcpy(out, halves, sizeof(halves));
}

void hold_init(struct hub *hub)
{
	struct hold *hold = &hub->hold;

	hold->seeds[0] = hub->seed;
	hold->seeds[1] = ~hub->seed;
	trace_set_init(&hold->names, (size_t)HOME_DEVICES_MAX * HOME_NAMES,
		       hub->seed);
	hold->names.hash = hash_name;
	hold->names.user = hold;
}

void hold_done(struct hub *hub)
{
	trace_set_done(&hub->hold.names);
}

static bool is_awaited(const struct home_device *device)
{
	return gate_state(device) == GATE_IDENTIFYING;
}

void hold_learn(struct hub *hub)
{
	struct trace_set *names = &hub->hold.names;
	const struct home_device *device;
	char label[HOME_NAME_BYTES];
	struct trace_hash hash;
	uint32_t at = 0;

	trace_set_clear(names);
	hub->hold.is_any = false;
	while ((device = home_next(&hub->home, &at))) {
		if (!is_awaited(device))
			continue;
		hub->hold.is_any = true;
		for (size_t i = 0; i < HOME_NAMES; i++) {
			lock_first_label(device->names[i], label);
			/* there is room for all; without memory it is missed
			 * as it was before it was heard */
			if (trace_hash_of(names, label, &hash))
				(void)!trace_set_add(names, &hash);
		}
	}
}

struct holding {
	struct hub *hub;
	const struct home_device *speaker;
	struct trace own; /* what the speaker is called itself */
	bool watched;	  /* the speaker, in the window */
};

static void add_names(const struct home_device *device, struct trace *trace)
{
	char label[HOME_NAME_BYTES];

	for (size_t i = 0; i < HOME_NAMES; i++) {
		lock_first_label(device->names[i], label);
		trace_add_name(trace, label);
	}
}

/* The device that is being identified and is named there, if any. */
static struct home_device *named_there(struct hub *hub, const struct said *said)
{
	static struct trace trace; /* the hub has one thread */
	struct home_device *device;
	uint32_t at = 0;

	trace = (struct trace){ 0 };
	hush_lend(hub, &trace);
	trace.known = &hub->hold.names;
	if (!trace.known->lengths || !hush_tells_row(&trace, said))
		return NULL;
	trace.known = NULL;
	while ((device = home_next(&hub->home, &at))) {
		if (!is_awaited(device))
			continue;
		trace.name_count = 0;
		add_names(device, &trace);
		if (hush_tells_row(&trace, said))
			return device;
	}
	return NULL;
}

static void add_row(struct hub *hub, struct home_device *about,
		    const struct record_window *row, bool watched)
{
	struct record_encoder e;
	struct buf bytes;

	buf_init(&bytes, RECORD_CODEC_PART_MIN);
	record_encoder_init(&e, row);
	if (record_encode_part(&e, &bytes, RECORD_CODEC_PART_MIN) == 1)
		withheld_add(&about->said, &hub->home.said, buf_slice(&bytes),
			     HOLD_BYTES, watched);
	else
		hub->home.said.lost++;
	buf_done(&bytes);
}

static enum said_fate fate_of(void *user, const struct said *said)
{
	const struct holding *h = user;
	struct home_device *about = NULL;

	if (said->text->len && said->remote.family)
		about = gate_awaited_at(&h->hub->home, &said->remote);
	/* what it is called itself it may say, whoever else says so */
	if (!about && !hush_tells_row(&h->own, said))
		about = named_there(h->hub, said);
	if (!about || about == h->speaker)
		return SAID_STAYS;
	add_row(h->hub, about, said->alone, h->watched);
	return SAID_GOES;
}

void hold_window(struct hub *hub, struct arena *arena,
		 const struct home_device *speaker,
		 struct record_window *window, bool watched)
{
	static struct holding h; /* too large for the stack */

	if (!hub->hold.is_any)
		return;
	h = (struct holding){ .hub = hub,
			      .speaker = speaker,
			      .watched = watched };
	hush_lend(hub, &h.own);
	h.own.known = NULL;
	add_names(speaker, &h.own);
	said_sift(arena, window, fate_of, &h);
}

static void pass_on(struct hub *hub, struct slice bytes, bool watched)
{
	struct record_window window;
	struct home_device *speaker;

	if (record_decode(bytes, &hub->held_arena, &window))
		return;
	speaker = home_find(&hub->home, &window.device);
	if (!speaker ||
	    !gate_lets(speaker, hub->consent.given, GATE_ANNOUNCEMENTS))
		return;
	/* it is doubted now: that waits with what it does itself */
	if (!gate_lets(speaker, hub->consent.given, GATE_STORE)) {
		lock_withhold(hub, speaker, bytes, watched);
		return;
	}
	hush_window(hub, &hub->held_arena, &window);
	link_keep_window(hub, &hub->held_arena, speaker, &window, watched);
}

void hold_release(struct hub *hub, struct home_device *device)
{
	struct slice bytes;
	bool watched;

	hold_learn(hub);
	while (withheld_first(&device->said, &bytes, &watched)) {
		arena_reset(&hub->held_arena);
		pass_on(hub, bytes, watched);
		withheld_take(&device->said, &hub->home.said);
	}
	arena_reset(&hub->held_arena);
}

static bool is_by(void *user, struct slice bytes)
{
	struct hub *hub = ((struct holding *)user)->hub;
	const struct home_device *speaker = ((struct holding *)user)->speaker;
	struct record_window window;

	arena_reset(&hub->held_arena);
	return record_decode(bytes, &hub->held_arena, &window) ||
	       mac_equal(&window.device, &speaker->mac);
}

void hold_forget(struct hub *hub, const struct home_device *speaker)
{
	struct holding h = { .hub = hub, .speaker = speaker };
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at)))
		withheld_sift(&device->said, &hub->home.said, is_by, &h);
	arena_reset(&hub->held_arena);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/hush.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/lock.h"
#include "store/sift.h"
#include "web/announced.h"
#include "web/gate.h"
#include "web/lock.h"
#include "web/state.h"

/* Each byte may become \xNN. */
#define SHOWN_BYTES (4 * ANNOUNCED_BYTES)

/* In the store: how many domains it was searched with. They only become more.
 */
#define SETTING "hushed_domains"

void hush_init(struct hub *hub)
{
	trace_set_init(&hub->hush.names, HUSH_NAMES_MAX, hub->seed);
	hub->hush.names.hash = home_hash;
	hub->hush.names.user = &hub->home;
}

void hush_done(struct hub *hub)
{
	trace_set_done(&hub->hush.names);
}

static void load_one(void *user, const struct mac *mac, struct slice name)
{
	struct hub *hub = user;
	struct home_device *device = home_find(&hub->home, mac);
	struct trace_hash hash;

	if (!name.len && device)
		device->searched = true;
	if (name.len != sizeof(hash))
		return;
	memcpy(&hash, name.data, sizeof(hash));
	hub->hush.names_refused += trace_set_add(&hub->hush.names, &hash) != 0;
}

static void load(struct hub *hub)
{
	struct home_device *device;
	uint32_t at = 0;

	trace_set_clear(&hub->hush.names);
	(void)!store_lock_each_name(hub->store, load_one, hub);
	/* those that are not stored yet */
	while ((device = home_next(&hub->home, &at)))
		hush_add(hub, device);
}

static void take_domains(struct hub *hub)
{
	json_t *domain;
	size_t i;

	hub->hush.domain_count = 0;
	json_array_foreach(hub->research.domains, i, domain)
	{
		if (json_is_string(domain) && i < RESEARCH_DOMAINS_MAX)
			hub->hush.domains[hub->hush.domain_count++] =
				slice_text(json_string_value(domain));
	}
}

void hush_load_domains(struct hub *hub)
{
	uint8_t searched[STORE_SETTING_BYTES];
	int len = store_setting_get(hub->store, SETTING, searched);

	take_domains(hub);
	hub->hush.domain_due =
		hub->hush.domain_count &&
		(len != 1 || searched[0] != hub->hush.domain_count);
}

void hush_learn_domain(struct hub *hub)
{
	take_domains(hub);
	hub->hush.domain_due = true;
}

int hush_search(struct hub *hub)
{
	uint8_t count = (uint8_t)hub->hush.domain_count;
	struct trace trace = { 0 };
	int err = 0;

	if (!hub->hush.domain_due)
		return 0;
	if (hub->hush.names.lengths) {
		hush_lend(hub, &trace);
		hush_others(hub, &trace);
		research_hush(hub, &trace);
		err = watchtower_erase_trace(hub, &trace);
	}
	if (!err)
		err = store_setting_put(hub->store, SETTING,
					slice_of(&count, sizeof(count)));
	hub->hush.domain_due = err != 0;
	return err;
}

void hush_lend(const struct hub *hub, struct trace *trace)
{
	trace->known = &hub->hush.names;
	trace->domains = hub->hush.domains;
	trace->domain_count = hub->hush.domain_count;
}

void hush_load(struct hub *hub)
{
	load(hub);
	if (!hub->hush.names_refused)
		return;
	/* those of MACs that nobody knows any more make room */
	hub->hush.names_refused = 0;
	(void)!store_lock_names_remove(hub->store, NULL);
	load(hub);
}

void hush_add(struct hub *hub, const struct home_device *device)
{
	const struct trace *trace = device->trace;
	struct trace_set *names = &hub->hush.names;
	struct trace_hash hash;

	for (size_t i = 0; trace && i < trace->name_count; i++)
		if (trace_hash_of(names, trace->names[i], &hash) &&
		    !trace_set_has(names, &hash))
			hub->hush.names_refused +=
				trace_set_add(names, &hash) != 0;
}

int hush_store(struct hub *hub, const struct home_device *device)
{
	struct trace_hash hashes[TRACE_NAMES_MAX];
	struct slice names[TRACE_NAMES_MAX];
	size_t count = 0;

	for (size_t i = 0; device->trace && i < device->trace->name_count; i++)
		if (trace_hash_of(&hub->hush.names, device->trace->names[i],
				  &hashes[count])) {
			names[count] =
				slice_of(&hashes[count], sizeof(hashes[0]));
			count++;
		}
	return count ? store_lock_names_put(hub->store, &device->mac, names,
					    count)
		     : 0;
}

int hush_searched(struct hub *hub, struct home_device *device)
{
	struct slice none = slice_text("");
	int err = device->searched
			  ? 0
			  : store_lock_names_put(hub->store, &device->mac,
						 &none, 1);

	device->searched = !err;
	return err;
}

void hush_end(struct hub *hub, struct home_device *device)
{
	device->searched = false;
	device->names_heard = 0;
	/* what stays keeps its name out of what others do: told as a fault */
	(void)!store_lock_names_remove(hub->store, &device->mac);
	hush_load(hub);
}

/* A name of a closed device that is not known to be one. */
static void hear_name(struct hub *hub, struct home_device *device,
		      const char *name)
{
	struct trace_hash hash;

	if (!trace_hash_of(&hub->hush.names, name, &hash) ||
	    trace_set_has(&hub->hush.names, &hash))
		return;
	if (device->names_heard == HUSH_HEARD_MAX) {
		hub->hush.names_refused++;
		return;
	}
	device->names_heard++;
	if (!device->trace)
		device->trace = calloc(1, sizeof(*device->trace));
	if (!device->trace)
		return;
	trace_add_name(device->trace, name);
	hush_add(hub, device);
	device->erase_due = true;
}

void hush_hear(struct hub *hub, struct home_device *device,
	       const struct record_window *window)
{
	static struct home_device said; /* the hub has one thread */
	char label[HOME_NAME_BYTES];

	if (!hub->consent.given || !gate_is_closed(device))
		return;
	for (size_t i = 0; i < window->clue_count; i++)
		(void)home_add_name(&said,
				    record_clue_name(window->clues[i].kind),
				    window->clues[i].text);
	for (size_t i = 0; i < HOME_NAMES; i++) {
		lock_first_label(said.names[i], label);
		hear_name(hub, device, label);
	}
	explicit_bzero(&said, sizeof(said));
	explicit_bzero(label, sizeof(label));
}

bool hush_tells(const struct trace *trace, int kind, struct slice text)
{
	uint8_t clean[ANNOUNCED_BYTES];
	struct buf shown;
	bool tells;

	if (kind >= 0 && lock_is_host_name((enum record_clue_kind)kind))
		return false; /* its own, which another may have too */
	buf_init(&shown, SHOWN_BYTES);
	text_escape(&shown, slice_of(clean, text_unzone(text, false, clean,
							sizeof(clean))));
	/* what cannot be looked at is not told */
	tells = buf_check(&shown) != 0 ||
		(kind == SIFT_HOST
			 ? trace_in_text(trace, buf_text(&shown))
			 : trace_in_free_text(trace, buf_text(&shown)));
	buf_done(&shown);
	return tells;
}

bool hush_tells_row(const struct trace *trace, const struct said *said)
{
	return (said->text->len &&
		hush_tells(trace, said->kind, *said->text)) ||
	       (said->more && said->more->len &&
		hush_tells(trace, SIFT_FREE, *said->more));
}

static bool tells_piece(void *user, const struct evidence *piece)
{
	int kind = piece->kind == EVIDENCE_DOMAIN    ? SIFT_HOST
		   : piece->kind < RECORD_CLUE_KINDS ? (int)piece->kind
						     : SIFT_FREE;

	return hush_tells(user, kind, piece->text);
}

void hush_others(struct hub *hub, const struct trace *trace)
{
	struct trace known = *trace;
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at))) {
		char *instance = device->names[HOME_NAME_MDNS_INSTANCE];

		if (identify_sift(device->identify, tells_piece, &known))
			identify_opinion(device->identify, &device->opinion);
		if (instance[0] &&
		    hush_tells(trace, SIFT_FREE, slice_text(instance)))
			memset(instance, 0, HOME_NAME_BYTES);
	}
	hub->devices_changed = true;
}

static enum said_fate fate_of(void *user, const struct said *said)
{
	const struct hub *hub = user;
	struct trace trace = { 0 };

	hush_lend(hub, &trace);
	if ((said->text->len && said->remote.family &&
	     gate_hides_at(&hub->home, &said->remote)) ||
	    hush_tells_row(&trace, said))
		/* without its texts it may still tell what was done */
		return said->blank ? SAID_BLANK : SAID_GOES;
	return SAID_STAYS;
}

static bool is_any_closed(const struct home *home)
{
	const struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(home, &at)))
		if (gate_is_closed(device))
			return true;
	return false;
}

void hush_window(struct hub *hub, struct arena *arena,
		 struct record_window *window)
{
	if (hub->hush.names.lengths || is_any_closed(&hub->home))
		said_sift(arena, window, fate_of, hub);
}

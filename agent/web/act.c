// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/act.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "store/device.h"
#include "store/erase.h"
#include "web/aside.h"
#include "web/between.h"
#include "web/gate.h"
#include "web/given.h"
#include "web/lock.h"
#include "web/state.h"

#define SETTING_CONSENT	  "consent"
#define SETTING_INTERFACE "interface"

static void changed(struct hub *hub, unsigned int unsaid)
{
	hub->unsaid |= unsaid;
	hub->status_changed = true;
	hub->devices_changed = true;
}

/* What of a run tells it from others: chosen interfaces are of one run. */
static void run_tag(const struct hub *hub, char out[17])
{
	uint64_t tag = table_hash(0, hub->config.secret.b,
				  sizeof(hub->config.secret.b));

	text_hex(&tag, sizeof(tag), out);
}

static int get_text(struct store *store, const char *name,
		    char out[STORE_SETTING_BYTES + 1])
{
	int len = store_setting_get(store, name, (uint8_t *)out);

	if (len < 0)
		return len;
	out[len] = '\0';
	return 0;
}

void act_load(struct hub *hub)
{
	char text[STORE_SETTING_BYTES + 1], tag[17];
	char *end;

	if (!get_text(hub->store, SETTING_CONSENT, text)) {
		hub->consent.version = strtoull(text, &end, 10);
		hub->consent.at_ms = strtoull(end, NULL, 10);
		hub->consent.given =
			hub->consent.version == STATE_CONSENT_VERSION;
	}
	run_tag(hub, tag);
	if (!hub->consent.given ||
	    get_text(hub->store, SETTING_INTERFACE, text) ||
	    strncmp(text, tag, 16) || text[16] != ' ' ||
	    strlen(text + 17) >= MESSAGE_NAME_MAX - 1)
		return;
	/* "TAG pNAME" or "TAG rNAME": paused, or running */
	hub->paused = text[17] == 'p';
	message_text(hub->chosen, sizeof(hub->chosen), text + 18);
	hub->chosen_by_user = true;
}

/* For a hub started again in the same run; nothing hangs on it. */
static void note_interface(struct hub *hub)
{
	char text[64], tag[17];

	run_tag(hub, tag);
	snprintf(text, sizeof(text), "%s %c%s", tag, hub->paused ? 'p' : 'r',
		 hub->chosen);
	(void)!store_setting_put(hub->store, SETTING_INTERFACE,
				 slice_text(text));
}

static size_t excluded_count(const struct home *home)
{
	struct home_device *device;
	uint32_t at = 0;
	size_t n = 0;

	while ((device = home_next(home, &at)))
		n += device->excluded;
	return n;
}

static size_t count_new(const struct hub *hub, const struct mac *macs,
			size_t count)
{
	const struct home_device *device;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		device = home_find(&hub->home, &macs[i]);
		n += !device || !device->excluded;
	}
	return n;
}

int hub_consent(struct hub *hub, uint64_t version, const struct mac *excluded,
		size_t count)
{
	struct home_device *device;
	char text[48];

	if (version != STATE_CONSENT_VERSION)
		return ERR_INVALID;
	if (excluded_count(&hub->home) + count_new(hub, excluded, count) >
	    MESSAGE_EXCLUDE_MAX)
		return ERR_LIMIT;
	for (size_t i = 0; i < count; i++) {
		device = lock_get(hub, &excluded[i]);
		if (!device)
			return ERR_LIMIT;
		if (!device->excluded && hub_exclude(hub, device, true))
			return ERR_IO;
	}
	snprintf(text, sizeof(text), "%llu %llu", (unsigned long long)version,
		 (unsigned long long)hub->now_ms);
	if (store_setting_put(hub->store, SETTING_CONSENT, slice_text(text)))
		return ERR_IO;
	hub->consent = (struct state_consent){ true, version, hub->now_ms };
	hub->paused = false;
	act_choose_alone(hub);
	changed(hub, UNSAID_EXCLUDE | UNSAID_LIST | UNSAID_WATCH |
			     UNSAID_PAIRS | UNSAID_PAUSE);
	return 0;
}

static void unwatch_all(struct hub *hub)
{
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at))) {
		if (device->watched)
			device->watch_ended_ms = hub->now_ms;
		device->watched = false;
	}
}

int hub_withdraw(struct hub *hub)
{
	struct home_device *device;
	uint32_t at = 0;
	int err;

	unwatch_all(hub);
	/* nothing that is still on its way is taken any more */
	while ((device = home_next(&hub->home, &at))) {
		device->watch_ended_ms = 0;
		withheld_wipe(&device->withheld, &hub->home.withheld);
		withheld_wipe(&device->said, &hub->home.said);
	}
	hub->consent = (struct state_consent){ 0 };
	hub->chosen[0] = '\0';
	hub->paused = false;
	memset(&hub->network, 0, sizeof(hub->network));
	changed(hub, UNSAID_CHOOSE | UNSAID_WATCH);
	err = store_setting_put(hub->store, SETTING_CONSENT,
				(struct slice){ 0 });
	if (!err)
		err = store_device_unwatch_all(hub->store);
	return err;
}

static const struct message_interface *candidate(const struct hub *hub,
						 const char *name)
{
	for (size_t i = 0; i < hub->interfaces.count; i++)
		if (!strcmp(hub->interfaces.list[i].name, name))
			return &hub->interfaces.list[i];
	return NULL;
}

static void choose(struct hub *hub, const char *name, bool by_user)
{
	message_text(hub->chosen, sizeof(hub->chosen), name);
	hub->chosen_by_user = by_user;
	note_interface(hub);
	changed(hub, UNSAID_CHOOSE | UNSAID_WATCH |
			     (hub->paused ? UNSAID_PAUSE : 0));
}

int hub_choose(struct hub *hub, const char *name)
{
	const struct message_interface *asked = candidate(hub, name);

	if (!asked)
		return ERR_NOTFOUND;
	if (!asked->usable)
		return ERR_INVALID;
	choose(hub, name, true);
	return 0;
}

void act_choose_alone(struct hub *hub)
{
	if (!hub->consent.given || hub->chosen[0])
		return;
	if (hub->config.interface) {
		choose(hub, hub->config.interface, false);
		return;
	}
	for (size_t i = 0; i < hub->interfaces.count; i++)
		if (hub->interfaces.list[i].suggested &&
		    hub->interfaces.list[i].usable) {
			choose(hub, hub->interfaces.list[i].name, false);
			return;
		}
}

void hub_list_interfaces(struct hub *hub)
{
	hub->unsaid |= UNSAID_LIST;
}

void hub_scan(struct hub *hub)
{
	hub->scanned_ms = hub->tick_ms;
	hub->unsaid |= UNSAID_SCAN;
	hub->status_changed = true;
}

int hub_between(struct hub *hub, const struct message_pairs *pairs)
{
	hub->between = *pairs;
	changed(hub, UNSAID_PAIRS);
	return between_save(pairs, hub->store);
}

void hub_pause(struct hub *hub, bool pause)
{
	hub->paused = pause;
	note_interface(hub);
	changed(hub, UNSAID_PAUSE);
}

int hub_restore(struct hub *hub)
{
	unwatch_all(hub);
	changed(hub, UNSAID_WATCH);
	return store_device_unwatch_all(hub->store);
}

void hub_stop(struct hub *hub, const char *why)
{
	struct message m = { .type = MESSAGE_STOP_REQUEST, .fd = -1 };

	hub->stopping = true;
	hub->status_changed = true;
	message_text(m.stop_request.reason, sizeof(m.stop_request.reason), why);
	if (channel_send(hub->keeper.fd, &m) == ERR_AGAIN)
		hub->counters.messages_delayed++;
}

int hub_watch(struct hub *hub, struct home_device *device, bool watch)
{
	if (watch == device->watched)
		return 0;
	if (watch && home_watched_count(&hub->home) >= hub->config.max_devices)
		return ERR_LIMIT;
	/* switching off works without a store, switching on does not */
	if (!watch) {
		device->watched = false;
		device->watch_ended_ms = hub->now_ms;
		changed(hub, UNSAID_WATCH);
	}
	if (home_store(device, hub->store, hub->now_ms) ||
	    store_device_watch(hub->store, device->store_id, watch))
		return ERR_IO;
	if (watch) {
		device->watched = true;
		device->phase = MESSAGE_WATCH_WAITING;
		device->cause = MESSAGE_CAUSE_NONE;
		device->phase_since_ms = 0;
		device->reason[0] = '\0';
		device->forward_in_frames = 0;
		device->forward_out_frames = 0;
		changed(hub, UNSAID_WATCH);
	}
	return 0;
}

int hub_exclude(struct hub *hub, struct home_device *device, bool exclude)
{
	if (exclude == device->excluded)
		return 0;
	if (exclude && excluded_count(&hub->home) >= MESSAGE_EXCLUDE_MAX)
		return ERR_LIMIT;
	/* excluding works without a store, taking it back does not */
	if (exclude) {
		device->excluded = true;
		device->watched = false;
		lock_forget_closed(hub, device);
		changed(hub, UNSAID_EXCLUDE | UNSAID_WATCH);
		return lock_write_closed(hub, device);
	}
	if ((device->erase_due && lock_write_closed(hub, device)) ||
	    home_store(device, hub->store, hub->now_ms) ||
	    store_device_exclude(hub->store, device->store_id, false))
		return ERR_IO;
	device->excluded = false;
	if (!gate_is_closed(device))
		hush_end(hub, device);
	changed(hub, UNSAID_EXCLUDE | UNSAID_WATCH);
	return 0;
}

int hub_delete(struct hub *hub, struct home_device *device, uint64_t *rows)
{
	uint64_t gone = 0;

	if (device->store_id &&
	    (home_store(device, hub->store, hub->now_ms) ||
	     erase_device(hub->store, device->store_id, &gone)))
		return ERR_IO;
	lock_forget(hub, device);
	changed(hub, 0);
	*rows = gone;
	return 0;
}

int hub_delete_all(struct hub *hub, uint64_t *rows)
{
	struct home_device *device;
	uint32_t at = 0;
	int err = erase_all(hub->store, rows);

	if (err)
		return err;
	err = aside_erase(hub->config.data_dir);
	if (!err)
		hub->damage_fault.current = false;
	watchtower_forget_all(hub);
	given_forget(hub);
	research_crowd_clear(hub);
	while ((device = home_next(&hub->home, &at))) {
		lock_forget(hub, device);
		if (device->watched || device->excluded || device->lock)
			continue;
		/* its row is gone too; while it is there it comes again */
		device->store_id = 0;
		if (!device->present)
			home_remove(&hub->home, device);
	}
	changed(hub, 0);
	return err;
}

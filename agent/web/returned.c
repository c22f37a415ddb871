// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/returned.h"

#include <string.h>

#include "store/join.h"
#include "store/lock.h"
#include "web/announced.h"
#include "web/between.h"
#include "web/gate.h"
#include "web/state.h"
#include "web/view.h"

static struct randomised_device seen(const struct home_device *device)
{
	return (struct randomised_device){
		.mac = device->mac,
		.evidence = identify_evidence(device->identify),
		.identity = identify_identity(device->identify),
		.first_ms = device->first_ms,
		.last_ms = device->last_ms,
	};
}

static json_t *reasons(const struct randomised_match *match)
{
	json_t *list = json_array();

	for (size_t i = 0; i < match->reason_count; i++) {
		const struct randomised_reason *reason = &match->reasons[i];
		const char *kind = evidence_kind_name(reason->evidence.kind);
		uint8_t text[ANNOUNCED_BYTES];
		size_t len = announced_clean(kind, reason->evidence.text, text);

		json_array_append_new(
			list, json_pack("{s:s,s:o,s:s}", "kind", kind, "text",
					view_text(slice_of(text, len)), "says",
					reason->says));
	}
	return list;
}

struct home_device *returned_find(const struct home *home, bool consent,
				  const struct home_device *device,
				  struct randomised_match *best)
{
	struct randomised_device newer = seen(device);
	struct home_device *other, *before = NULL;
	uint32_t at = 0;

	*best = (struct randomised_match){ .confidence = 0 };
	while ((other = home_next(home, &at))) {
		struct randomised_device older = seen(other);
		struct randomised_match match;

		if (other == device || other->gateway ||
		    !gate_lets(other, consent, GATE_HISTORY))
			continue;
		randomised_compare(&older, &newer, &match);
		if (match.confidence > best->confidence) {
			*best = match;
			before = other;
		}
	}
	return best->confidence < RANDOMISED_OFFER ? NULL : before;
}

json_t *returned_view(const struct home *home, bool consent,
		      const struct home_device *device)
{
	struct randomised_match match;
	const struct home_device *before =
		returned_find(home, consent, device, &match);

	if (!before)
		return json_null();
	return json_pack("{s:s,s:i,s:o}", "id", before->id, "confidence",
			 (int)match.confidence, "evidence", reasons(&match));
}

/* What is in memory of both, as the store has it by now. */
static void join_memory(struct hub *hub, struct home_device *older,
			struct home_device *newer)
{
	watchtower_join(hub, older, newer);
	identify_join(newer->identify, older->identify);
	identify_opinion(newer->identify, &newer->opinion);
	for (size_t i = 0; i < HOME_NAMES; i++)
		if (!newer->names[i][0])
			memcpy(newer->names[i], older->names[i],
			       sizeof(newer->names[i]));
	newer->first_ms = older->first_ms;
	newer->in_bytes += older->in_bytes;
	newer->out_bytes += older->out_bytes;
}

/* What the owner chose for it goes on. */
static int join_choices(struct hub *hub, struct home_device *older,
			struct home_device *newer)
{
	bool watched = older->watched;
	int err = 0;

	older->watched = false;
	if (between_replace(&hub->between, &older->mac, &newer->mac))
		err = hub_between(hub, &hub->between);
	if (watched && hub_watch(hub, newer, true))
		err = ERR_IO;
	return err;
}

int hub_merge(struct hub *hub, struct home_device *older,
	      struct home_device *newer)
{
	static const struct store_lock none;
	struct randomised_match match;
	int err;

	if (older != returned_find(&hub->home, hub->consent.given, newer,
				   &match) ||
	    !gate_lets(newer, hub->consent.given, GATE_STORE))
		return ERR_INVALID;
	watchtower_save(hub, older);
	watchtower_save(hub, newer);
	if (home_store(older, hub->store, hub->now_ms) ||
	    home_store(newer, hub->store, hub->now_ms) ||
	    store_join(hub->store, older->store_id, newer->store_id))
		return ERR_IO;
	join_memory(hub, older, newer);
	err = join_choices(hub, older, newer);
	research_join(hub, &older->mac, &newer->mac);
	/* under that MAC it would be a stranger */
	if (store_lock_put(hub->store, &older->mac, &none))
		err = ERR_IO;
	home_remove(&hub->home, older);
	hub->unsaid |= UNSAID_WATCH;
	hub->devices_changed = hub->status_changed = true;
	return err;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/view.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/text.h"
#include "know/oui.h"
#include "web/announced.h"
#include "web/gate.h"
#include "web/returned.h"
#include "web/server.h"

/* A scan of a /24 takes a few seconds: until then the state is "scanning". */
#define SCANNING_MS 5000

/* The bit of a MAC that says it was made up by the device. */
#define MAC_LOCAL 0x02

json_t *view_text(struct slice bytes)
{
	struct buf shown;
	json_t *text;

	if (bytes.len > VIEW_TEXT_BYTES)
		bytes.len = VIEW_TEXT_BYTES;
	buf_init(&shown, 4 * VIEW_TEXT_BYTES);
	text_escape(&shown, bytes);
	text = json_stringn(buf_text(&shown), shown.len);
	buf_done(&shown);
	return text;
}

json_t *view_announced(const char *kind, struct slice bytes)
{
	uint8_t text[ANNOUNCED_BYTES];

	return view_text(slice_of(text, announced_clean(kind, bytes, text)));
}

/* Whether an IPv6 address is made of a MAC (RFC 4291 appendix A): what it has
 * behind ff:fe is the MAC's second half. */
static bool is_of_mac(const struct addr *addr)
{
	return addr->family == 6 && addr->b[11] == 0xff && addr->b[12] == 0xfe;
}

json_t *view_home_addr(const struct addr *addr)
{
	struct addr cut = *addr;
	char text[ADDR_TEXT_BYTES];

	if (!addr->family)
		return json_null();
	if (!is_of_mac(addr))
		return json_string(addr_format(addr, text));
	memset(cut.b + 13, 0, 3);
	addr_format(&cut, text);
	text[strlen(text) - strlen("00:0")] = '\0';
	return json_sprintf("%s\u2026", text);
}

json_t *view_addr(const struct addr *addr)
{
	char text[ADDR_TEXT_BYTES];

	if (!addr->family)
		return json_null();
	if (addr_is_private(addr))
		return view_home_addr(addr);
	return json_string(addr_format(addr, text));
}

json_t *view_number(uint64_t value)
{
	return json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value);
}

static json_t *text_or_null(const char *text)
{
	return text && text[0] ? view_text(slice_text(text)) : json_null();
}

static json_t *time_or_null(uint64_t ms)
{
	return ms ? view_number(ms) : json_null();
}

static json_t *share(uint64_t part, uint64_t whole)
{
	if (!whole)
		return json_null();
	return json_real(part < whole ? (double)part / (double)whole : 1.0);
}

static json_t *cidr(const struct cidr *range)
{
	char text[ADDR_TEXT_BYTES], both[ADDR_TEXT_BYTES + 4];

	if (!range->addr.family)
		return json_null();
	snprintf(both, sizeof(both), "%s/%u", addr_format(&range->addr, text),
		 range->bits);
	return json_string(both);
}

static json_t *subnet(const struct cidr *range)
{
	struct cidr net = *range;
	size_t bytes = net.addr.family == 4 ? 4 : 16;

	for (size_t i = 0; i < bytes; i++) {
		size_t kept = net.bits > 8 * i ? net.bits - 8 * i : 0;

		if (kept < 8)
			net.addr.b[i] &= (uint8_t)(0xff00 >> kept);
	}
	return cidr(&net);
}

static const char *state_name(const struct hub *hub)
{
	if (hub->stopping)
		return "stopping";
	if (!hub->consent.given)
		return "waiting_consent";
	if (!hub->network.name[0])
		return "choosing";
	if (hub->paused)
		return "paused";
	if (hub->scanned_ms && hub->tick_ms - hub->scanned_ms < SCANNING_MS)
		return "scanning";
	return "running";
}

static const char *interface_note(const struct message_interface *i)
{
	if (i->problem[0])
		return i->problem;
	return i->wireless ? "Wi-Fi" : "Ethernet";
}

static const char *interface_reason(const struct hub *hub)
{
	if (hub->chosen[0])
		return hub->chosen_by_user     ? "chosen by you"
		       : hub->config.interface ? "asked for by --interface"
					       : "the only suitable one";
	if (!hub->interfaces.known)
		return "the computer's interfaces are not known yet";
	for (size_t i = 0; i < hub->interfaces.count; i++)
		if (hub->interfaces.list[i].usable)
			return "more than one could be meant: choose";
	return "no interface of this computer can be used";
}

json_t *view_interfaces(const struct hub *hub)
{
	json_t *candidates = json_array();

	for (size_t i = 0; i < hub->interfaces.count; i++) {
		const struct message_interface *at = &hub->interfaces.list[i];

		json_array_append_new(
			candidates,
			json_pack("{s:s,s:o,s:o,s:b,s:s}", "name", at->name,
				  "address", cidr(&at->address), "gateway",
				  view_addr(&at->gateway), "usable", at->usable,
				  "note", interface_note(at)));
	}
	return json_pack("{s:o,s:s,s:o}", "chosen", text_or_null(hub->chosen),
			 "reason", interface_reason(hub), "candidates",
			 candidates);
}

static json_t *process(const char *name, uint32_t pid, uint64_t since_ms,
		       uint32_t restarts)
{
	return json_pack("{s:s,s:o,s:o,s:o}", "name", name, "pid",
			 pid ? view_number(pid) : json_null(), "since",
			 time_or_null(since_ms), "restarts",
			 view_number(restarts));
}

static json_t *peer(const char *name, const struct state_peer *peer)
{
	if (peer->fd < 0)
		return process(name, 0, 0, peer->restarts);
	return process(name, peer->pid, peer->since_ms, peer->restarts);
}

static json_t *processes(const struct hub *hub)
{
	return json_pack("[o,o,o,o,o,o]", peer("keeper", &hub->keeper),
			 peer("guard", &hub->guard),
			 peer("engine", &hub->engine),
			 process("hub", (uint32_t)getpid(), hub->started_ms,
				 hub->config.restarts),
			 peer("discover", &hub->discover),
			 peer("upload", &hub->upload));
}

static json_t *network(struct hub *hub)
{
	const struct record_counters *engine = &hub->engine_counters;
	uint64_t lost =
		engine->windows_lost + store_counters(hub->store)->windows_lost;
	const struct message_chosen *on = &hub->network;
	json_t *intercepted = json_array();
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at)))
		if (gate_lets(device, hub->consent.given, GATE_WATCH) &&
		    device->phase == MESSAGE_WATCH_ACTIVE)
			json_array_append_new(
				intercepted,
				json_pack("{s:s,s:o}", "device", device->id,
					  "since",
					  view_number(device->phase_since_ms)));
	return json_pack(
		"{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "interface",
		text_or_null(on->name), "address", view_addr(&on->address.addr),
		"subnet", subnet(&on->address), "gateway",
		view_addr(&on->gateway), "intercepted", intercepted, "drops",
		view_number(engine->ring_dropped), "windows_lost",
		view_number(lost), "coverage",
		share(engine->frames, engine->frames + engine->ring_dropped));
}

static void add_fault(json_t *faults, uint64_t at_ms, const char *device,
		      const char *text, const char *remedy)
{
	if (json_array_size(faults) < VIEW_FAULTS_MAX)
		json_array_append_new(
			faults, json_pack("{s:o,s:s?,s:o,s:o}", "at",
					  view_number(at_ms), "device", device,
					  "text", view_text(slice_text(text)),
					  "fix", text_or_null(remedy)));
}

static json_t *faults(const struct hub *hub)
{
	json_t *list = json_array();
	struct home_device *device;
	uint32_t at = 0;

	if (hub->store_fault.current)
		add_fault(list, hub->store_fault.at_ms, NULL,
			  hub->store_fault.text, NULL);
	if (hub->damage_fault.current)
		add_fault(list, hub->damage_fault.at_ms, NULL,
			  hub->damage_fault.text, NULL);
	for (size_t i = 0; i < MESSAGE_FAULT_KINDS; i++)
		if (hub->faults[i].current)
			add_fault(list, hub->faults[i].at_ms, NULL,
				  hub->faults[i].text, hub->faults[i].remedy);
	while ((device = home_next(&hub->home, &at)))
		if (gate_lets(device, hub->consent.given, GATE_WATCH) &&
		    device->reason[0] &&
		    device->phase == MESSAGE_WATCH_RELEASED)
			add_fault(list, device->phase_since_ms, device->id,
				  device->reason, NULL);
	return list;
}

/* Counters that are all uint64_t, by name. */
struct counter {
	const char *name;
	uint64_t value;
};

static json_t *counters_of(const struct counter *counters, size_t n)
{
	json_t *object = json_object();

	for (size_t i = 0; i < n; i++)
		json_object_set_new(object, counters[i].name,
				    view_number(counters[i].value));
	return object;
}

static json_t *engine_counters(const struct hub *hub)
{
	json_t *object = json_object();

	for (size_t i = 0; i < record_counter_field_count; i++) {
		const struct record_counter_field *f =
			&record_counter_fields[i];
		const char *at = (const char *)&hub->engine_counters;

		json_object_set_new(
			object, f->name,
			view_number(
				*(const uint64_t *)(const void *)(at +
								  f->offset)));
	}
	return object;
}

static json_t *store_counts(struct hub *hub)
{
	const char *at = (const char *)store_counters(hub->store);
	json_t *object = json_object();

	for (size_t i = 0; i < store_counter_field_count; i++) {
		const struct store_counter_field *f = &store_counter_fields[i];

		json_object_set_new(
			object, f->name,
			view_number(
				*(const uint64_t *)(const void *)(at +
								  f->offset)));
	}
	return object;
}

static json_t *guard_counters(const struct hub *hub)
{
	const struct message_guard_counters *g = &hub->guard_counters;
	const struct counter counters[] = {
		{ "arp_sent", g->arp_sent },
		{ "arp_heard", g->arp_heard },
		{ "arp_malformed", g->arp_malformed },
		{ "ndp_sent", g->ndp_sent },
		{ "ndp_heard", g->ndp_heard },
		{ "ndp_malformed", g->ndp_malformed },
		{ "scans", g->scans },
		{ "scan_requests", g->scan_requests },
		{ "scan_skipped", g->scan_skipped },
		{ "hosts_refused", g->hosts_refused },
		{ "routers_refused", g->routers_refused },
		{ "watches_refused", g->watches_refused },
		{ "poisons", g->poisons },
		{ "repoisons", g->repoisons },
		{ "restores", g->restores },
		{ "rate_limited", g->rate_limited },
		{ "released", g->released },
		{ "beacons_sent", g->beacons_sent },
		{ "beacons_heard", g->beacons_heard },
		{ "beacons_malformed", g->beacons_malformed },
		{ "claims_refused", g->claims_refused },
		{ "messages_refused", g->messages_refused },
		{ "messages_lost", g->messages_lost },
	};

	return counters_of(counters, sizeof(counters) / sizeof(counters[0]));
}

static json_t *discover_counters(const struct hub *hub)
{
	const struct message_discover_counters *d = &hub->discover_counters;
	const struct counter counters[] = {
		{ "asked", d->asked },
		{ "asks_refused", d->asks_refused },
		{ "answers", d->answers },
		{ "answers_refused", d->answers_refused },
		{ "answers_malformed", d->answers_malformed },
		{ "descriptions", d->descriptions },
		{ "descriptions_failed", d->descriptions_failed },
		{ "descriptions_malformed", d->descriptions_malformed },
	};

	return counters_of(counters, sizeof(counters) / sizeof(counters[0]));
}

/* Of those that are known now. */
static uint64_t evidence_refused(const struct home *home)
{
	const struct home_device *device;
	uint64_t refused = 0;
	uint32_t at = 0;

	while ((device = home_next(home, &at)))
		if (device->identify)
			refused += identify_evidence(device->identify)->refused;
	return refused;
}

static json_t *hub_counters(const struct hub *hub)
{
	const struct server_counters *s = server_counters(hub->server);
	const struct research_counters *research = &hub->research.counters;
	const struct crowd_counters *crowd = &hub->research.crowd.counters;
	const struct alike_counters *alike = &hub->research.alike.counters;
	const struct counter counters[] = {
		{ "windows", hub->counters.windows },
		{ "windows_refused", hub->counters.windows_refused },
		{ "resolvers_refused", hub->watchtower.lan.resolvers_refused },
		{ "messages_refused", hub->counters.messages_refused },
		{ "messages_delayed", hub->counters.messages_delayed },
		{ "devices_refused", hub->home.devices_refused },
		{ "devices_evicted", hub->home.devices_evicted },
		{ "evidence_refused", evidence_refused(&hub->home) },
		{ "judge_refused", hub->watchtower.refused },
		{ "findings_refused", watchtower_findings_refused(hub) },
		{ "withheld_bytes",
		  hub->home.withheld.bytes + hub->home.said.bytes },
		{ "withheld_lost",
		  hub->home.withheld.lost + hub->home.said.lost },
		{ "closed_names_refused", hub->hush.names_refused },
		{ "unlocks_refused", hub->unlock.refused },
		{ "crowd_names", crowd->names_taken },
		{ "crowd_names_refused", crowd->names_refused },
		{ "crowd_names_dropped", crowd->names_dropped },
		{ "crowd_facts_refused", alike->facts_refused },
		{ "crowd_answers_refused", alike->answers_refused },
		{ "crowd_questions_failed", research->questions_failed },
		{ "crowd_lost", research->crowd_lost },
		{ "former_ids_lost", research->former_lost },
		{ "requests", s->requests },
		{ "refused_host", s->refused_host },
		{ "refused_origin", s->refused_origin },
		{ "refused_session", s->refused_session },
		{ "refused_other", s->refused_other },
		{ "refused_share", s->share->refused },
		{ "connections_cut", s->share->cut },
		{ "streams", hub->streams.count },
		{ "streams_refused", hub->streams.refused },
		{ "streams_cut", hub->streams.cut },
	};

	return counters_of(counters, sizeof(counters) / sizeof(counters[0]));
}

static json_t *consent(const struct hub *hub)
{
	const struct state_consent *given = &hub->consent;

	return json_pack(
		"{s:i,s:o,s:o}", "text_version", STATE_CONSENT_VERSION,
		"given_version",
		given->given ? view_number(given->version) : json_null(),
		"given_at",
		given->given ? view_number(given->at_ms) : json_null());
}

static json_t *limits(const struct hub *hub)
{
	static struct home_device *listed[HOME_DEVICES_MAX];
	size_t hidden;

	home_list(&hub->home, hub->now_ms, hub->config.max_devices, listed,
		  &hidden);
	return json_pack("{s:o,s:o,s:o}", "max_devices",
			 view_number(hub->config.max_devices), "watched",
			 view_number(home_watched_count(&hub->home)), "hidden",
			 view_number(hidden));
}

/* What there is no list of, so that nothing can be said of it. */
static json_t *not_known(const struct hub *hub)
{
	json_t *list = json_array();

	for (enum know_part i = 0; i < KNOW_PARTS; i++)
		if (!know_has(&hub->know, i))
			json_array_append_new(list,
					      json_string(know_part_name(i)));
	return list;
}

json_t *view_status(struct hub *hub)
{
	return json_pack("{s:s,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o,"
			 "s:{s:o,s:o,s:o,s:o,s:o},s:o,s:o,s:{s:s,s:b,s:b}}",
			 "version", IOT_INSPECTOR_VERSION, "time",
			 view_number(hub->now_ms), "mode",
			 hub->config.service ? "service" : "session", "state",
			 state_name(hub), "consent", consent(hub), "interface",
			 view_interfaces(hub), "processes", processes(hub),
			 "network", network(hub), "faults", faults(hub),
			 "counters", "engine", engine_counters(hub), "guard",
			 guard_counters(hub), "discover",
			 discover_counters(hub), "store", store_counts(hub),
			 "hub", hub_counters(hub), "limits", limits(hub),
			 "not_known", not_known(hub), "research", "state",
			 research_state_name(hub->research.state), "paused",
			 hub->research.paused, "attention",
			 hub->research.state == RESEARCH_CHANGED ||
				 hub->research.why[0]);
}

static const char *phase_name(const struct hub *hub,
			      const struct home_device *device,
			      enum message_watch_phase phase)
{
	static const char *const names[MESSAGE_WATCH_PHASES] = {
		[MESSAGE_WATCH_WAITING] = "waiting",
		[MESSAGE_WATCH_CHECKING] = "checking",
		[MESSAGE_WATCH_ACTIVE] = "active",
		[MESSAGE_WATCH_RELEASED] = "released",
		[MESSAGE_WATCH_PEER] = "peer",
		[MESSAGE_WATCH_PAUSED] = "paused",
		[MESSAGE_WATCH_RESTORING] = "waiting",
		[MESSAGE_WATCH_RESTORED] = "waiting",
	};

	if (!device->watched)
		return "off";
	return hub->paused ? "paused" : names[phase];
}

static json_t *watch(const struct hub *hub, const struct home_device *device)
{
	bool told = device->watched && device->phase_since_ms;

	return json_pack(
		"{s:b,s:s,s:o,s:o,s:{s:s,s:o},s:o}", "wanted", device->watched,
		"phase", phase_name(hub, device, device->phase), "since",
		told ? view_number(device->phase_since_ms) : json_null(),
		"reason", told ? text_or_null(device->reason) : json_null(),
		"ipv6", "phase", phase_name(hub, device, device->phase6),
		"reason", told ? text_or_null(device->reason6) : json_null(),
		"coverage",
		share(device->forward_out_frames, device->forward_in_frames));
}

static json_t *names(const struct home_device *device, const char **best)
{
	json_t *list = json_array();

	*best = NULL;
	for (enum home_name i = 0; i < HOME_NAMES; i++) {
		if (!device->names[i][0])
			continue;
		if (!*best)
			*best = device->names[i];
		json_array_append_new(list, json_pack("{s:s,s:s}", "kind",
						      home_name_kind(i), "text",
						      device->names[i]));
	}
	return list;
}

static json_t *addresses(const struct home_device *device)
{
	json_t *list = json_array();

	for (size_t i = 0; i < device->addr_count; i++)
		json_array_append_new(list, view_home_addr(&device->addrs[i]));
	return list;
}

/* Whose word it is. */
static const char *lock_by(const struct home_device *device)
{
	static const char *const words[] = {
		[HOME_IDENTIFYING] = NULL,
		[HOME_OPEN_THING] = "evidence",
		[HOME_OPEN_OWNER] = "owner",
		[HOME_OPEN_UNLOCKED] = "possession",
		[HOME_LOCKED_COMPUTER] = "evidence",
		[HOME_LOCKED_OWNER] = "owner",
		[HOME_LEFT_ALONE] = "name",
	};

	return device->excluded ? "owner" : words[device->lock];
}

/* In words, where it is not evidence that says why. */
static const char *lock_reason(const struct home_device *device)
{
	switch (gate_state(device)) {
	case GATE_EXCLUDED:
		return device->excluded_for_good ? "Excluded on the command "
						   "line."
		       : device->excluded	 ? "Excluded by you."
						 : "Its name ends in "
						   "-noinspect: it asks to be "
						   "left alone.";
	case GATE_LOCKED:
		return device->lock == HOME_LOCKED_OWNER
			       ? "Locked by you."
			       : "It is somebody's computer or phone.";
	case GATE_IDENTIFYING:
		if (device->doubted)
			return "What is heard of it now speaks for somebody's "
			       "computer, after it was taken for a thing. "
			       "Until that is settled it is closed; say so if "
			       "you know that it is a thing.";
		return device->watched
			       ? "It is not known yet whether this is a thing "
				 "or somebody's computer. Until then what it "
				 "does is held in memory and not shown; say so "
				 "if you know that it is a thing."
			       : "It said nothing yet that tells whether it is "
				 "a thing or somebody's computer.";
	case GATE_OPEN:
	case GATE_STATES:
		break;
	}
	return device->lock == HOME_OPEN_UNLOCKED ? "Unlocked on the device "
						    "itself."
	       : device->lock == HOME_OPEN_OWNER  ? "You said that it is a "
						    "thing."
	       : device->gateway		  ? "It is the router."
						  : "It is a thing.";
}

static json_t *lock(const struct hub *hub, const struct home_device *device)
{
	bool met = (HOME_LOCKS_CLOSED & HOME_LOCKS_FOUND) >> device->lock & 1;
	/* of a computer it is not kept (web/lock.h) */
	json_t *since = met ? json_null() : time_or_null(device->lock_since_ms);
	json_t *reasons = json_array();

	json_array_append_new(reasons, json_string(lock_reason(device)));
	for (size_t i = 0; i < device->opinion.reason_count; i++)
		json_array_append_new(reasons,
				      json_string(device->opinion.reasons[i]));
	return json_pack("{s:s,s:o,s:s?,s:o,s:o,s:o}", "state",
			 gate_state_name(gate_state(device)), "since", since,
			 "by", lock_by(device), "reasons", reasons, "withheld",
			 view_number(device->withheld.windows), "unlock",
			 unlock_view(hub, device));
}

static json_t *oui(const struct home_device *device)
{
	const uint8_t *b = device->mac.b;

	if (b[0] & MAC_LOCAL)
		return json_null();
	return json_sprintf("%02x:%02x:%02x", b[0], b[1], b[2]);
}

json_t *view_device(const struct hub *hub, const struct home_device *device)
{
	const char *name, *vendor = oui_vendor_by(&hub->know, &device->mac);
	bool consent = hub->consent.given;
	json_t *all_names;

	if (!gate_lets(device, consent, GATE_NAMES))
		return json_pack("{s:s,s:b,s:o,s:o}", "id", device->id,
				 "excluded",
				 gate_state(device) == GATE_EXCLUDED, "address",
				 view_home_addr(&device->address), "lock",
				 lock(hub, device));
	all_names = names(device, &name);
	return json_pack(
		"{s:s,s:b,s:o,s:o,s:o,s:o,s:b,s:s?,s:s?,s:o,s:b,s:b,s:o,s:o,"
		"s:o,s:o,s:o,s:o,s:o}",
		"id", device->id, "excluded", false, "address",
		view_home_addr(&device->address), "lock", lock(hub, device),
		"addresses", addresses(device), "oui", oui(device),
		"private_mac", (device->mac.b[0] & MAC_LOCAL) != 0, "vendor",
		vendor, "name", name, "names", all_names, "gateway",
		device->gateway, "present",
		device->present &&
			device->last_ms + HOME_PRESENT_MS > hub->now_ms,
		"first_seen", view_number(device->first_ms), "last_seen",
		view_number(device->last_ms), "watch", watch(hub, device),
		"in_bytes", view_number(device->in_bytes), "out_bytes",
		view_number(device->out_bytes), "identity",
		gate_lets(device, consent, GATE_HISTORY)
			? identify_view(device->identify)
			: json_null(),
		"maybe_same",
		gate_lets(device, consent, GATE_HISTORY)
			? returned_view(&hub->home, consent, device)
			: json_null());
}

json_t *view_devices(const struct hub *hub)
{
	static struct home_device *listed[HOME_DEVICES_MAX];
	json_t *devices = json_array();
	size_t hidden, n;

	n = home_list(&hub->home, hub->now_ms, hub->config.max_devices, listed,
		      &hidden);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(devices, view_device(hub, listed[i]));
	return json_pack("{s:o,s:o}", "devices", devices, "hidden",
			 view_number(hidden));
}

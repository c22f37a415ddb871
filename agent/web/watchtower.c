// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/watchtower.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/text.h"
#include "store/sift.h"
#include "web/find.h"
#include "web/gate.h"
#include "web/party.h"
#include "web/state.h"

/* How often time is counted, and what changed is stored and told. */
#define TURN_MS 1000

#define NS_PER_MS    1000000ull
#define LINK_BITS6   64 /* RFC 4291 2.5.1 */
#define BPS_PER_MBPS 1000000ull

/* Of those that are not watched. */
static size_t count_others(const struct hub *hub)
{
	const struct home_device *device;
	const struct watched *watched;
	size_t count = 0;
	uint32_t at = 0;

	while ((watched = table_next(&hub->watchtower.devices, &at, NULL))) {
		device = home_find(&hub->home, &watched->mac);
		count += !device || !device->watched;
	}
	return count;
}

static struct watched *get(struct hub *hub, const struct home_device *device)
{
	struct watchtower *tower = &hub->watchtower;
	struct watched *watched = table_find(&tower->devices, &device->mac);

	if (!watched &&
	    (device->watched || count_others(hub) < WATCHTOWER_OTHERS_MAX))
		watched = table_get(&tower->devices, &device->mac, NULL);
	if (watched && !watched->judge) {
		watched->mac = device->mac;
		watched->judge = calloc(1, sizeof(*watched->judge));
		if (!watched->judge) {
			table_remove(&tower->devices, &device->mac);
			watched = NULL;
		}
	}
	tower->refused += !watched;
	return watched;
}

struct judge *watchtower_find(const struct hub *hub,
			      const struct home_device *device)
{
	const struct watched *watched =
		table_find(&hub->watchtower.devices, &device->mac);

	return watched ? watched->judge : NULL;
}

uint64_t watchtower_findings_refused(const struct hub *hub)
{
	const struct watchtower *tower = &hub->watchtower;
	uint64_t refused = tower->findings_refused + tower->home.refused;
	const struct watched *watched;
	uint32_t at = 0;

	while ((watched = table_next(&tower->devices, &at, NULL)))
		refused += watched->judge->findings.refused;
	return refused;
}

static void drop(struct hub *hub, struct watched *watched)
{
	struct mac mac = watched->mac;

	hub->watchtower.findings_refused += watched->judge->findings.refused;
	judge_done(watched->judge);
	free(watched->judge);
	table_remove(&hub->watchtower.devices, &mac);
	hub->watchtower.changed = true;
}

static void note(struct hub *hub, struct finding_list *list)
{
	hub->watchtower.changed |= list->changed;
	list->changed = false;
}

/* Evidence as the store has it: time, length, text of each. */
static void put_evidence(const struct finding *f, struct buf *out)
{
	for (size_t i = 0; i < FINDING_EVIDENCE_MAX; i++) {
		size_t len = strlen(f->evidence[i].text);

		if (!f->evidence[i].at_ms)
			continue;
		buf_u64(out, f->evidence[i].at_ms);
		buf_u8(out, (uint8_t)len);
		buf_append(out, f->evidence[i].text, len);
	}
}

static bool take_evidence(struct slice bytes, struct finding *out)
{
	struct cursor c = cursor_slice(bytes);

	for (size_t i = 0; cursor_left(&c) && i < FINDING_EVIDENCE_MAX; i++) {
		struct finding_evidence *e = &out->evidence[i];
		size_t len;

		e->at_ms = cursor_u64(&c);
		len = cursor_u8(&c);
		if (len >= sizeof(e->text))
			return false;
		cursor_copy(&c, e->text, len);
	}
	return cursor_ok(&c);
}

static int save_findings(struct hub *hub, int64_t device,
			 struct finding_list *list)
{
	struct buf evidence;
	int err = 0;

	buf_init(&evidence, JUDGED_EVIDENCE_BYTES);
	for (size_t i = 0; i < list->count && !err; i++) {
		struct finding *f = &list->items[i];
		struct judged_finding stored = {
			.device = device,
			.kind = rules[f->kind].name,
			.subject = f->subject,
			.endpoint = f->endpoint,
			.since_ms = f->since_ms,
			.last_ms = f->last_ms,
			.hits = f->hits,
			.state = f->state,
		};

		if (!f->changed)
			continue;
		buf_clear(&evidence);
		put_evidence(f, &evidence);
		stored.evidence = slice_of(buf_text(&evidence), evidence.len);
		err = buf_check(&evidence);
		if (!err)
			err = judged_put_finding(hub->store, &stored);
		f->changed = err != 0;
	}
	buf_done(&evidence);
	return err;
}

static bool has_news(const struct finding_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].changed)
			return true;
	return false;
}

static int save_sums(struct hub *hub, int64_t device, struct watched *watched)
{
	struct buf sums;
	int err;

	buf_init(&sums, JUDGED_SUMS_BYTES);
	err = judge_write(watched->judge, &sums);
	if (!err)
		err = judged_put_sums(hub->store, device, hub->now_ms,
				      buf_slice(&sums));
	buf_done(&sums);
	return err;
}

/* What fails is tried again in a minute. */
static void save(struct hub *hub, struct watched *watched,
		 struct home_device *device)
{
	watched->saved_ms = hub->tick_ms;
	if (store_device_seen(hub->store, &device->mac, &device->address,
			      device->first_ms, device->last_ms,
			      device->gateway, &device->store_id) ||
	    save_findings(hub, device->store_id, &watched->judge->findings))
		return;
	watched->unsaved = save_sums(hub, device->store_id, watched) != 0;
}

static struct home_device *by_store_id(struct hub *hub, int64_t id)
{
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at)))
		if (device->store_id == id)
			return device;
	return NULL;
}

/* False: it is of another version. */
static bool take_finding(const struct judged_finding *stored,
			 struct finding *out)
{
	*out = (struct finding){
		.kind = rule_find(stored->kind),
		.endpoint = stored->endpoint,
		.since_ms = stored->since_ms,
		.last_ms = stored->last_ms,
		.hits = stored->hits,
		.state = (enum finding_state)stored->state,
	};
	(void)snprintf(out->subject, sizeof(out->subject), "%s",
		       stored->subject);
	return out->kind != RULES && stored->state >= 0 &&
	       stored->state < FINDING_STATES &&
	       take_evidence(stored->evidence, out);
}

static bool load_finding(void *user, const struct judged_finding *stored)
{
	struct hub *hub = user;
	struct finding_list *list = &hub->watchtower.home;
	struct finding f;

	if (!take_finding(stored, &f))
		return true;
	if (stored->device != JUDGED_HOME) {
		struct home_device *device = by_store_id(hub, stored->device);
		struct watched *watched =
			device && gate_lets(device, true, GATE_HISTORY)
				? get(hub, device)
				: NULL;

		list = watched ? &watched->judge->findings : NULL;
	}
	if (list)
		(void)!finding_restore(list, &f);
	return true;
}

static bool load_sums(void *user, int64_t id, struct slice sums)
{
	struct hub *hub = user;
	struct home_device *device = by_store_id(hub, id);
	struct watched *watched;

	if (!device || !gate_lets(device, true, GATE_HISTORY))
		return true;
	watched = get(hub, device);
	/* of another version: it begins anew */
	if (watched)
		(void)!judge_read(sums, watched->judge);
	return true;
}

void watchtower_init(struct hub *hub)
{
	table_init(&hub->watchtower.devices, sizeof(struct mac),
		   sizeof(struct watched), WATCHTOWER_DEVICES_MAX, hub->seed);
}

void watchtower_load(struct hub *hub)
{
	/* what cannot be read is told as the store's fault */
	(void)!judged_each_sums(hub->store, load_sums, hub);
	(void)!judged_each_finding(hub->store, load_finding, hub);
}

void watchtower_hear_home(struct hub *hub, const struct record_window *window)
{
	struct watchtower *tower = &hub->watchtower;

	tower->lan.gateway = hub->network.gateway;
	tower->lan.link6 = (struct cidr){ hub->network.own6, LINK_BITS6 };
	for (uint32_t i = 0; i < hub->network.resolver6_count; i++)
		lan_name_resolver6(&tower->lan, &hub->network.resolvers6[i]);
	lan_hear(&tower->lan, window, &tower->home);
	note(hub, &tower->home);
}

void watchtower_judge(struct hub *hub, const struct home_device *device,
		      const struct record_window *window)
{
	struct party_source source = { hub, party_find };
	struct judge_world world = {
		.lan = &hub->watchtower.lan,
		.party = &source,
		.gateway = hub->network.gateway,
		.own = hub->network.address.addr,
		.uplink_bps = hub->settings.upload_mbps * BPS_PER_MBPS,
		.away = settings_is_away(&hub->settings,
					 window->start_ns / NS_PER_MS),
	};
	struct watched *watched;

	if (!window->flow_count && !window->hello_count &&
	    !window->question_count && !window->service_count)
		return;
	watched = get(hub, device);
	if (!watched)
		return;
	judge_add(watched->judge, window, &world);
	watched->unsaved = true;
	note(hub, &watched->judge->findings);
}

void watchtower_meet(struct hub *hub, const struct home_device *device)
{
	char address[ADDR_TEXT_BYTES], text[FINDING_EVIDENCE_BYTES];
	struct finding_report report = {
		.kind = RULE_NEW_DEVICE,
		.subject = "",
		.endpoint = &device->address,
		.at_ms = hub->now_ms,
		.evidence = text,
	};
	struct watched *watched;

	if (device->gateway ||
	    !gate_lets(device, hub->consent.given, GATE_ANNOUNCEMENTS) ||
	    hub->now_ms < hub->consent.at_ms + WATCHTOWER_SETTLED_MS)
		return;
	watched = get(hub, device);
	if (!watched)
		return;
	(void)snprintf(text, sizeof(text), "first heard at %s",
		       addr_format(&device->address, address));
	(void)!finding_report(&watched->judge->findings, &report);
	note(hub, &watched->judge->findings);
}

/* Time passes: what of it was watched, and intercepted. */
static void count_time(struct hub *hub, const struct home_device *device,
		       struct watched *watched)
{
	coverage_state(&watched->judge->coverage,
		       !hub->paused && gate_lets(device, hub->consent.given,
						 GATE_TRAFFIC),
		       device->phase == MESSAGE_WATCH_ACTIVE, hub->now_ms);
}

void watchtower_phase(struct hub *hub, const struct home_device *device,
		      bool was_held, unsigned int unanswered)
{
	bool bad = device->cause == MESSAGE_CAUSE_UNANSWERED ||
		   device->cause == MESSAGE_CAUSE_LOST_HERE ||
		   device->cause == MESSAGE_CAUSE_FIREWALL;
	struct watched *watched;

	if (!gate_lets(device, hub->consent.given, GATE_TRAFFIC))
		return;
	watched = get(hub, device);
	if (!watched)
		return;
	if (was_held && device->phase == MESSAGE_WATCH_RELEASED && bad)
		coverage_released(&watched->judge->coverage);
	if (unanswered)
		coverage_unanswered(&watched->judge->coverage, unanswered,
				    hub->now_ms);
	count_time(hub, device, watched);
	watched->unsaved = true;
}

void watchtower_fault(struct hub *hub, const struct message_fault *fault)
{
	struct watchtower *tower = &hub->watchtower;
	struct finding_report report = {
		.kind = RULE_SPOOFER,
		.subject = "",
		.at_ms = hub->now_ms,
		.evidence = fault->text,
	};

	if (fault->kind != MESSAGE_FAULT_SPOOFER || fault->over)
		return;
	(void)!finding_report(&tower->home, &report);
	note(hub, &tower->home);
}

void watchtower_save(struct hub *hub, struct home_device *device)
{
	struct watched *watched =
		table_find(&hub->watchtower.devices, &device->mac);

	if (watched && gate_lets(device, true, GATE_HISTORY))
		save(hub, watched, device);
}

void watchtower_join(struct hub *hub, const struct home_device *from,
		     const struct home_device *into)
{
	struct judge *old = watchtower_find(hub, from);
	struct watched *watched;

	if (!old)
		return;
	watched = get(hub, into);
	/* one that both have stays as it is; past the limit the store has it */
	for (size_t i = 0; watched && i < old->findings.count; i++)
		(void)!finding_restore(&watched->judge->findings,
				       &old->findings.items[i]);
	watchtower_forget(hub, from);
}

void watchtower_forget(struct hub *hub, const struct home_device *device)
{
	struct watched *watched =
		table_find(&hub->watchtower.devices, &device->mac);

	if (watched)
		drop(hub, watched);
}

void watchtower_forget_all(struct hub *hub)
{
	struct watchtower *tower = &hub->watchtower;
	struct watched *watched;
	uint32_t at = 0;

	while ((watched = table_next(&tower->devices, &at, NULL)))
		drop(hub, watched);
	finding_done(&tower->home);
	memset(&tower->lan, 0, sizeof(tower->lan));
	tower->changed = true;
}

static bool sift_finding(void *user, const struct judged_finding *stored)
{
	const struct trace *trace = user;
	struct finding f;

	return take_finding(stored, &f) &&
	       trace_in_finding(trace, &f, stored->device == JUDGED_HOME);
}

static bool sift_sums(void *user, struct slice sums, struct buf *out)
{
	const struct trace *trace = user;
	struct judge *judge = calloc(1, sizeof(*judge));
	bool less = judge && !judge_read(sums, judge) &&
		    trace_erase_judge(trace, judge);

	/* what does not fit is told by the buffer */
	if (less)
		(void)!judge_write(judge, out);
	free(judge);
	return less;
}

static bool sift_text(void *user, int kind, struct slice text)
{
	return hush_tells(user, kind, text);
}

int watchtower_erase_trace(struct hub *hub, struct trace *trace)
{
	const struct sift sieve = {
		.user = trace,
		.finding = sift_finding,
		.sums = sift_sums,
		.text = sift_text,
		.addrs = trace->addrs,
		.addr_count = trace->addr_count,
	};
	struct watchtower *tower = &hub->watchtower;
	struct watched *watched;
	uint32_t at = 0;

	while ((watched = table_next(&tower->devices, &at, NULL)))
		trace_learn(trace, &watched->judge->findings);
	at = 0;
	while ((watched = table_next(&tower->devices, &at, NULL))) {
		watched->unsaved |= trace_erase_judge(trace, watched->judge);
		note(hub, &watched->judge->findings);
	}
	(void)!trace_erase(trace, &tower->home, true);
	note(hub, &tower->home);
	return sift_all(hub->store, &sieve);
}

static void turn(struct hub *hub, struct watched *watched)
{
	struct home_device *device = home_find(&hub->home, &watched->mac);
	bool due = hub->tick_ms - watched->saved_ms >= WATCHTOWER_SAVE_MS;

	if (!device || !gate_lets(device, true, GATE_NAMES)) {
		drop(hub, watched);
		return;
	}
	count_time(hub, device, watched);
	note(hub, &watched->judge->findings);
	if (gate_lets(device, hub->consent.given, GATE_HISTORY) &&
	    ((watched->unsaved && due) || has_news(&watched->judge->findings)))
		save(hub, watched, device);
}

void watchtower_turn(struct hub *hub)
{
	struct watchtower *tower = &hub->watchtower;
	struct watched *watched;
	uint32_t at = 0;
	json_t *event;

	if (hub->tick_ms - tower->turned_ms < TURN_MS)
		return;
	tower->turned_ms = hub->tick_ms;
	while ((watched = table_next(&tower->devices, &at, NULL)))
		turn(hub, watched);
	note(hub, &tower->home);
	if (has_news(&tower->home))
		(void)!save_findings(hub, JUDGED_HOME, &tower->home);
	if (!tower->changed)
		return;
	tower->changed = false;
	event = find_count(hub);
	stream_send_all(&hub->streams, "findings", event);
	json_decref(event);
}

void watchtower_done(struct hub *hub)
{
	struct watchtower *tower = &hub->watchtower;
	struct home_device *device;
	struct watched *watched;
	uint32_t at = 0;

	while ((watched = table_next(&tower->devices, &at, NULL))) {
		device = home_find(&hub->home, &watched->mac);
		if (hub->store && device && watched->unsaved &&
		    gate_lets(device, true, GATE_HISTORY))
			save(hub, watched, device);
		drop(hub, watched);
	}
	finding_done(&tower->home);
	table_done(&tower->devices);
}

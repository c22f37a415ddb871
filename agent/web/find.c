// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/find.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "judge/endpoint.h"
#include "web/endpoint_view.h"
#include "web/gate.h"
#include "web/state.h"
#include "web/view.h"

#define MS_PER_S 1000
#define MILLION	 1000000.0

/* Walks what may be shown: the home's own, then device by device. */
struct walk {
	struct hub *hub;
	uint32_t at;
	bool home_done;
	struct find_one now;
	size_t next;
};

static bool next_list(struct walk *w)
{
	struct judge *judge;

	w->next = 0;
	if (!w->home_done) {
		w->home_done = true;
		w->now.list = &w->hub->watchtower.home;
		w->now.device = NULL;
		return true;
	}
	while ((w->now.device = home_next(&w->hub->home, &w->at))) {
		judge = watchtower_find(w->hub, w->now.device);
		if (!judge || !gate_lets(w->now.device, w->hub->consent.given,
					 GATE_HISTORY))
			continue;
		w->now.list = &judge->findings;
		return true;
	}
	return false;
}

static bool next_finding(struct walk *w)
{
	while (!w->now.list || w->next >= w->now.list->count)
		if (!next_list(w))
			return false;
	w->now.finding = &w->now.list->items[w->next++];
	return true;
}

/* The same as long as the finding is, and says nothing of a MAC. */
static void id_of(struct hub *hub, const struct find_one *one,
		  char out[FIND_ID_BYTES])
{
	const char *device = one->device ? one->device->id : "";
	uint64_t seed, hash;

	memcpy(&seed, hub->home.secret, sizeof(seed));
	hash = table_hash(seed + one->finding->kind, device, strlen(device));
	hash = table_hash(hash, one->finding->subject,
			  strlen(one->finding->subject));
	text_hex(&hash, sizeof(hash), out);
}

static json_t *evidence_of(const struct finding *f)
{
	json_t *list = json_array();

	for (size_t i = 0; i < FINDING_EVIDENCE_MAX; i++)
		if (f->evidence[i].at_ms)
			json_array_append_new(
				list,
				json_pack("{s:o,s:s}", "at",
					  view_number(f->evidence[i].at_ms),
					  "text", f->evidence[i].text));
	return list;
}

/* A device of the home that has this address and may be shown. */
static const char *device_at(struct hub *hub, const struct addr *addr)
{
	struct home_device *device;
	uint32_t at = 0;

	while (addr->family && (device = home_next(&hub->home, &at)))
		if (addr_equal(&device->address, addr) &&
		    gate_lets(device, hub->consent.given, GATE_HISTORY))
			return device->id;
	return NULL;
}

json_t *find_one(struct hub *hub, const struct find_one *one)
{
	const struct finding *f = one->finding;
	const struct rule *rule = &rules[f->kind];
	char id[FIND_ID_BYTES];

	id_of(hub, one, id);
	return json_pack(
		"{s:s,s:s?,s:s,s:s,s:s,s:s,s:s?,s:o,s:o,s:o,s:s,s:o,s:s,s:s,"
		"s:o,s:s}",
		"id", id, "device",
		one->device ? one->device->id : device_at(hub, &f->endpoint),
		"kind", rule->name, "class", rule_class_name(rule->class),
		"severity", rule_severity_name(rule->severity), "state",
		finding_state_name(f->state), "subject",
		f->subject[0] ? f->subject : NULL, "since",
		view_number(f->since_ms), "last", view_number(f->last_ms),
		"hits", view_number(f->hits), "text", rule->text, "evidence",
		evidence_of(f), "advice", rule_advice_name(rule->advice),
		"to_do", rule->to_do, "endpoint", view_addr(&f->endpoint),
		"reason", rule->reason);
}

/* Open ones first, then the gravest, then the latest. */
static int by_rank(const void *a, const void *b)
{
	const struct finding *x = ((const struct find_one *)a)->finding;
	const struct finding *y = ((const struct find_one *)b)->finding;
	enum rule_severity s = rules[x->kind].severity;
	enum rule_severity t = rules[y->kind].severity;

	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	if (s != t)
		return s > t ? -1 : 1;
	if (x->last_ms != y->last_ms)
		return x->last_ms > y->last_ms ? -1 : 1;
	return (int)x->kind - (int)y->kind;
}

static json_t *reply(struct hub *hub, struct find_one *found, size_t count)
{
	size_t shown = count < FIND_MAX ? count : FIND_MAX;
	json_t *list = json_array();

	if (count)
		qsort(found, count, sizeof(*found), by_rank);
	for (size_t i = 0; i < shown; i++)
		json_array_append_new(list, find_one(hub, &found[i]));
	return json_pack("{s:o,s:o}", "findings", list, "more",
			 view_number(count - shown));
}

static json_t *gather(struct hub *hub, const struct home_device *only)
{
	struct walk walk = { .hub = hub };
	struct find_one *found;
	size_t count = 0;
	json_t *json;

	while (next_finding(&walk))
		count += !only || walk.now.device == only;
	found = calloc(count + 1, sizeof(*found));
	if (!found)
		return NULL;
	walk = (struct walk){ .hub = hub };
	count = 0;
	while (next_finding(&walk))
		if (!only || walk.now.device == only)
			found[count++] = walk.now;
	json = reply(hub, found, count);
	free(found);
	return json;
}

json_t *find_all(struct hub *hub)
{
	return gather(hub, NULL);
}

json_t *find_of_device(struct hub *hub, const struct home_device *device)
{
	return gather(hub, device);
}

json_t *find_count(struct hub *hub)
{
	uint64_t open[RULE_ALARM + 1] = { 0 };
	struct walk walk = { .hub = hub };

	while (next_finding(&walk))
		if (walk.now.finding->state == FINDING_OPEN)
			open[rules[walk.now.finding->kind].severity]++;
	return json_pack("{s:o,s:o,s:o}", "alarms",
			 view_number(open[RULE_ALARM]), "warnings",
			 view_number(open[RULE_WARNING]), "notes",
			 view_number(open[RULE_NOTE]));
}

bool find_by_id(struct hub *hub, const char *id, struct find_one *out)
{
	struct walk walk = { .hub = hub };
	char text[FIND_ID_BYTES];

	while (next_finding(&walk)) {
		id_of(hub, &walk.now, text);
		if (!strcmp(text, id)) {
			*out = walk.now;
			return true;
		}
	}
	return false;
}

/* What guard knows better than the time that passed. */
static bool still_so(struct hub *hub, const struct finding *f)
{
	return f->kind == RULE_SPOOFER &&
	       hub->faults[MESSAGE_FAULT_SPOOFER].current;
}

json_t *find_recheck(struct hub *hub, struct find_one *one)
{
	const struct finding *f = one->finding;
	uint64_t until_ms =
		f->last_ms + (uint64_t)rules[f->kind].quiet_s * MS_PER_S;
	bool gone = !still_so(hub, f) &&
		    finding_recheck(one->list, one->finding, hub->now_ms);
	uint64_t wait_ms = until_ms > hub->now_ms ? until_ms - hub->now_ms : 0;

	return json_pack(
		"{s:b,s:o,s:o}", "gone", gone, "wait_s",
		gone ? json_null()
		     : view_number((wait_ms + MS_PER_S - 1) / MS_PER_S),
		"finding", find_one(hub, one));
}

static json_t *sums_of(const struct posture *p)
{
	json_t *sums = json_object();

	for (size_t i = 0; i < posture_field_count; i++) {
		const struct posture_field *f = &posture_fields[i];
		json_t *group = sums;
		uint64_t value;

		memcpy(&value, (const uint8_t *)&p->sums + f->offset,
		       sizeof(value));
		if (f->group[0]) {
			group = json_object_get(sums, f->group);
			if (!group) {
				group = json_object();
				json_object_set_new(sums, f->group, group);
			}
		}
		json_object_set_new(group, f->name, view_number(value));
	}
	return sums;
}

static json_t *item_of(const struct posture_item *item)
{
	return json_pack("{s:s,s:s?,s:o,s:o,s:o}", "name", item->text, "note",
			 item->note[0] ? item->note : NULL, "first",
			 view_number(item->first_ms), "last",
			 view_number(item->last_ms), "count",
			 view_number(item->count));
}

static json_t *items_of(const struct posture_items *list)
{
	json_t *items = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(items, item_of(&list->items[i]));
	return items;
}

/* By what is known of its maker now. */
static json_t *third_parties(const struct hub *hub,
			     const struct home_device *device,
			     const struct posture_items *companies)
{
	const char *vendor = endpoint_view_vendor(hub, device);
	json_t *items = json_array();

	for (size_t i = 0; i < companies->count; i++)
		if (endpoint_is_third(&hub->know, vendor,
				      companies->items[i].text))
			json_array_append_new(items,
					      item_of(&companies->items[i]));
	return items;
}

static json_t *changes_of(const struct change_list *list)
{
	json_t *changes = json_array();

	for (size_t i = list->count; i-- > 0;) { /* newest first */
		const struct change *c = change_at(list, i);

		json_array_append_new(changes,
				      json_pack("{s:s,s:o,s:s}", "kind",
						rules[c->kind].name, "at",
						view_number(c->at_ms), "text",
						c->text));
	}
	return changes;
}

json_t *find_posture(struct hub *hub, const struct home_device *device)
{
	static const struct posture nothing;
	const struct judge *judge = watchtower_find(hub, device);
	const struct posture *p = judge ? &judge->posture : &nothing;
	uint64_t left_out = 0;
	json_t *json = json_object();

	json_object_set_new(json, "since",
			    p->since_ms ? view_number(p->since_ms)
					: json_null());
	json_object_set_new(
		json, "learning_until",
		p->since_ms ? view_number(p->since_ms + POSTURE_LEARN_MS)
			    : json_null());
	json_object_set_new(json, "last",
			    p->last_ms ? view_number(p->last_ms) : json_null());
	json_object_set_new(json, "sums", sums_of(p));
	for (size_t i = 0; i < POSTURE_LISTS; i++) {
		json_object_set_new(json, posture_list_name(i),
				    i == POSTURE_COMPANIES
					    ? third_parties(hub, device,
							    &p->lists[i])
					    : items_of(&p->lists[i]));
		left_out += p->lists[i].refused;
	}
	json_object_set_new(json, "changes", changes_of(&p->changes));
	json_object_set_new(json, "left_out", view_number(left_out));
	return json;
}

static json_t *share(uint64_t part, uint64_t all)
{
	int64_t millionths = coverage_share(part, all);

	return millionths < 0 ? json_null()
			      : json_real((double)millionths / MILLION);
}

static json_t *rounds(struct hub *hub, const struct home_device *device,
		      const struct coverage *c)
{
	static const struct {
		enum coverage_round bit;
		const char *what, *text;
	} ways[] = {
		{ COVERAGE_IPV6, "ipv6",
		  "It has an IPv6 address, and nothing that it said by it was "
		  "seen in the last 24 hours." },
		{ COVERAGE_SUBNET, "other_subnet",
		  "It has an address of another network too: what it says by "
		  "that goes round this computer." },
		{ COVERAGE_LOCAL, "device_to_device",
		  "What it says to other devices of the home was not seen in "
		  "the last 24 hours." },
	};
	unsigned int round = coverage_round(
		c, device->has_six, device->elsewhere.family != 0, hub->now_ms);
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (round & ways[i].bit)
			json_array_append_new(list,
					      json_pack("{s:s,s:s}", "what",
							ways[i].what, "text",
							ways[i].text));
	return list;
}

/* What this computer itself does wrong is no resistance, and what nobody
 * answers neither. */
static json_t *resisted_by(const struct home_device *device,
			   const struct coverage *c)
{
	if (device->resists == MESSAGE_RESISTS_DEVICE)
		return json_string("device");
	return coverage_is_resisted(c) ? json_string("router") : json_null();
}

json_t *find_coverage(struct hub *hub, const struct home_device *device)
{
	static const struct coverage nothing;
	const struct judge *judge = watchtower_find(hub, device);
	const struct coverage *c = judge ? &judge->coverage : &nothing;

	return json_pack(
		"{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}",
		"watched_ms", view_number(c->watched_ms), "intercepted_ms",
		view_number(c->intercepted_ms), "time",
		share(c->intercepted_ms, c->watched_ms), "seen_bytes",
		view_number(c->seen_bytes), "missed_bytes",
		view_number(c->missed_bytes), "content",
		share(c->seen_bytes, c->seen_bytes + c->missed_bytes),
		"unmeasured_bytes", view_number(c->seen_udp_bytes), "passed_on",
		share(device->forward_out_frames, device->forward_in_frames),
		"releases", view_number(c->releases), "resisted_by",
		resisted_by(device, c), "resisted_at",
		c->resisted_ms ? view_number(c->resisted_ms) : json_null(),
		"round", rounds(hub, device, c));
}

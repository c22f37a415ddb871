// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/alike.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "know/suffix.h"
#include "record/share.h"
#include "record/share_columns.h"
#include "web/crowd.h"
#include "web/sent.h"

/* More homes than there are. */
#define HOMES_MAX 10000000000
#define DAY_MS	  (UINT64_C(24) * 3600 * 1000)

/*
 * Of a device:
 *   oui, hosts, hellos   facts, as they were sent
 *   label                {category, vendor}, as they were sent
 *   at                   when something of it was sent, to a day
 *   device               {asked, fresh, guesses}
 *   normal               {asked, fresh, vendor, category, homes, shares}
 */

void alike_init(struct alike *a)
{
	*a = (struct alike){ .devices = json_object() };
}

void alike_done(struct alike *a)
{
	json_decref(a->devices);
	a->devices = NULL;
}

void alike_clear(struct alike *a)
{
	json_object_clear(a->devices);
	a->changed = true;
}

void alike_read(struct alike *a, json_t *devices)
{
	if (!json_is_object(devices))
		return;
	json_decref(a->devices);
	a->devices = json_incref(devices);
}

static uint64_t number_of(json_t *from, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(from, name));
}

static const char *text_of(json_t *from, const char *name)
{
	const char *text = json_string_value(json_object_get(from, name));

	return text ? text : "";
}

/* How long ago, by a clock that may have been set back. */
static uint64_t age_of(json_t *from, const char *name, uint64_t now_ms)
{
	uint64_t at_ms = number_of(from, name);

	return at_ms <= now_ms ? now_ms - at_ms : UINT64_MAX;
}

/* The member, made when it is not there. */
static json_t *part(json_t *of, const char *name, json_t *(*make)(void))
{
	json_t *found = json_object_get(of, name);

	if (!found && !json_object_set_new(of, name, make()))
		found = json_object_get(of, name);
	return found;
}

static void mark_fresh(json_t *device, const char *question)
{
	json_object_set_new(part(device, question, json_object), "fresh",
			    json_true());
}

static bool has_text(json_t *list, const char *text)
{
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		if (!strcmp(json_string_value(one), text))
			return true;
	}
	return false;
}

/* False when it was known. */
static bool add_text(json_t *device, const char *list_name, const char *text)
{
	json_t *list = part(device, list_name, json_array);

	if (has_text(list, text))
		return false;
	if (json_array_size(list) >= ALIKE_FACTS_MAX)
		json_array_remove(list, 0);
	json_array_append_new(list, json_string(text));
	return true;
}

static json_t *device_of(struct alike *a, const char *id, uint64_t now_ms)
{
	json_t *device = json_object_get(a->devices, id);

	if (!device && json_object_size(a->devices) >= ALIKE_DEVICES_MAX) {
		a->counters.facts_refused++;
		return NULL;
	}
	if (!device)
		device = part(a->devices, id, json_object);
	if (!device || age_of(device, "at", now_ms) < DAY_MS)
		return device;
	json_object_set_new(device, "at", json_integer((json_int_t)now_ms));
	a->changed = true;
	return device;
}

/* A column of a table, into a list of the device's. */
static void learn_texts(struct alike *a, const struct sent *sent,
			const char *table, const char *column, const char *list,
			uint64_t now_ms)
{
	size_t at = sent_column(sent, table, column), i;
	bool hosts = !strcmp(list, "hosts");
	json_t *row;

	json_array_foreach(sent_rows(sent, table), i, row)
	{
		const char *text = sent_text(row, at);
		const char *id = sent_device(sent, row);
		json_t *device;

		if (!text || !id || (hosts && !crowd_is_host(text)))
			continue;
		device = device_of(a, id, now_ms);
		if (!device || !add_text(device, list, text))
			continue;
		mark_fresh(device, "device");
		if (hosts)
			mark_fresh(device, "normal");
		a->changed = true;
	}
}

static void learn_labels(struct alike *a, const struct sent *sent,
			 uint64_t now_ms)
{
	size_t category = sent_column(sent, "label", "category");
	size_t vendor = sent_column(sent, "label", "vendor");
	size_t source = sent_column(sent, "label", "source"), i;
	json_t *row;

	json_array_foreach(sent_rows(sent, "label"), i, row)
	{
		const char *c = sent_text(row, category);
		const char *v = sent_text(row, vendor);
		const char *s = sent_text(row, source);
		const char *id = sent_device(sent, row);
		json_t *device = id ? device_of(a, id, now_ms) : NULL;

		if (!device)
			continue;
		a->changed = true;
		json_object_del(device, "label");
		if (c && *c && v && *v && s && strcmp(s, "rejected") != 0)
			json_object_set_new(device, "label",
					    json_pack("{s:s,s:s}", "category",
						      c, "vendor", v));
	}
}

/* The makers of devices of which something is known. */
static void learn_makers(struct alike *a, const struct sent *sent)
{
	size_t id = sent_column(sent, "device", "id");
	size_t oui = sent_column(sent, "device", "oui"), i;
	json_t *row;

	json_array_foreach(sent_rows(sent, "device"), i, row)
	{
		const char *key = sent_text(row, id);
		const char *text = sent_text(row, oui);
		json_t *device = key ? json_object_get(a->devices, key) : NULL;

		if (!device || !text || !strcmp(text_of(device, "oui"), text))
			continue;
		json_object_set_new(device, "oui", json_string(text));
		mark_fresh(device, "device");
		a->changed = true;
	}
}

void alike_learn(struct alike *a, struct slice body, uint64_t now_ms)
{
	struct sent sent;

	sent_begin(&sent, body);
	while (sent_next(&sent)) {
		learn_texts(a, &sent, "name", "name", "hosts", now_ms);
		learn_texts(a, &sent, "hello", "ja4", "hellos", now_ms);
		learn_labels(a, &sent, now_ms);
		learn_makers(a, &sent);
	}
	sent_end(&sent);
}

void alike_narrow(struct alike *a, uint32_t gone)
{
	static const struct {
		const char *fact;
		uint32_t by; /* any of these */
	} needs[] = {
		{ "oui", SHARE_BIT(OUI) },
		{ "hosts", SHARE_BIT(ANSWERS) | SHARE_BIT(SERVER_NAME) |
				   SHARE_BIT(HTTP_HOST) },
		{ "hellos", SHARE_BIT(CLIENT_HELLO) },
		{ "label", SHARE_BIT(LABELS) },
	};
	json_t *device;
	const char *id;

	json_object_foreach(a->devices, id, device)
	{
		for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
			if ((gone & needs[i].by) &&
			    !json_object_del(device, needs[i].fact))
				a->changed = true;
	}
}

void alike_unlabel(struct alike *a, const char *id)
{
	if (!json_object_del(json_object_get(a->devices, id), "label"))
		a->changed = true;
}

void alike_forget(struct alike *a, const char *id)
{
	if (!json_object_del(a->devices, id))
		a->changed = true;
}

void alike_expire(struct alike *a, uint64_t now_ms)
{
	json_t *device;
	const char *id;
	void *next;

	json_object_foreach_safe(a->devices, next, id, device)
	{
		uint64_t at_ms = number_of(device, "at");

		if (at_ms < now_ms && now_ms - at_ms > ALIKE_DEVICE_MS)
			alike_forget(a, id);
	}
}

/* What kind to compare it with: what its owner says, else what most say of
 * devices like it; NULL for none. */
static json_t *kind_of(json_t *device)
{
	json_t *label = json_object_get(device, "label");
	json_t *guess = json_array_get(
		json_object_get(json_object_get(device, "device"), "guesses"),
		0);

	if (label)
		return label;
	if (json_real_value(json_object_get(guess, "share")) >= ALIKE_SURE &&
	    *text_of(guess, "vendor") && *text_of(guess, "category"))
		return guess;
	return NULL;
}

static bool is_same_kind(json_t *a, json_t *b)
{
	return !strcmp(text_of(a, "vendor"), text_of(b, "vendor")) &&
	       !strcmp(text_of(a, "category"), text_of(b, "category"));
}

static bool is_due(json_t *asked, uint64_t now_ms)
{
	uint64_t age = age_of(asked, "asked", now_ms);

	return age >= ALIKE_AGAIN_MS ||
	       (age >= ALIKE_FRESH_MS &&
		json_is_true(json_object_get(asked, "fresh")));
}

static json_t *list_of(json_t *device, const char *name)
{
	json_t *list = json_object_get(device, name);

	return list ? json_incref(list) : json_array();
}

static json_t *ask_device(json_t *device)
{
	json_t *oui = json_object_get(device, "oui");
	size_t facts = json_array_size(json_object_get(device, "hosts")) +
		       json_array_size(json_object_get(device, "hellos"));

	if (!facts || facts + (oui != NULL) < ALIKE_FACTS_MIN)
		return NULL;
	return json_pack("{s:o,s:o,s:o}", "oui",
			 oui ? json_incref(oui) : json_null(), "names",
			 list_of(device, "hosts"), "hellos",
			 list_of(device, "hellos"));
}

/* The registered domains of its hosts, each once. */
static json_t *domains_of(json_t *device)
{
	json_t *list = json_array(), *host;
	size_t i;

	json_array_foreach(json_object_get(device, "hosts"), i, host)
	{
		struct slice domain = suffix_registered_domain(
			slice_text(json_string_value(host)));
		json_t *text = json_stringn(
			domain.len ? (const char *)domain.data : "",
			domain.len);

		if (domain.len && !has_text(list, json_string_value(text)))
			json_array_append(list, text);
		json_decref(text);
	}
	return list;
}

static json_t *ask_normal(json_t *device, json_t *kind)
{
	json_t *domains = domains_of(device);

	if (!json_array_size(domains)) {
		json_decref(domains);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:o}", "vendor", text_of(kind, "vendor"),
			 "category", text_of(kind, "category"), "domains",
			 domains);
}

json_t *alike_question(const struct alike *a, const char *id, bool labelled,
		       uint64_t now_ms, enum alike_question *which)
{
	json_t *device = json_object_get(a->devices, id);
	json_t *normal = json_object_get(device, "normal");
	json_t *kind = kind_of(device), *body = NULL;

	if (!labelled && is_due(json_object_get(device, "device"), now_ms)) {
		*which = ALIKE_DEVICE;
		body = ask_device(device);
	}
	if (!body && kind &&
	    (is_due(normal, now_ms) || !is_same_kind(kind, normal))) {
		*which = ALIKE_NORMAL;
		body = ask_normal(device, kind);
	}
	return body;
}

static bool is_label_text(const char *text)
{
	return text_characters(text) <= SHARE_LABEL_MAX;
}

/* A number of homes and a share of them, as they can be. */
static bool is_count(json_int_t homes, double share)
{
	return homes >= 1 && homes <= HOMES_MAX && share >= 0 && share <= 1;
}

static json_t *read_guesses(struct alike *a, json_t *reply)
{
	json_t *list = json_array(), *one;
	size_t i;

	json_array_foreach(json_object_get(reply, "guesses"), i, one)
	{
		const char *name, *category, *vendor;
		json_int_t homes;
		double share;

		if (i >= ALIKE_GUESSES_MAX ||
		    json_unpack(one, "{s:s,s:s,s:s,s:I,s:F}", "name", &name,
				"category", &category, "vendor", &vendor,
				"homes", &homes, "share", &share) ||
		    !is_label_text(name) || !is_label_text(category) ||
		    !is_label_text(vendor) ||
		    !(*name || *category || *vendor) ||
		    !is_count(homes, share)) {
			a->counters.answers_refused++;
			continue;
		}
		json_array_append_new(
			list, json_pack("{s:s,s:s,s:s,s:I,s:f}", "name", name,
					"category", category, "vendor", vendor,
					"homes", homes, "share", share));
	}
	return list;
}

/* Of domains that were asked about alone. */
static json_t *read_shares(struct alike *a, json_t *question, json_t *reply,
			   json_int_t homes)
{
	json_t *asked = json_object_get(question, "domains"), *value;
	json_t *shares = json_object();
	const char *domain;

	json_object_foreach(json_object_get(reply, "domains"), domain, value)
	{
		double share = json_number_value(value);

		if (json_is_number(value) && is_count(homes, share) &&
		    has_text(asked, domain))
			json_object_set_new(shares, domain, json_real(share));
		else
			a->counters.answers_refused++;
	}
	return shares;
}

void alike_answer(struct alike *a, const char *id, enum alike_question which,
		  json_t *question, json_t *reply, uint64_t now_ms)
{
	json_t *device = json_object_get(a->devices, id), *answer;
	json_int_t homes = json_integer_value(json_object_get(reply, "homes"));
	json_int_t asked = (json_int_t)now_ms;

	/* it was closed meanwhile */
	if (!device)
		return;
	if (which == ALIKE_DEVICE)
		answer = json_pack("{s:I,s:b,s:o}", "asked", asked, "fresh", 0,
				   "guesses", read_guesses(a, reply));
	else
		answer = json_pack("{s:I,s:b,s:O,s:O,s:I,s:o}", "asked", asked,
				   "fresh", 0, "vendor",
				   json_object_get(question, "vendor"),
				   "category",
				   json_object_get(question, "category"),
				   "homes", homes, "shares",
				   read_shares(a, question, reply, homes));
	json_object_set_new(device, which == ALIKE_DEVICE ? "device" : "normal",
			    answer);
	a->changed = true;
}

json_t *alike_guesses(const struct alike *a, const char *id)
{
	return json_object_get(json_object_get(json_object_get(a->devices, id),
					       "device"),
			       "guesses");
}

bool alike_share_of(const struct alike *a, const char *id, struct slice domain,
		    struct alike_share *out)
{
	json_t *device = json_object_get(a->devices, id);
	json_t *normal = json_object_get(device, "normal");
	json_t *kind = kind_of(device), *share;
	char name[CROWD_NAME_BYTES_MAX + 1];

	if (!domain.len || domain.len >= sizeof(name) || !kind ||
	    !is_same_kind(kind, normal))
		return false;
	snprintf(name, sizeof(name), "%.*s", (int)domain.len,
		 (const char *)domain.data);
	share = json_object_get(json_object_get(normal, "shares"), name);
	if (!share)
		return false;
	*out = (struct alike_share){ number_of(normal, "homes"),
				     json_real_value(share),
				     text_of(normal, "vendor"),
				     text_of(normal, "category") };
	return true;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "record/personal.h"
#include "web/gate.h"
#include "web/research.h"
#include "web/state.h"
#include "web/view.h"

/* Shown of an upload: a page need not hold a megabyte. */
#define TEXT_MAX ((size_t)64 << 10)
/* Of each list to choose from. */
#define CHOICES_MAX 500

static json_t *time_or_null(uint64_t ms)
{
	return ms ? view_number(ms) : json_null();
}

static json_t *text_or_null(const char *text)
{
	return text && *text ? json_string(text) : json_null();
}

static json_t *fields_json(uint32_t fields)
{
	json_t *object = json_object();

	for (int i = 0; i < SHARE_FIELDS; i++)
		json_object_set_new(object,
				    share_field_name((enum share_field)i),
				    json_boolean(fields >> i & 1));
	return object;
}

static json_t *spool_json(struct spool *spool)
{
	struct spool_counts counts = { 0 };

	if (spool)
		spool_counts(spool, &counts);
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "waiting",
			 view_number(counts.waiting), "waiting_bytes",
			 view_number(counts.waiting_bytes), "oldest",
			 time_or_null(counts.oldest_ms), "sent",
			 view_number(counts.sent), "sent_bytes",
			 view_number(counts.sent_bytes), "dropped",
			 view_number(counts.dropped), "refused",
			 view_number(counts.refused), "outdated",
			 view_number(counts.outdated), "limit_bytes",
			 view_number(SPOOL_BYTES_MAX));
}

/* A text or a number of what a collector said, as it may be shown. */
static json_t *said(json_t *from, const char *name)
{
	json_t *value = json_object_get(from, name);
	const char *text = json_string_value(value);

	if (text)
		return view_text(slice_text(text));
	if (json_is_integer(value))
		return json_incref(value);
	return json_null();
}

/* A consent text has lines of its own. */
static json_t *long_text(json_t *from, const char *name)
{
	const char *text = json_string_value(json_object_get(from, name));
	struct buf out;
	json_t *json;

	buf_init(&out, 4 * RESEARCH_REPLY_MAX);
	while (text && *text) {
		size_t n = strcspn(text, "\n");

		text_escape(&out, slice_of(text, n));
		text += n;
		if (*text) {
			buf_puts(&out, "\n");
			text++;
		}
	}
	json = json_string(buf_text(&out));
	buf_done(&out);
	return json;
}

static json_t *offer_json(const struct research *r)
{
	if (!json_is_object(r->offer))
		return json_null();
	return json_pack("{s:o,s:o,s:o,s:o,s:o,s:o}", "version",
			 said(r->offer, "version"), "text",
			 long_text(r->offer, "text"), "hash",
			 said(r->offer, "hash"), "approval",
			 said(r->offer, "approval"), "contact",
			 said(r->offer, "contact"), "retention_days",
			 said(r->offer, "retention_days"));
}

/* Names of devices that are still there and open. */
static json_t *names_json(const struct hub *hub)
{
	json_t *list = json_array(), *name;
	size_t i;

	json_array_foreach(hub->research.names, i, name)
	{
		const char *text =
			json_string_value(json_object_get(name, "mac"));
		const struct home_device *device;
		struct mac mac;

		if (!text || mac_parse(text, &mac))
			continue;
		device = home_find(&hub->home, &mac);
		if (!device || !gate_lets(device, true, GATE_NAMES))
			continue;
		json_array_append_new(
			list,
			json_pack("{s:s,s:O,s:O,s:O}", "device", device->id,
				  "kind", json_object_get(name, "kind"), "text",
				  json_object_get(name, "text"), "answer",
				  json_object_get(name, "answer")));
	}
	return list;
}

static json_t *wishes_json(const struct research *r)
{
	json_t *list = json_array(), *wish;
	size_t i;

	json_array_foreach(r->wishes, i, wish)
	{
		json_array_append_new(
			list,
			json_pack("{s:O,s:o}", "what",
				  json_object_get(wish, "what"), "device",
				  text_or_null(json_string_value(
					  json_object_get(wish, "device")))));
	}
	return list;
}

static json_t *receipts_json(const struct research *r)
{
	json_t *list = json_array(), *receipt;
	size_t i;

	json_array_foreach(r->receipts, i, receipt)
	{
		json_array_append_new(
			list,
			json_pack("{s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "receipt",
				  said(receipt, "receipt"), "what",
				  said(receipt, "what"), "device",
				  text_or_null(json_string_value(
					  json_object_get(receipt, "device"))),
				  "rows", said(receipt, "rows"), "time",
				  said(receipt, "time"), "at",
				  said(receipt, "at"), "collector",
				  said(receipt, "collector")));
	}
	return list;
}

static json_t *not_shared(const struct hub *hub)
{
	json_t *list = json_array();
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at)))
		if (research_is_off(&hub->research, &device->mac))
			json_array_append_new(list, json_string(device->id));
	return list;
}

static const char *held_name(enum research_held held)
{
	static const char *const names[] = { "none", "fetching", "ready" };

	return names[held];
}

static json_t *next_try(const struct hub *hub)
{
	const struct research *r = &hub->research;

	if (!r->pace.failures || r->pace.due_ms <= hub->tick_ms)
		return json_null();
	return view_number(hub->now_ms + r->pace.due_ms - hub->tick_ms);
}

json_t *research_view(struct hub *hub)
{
	struct research *r = &hub->research;

	return json_pack(
		"{s:s,s:b,s:o,s:b,s:o,s:o,s:o,s:o,s:b,s:O,s:o,s:o,s:o,s:o,s:o,"
		"s:o,s:o,s:o,s:{s:s,s:o},s:{s:o,s:o,s:o,s:o}}",
		"state", research_state_name(r->state), "paused", r->paused,
		"collector", text_or_null(r->url), "trial",
		json_is_string(r->pem), "account", text_or_null(r->account),
		"agreed", r->known ? time_or_null(r->agreed_ms) : json_null(),
		"offer", offer_json(r), "fields", fields_json(r->fields),
		"unwatched", r->unwatched, "removed", r->removed, "not_shared",
		not_shared(hub), "names", names_json(hub), "spool",
		spool_json(r->spool), "wishes", wishes_json(r), "receipts",
		receipts_json(r), "last_sent", time_or_null(r->sent_ms),
		"trouble",
		r->why[0] ? view_text(slice_text(r->why)) : json_null(),
		"next_try", next_try(hub), "held", "state", held_name(r->held),
		"bytes", view_number(r->held_bytes), "counters", "rows_refused",
		view_number(r->counters.rows_refused), "windows_lost",
		view_number(r->counters.windows_lost), "letters_failed",
		view_number(r->counters.letters_failed), "domains_refused",
		view_number(r->counters.domains_refused +
			    hub->network.domains_left_out));
}

/* The beginning of an upload as text: whole characters. */
static json_t *shown(struct slice body)
{
	size_t n = body.len < TEXT_MAX ? body.len : TEXT_MAX;

	while (n && n < body.len && (body.data[n] & 0xc0) == 0x80)
		n--;
	return json_stringn(n ? (const char *)body.data : "", n);
}

/* What would go now: what waits, else what is being gathered. Gives how many
 * segments that is. */
static uint64_t put_next(struct hub *hub, struct buf *body, bool *waits)
{
	struct research *r = &hub->research;
	uint64_t first = 0, last = 0, number;

	if (r->spool)
		(void)!research_batch(hub, r->batch_max, body, &first, &last);
	*waits = last != 0;
	if (last)
		return last - first + 1;
	return r->open && !spool_next(r->spool, &number) &&
	       !research_header(hub, share_fields(r->open), body) &&
	       !share_json_segment(r->open, number, body);
}

json_t *research_view_next(struct hub *hub)
{
	uint64_t segments;
	struct buf body;
	json_t *json;
	bool waits;

	buf_init(&body, RESEARCH_UPLOAD_BYTES);
	segments = put_next(hub, &body, &waits);
	json = json_pack("{s:o,s:o,s:b,s:o}", "segments", view_number(segments),
			 "bytes", view_number(body.len), "waiting", waits,
			 "text", shown(buf_slice(&body)));
	buf_done(&body);
	return json;
}

int research_whole(struct hub *hub, uint64_t at_ms, int *file, uint64_t *bytes)
{
	struct spool *spool = hub->research.spool;
	int err = 0, fd = -1;
	struct buf body;
	bool waits;

	buf_init(&body, RESEARCH_UPLOAD_BYTES);
	if (!at_ms)
		err = put_next(hub, &body, &waits) ? 0 : ERR_NOTFOUND;
	else
		err = spool ? spool_sent_at(spool, at_ms, &body) : ERR_NOTFOUND;
	if (!err)
		err = buf_check(&body);
	if (!err && (fd = research_letter(buf_slice(&body))) < 0)
		err = ERR_NOMEM;
	if (!err) {
		*file = fd;
		*bytes = body.len;
	}
	buf_done(&body);
	return err;
}

static bool add_sent(void *user, uint64_t at_ms, struct slice body,
		     uint64_t length, uint64_t compressed)
{
	json_array_append_new(
		user, json_pack("{s:o,s:o,s:o,s:o}", "at", view_number(at_ms),
				"bytes", view_number(length), "compressed",
				view_number(compressed), "text", shown(body)));
	return true;
}

static bool add_asked(void *user, uint64_t at_ms, const char *path,
		      struct slice body)
{
	json_array_append_new(user, json_pack("{s:o,s:s,s:o,s:o}", "at",
					      view_number(at_ms), "path", path,
					      "bytes", view_number(body.len),
					      "text", shown(body)));
	return true;
}

json_t *research_view_sent(struct hub *hub)
{
	json_t *uploads = json_array(), *questions = json_array();
	struct spool *spool = hub->research.spool;

	if (spool) {
		(void)!spool_each_sent(spool, add_sent, uploads);
		(void)!spool_each_asked(spool, add_asked, questions);
	}
	return json_pack("{s:o,s:o}", "uploads", uploads, "questions",
			 questions);
}

/* One more choice, each once. */
static void add_choice(json_t *set, const char *text)
{
	if (text && *text && json_object_size(set) < CHOICES_MAX)
		json_object_set_new(set, text, json_true());
}

static json_t *choices(json_t *set)
{
	json_t *list = json_array(), *value;
	const char *text;

	json_object_foreach(set, text, value)
	{
		json_array_append_new(list, json_string(text));
	}
	json_decref(set);
	return list;
}

static void add_list(json_t *set, json_t *list)
{
	json_t *value;
	size_t i;

	json_array_foreach(list, i, value)
	{
		const char *text = json_string_value(value);

		if (text && text_characters(text) <= SHARE_LABEL_MAX)
			add_choice(set, text);
	}
}

json_t *research_view_labels(struct hub *hub)
{
	json_t *names = json_object(), *vendors = json_object();
	json_t *categories = json_object(), *labels = hub->research.labels;
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at))) {
		const struct identity *who;
		json_t *label;

		if (!gate_lets(device, true, GATE_HISTORY))
			continue;
		who = identify_identity(device->identify);
		add_choice(vendors, who->vendor);
		add_choice(names, who->model);
		label = json_object_get(research_device(&hub->research,
							&device->mac, false),
					"label");
		add_choice(names,
			   json_string_value(json_object_get(label, "name")));
		add_choice(vendors,
			   json_string_value(json_object_get(label, "vendor")));
		add_choice(categories, json_string_value(json_object_get(
					       label, "category")));
	}
	for (size_t i = 0; identity_category_at(i); i++)
		add_choice(categories, identity_category_at(i));
	add_list(names, json_object_get(labels, "names"));
	add_list(categories, json_object_get(labels, "categories"));
	add_list(vendors, json_object_get(labels, "vendors"));
	return json_pack("{s:o,s:o,s:o}", "names", choices(names), "categories",
			 choices(categories), "vendors", choices(vendors));
}

static json_t *guess_json(const struct home_device *device)
{
	const struct identity *who = identify_identity(device->identify);

	if (!who->vendor[0] && !who->category[0] && !who->model[0])
		return json_null();
	return json_pack("{s:s,s:s,s:s}", "name", who->model, "category",
			 who->category_label, "vendor", who->vendor);
}

/* What others call such a device, as it may be shown. */
static json_t *crowd_json(const struct hub *hub,
			  const struct home_device *device)
{
	json_t *list = json_array(), *guess;
	size_t i;

	json_array_foreach(research_crowd_guesses(hub, device), i, guess)
	{
		json_array_append_new(
			list,
			json_pack("{s:o,s:o,s:o,s:O,s:O}", "name",
				  said(guess, "name"), "category",
				  said(guess, "category"), "vendor",
				  said(guess, "vendor"), "homes",
				  json_object_get(guess, "homes"), "share",
				  json_object_get(guess, "share")));
	}
	return list;
}

json_t *research_view_label(struct hub *hub, const struct home_device *device)
{
	struct research *r = &hub->research;
	json_t *label = json_object_get(research_device(r, &device->mac, false),
					"label");
	const char *name = json_string_value(json_object_get(label, "name"));
	json_t *shown_label = json_null();

	if (label)
		shown_label = json_pack(
			"{s:O,s:O,s:O,s:O,s:b,s:b}", "name",
			json_object_get(label, "name"), "category",
			json_object_get(label, "category"), "vendor",
			json_object_get(label, "vendor"), "source",
			json_object_get(label, "source"), "personal",
			name && personal_is(slice_text(name)), "waiting",
			json_is_true(json_object_get(label, "waiting")));
	return json_pack("{s:o,s:o,s:o,s:b}", "label", shown_label, "guess",
			 guess_json(device), "crowd", crowd_json(hub, device),
			 "share", !research_is_off(r, &device->mac));
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/research.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"
#include "client/client.h"
#include "store/sift.h"
#include "web/announced.h"
#include "web/state.h"

#define SPOOL_NAME "sharing.db"
#define HELD_NAME  "held-by-collector.ndjson"
#define VALUE_NAME "state"

const char *research_state_name(enum research_state state)
{
	static const char *const names[RESEARCH_STATES] = {
		[RESEARCH_OFF] = "off",		[RESEARCH_ASKING] = "asking",
		[RESEARCH_OFFERED] = "offered", [RESEARCH_JOINING] = "joining",
		[RESEARCH_SHARING] = "sharing", [RESEARCH_CHANGED] = "changed",
		[RESEARCH_ERASING] = "erasing",
	};

	return names[state];
}

static json_t *state_json(const struct research *r)
{
	return json_pack(
		"{s:I,s:I,s:I,s:i,s:b,s:b,s:b,s:I,s:I,s:s,s:s,s:s,s:s,s:I,s:O,s:O,s:O,s:O,s:O,"
		"s:O,s:O,s:O,s:O}",
		"switches", (json_int_t)SHARE_ALL, "daily_first",
		(json_int_t)r->daily_first, "daily_last",
		(json_int_t)r->daily_last, "state", (int)r->state, "paused",
		r->paused, "known", r->known, "unwatched", r->unwatched,
		"fields", (json_int_t)r->fields, "since_ms",
		(json_int_t)r->since_ms, "url", r->url, "account", r->account,
		"secret", r->secret, "consent", r->consent, "agreed_ms",
		(json_int_t)r->agreed_ms, "pem", r->pem, "offer", r->offer,
		"devices", r->devices, "names", r->names, "removed", r->removed,
		"wishes", r->wishes, "receipts", r->receipts, "wan", r->wan,
		"domains", r->domains);
}

int research_save(struct hub *hub)
{
	struct research *r = &hub->research;
	json_t *json;
	char *text;
	int err;

	hub->status_changed = true;
	r->name_learned = false;
	if (!r->spool)
		return ERR_IO;
	json = state_json(r);
	text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	json_decref(json);
	if (!text)
		return ERR_NOMEM;
	err = spool_put(r->spool, VALUE_NAME, slice_text(text));
	explicit_bzero(text, strlen(text));
	free(text);
	return err;
}

static void take_list(json_t *from, const char *name, json_t **into)
{
	json_t *list = json_object_get(from, name);

	if (json_is_array(list))
		json_incref(list);
	else
		list = json_array();
	json_decref(*into);
	*into = list;
}

static void take_any(json_t *from, const char *name, json_t **into)
{
	json_t *value = json_object_get(from, name);

	json_decref(*into);
	*into = value ? json_incref(value) : json_null();
}

static void take_text(json_t *from, const char *name, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(from, name));

	snprintf(out, size, "%s", text ? text : "");
}

static uint64_t take_number(json_t *from, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(from, name));
}

static void load_state(struct research *r, json_t *json)
{
	uint64_t state = take_number(json, "state");
	uint32_t switches = (uint32_t)take_number(json, "switches");

	if (state < RESEARCH_STATES)
		r->state = (enum research_state)state;
	r->paused = json_is_true(json_object_get(json, "paused"));
	r->known = json_is_true(json_object_get(json, "known"));
	r->unwatched = json_is_true(json_object_get(json, "unwatched"));
	r->fields = (uint32_t)take_number(json, "fields") & SHARE_ALL;
	/* those that there were not when they were set */
	r->fields |= SHARE_DEFAULT & ~(switches ? switches : SHARE_FIRST);
	r->daily_first = take_number(json, "daily_first");
	r->daily_last = take_number(json, "daily_last");
	r->since_ms = take_number(json, "since_ms");
	r->agreed_ms = take_number(json, "agreed_ms");
	take_text(json, "url", r->url, sizeof(r->url));
	take_text(json, "account", r->account, sizeof(r->account));
	take_text(json, "secret", r->secret, sizeof(r->secret));
	take_text(json, "consent", r->consent, sizeof(r->consent));
	take_any(json, "pem", &r->pem);
	take_any(json, "offer", &r->offer);
	take_list(json, "names", &r->names);
	take_list(json, "removed", &r->removed);
	take_list(json, "wishes", &r->wishes);
	take_list(json, "receipts", &r->receipts);
	take_list(json, "wan", &r->wan);
	take_list(json, "domains", &r->domains);
	if (json_is_object(json_object_get(json, "devices"))) {
		json_decref(r->devices);
		r->devices = json_incref(json_object_get(json, "devices"));
	}
}

static void load(struct research *r)
{
	struct buf value;
	json_t *json;

	buf_init(&value, SPOOL_VALUE_MAX);
	if (!spool_get(r->spool, VALUE_NAME, &value)) {
		json = json_loadb(buf_text(&value), value.len, 0, NULL);
		if (json)
			load_state(r, json);
		json_decref(json);
	}
	buf_done(&value);
}

void research_start(struct hub *hub)
{
	struct research *r = &hub->research;
	char path[PATH_MAX], why[SPOOL_WHY_BYTES];
	int len = snprintf(path, sizeof(path), "%s/%s", hub->config.data_dir,
			   SPOOL_NAME);

	r->letter = -1;
	buf_init(&r->body, RESEARCH_BATCH_BYTES + SHARE_LINE_MAX);
	r->fields = SHARE_DEFAULT;
	r->batch_max = RESEARCH_BATCH_SEGMENTS;
	r->pem = json_null();
	r->offer = json_null();
	r->labels = json_null();
	r->devices = json_object();
	r->names = json_array();
	r->removed = json_array();
	r->wishes = json_array();
	r->receipts = json_array();
	r->views = json_object();
	r->wan = json_array();
	r->domains = json_array();
	if (len < 0 || (size_t)len >= sizeof(path)) {
		snprintf(r->why, sizeof(r->why), "the path is too long");
	} else if (spool_open(path, &r->spool, why)) {
		r->spool = NULL;
		snprintf(r->why, sizeof(r->why),
			 "could not open \"%s\": %.200s", SPOOL_NAME, why);
	} else {
		load(r);
	}
	research_crowd_start(hub);
}

void research_stop(struct hub *hub)
{
	struct research *r = &hub->research;

	research_close_segment(hub);
	research_crowd_stop(hub);
	if (r->letter >= 0)
		close(r->letter);
	buf_done(&r->body);
	json_decref(r->pem);
	json_decref(r->offer);
	json_decref(r->labels);
	json_decref(r->devices);
	json_decref(r->names);
	json_decref(r->removed);
	json_decref(r->wishes);
	json_decref(r->receipts);
	json_decref(r->views);
	json_decref(r->wan);
	json_decref(r->domains);
	spool_close(r->spool);
	r->spool = NULL;
	explicit_bzero(r->secret, sizeof(r->secret));
}

void research_tick(struct hub *hub)
{
	if (!hub->research.spool)
		return;
	research_gather_tick(hub);
	research_send_tick(hub);
	research_crowd_tick(hub);
}

json_t *research_device(struct research *r, const struct mac *mac, bool make)
{
	char text[MAC_TEXT_BYTES];
	json_t *device = json_object_get(r->devices, mac_format(mac, text));

	if (!device && make) {
		device = json_object();
		if (json_object_set_new(r->devices, text, device))
			return NULL;
	}
	return device;
}

const char *research_vendor(const struct research *r, const struct mac *mac)
{
	char text[MAC_TEXT_BYTES];
	json_t *label = json_object_get(
		json_object_get(r->devices, mac_format(mac, text)), "label");
	const char *source =
		json_string_value(json_object_get(label, "source"));
	const char *vendor =
		json_string_value(json_object_get(label, "vendor"));

	return vendor && vendor[0] && source && strcmp(source, "rejected") != 0
		       ? vendor
		       : NULL;
}

bool research_is_off(const struct research *r, const struct mac *mac)
{
	char text[MAC_TEXT_BYTES];

	return json_is_true(json_object_get(
		json_object_get(r->devices, mac_format(mac, text)), "off"));
}

/* A request under way speaks of what is no more. */
static void drop_errand(struct research *r)
{
	if (r->letter >= 0)
		close(r->letter);
	r->letter = -1;
	r->errand = RESEARCH_NOTHING;
	r->number++;
	buf_clear(&r->body);
}

/* An upload under way has what is taken out: its reply is not waited for, and
 * what is left goes again under its numbers, which count once. */
static int edit_spool(struct hub *hub, const struct share_edit *edit)
{
	struct research *r = &hub->research;

	if (r->errand == RESEARCH_UPLOAD)
		drop_errand(r);
	pace_hurry(&r->pace, hub->tick_ms);
	return spool_edit(r->spool, edit);
}

static void drop_open(struct research *r)
{
	share_free(r->open);
	r->open = NULL;
	json_object_clear(r->views);
}

/* What was fetched is older than what is asked for now. */
static void forget_held(struct hub *hub)
{
	char path[PATH_MAX];

	hub->research.held = RESEARCH_HELD_NONE;
	hub->research.held_bytes = 0;
	if (snprintf(path, sizeof(path), "%s/" HELD_NAME,
		     hub->config.data_dir) < (int)sizeof(path))
		(void)unlink(path);
}

/* Nothing of an account stays but the receipts. */
static int forget_account(struct hub *hub)
{
	struct research *r = &hub->research;
	const char *mac;
	json_t *device;
	int err;

	research_crowd_clear(hub);
	err = spool_begin(r->spool);
	forget_held(hub);
	drop_errand(r);
	drop_open(r);
	r->state = RESEARCH_OFF;
	r->paused = r->known = r->lost = false;
	r->url[0] = r->account[0] = r->consent[0] = '\0';
	explicit_bzero(r->secret, sizeof(r->secret));
	json_decref(r->offer);
	json_decref(r->pem);
	json_decref(r->labels);
	r->offer = json_null();
	r->pem = json_null();
	r->labels = json_null();
	json_array_clear(r->wishes);
	json_object_foreach(r->devices, mac, device)
	{
		json_object_del(device, "was");
		json_object_del(device, "was_macs");
	}
	r->daily_first = r->daily_last = 0;
	r->why[0] = '\0';
	return err ? err : research_save(hub);
}

int research_choose(struct hub *hub, const char *url, const char *pem)
{
	struct research *r = &hub->research;
	size_t len = strlen(url);

	if (!r->spool)
		return ERR_IO;
	if (r->state > RESEARCH_OFFERED)
		return ERR_DENIED;
	if (!len)
		return forget_account(hub);
	while (len && url[len - 1] == '/')
		len--;
	if (len + sizeof("/v1/consent") >= sizeof(r->url) ||
	    (pem && strlen(pem) > MESSAGE_PEM_MAX) || !client_url_is_good(url))
		return ERR_INVALID;
	drop_errand(r);
	memcpy(r->url, url, len);
	r->url[len] = '\0';
	json_decref(r->pem);
	r->pem = pem && *pem ? json_string(pem) : json_null();
	json_decref(r->offer);
	r->offer = json_null();
	r->state = RESEARCH_ASKING;
	r->why[0] = '\0';
	pace_hurry(&r->pace, hub->tick_ms);
	return research_save(hub);
}

static int make_account(struct research *r)
{
	uint8_t bytes[48];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return ERR_IO;
	text_hex(bytes, 16, r->account);
	text_hex(bytes + 16, 32, r->secret);
	explicit_bzero(bytes, sizeof(bytes));
	return 0;
}

/* What the owner said of devices goes to the new account too. */
void research_labels_again(struct research *r)
{
	const char *mac;
	json_t *device;

	json_object_foreach(r->devices, mac, device)
	{
		json_t *label = json_object_get(device, "label");

		if (label)
			json_object_set_new(label, "waiting", json_true());
	}
}

int research_agree(struct hub *hub, const char *hash)
{
	struct research *r = &hub->research;
	const char *offered =
		json_string_value(json_object_get(r->offer, "hash"));
	int err = 0;

	if (r->state != RESEARCH_OFFERED && r->state != RESEARCH_CHANGED)
		return ERR_DENIED;
	if (!offered || strcmp(offered, hash) != 0)
		return ERR_INVALID;
	if (r->state == RESEARCH_OFFERED) {
		err = spool_begin(r->spool);
		if (!err)
			err = make_account(r);
	} else {
		/* it was gathered for what the other text said */
		drop_errand(r);
		drop_open(r);
		research_crowd_narrow(hub, SHARE_ALL);
		err = spool_outdated(r->spool);
	}
	if (err)
		return err;
	research_labels_again(r);
	snprintf(r->consent, sizeof(r->consent), "%s", hash);
	r->agreed_ms = r->since_ms = hub->now_ms;
	r->state = RESEARCH_JOINING;
	r->why[0] = '\0';
	pace_hurry(&r->pace, hub->tick_ms);
	return research_save(hub);
}

int research_pause(struct hub *hub, bool pause)
{
	struct research *r = &hub->research;

	if (pause == r->paused)
		return 0;
	research_close_segment(hub);
	r->paused = pause;
	if (!pause)
		r->since_ms = hub->now_ms;
	return research_save(hub);
}

/* What waits has the ones that a device keeps, in texts too. */
static int forget_identifiers(struct hub *hub)
{
	struct research *r = &hub->research;

	if (r->errand == RESEARCH_UPLOAD)
		drop_errand(r);
	research_crowd_clear(hub);
	research_labels_again(r);
	return spool_clear(r->spool);
}

int research_set_fields(struct hub *hub, uint32_t fields, bool unwatched)
{
	struct research *r = &hub->research;
	struct share_edit edit = { .keep = fields };
	int err = 0;

	if (!r->spool)
		return ERR_IO;
	research_close_segment(hub);
	research_crowd_narrow(hub, r->fields & ~fields);
	if (fields & ~r->fields & (SHARE_BIT(LABELS) | SHARE_BIT(IDENTIFIER)))
		research_labels_again(r);
	/* what is off from now on does not go out of the spool either */
	if (r->fields & ~fields & SHARE_BIT(IDENTIFIER))
		err = forget_identifiers(hub);
	if (!err && (r->fields & ~fields))
		err = edit_spool(hub, &edit);
	/* switched again it is tried again */
	if (err)
		return err;
	r->fields = fields;
	r->unwatched = unwatched;
	return research_save(hub);
}

static bool is_name(const char *text)
{
	size_t len = strlen(text);

	return len && len <= RESEARCH_REMOVED_TEXT_MAX &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len;
}

int research_set_removed(struct hub *hub, json_t *names)
{
	struct research *r = &hub->research;
	struct share_edit edit = { .keep = SHARE_ALL, .names = true };
	bool grew = json_array_size(names) > json_array_size(r->removed);
	json_t *name;
	size_t i;
	int err = 0;

	if (!r->spool)
		return ERR_IO;
	if (json_array_size(names) > RESEARCH_REMOVED_MAX)
		return ERR_INVALID;
	json_array_foreach(names, i, name)
	{
		if (!json_is_string(name) || !is_name(json_string_value(name)))
			return ERR_INVALID;
		grew |= i >= json_array_size(r->removed) ||
			!json_equal(name, json_array_get(r->removed, i));
	}
	research_close_segment(hub);
	/* what waits has names of hosts in many places: all of them go */
	if (grew) {
		research_crowd_narrow(hub, SHARE_ALL);
		research_labels_again(r);
		err = edit_spool(hub, &edit);
	}
	/* asked for again it is tried again */
	if (err)
		return err;
	json_decref(r->removed);
	r->removed = json_incref(names);
	return research_save(hub);
}

/* What cannot be taken out one by one: then nothing that waits goes. */
static void nothing_goes_on(struct research *r, int err)
{
	struct spool_counts counts;

	if (!err)
		return;
	spool_counts(r->spool, &counts);
	if (spool_clear(r->spool))
		r->paused = true;
	else
		r->counters.windows_lost += counts.waiting;
	research_labels_again(r);
}

void research_daily_id(const struct hub *hub, const struct mac *mac,
		       uint64_t day, char out[SHARE_ID_BYTES])
{
	struct home_day key;
	uint8_t digest[32];

	home_day_init(&hub->home, day, &key);
	home_day_hash(&key, mac->b, sizeof(mac->b), digest);
	text_hex(digest, (SHARE_ID_BYTES - 1) / 2, out);
	explicit_bzero(&key, sizeof(key));
}

/* What a device has been shared as. */
struct known_as {
	const struct hub *hub;
	struct mac mac;
	char id[SHARE_ID_BYTES];
	/* before it came back under this MAC: ids, and MACs in texts */
	json_t *was, *was_macs;
	char daily[SHARE_ID_BYTES]; /* the last that was asked for */
};

static struct known_as known_as(const struct hub *hub,
				const struct home_device *device)
{
	char mac[MAC_TEXT_BYTES];
	json_t *entry = json_object_get(hub->research.devices,
					mac_format(&device->mac, mac));
	struct known_as k = { .hub = hub,
			      .mac = device->mac,
			      .was = json_object_get(entry, "was"),
			      .was_macs = json_object_get(entry, "was_macs") };

	snprintf(k.id, sizeof(k.id), "%.32s", device->id);
	return k;
}

/* The n-th MAC that it has and had; false past the last. */
static bool nth_mac(const struct known_as *k, size_t n, struct mac *out)
{
	*out = k->mac;
	return !n || (n <= json_array_size(k->was_macs) &&
		      !mac_parse(json_string_value(
					 json_array_get(k->was_macs, n - 1)),
				 out));
}

/* As struct share_edit has it. */
static const char *nth_id(void *user, uint64_t end_s, size_t n)
{
	struct known_as *k = user;
	const struct research *r = &k->hub->research;
	uint64_t day = end_s / HOME_DAY_S;
	size_t lasting = 1 + json_array_size(k->was);
	struct mac mac;

	if (n < lasting)
		return n ? json_string_value(json_array_get(k->was, n - 1))
			 : k->id;
	if (!r->daily_first || day < r->daily_first || day > r->daily_last ||
	    !nth_mac(k, n - lasting, &mac))
		return NULL;
	research_daily_id(k->hub, &mac, day, k->daily);
	return k->daily;
}

/* What other homes said for its sake. */
static void forget_in_crowd(struct hub *hub, struct known_as *k)
{
	const struct research *r = &hub->research;
	uint64_t days = r->daily_last - r->daily_first;
	const char *id;

	if (days > RESEARCH_CROWD_DAYS)
		days = RESEARCH_CROWD_DAYS;
	for (uint64_t i = 0; i <= days; i++)
		for (size_t n = 0;
		     (id = nth_id(k, (r->daily_last - i) * HOME_DAY_S, n)); n++)
			research_crowd_forget(hub, id);
	research_crowd_save(hub);
}

static int take_out(struct hub *hub, const struct mac *mac)
{
	struct research *r = &hub->research;
	struct home_device *device = home_find(&hub->home, mac);
	struct share_edit edit = { .keep = SHARE_ALL, .device = nth_id };
	struct known_as k;

	if (!r->spool || !device)
		return 0;
	research_close_segment(hub);
	k = known_as(hub, device);
	forget_in_crowd(hub, &k);
	edit.user = &k;
	return edit_spool(hub, &edit);
}

void research_take_out(struct hub *hub,
		       bool (*says)(void *user, struct slice text), void *user)
{
	struct research *r = &hub->research;
	struct share_edit edit = { .keep = SHARE_ALL,
				   .says = says,
				   .user = user };

	if (!r->spool)
		return;
	research_close_segment(hub);
	research_crowd_narrow(hub, SHARE_ALL);
	nothing_goes_on(r, edit_spool(hub, &edit));
}

int research_set_device(struct hub *hub, const struct home_device *device,
			bool shared)
{
	struct research *r = &hub->research;
	json_t *entry = research_device(r, &device->mac, true);
	int err = shared ? 0 : take_out(hub, &device->mac);

	if (!entry)
		return ERR_NOMEM;
	if (shared)
		json_object_del(entry, "off");
	else
		json_object_set_new(entry, "off", json_true());
	return err ? err : research_save(hub);
}

int research_set_label(struct hub *hub, const struct home_device *device,
		       json_t *label)
{
	struct research *r = &hub->research;
	json_t *entry = research_device(r, &device->mac, true);

	if (!entry) {
		json_decref(label);
		return ERR_NOMEM;
	}
	research_crowd_unlabel(hub, device);
	if (label) {
		json_object_set_new(label, "waiting", json_true());
		json_object_set_new(entry, "label", label);
	} else {
		json_object_del(entry, "label");
	}
	hub->devices_changed = true;
	return research_save(hub);
}

int research_answer_name(struct hub *hub, const char *device, const char *kind,
			 const char *text, bool yes)
{
	struct research *r = &hub->research;
	const struct home_device *owner = home_by_id(&hub->home, device);
	char mac[MAC_TEXT_BYTES];
	json_t *name;
	size_t i;

	if (!owner)
		return ERR_NOTFOUND;
	mac_format(&owner->mac, mac);
	json_array_foreach(r->names, i, name)
	{
		const char *m, *k, *t;

		if (json_unpack(name, "{s:s,s:s,s:s}", "mac", &m, "kind", &k,
				"text", &t) ||
		    strcmp(m, mac) != 0 || strcmp(k, kind) != 0 ||
		    strcmp(t, text) != 0)
			continue;
		json_object_set_new(name, "answer",
				    json_string(yes ? "yes" : "no"));
		return research_save(hub);
	}
	return ERR_NOTFOUND;
}

static bool has_account(const struct research *r)
{
	return r->known && r->state != RESEARCH_OFF;
}

/* id: of a device, or NULL. */
static int add_wish(struct research *r, const char *what, const char *id,
		    uint64_t next)
{
	/* meant is what has a number by now, whatever the clock says */
	return json_array_append_new(r->wishes,
				     json_pack("{s:s,s:s,s:I}", "what", what,
					       "device", id ? id : "",
					       "segment", (json_int_t)next - 1))
		       ? ERR_NOMEM
		       : 0;
}

/* The same of its ids of each day, which are made when it is asked for. */
static int add_daily_wish(struct research *r, const struct known_as *k,
			  const struct mac *mac, uint64_t next)
{
	char text[MAC_TEXT_BYTES];
	int err = add_wish(r, "device", k->id, next);
	json_t *wish =
		json_array_get(r->wishes, json_array_size(r->wishes) - 1);

	return err || json_object_update_new(
			      wish,
			      json_pack("{s:s,s:I,s:I}", "mac",
					mac_format(mac, text), "day",
					(json_int_t)r->daily_first, "until",
					(json_int_t)r->daily_last))
		       ? ERR_NOMEM
		       : 0;
}

/* Of all that it was shared as. */
static int wish_device(struct hub *hub, const struct home_device *device,
		       uint64_t next)
{
	struct research *r = &hub->research;
	struct known_as k = known_as(hub, device);
	int err = add_wish(r, "device", k.id, next);
	struct mac mac;
	json_t *id;
	size_t i;

	json_array_foreach(k.was, i, id)
	{
		if (!err)
			err = add_wish(r, "device", json_string_value(id),
				       next);
	}
	for (i = 0; !err && r->daily_first && nth_mac(&k, i, &mac); i++)
		err = add_daily_wish(r, &k, &mac, next);
	return err;
}

static int wish(struct hub *hub, const char *what,
		const struct home_device *device)
{
	struct research *r = &hub->research;
	uint64_t next;
	int err;

	if (json_array_size(r->wishes) >= RESEARCH_WISHES_MAX)
		return ERR_LIMIT;
	if (spool_next(r->spool, &next))
		return ERR_IO;
	err = device ? wish_device(hub, device, next)
		     : add_wish(r, what, NULL, next);
	if (err)
		return err;
	pace_hurry(&r->pace, hub->tick_ms);
	return research_save(hub);
}

int research_withdraw(struct hub *hub, bool erase)
{
	struct research *r = &hub->research;
	int err = 0, cleared;

	if (!r->spool)
		return ERR_IO;
	if (!has_account(r) || !erase)
		return forget_account(hub);
	if (r->state != RESEARCH_ERASING || !json_array_size(r->wishes)) {
		drop_errand(r);
		drop_open(r);
		r->state = RESEARCH_ERASING;
		json_array_clear(r->wishes);
		err = wish(hub, "everything", NULL);
	}
	/* asked for again, what failed is tried again */
	cleared = spool_clear(r->spool);
	return err ? err : cleared;
}

int research_delete(struct hub *hub, const char *what,
		    const struct home_device *device)
{
	struct research *r = &hub->research;
	struct share_edit edit = { .keep = SHARE_ALL, .names = true };
	int err;

	if (!r->spool || !has_account(r) || r->state == RESEARCH_ERASING)
		return ERR_DENIED;
	if (!strcmp(what, "device")) {
		err = research_set_device(hub, device, false);
	} else if (!strcmp(what, "names")) {
		research_close_segment(hub);
		research_crowd_narrow(hub, SHARE_ALL);
		err = edit_spool(hub, &edit);
		r->fields &= ~(SHARE_BIT(QUESTIONS) | SHARE_BIT(ANSWERS) |
			       SHARE_BIT(HTTP_HOST) | SHARE_BIT(SERVER_NAME));
	} else {
		/* the account goes with it */
		return research_withdraw(hub, true);
	}
	if (!err)
		forget_held(hub);
	if (err)
		return err;
	return wish(hub, what, device);
}

int research_fetch_held(struct hub *hub)
{
	struct research *r = &hub->research;

	if (!r->spool || !has_account(r))
		return ERR_DENIED;
	r->held = RESEARCH_HELD_WANTED;
	r->held_bytes = 0;
	pace_hurry(&r->pace, hub->tick_ms);
	hub->status_changed = true;
	return 0;
}

int research_held_open(struct hub *hub, int flags)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s", hub->config.data_dir,
			   HELD_NAME);

	if (len < 0 || (size_t)len >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static void forget_names(struct research *r, const char *mac)
{
	for (size_t i = json_array_size(r->names); i-- > 0;) {
		json_t *name = json_array_get(r->names, i);

		if (!strcmp(json_string_value(json_object_get(name, "mac")),
			    mac))
			json_array_remove(r->names, i);
	}
}

/* Of names that both have, the newer's answer stands. */
static void forget_twins(struct research *r, const char *older,
			 const char *newer)
{
	for (size_t i = json_array_size(r->names); i-- > 0;) {
		json_t *name = json_array_get(r->names, i), *twin, *other;
		size_t k;

		if (strcmp(json_string_value(json_object_get(name, "mac")),
			   older) != 0)
			continue;
		json_array_foreach(r->names, k, other)
		{
			twin = json_object_get(other, "mac");
			if (!strcmp(json_string_value(twin), newer) &&
			    json_equal(json_object_get(name, "kind"),
				       json_object_get(other, "kind")) &&
			    json_equal(json_object_get(name, "text"),
				       json_object_get(other, "text"))) {
				json_array_remove(r->names, i);
				break;
			}
		}
	}
}

/* Answers to its names, where the newer has none of its own. */
static void join_names(struct research *r, const char *older, const char *newer)
{
	json_t *name;
	size_t i;

	json_array_foreach(r->names, i, name)
	{
		if (!strcmp(json_string_value(json_object_get(name, "mac")),
			    older))
			json_object_set_new(name, "mac", json_string(newer));
	}
}

/* What the newer was, with all that the older was and one more. */
static void join_list(struct research *r, json_t *after, const char *name,
		      json_t *before, const char *one_more)
{
	json_t *list = json_object_get(after, name);

	if (!list) {
		list = json_array();
		if (json_object_set_new(after, name, list))
			return;
	}
	json_array_extend(list, before);
	json_array_append_new(list, json_string(one_more));
	while (json_array_size(list) > RESEARCH_FORMER_MAX) {
		json_array_remove(list, 0);
		r->counters.former_lost++;
	}
}

/* The collector has the older under its own ids, and those it had before: each
 * is to be erased when the newer is. */
static void join_ids(struct hub *hub, const struct mac *older, json_t *after)
{
	struct research *r = &hub->research;
	const struct home_device *device = home_find(&hub->home, older);
	char mac[MAC_TEXT_BYTES];
	struct known_as k;

	if (!device)
		return;
	k = known_as(hub, device);
	forget_in_crowd(hub, &k);
	join_list(r, after, "was", k.was, k.id);
	if (r->daily_first)
		join_list(r, after, "was_macs", k.was_macs,
			  mac_format(older, mac));
}

void research_join(struct hub *hub, const struct mac *older,
		   const struct mac *newer)
{
	struct research *r = &hub->research;
	char from[MAC_TEXT_BYTES], into[MAC_TEXT_BYTES];
	json_t *before = research_device(r, older, false), *after, *label;
	bool off = json_is_true(json_object_get(before, "off"));

	if (!r->spool)
		return;
	after = research_device(r, newer, before || r->known);
	if (r->known)
		join_ids(hub, older, after);
	if (off)
		nothing_goes_on(r, take_out(hub, newer));
	if (off && after)
		json_object_set_new(after, "off", json_true());
	label = json_object_get(before, "label");
	if (after && label && !json_object_get(after, "label")) {
		/* the collector knows it under the other MAC's id */
		json_object_set_new(label, "waiting", json_true());
		json_object_set(after, "label", label);
	}
	mac_format(older, from);
	forget_twins(r, from, mac_format(newer, into));
	join_names(r, from, into);
	json_object_del(r->devices, from);
	(void)!research_save(hub);
}

void research_forget(struct hub *hub, const struct mac *mac)
{
	struct research *r = &hub->research;
	char text[MAC_TEXT_BYTES];
	json_t *device;

	if (!r->spool ||
	    (r->state == RESEARCH_OFF && !json_object_size(r->devices)))
		return;
	nothing_goes_on(r, take_out(hub, mac));
	device = research_device(r, mac, false);
	if (device)
		json_object_del(device, "label");
	forget_names(r, mac_format(mac, text));
	(void)!research_save(hub);
}

static bool says_hushed(void *trace, struct slice text)
{
	/* a line: its texts are shorter */
	return text.len > ANNOUNCED_BYTES || hush_tells(trace, SIFT_FREE, text);
}

void research_hush(struct hub *hub, struct trace *trace)
{
	struct research *r = &hub->research;

	if (!r->spool ||
	    (r->state == RESEARCH_OFF && !json_array_size(r->names)))
		return;
	research_take_out(hub, says_hushed, trace);
	for (size_t i = json_array_size(r->names); i-- > 0;) {
		const char *text = json_string_value(
			json_object_get(json_array_get(r->names, i), "text"));

		if (text && trace_in_free_text(trace, text))
			json_array_remove(r->names, i);
	}
	(void)!research_save(hub);
}

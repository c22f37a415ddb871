// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/market.h"

#include <jansson.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "record/record.h"
#include "study/simulate/market_hello.h"

/* Of all arrays together: a market of a thousand times ours fits. */
#define ARENA_BYTES_MAX ((size_t)256 << 20)
/* Where something is in the file, for a message. */
#define AT_BYTES 96

/** A reading under way. */
struct reader {
	struct market *market;
	struct arena *arena;
	char *why;
	char at[AT_BYTES];
	int err; /* the first; it sticks */
};

/** What market_parse() gives: the arena goes with it. */
struct owned {
	struct market market;
	struct arena arena;
};

__attribute__((format(printf, 3, 4))) static void
fail(struct reader *r, int err, const char *format, ...)
{
	char what[MARKET_WHY_BYTES - AT_BYTES - 4];
	va_list args;

	if (r->err)
		return;
	r->err = err;
	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	(void)snprintf(r->why, MARKET_WHY_BYTES, "%s: %s", r->at, what);
}

__attribute__((format(printf, 2, 3))) static void at(struct reader *r,
						     const char *format, ...)
{
	va_list args;

	if (r->err)
		return;
	va_start(args, format);
	(void)vsnprintf(r->at, sizeof(r->at), format, args);
	va_end(args);
}

/* Takes an object or array apart as json_unpack() does; strictly. */
static void unpack(struct reader *r, json_t *json, const char *format, ...)
{
	json_error_t error;
	va_list args;

	if (r->err)
		return;
	va_start(args, format);
	if (json_vunpack_ex(json, &error, JSON_STRICT, format, args))
		fail(r, ERR_MALFORMED, "%s", error.text);
	va_end(args);
}

/* Zeroed room for an array of the JSON's length. */
static void *room(struct reader *r, json_t *list, size_t size, size_t *count)
{
	void *items;

	if (!r->err && !json_is_array(list))
		fail(r, ERR_MALFORMED, "not a list");
	if (r->err)
		return NULL;
	items = arena_alloc(r->arena, (json_array_size(list) + 1) * size);
	if (!items) {
		fail(r, ERR_NOMEM, "no memory");
		return NULL;
	}
	*count = json_array_size(list);
	return items;
}

static void read_choices(struct reader *r, json_t *list,
			 struct market_choices *out)
{
	struct market_choice *items =
		room(r, list, sizeof(*items), &out->count);

	for (size_t i = 0; items && i < out->count && !r->err; i++) {
		json_t *item = json_array_get(list, i);

		items[i].share = 1;
		if (json_is_string(item))
			items[i].text = json_string_value(item);
		else
			unpack(r, item, "[s,F]", &items[i].text,
			       &items[i].share);
	}
	out->items = items;
}

static void read_ouis(struct reader *r, json_t *list,
		      struct market_choices *out)
{
	read_choices(r, list, out);
	for (size_t i = 0; i < out->count && !r->err; i++)
		if (strlen(out->items[i].text) != 6 ||
		    strspn(out->items[i].text, "0123456789ABCDEF") != 6)
			fail(r, ERR_MALFORMED, "\"%s\" is no OUI",
			     out->items[i].text);
}

static size_t find_place(struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->market->place_count && !r->err; i++)
		if (!strcmp(r->market->places[i].name, name))
			return i;
	if (name)
		fail(r, ERR_MALFORMED, "there is no place \"%s\"", name);
	return 0;
}

static void read_place(struct reader *r, json_t *json, struct market_place *out)
{
	json_t *blocks = NULL, *reverse = NULL;

	unpack(r, json, "{s:o,s:o}", "blocks", &blocks, "reverse", &reverse);
	out->reverse = json_string_value(reverse); /* NULL for null */
	out->blocks = room(r, blocks, sizeof(*out->blocks), &out->block_count);
	if (!r->err && !out->block_count)
		fail(r, ERR_MALFORMED, "no addresses");
	for (size_t i = 0; i < out->block_count && !r->err; i++) {
		const char *text = json_string_value(json_array_get(blocks, i));

		if (!text || cidr_parse(text, &out->blocks[i]) ||
		    out->blocks[i].addr.family != 4 || out->blocks[i].bits > 30)
			fail(r, ERR_MALFORMED, "\"%s\" is no block of IPv4",
			     text ? text : "");
	}
}

static void read_places(struct reader *r, json_t *places)
{
	struct market *m = r->market;
	const char *name;
	json_t *value;

	m->places = arena_alloc(r->arena, (json_object_size(places) + 1) *
						  sizeof(*m->places));
	if (!m->places)
		fail(r, ERR_NOMEM, "no memory");
	json_object_foreach(places, name, value)
	{
		at(r, "places.%s", name);
		if (r->err)
			return;
		m->places[m->place_count].name = name;
		read_place(r, value, &m->places[m->place_count]);
		m->place_count++;
	}
}

static void read_abroad(struct reader *r, json_t *list)
{
	static const char *const regions[] = {
		[MARKET_AMERICA] = "america",
		[MARKET_EUROPE] = "europe",
		[MARKET_ASIA] = "asia",
	};
	struct market *m = r->market;

	at(r, "abroad");
	m->abroad = room(r, list, sizeof(*m->abroad), &m->abroad_count);
	for (size_t i = 0; i < m->abroad_count && !r->err; i++) {
		const char *place = NULL, *region = NULL, *instead = NULL;
		struct market_abroad *a = &m->abroad[i];
		size_t known = 0;

		at(r, "abroad[%zu]", i);
		unpack(r, json_array_get(list, i), "[s,s,s,F]", &place, &region,
		       &instead, &a->share);
		a->place = find_place(r, place);
		a->instead = find_place(r, instead);
		while (region && known < 3 && strcmp(region, regions[known]))
			known++;
		if (known == 3)
			fail(r, ERR_MALFORMED, "there is no region \"%s\"",
			     region);
		a->region = (enum market_region)known;
	}
}

static void read_hellos(struct reader *r, json_t *hellos)
{
	struct market *m = r->market;
	const char *name;
	json_t *value;
	int err;

	m->hellos = arena_alloc(r->arena, (json_object_size(hellos) + 1) *
						  sizeof(*m->hellos));
	if (!m->hellos)
		fail(r, ERR_NOMEM, "no memory");
	json_object_foreach(hellos, name, value)
	{
		at(r, "hellos.%s", name);
		if (r->err)
			return;
		err = market_hello_read(value, r->arena,
					&m->hellos[m->hello_count]);
		if (err)
			fail(r, err, "%s", err_text(err));
		m->hellos[m->hello_count++].name = name;
	}
}

static const struct market_hello *find_hello(struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->market->hello_count; i++)
		if (!strcmp(r->market->hellos[i].name, name))
			return &r->market->hellos[i];
	fail(r, ERR_MALFORMED, "there is no hello \"%s\"", name);
	return NULL;
}

static void read_contact(struct reader *r, json_t *json,
			 struct market_contact *out)
{
	const char *place = NULL, *protocol = "";
	json_t *hello = NULL;
	int port = 0;

	unpack(r, json, "[s,s,s,i,F,F,F,F,o]", &out->host, &place, &protocol,
	       &port, &out->every_s, &out->out_bytes, &out->in_bytes,
	       &out->share, &hello);
	out->number = r->market->contact_count++;
	out->place = find_place(r, place);
	out->port = (uint16_t)port;
	if (json_is_string(hello) && !r->err)
		out->hello = find_hello(r, json_string_value(hello));
	if (!strcmp(protocol, "tcp"))
		out->protocol = IPPROTO_TCP;
	else if (!strcmp(protocol, "udp"))
		out->protocol = IPPROTO_UDP;
	else
		fail(r, ERR_MALFORMED, "there is no protocol \"%s\"", protocol);
	if (port < 1 || port > UINT16_MAX)
		fail(r, ERR_MALFORMED, "there is no port %d", port);
	if (out->every_s < 5)
		fail(r, ERR_MALFORMED, "bursts less than 5 seconds apart");
}

static void read_contacts(struct reader *r, json_t *list,
			  struct market_contacts *out)
{
	char where[AT_BYTES];

	out->items = room(r, list, sizeof(*out->items), &out->count);
	(void)snprintf(where, sizeof(where), "%s", r->at);
	for (size_t i = 0; i < out->count && !r->err; i++) {
		at(r, "%.64s[%zu]", where, i);
		read_contact(r, json_array_get(list, i), &out->items[i]);
	}
}

static void read_groups(struct reader *r, json_t *groups)
{
	struct market *m = r->market;
	const char *name;
	json_t *value;

	m->groups = arena_alloc(r->arena, (json_object_size(groups) + 1) *
						  sizeof(*m->groups));
	if (!m->groups)
		fail(r, ERR_NOMEM, "no memory");
	json_object_foreach(groups, name, value)
	{
		at(r, "groups.%s", name);
		if (r->err)
			return;
		m->groups[m->group_count].name = name;
		read_contacts(r, value, &m->groups[m->group_count++]);
	}
}

static void read_picks(struct reader *r, json_t *list, struct market_model *out)
{
	out->picks = room(r, list, sizeof(*out->picks), &out->pick_count);
	for (size_t i = 0; i < out->pick_count && !r->err; i++) {
		struct market_pick *pick = &out->picks[i];
		int least = 0, most = 0;
		const char *name = "";

		unpack(r, json_array_get(list, i), "[s,i,i]", &name, &least,
		       &most);
		for (pick->group = 0; pick->group < r->market->group_count;
		     pick->group++)
			if (!strcmp(r->market->groups[pick->group].name, name))
				break;
		if (pick->group == r->market->group_count)
			fail(r, ERR_MALFORMED, "there is no group \"%s\"",
			     name);
		else if (least < 0 || least > most ||
			 (size_t)most > r->market->groups[pick->group].count)
			fail(r, ERR_MALFORMED, "%d to %d of \"%s\"", least,
			     most, name);
		pick->least = (size_t)least;
		pick->most = (size_t)most;
	}
}

static void read_clues(struct reader *r, json_t *list, struct market_model *out)
{
	out->clues = room(r, list, sizeof(*out->clues), &out->clue_count);
	for (size_t i = 0; i < out->clue_count && !r->err; i++) {
		struct market_clue *clue = &out->clues[i];
		int kind = 0;

		unpack(r, json_array_get(list, i), "[s,s]", &clue->kind,
		       &clue->text);
		while (!r->err && kind < RECORD_CLUE_KINDS &&
		       strcmp(record_clue_name(kind), clue->kind) != 0)
			kind++;
		if (kind == RECORD_CLUE_KINDS)
			fail(r, ERR_MALFORMED, "there is no clue \"%s\"",
			     clue->kind);
	}
}

static void read_model(struct reader *r, json_t *json, struct market_model *out)
{
	json_t *spoken = NULL, *ouis = NULL, *clues = NULL, *contacts = NULL;
	json_t *picks = NULL;

	unpack(r, json, "{s:s,s:s,s:F,s:o,s?o,s:o,s:o,s:o}", "name", &out->name,
	       "category", &out->category, "share", &out->share, "spoken",
	       &spoken, "ouis", &ouis, "announces", &clues, "contacts",
	       &contacts, "picks", &picks);
	read_choices(r, spoken, &out->spoken);
	if (ouis)
		read_ouis(r, ouis, &out->ouis);
	read_clues(r, clues, out);
	read_picks(r, picks, out);
	read_contacts(r, contacts, &out->contacts);
}

static void read_vendor(struct reader *r, json_t *json,
			struct market_vendor *out)
{
	json_t *spellings = NULL, *ouis = NULL, *models = NULL;

	unpack(r, json, "{s:s,s:F,s:o,s:o,s:o}", "vendor", &out->name, "share",
	       &out->share, "spellings", &spellings, "ouis", &ouis, "models",
	       &models);
	read_choices(r, spellings, &out->spellings);
	read_ouis(r, ouis, &out->ouis);
	out->models = room(r, models, sizeof(*out->models), &out->model_count);
	if (!r->err && (!out->model_count || !out->ouis.count))
		fail(r, ERR_MALFORMED, "no models, or no OUI");
	for (size_t i = 0; i < out->model_count && !r->err; i++) {
		at(r, "vendor %.32s, models[%zu]", out->name, i);
		read_model(r, json_array_get(models, i), &out->models[i]);
	}
}

static void read_vendors(struct reader *r, json_t *list)
{
	struct market *m = r->market;

	at(r, "vendors");
	m->vendors = room(r, list, sizeof(*m->vendors), &m->vendor_count);
	if (!r->err && !m->vendor_count)
		fail(r, ERR_MALFORMED, "none");
	for (size_t i = 0; i < m->vendor_count && !r->err; i++) {
		at(r, "vendors[%zu]", i);
		read_vendor(r, json_array_get(list, i), &m->vendors[i]);
	}
}

/* Short for a contact: host and place alone. */
static void read_computer_contacts(struct reader *r, json_t *list)
{
	struct market_contacts *out = &r->market->computer_contacts;
	const struct market_hello *hello;

	out->items = room(r, list, sizeof(*out->items), &out->count);
	hello = r->err ? NULL : find_hello(r, "modern");
	for (size_t i = 0; i < out->count && !r->err; i++) {
		struct market_contact *contact = &out->items[i];
		const char *place = NULL;

		unpack(r, json_array_get(list, i), "[s,s]", &contact->host,
		       &place);
		contact->number = r->market->contact_count++;
		contact->place = find_place(r, place);
		contact->protocol = IPPROTO_TCP;
		contact->port = 443;
		contact->every_s = 60;
		contact->out_bytes = 3000;
		contact->in_bytes = 40000;
		contact->share = 0.7;
		contact->hello = hello;
	}
}

static void read_computers(struct reader *r, json_t *json)
{
	json_t *ouis = NULL, *models = NULL, *contacts = NULL;
	struct market *m = r->market;

	at(r, "computers");
	unpack(r, json, "{s:o,s:o,s:o}", "ouis", &ouis, "models", &models,
	       "contacts", &contacts);
	read_ouis(r, ouis, &m->computer_ouis);
	m->computers =
		room(r, models, sizeof(*m->computers), &m->computer_count);
	if (!r->err && (!m->computer_count || !m->computer_ouis.count))
		fail(r, ERR_MALFORMED, "no models, or no OUI");
	for (size_t i = 0; i < m->computer_count && !r->err; i++)
		unpack(r, json_array_get(models, i), "[s,s,s,F]",
		       &m->computers[i].name, &m->computers[i].category,
		       &m->computers[i].vendor, &m->computers[i].share);
	read_computer_contacts(r, contacts);
}

static void read_offsets(struct reader *r, json_t *offsets, json_t *news_days)
{
	struct market_people *p = &r->market->people;

	p->offsets = room(r, offsets, sizeof(*p->offsets), &p->offset_count);
	if (!r->err && !p->offset_count)
		fail(r, ERR_MALFORMED, "no offsets");
	for (size_t i = 0; i < p->offset_count && !r->err; i++)
		unpack(r, json_array_get(offsets, i), "[i,F]",
		       &p->offsets[i].minutes, &p->offsets[i].share);
	p->news_days =
		room(r, news_days, sizeof(*p->news_days), &p->news_day_count);
	for (size_t i = 0; i < p->news_day_count && !r->err; i++)
		p->news_days[i] =
			(int)json_integer_value(json_array_get(news_days, i));
}

static void read_people(struct reader *r, json_t *json)
{
	struct market_people *p = &r->market->people;
	json_t *offsets = NULL, *news_days = NULL, *views = NULL;

	at(r, "people");
	unpack(r, json,
	       "{s:F,s:F,s:F,s:F,s:F,s:F,s:F,s:F,s:F,s:F,s:F,s:F,s:F,s:F,s:F,"
	       "s:F,s:F,s:F,s:F,s:F,s:F,s:o,s:o,s:o}",
	       "devices_median", &p->devices_median, "devices_sigma",
	       &p->devices_sigma, "devices_most", &p->devices_most,
	       "others_median", &p->others_median, "others_sigma",
	       &p->others_sigma, "idle_accounts", &p->idle_accounts,
	       "labels_home", &p->labels_home, "labels_device",
	       &p->labels_device, "minutes_median", &p->minutes_median,
	       "minutes_sigma", &p->minutes_sigma, "hours_most", &p->hours_most,
	       "missing_dns", &p->missing_dns, "random_mac", &p->random_mac,
	       "announces", &p->announces, "computer", &p->computer, "typo",
	       &p->typo, "sub_brand", &p->sub_brand, "wrong_vendor",
	       &p->wrong_vendor, "generic_name", &p->generic_name, "decorated",
	       &p->decorated, "reversed", &p->reversed, "offsets", &offsets,
	       "news_days", &news_days, "views", &views);
	read_offsets(r, offsets, news_days);
	read_choices(r, views, &p->views);
}

static void read_market(struct reader *r)
{
	json_t *places = NULL, *abroad = NULL, *hellos = NULL, *groups = NULL;
	json_t *computers = NULL, *people = NULL, *vendors = NULL;
	json_t *about = NULL;

	at(r, "market");
	unpack(r, r->market->root, "{s?o,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "about",
	       &about, "places", &places, "abroad", &abroad, "hellos", &hellos,
	       "groups", &groups, "computers", &computers, "people", &people,
	       "vendors", &vendors);
	read_places(r, places);
	read_abroad(r, abroad);
	read_hellos(r, hellos);
	read_groups(r, groups);
	read_vendors(r, vendors);
	read_computers(r, computers);
	read_people(r, people);
}

int market_parse(struct slice text, struct market **out,
		 char why[MARKET_WHY_BYTES])
{
	struct owned *owned = calloc(1, sizeof(*owned));
	struct reader r = { .why = why };
	json_error_t error;

	if (!owned) {
		(void)snprintf(why, MARKET_WHY_BYTES, "no memory");
		return ERR_NOMEM;
	}
	arena_init(&owned->arena, ARENA_BYTES_MAX);
	r.market = &owned->market;
	r.arena = &owned->arena;
	owned->market.root = json_loadb((const char *)text.data, text.len,
					JSON_REJECT_DUPLICATES, &error);
	if (!owned->market.root) {
		(void)snprintf(why, MARKET_WHY_BYTES, "line %d: %s", error.line,
			       error.text);
		r.err = ERR_MALFORMED;
	} else {
		read_market(&r);
	}
	if (r.err) {
		market_free(&owned->market);
		return r.err;
	}
	*out = &owned->market;
	return 0;
}

void market_free(struct market *m)
{
	/* market is its first member */
	struct owned *owned = (struct owned *)m;

	if (!m)
		return;
	json_decref(m->root);
	arena_done(&owned->arena);
	free(owned);
}

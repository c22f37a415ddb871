// SPDX-License-Identifier: GPL-3.0-or-later
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "record/home_host.h"
#include "web/gate.h"
#include "web/research.h"
#include "web/state.h"

#define NS_PER_MS 1000000ull
/* All devices' windows come within this time of each other. */
#define CLOSE_MS 2500
/* Views are told once a minute: what was looked at, not every look. */
#define VIEWS_MS  60000
#define WINDOW_MS (RECORD_WINDOW_NS / NS_PER_MS)
/* What providers give a home of IPv6 at most (RFC 6177): with one of its
 * networks the others are known. */
#define HOME6_BITS 56

/* What redaction needs to know of the home, for one window. */
struct known {
	struct share_rules rules;
	struct home_day day; /* where identifiers are of a day */
	struct mac macs[HOME_DEVICES_MAX];
	struct cidr home[RESEARCH_HOME_MAX];
	struct addr wan[RESEARCH_WAN_MAX];
	struct slice domains[RESEARCH_DOMAINS_MAX];
	struct slice removed[RESEARCH_REMOVED_MAX];
};

static json_t *escaped(struct slice text)
{
	struct buf out;
	json_t *json = NULL;

	buf_init(&out, SCRUB_OUT_MAX * 4);
	text_escape(&out, text);
	if (!buf_check(&out))
		json = json_string(buf_text(&out));
	buf_done(&out);
	return json;
}

static json_t *find_name(const struct research *r, const char *mac,
			 const char *kind, const char *text)
{
	json_t *name;
	size_t i;

	json_array_foreach(r->names, i, name)
	{
		const char *m, *k, *t;

		if (!json_unpack(name, "{s:s,s:s,s:s}", "mac", &m, "kind", &k,
				 "text", &t) &&
		    !strcmp(m, mac) && !strcmp(k, kind) && !strcmp(t, text))
			return name;
	}
	return NULL;
}

/* The oldest that nobody answered makes room. */
static void make_room(struct research *r)
{
	json_t *name;
	size_t i;

	if (json_array_size(r->names) < RESEARCH_NAMES_MAX)
		return;
	json_array_foreach(r->names, i, name)
	{
		if (json_is_null(json_object_get(name, "answer")))
			break;
	}
	json_array_remove(r->names, i < json_array_size(r->names) ? i : 0);
}

/* A name that looks like a person's: by the owner's word, which it then waits
 * for. */
static bool is_approved(void *user, const struct mac *device,
			enum record_clue_kind kind, struct slice text)
{
	struct hub *hub = user;
	struct research *r = &hub->research;
	char mac[MAC_TEXT_BYTES];
	const char *answer;
	json_t *shown = escaped(text), *name;
	bool yes = false;

	if (!shown)
		return false;
	mac_format(device, mac);
	name = find_name(r, mac, record_clue_name(kind),
			 json_string_value(shown));
	if (name) {
		answer = json_string_value(json_object_get(name, "answer"));
		yes = answer && !strcmp(answer, "yes");
	} else {
		make_room(r);
		r->name_learned = !json_array_append_new(
			r->names, json_pack("{s:s,s:s,s:O,s:n}", "mac", mac,
					    "kind", record_clue_name(kind),
					    "text", shown, "answer"));
		hub->status_changed = true;
	}
	json_decref(shown);
	return yes;
}

static bool add_home(struct known *k, const struct cidr *range)
{
	struct scrub *scrub = &k->rules.scrub;

	for (size_t i = 0; i < scrub->home_count; i++)
		if (cidr_contains(&k->home[i], &range->addr))
			return true;
	if (scrub->home_count == RESEARCH_HOME_MAX)
		return false;
	k->home[scrub->home_count++] = *range;
	return true;
}

/* The networks of the home: the one inspected, and what devices have of
 * IPv6's Internet. */
static void know_home(const struct hub *hub, struct known *k)
{
	struct home_device *device;
	uint32_t at = 0;

	if (hub->network.address.addr.family)
		(void)add_home(k, &hub->network.address);
	while ((device = home_next(&hub->home, &at))) {
		if (k->rules.scrub.mac_count < HOME_DEVICES_MAX)
			k->macs[k->rules.scrub.mac_count++] = device->mac;
		for (size_t i = 0; i < device->addr_count; i++) {
			struct cidr range = { device->addrs[i], HOME6_BITS };

			if (range.addr.family == 6 &&
			    !addr_is_private(&range.addr) &&
			    !add_home(k, &range))
				break;
		}
	}
}

static void know_lists(const struct research *r, struct known *k)
{
	json_t *value;
	size_t i;

	json_array_foreach(r->wan, i, value)
	{
		if (k->rules.scrub.wan_count < RESEARCH_WAN_MAX &&
		    !addr_parse(json_string_value(value),
				&k->wan[k->rules.scrub.wan_count]))
			k->rules.scrub.wan_count++;
	}
	json_array_foreach(r->domains, i, value)
	{
		if (k->rules.scrub.domain_count < RESEARCH_DOMAINS_MAX)
			k->domains[k->rules.scrub.domain_count++] =
				slice_text(json_string_value(value));
	}
	json_array_foreach(r->removed, i, value)
	{
		if (k->rules.removed_count < RESEARCH_REMOVED_MAX)
			k->removed[k->rules.removed_count++] =
				slice_text(json_string_value(value));
	}
}

static uint64_t day_of(uint64_t end_ns)
{
	return end_ns / NS_PER_MS / 1000 / HOME_DAY_S;
}

static void know(struct hub *hub, struct known *k, uint64_t end_ns)
{
	memset(k, 0, sizeof(*k));
	k->rules = (struct share_rules){
		.scrub = { .hash = home_hash,
			   .user = &hub->home,
			   .macs = k->macs,
			   .home = k->home,
			   .wan = k->wan,
			   .domains = k->domains },
		.fields = hub->research.fields,
		.removed = k->removed,
		.is_approved = is_approved,
		.user = hub,
	};
	if (!(hub->research.fields & SHARE_BIT(IDENTIFIER))) {
		home_day_init(&hub->home, day_of(end_ns), &k->day);
		k->rules.scrub.hash = home_day_hash;
		k->rules.scrub.user = &k->day;
	}
	know_home(hub, k);
	know_lists(&hub->research, k);
}

/* Whether more of an address stands there than is looked for. */
static bool goes_on(char c, bool v6)
{
	return v6 ? isxdigit((unsigned char)c) || c == ':'
		  : isdigit((unsigned char)c) != 0;
}

static bool has_address(struct slice text, const char *address)
{
	const char *at = (const char *)text.data, *end = at + text.len;
	bool v6 = strchr(address, ':');
	size_t len = strlen(address);

	for (; (at = memmem(at, (size_t)(end - at), address, len)); at++)
		if ((at == (const char *)text.data || !goes_on(at[-1], v6)) &&
		    (at + len == end || !goes_on(at[len], v6)))
			return true;
	return false;
}

/* As it is, as names of hosts have it, backwards too, or in hex. */
static bool says_address(const char *address, struct slice text)
{
	char spelled[ADDR_TEXT_BYTES];
	struct addr a;

	if (has_address(text, address))
		return true;
	if (addr_parse(address, &a) || a.family != 4)
		return false;
	for (const char *mark = ".-_"; *mark; mark++) {
		snprintf(spelled, sizeof(spelled), "%u%c%u%c%u%c%u", a.b[0],
			 *mark, a.b[1], *mark, a.b[2], *mark, a.b[3]);
		if (has_address(text, spelled))
			return true;
		snprintf(spelled, sizeof(spelled), "%u%c%u%c%u%c%u", a.b[3],
			 *mark, a.b[2], *mark, a.b[1], *mark, a.b[0]);
		if (has_address(text, spelled))
			return true;
	}
	text_hex(a.b, 4, spelled);
	for (size_t at = 0; at + 8 <= text.len; at++)
		if (!strncasecmp((const char *)text.data + at, spelled, 8))
			return true;
	return false;
}

static bool says_any(void *addresses, struct slice text)
{
	json_t *address;
	size_t i;

	json_array_foreach((json_t *)addresses, i, address)
	{
		if (says_address(json_string_value(address), text))
			return true;
	}
	return false;
}

/* A public address of the home's; fresh: those that were not known. */
static void add_wan(struct hub *hub, const struct addr *addr, json_t *fresh)
{
	struct research *r = &hub->research;
	char text[ADDR_TEXT_BYTES];
	json_t *known;
	size_t k;

	addr_format(addr, text);
	json_array_foreach(r->wan, k, known)
	{
		if (strcmp(json_string_value(known), text) != 0)
			continue;
		/* the newest: those that nobody is told any more make room */
		json_incref(known);
		json_array_remove(r->wan, k);
		json_array_append_new(r->wan, known);
		return;
	}
	if (json_array_size(r->wan) == RESEARCH_WAN_MAX)
		json_array_remove(r->wan, 0);
	json_array_append_new(r->wan, json_string(text));
	json_array_append_new(fresh, json_string(text));
}

/* IPv6 has no translation: what a device is told is its own, which would push
 * the home's out. */
static bool is_own(const struct record_window *w, const struct addr *addr)
{
	for (size_t i = 0; i < w->addr_count; i++)
		if (addr_equal(&w->addrs[i], addr))
			return true;
	return false;
}

/* When a device is told it, or asks for one of its names of dynamic DNS.
 * Somebody else's costs no more than its rows. What waits with one goes, too:
 * all of a window's are looked for at once. */
static void learn_wan(struct hub *hub, const struct record_window *w)
{
	json_t *fresh = json_array();

	if (w->seen_as.family && !is_own(w, &w->seen_as))
		add_wan(hub, &w->seen_as, fresh);
	for (size_t i = 0; i < w->name_count; i++) {
		const struct record_name *n = &w->names[i];

		if (n->source == RECORD_NAME_DNS && home_host_is(n->name) &&
		    !addr_is_private(&n->addr))
			add_wan(hub, &n->addr, fresh);
	}
	if (json_array_size(fresh)) {
		hub->research.name_learned = true;
		research_take_out(hub, says_any, fresh);
	}
	json_decref(fresh);
}

static bool is_sharing(const struct hub *hub)
{
	const struct research *r = &hub->research;

	return r->spool && r->state == RESEARCH_SHARING && !r->paused;
}

/* Identifiers of that day go: they are found again by it, to be deleted. */
static void note_day(struct hub *hub, uint64_t end_ns)
{
	struct research *r = &hub->research;
	uint64_t day = day_of(end_ns);

	if (r->daily_first && day >= r->daily_first && day <= r->daily_last)
		return;
	if (!r->daily_first || day < r->daily_first)
		r->daily_first = day;
	if (day > r->daily_last)
		r->daily_last = day;
	(void)!research_save(hub);
}

/* The segment of the window that ends then. */
static struct share *segment_of(struct hub *hub, uint64_t end_ns)
{
	struct research *r = &hub->research;

	if (r->open && (share_end_ns(r->open) != end_ns ||
			share_fields(r->open) != r->fields))
		research_close_segment(hub);
	if (!r->open) {
		if (share_new(end_ns, r->fields, &r->open)) {
			r->counters.windows_lost++;
			return NULL;
		}
		r->opened_ms = hub->tick_ms;
		if (!(r->fields & SHARE_BIT(IDENTIFIER)))
			note_day(hub, end_ns);
	}
	return r->open;
}

void research_window(struct hub *hub, struct home_device *device,
		     const struct record_window *window, bool watched)
{
	static struct known known; /* the hub has one thread */
	struct research *r = &hub->research;
	struct share *share;

	if (!is_sharing(hub))
		return;
	learn_wan(hub, window);
	if (window->start_ns / NS_PER_MS < r->since_ms ||
	    research_is_off(r, &device->mac) ||
	    !gate_lets(device, hub->consent.given, GATE_SHARE))
		return;
	if (!watched && !r->unwatched)
		return;
	know(hub, &known, window->start_ns + RECORD_WINDOW_NS);
	share = segment_of(hub, window->start_ns + RECORD_WINDOW_NS);
	if (share && share_window(share, &known.rules, window, watched))
		r->counters.windows_lost++;
	if (r->name_learned)
		(void)!research_save(hub);
}

static enum share_label_source label_source(const char *name)
{
	if (name && !strcmp(name, "confirmed"))
		return SHARE_LABEL_CONFIRMED;
	if (name && !strcmp(name, "rejected"))
		return SHARE_LABEL_REJECTED;
	return SHARE_LABEL_TYPED;
}

static const char *text_of(json_t *label, const char *name)
{
	return json_string_value(json_object_get(label, name));
}

/* Labels that wait; each as long as its device may be shared: of one that is
 * not watched the maker and announcements alone may be, if at all. */
static void add_labels(struct hub *hub, struct known *known)
{
	struct research *r = &hub->research;
	const char *text;
	json_t *entry;

	json_object_foreach(r->devices, text, entry)
	{
		json_t *label = json_object_get(entry, "label");
		struct home_device *device;
		struct share_label made;
		struct mac mac;

		if (!json_is_true(json_object_get(label, "waiting")) ||
		    mac_parse(text, &mac) || research_is_off(r, &mac))
			continue;
		device = home_find(&hub->home, &mac);
		if (!device ||
		    !gate_lets(device, hub->consent.given, GATE_SHARE) ||
		    !device->watched)
			continue;
		made = (struct share_label){
			text_of(label, "name"), text_of(label, "category"),
			text_of(label, "vendor"),
			label_source(text_of(label, "source"))
		};
		if (!share_label(r->open, &known->rules, &mac, true, &made))
			json_object_set_new(label, "waiting", json_false());
	}
}

static bool has_labels(const struct hub *hub)
{
	const struct research *r = &hub->research;
	const char *text;
	json_t *entry;

	if (!(r->fields & SHARE_BIT(LABELS)))
		return false;
	json_object_foreach(r->devices, text, entry)
	{
		const struct home_device *device;
		struct mac mac;

		if (!json_is_true(json_object_get(
			    json_object_get(entry, "label"), "waiting")) ||
		    mac_parse(text, &mac) || research_is_off(r, &mac))
			continue;
		device = home_find(&hub->home, &mac);
		if (device &&
		    gate_lets(device, hub->consent.given, GATE_SHARE) &&
		    device->watched)
			return true;
	}
	return false;
}

static bool has_views(const struct hub *hub)
{
	const struct research *r = &hub->research;

	return (r->fields & SHARE_BIT(INTERACTION)) &&
	       json_object_size(r->views) &&
	       hub->tick_ms - r->views_ms >= VIEWS_MS;
}

static void add_views(struct hub *hub)
{
	struct research *r = &hub->research;
	const char *view;
	json_t *seconds;

	json_object_foreach(r->views, view, seconds)
	{
		(void)!share_view(r->open, view, json_real_value(seconds));
	}
	json_object_clear(r->views);
	r->views_ms = hub->tick_ms;
}

void research_view_seen(struct hub *hub, const char *view, double seconds)
{
	struct research *r = &hub->research;
	json_t *before;

	if (!is_sharing(hub) || !(r->fields & SHARE_BIT(INTERACTION)))
		return;
	before = json_object_get(r->views, view);
	json_object_set_new(r->views, view,
			    json_real(json_real_value(before) + seconds));
}

static void add_the_rest(struct hub *hub)
{
	static struct known known;
	struct research *r = &hub->research;

	know(hub, &known, share_end_ns(r->open));
	if (has_labels(hub))
		add_labels(hub, &known);
	if (has_views(hub))
		add_views(hub);
}

/* Labels and views go with the window that is open, or alone: added when it is
 * closed, so that who ends before then leaves them waiting. */
static void close_with_the_rest(struct hub *hub)
{
	bool any = has_labels(hub) || has_views(hub);

	if (any)
		add_the_rest(hub);
	research_close_segment(hub);
	if (any)
		(void)!research_save(hub);
}

/* The spool was full, and the oldest went. */
static void heed_dropped_labels(struct hub *hub)
{
	struct research *r = &hub->research;
	struct buf value;

	buf_init(&value, SPOOL_VALUE_MAX);
	if (!spool_get(r->spool, SPOOL_LABELS_DROPPED, &value)) {
		research_labels_again(r);
		if (!research_save(hub))
			(void)!spool_put(r->spool, SPOOL_LABELS_DROPPED,
					 (struct slice){ 0 });
	}
	buf_done(&value);
}

/* What the open segment has is in the spool, or counted as lost. */
static void spool_open_segment(struct hub *hub)
{
	struct research *r = &hub->research;
	struct spool_segment segment = { .made_ms = hub->now_ms };
	struct buf line;

	buf_init(&line, SHARE_LINE_MAX);
	segment.fields = share_fields(r->open);
	if (spool_next(r->spool, &segment.number) ||
	    share_json_segment(r->open, segment.number, &line))
		goto lost;
	segment.line = buf_slice(&line);
	if (spool_add(r->spool, &segment))
		goto lost;
	buf_done(&line);
	return;
lost:
	buf_done(&line);
	r->counters.windows_lost++;
	if (share_rows(r->open, SHARE_LABEL))
		research_labels_again(r);
}

void research_close_segment(struct hub *hub)
{
	struct research *r = &hub->research;

	if (!r->open || !r->spool)
		return;
	r->counters.rows_refused += share_refused(r->open);
	/* of a home that said nothing there is nothing to say */
	if (share_count(r->open) || share_rows(r->open, SHARE_DEVICE)) {
		spool_open_segment(hub);
		heed_dropped_labels(hub);
	}
	share_free(r->open);
	r->open = NULL;
}

void research_gather_tick(struct hub *hub)
{
	struct research *r = &hub->research;

	/* agreed to by a clock that was ahead and is set right since: nothing
	 * that came before now goes, and not nothing until then */
	if (r->since_ms > hub->now_ms)
		r->since_ms = hub->now_ms;
	if (!is_sharing(hub)) {
		/* what was gathered before it ended is not sent on */
		share_free(r->open);
		r->open = NULL;
		return;
	}
	if (!r->open && (has_labels(hub) || has_views(hub)))
		(void)segment_of(hub,
				 hub->now_ms / WINDOW_MS * RECORD_WINDOW_NS);
	if (r->open && hub->tick_ms - r->opened_ms >= CLOSE_MS)
		close_with_the_rest(hub);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/share.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/cursor.h"
#include "base/grease.h"
#include "base/text.h"
#include "record/personal.h"
#include "record/unescape.h"

#define NS_PER_MS 1000000ull
/* Rows that a block holds. */
#define BLOCK_ROWS 64
/* A list of a hello, as text; the schema's limit. */
#define NUMBERS_MAX  8192
#define DNS_TYPE_PTR 12

struct block {
	struct block *next;
	struct share_cell *cells; /* of BLOCK_ROWS rows */
};

struct rows {
	struct block *first, *last;
	size_t count;
};

struct share {
	uint64_t end_ns;
	uint32_t fields;
	struct arena arena;
	struct rows tables[SHARE_TABLES];
	struct mac devices[SHARE_DEVICES_MAX];
	uint64_t refused;
};

/* One row being made: cells are put from the first on. */
struct making {
	struct share *share;
	const struct share_rules *rules;
	struct scrub scrub;
	struct share_cell cells[SHARE_COLUMNS_MAX];
	size_t count;
	bool failed; /* for want of room */
};

int share_new(uint64_t end_ns, uint32_t fields, struct share **out)
{
	struct share *s = calloc(1, sizeof(*s));

	if (!s)
		return ERR_NOMEM;
	s->end_ns = end_ns;
	s->fields = fields & SHARE_ALL;
	arena_init(&s->arena, SHARE_BYTES_MAX);
	*out = s;
	return 0;
}

void share_free(struct share *s)
{
	if (!s)
		return;
	arena_done(&s->arena);
	free(s);
}

uint64_t share_end_ns(const struct share *s)
{
	return s->end_ns;
}

uint32_t share_fields(const struct share *s)
{
	return s->fields;
}

size_t share_rows(const struct share *s, enum share_table table)
{
	return s->tables[table].count;
}

size_t share_count(const struct share *s)
{
	size_t n = 0;

	for (size_t i = SHARE_DEVICE + 1; i < SHARE_TABLES; i++)
		n += s->tables[i].count;
	return n;
}

uint64_t share_refused(const struct share *s)
{
	return s->refused;
}

const struct share_cell *share_row(const struct share *s,
				   enum share_table table, size_t row)
{
	const struct block *b = s->tables[table].first;

	for (; row >= BLOCK_ROWS; row -= BLOCK_ROWS)
		b = b->next;
	return b->cells + row * share_tables[table].count;
}

static struct share_cell *fresh_row(struct share *s, enum share_table table)
{
	struct rows *rows = &s->tables[table];
	size_t at = rows->count % BLOCK_ROWS, width = share_tables[table].count;

	if (!at) {
		struct block *b = arena_alloc(&s->arena, sizeof(*b));

		if (!b)
			return NULL;
		b->cells = arena_alloc(&s->arena,
				       BLOCK_ROWS * width * sizeof(*b->cells));
		if (!b->cells)
			return NULL;
		if (rows->last)
			rows->last->next = b;
		else
			rows->first = b;
		rows->last = b;
	}
	rows->count++;
	return rows->last->cells + at * width;
}

/* What is refused is counted, and is no error. */
static void end_row(struct making *m, enum share_table table)
{
	struct share_cell *row = m->failed ? NULL : fresh_row(m->share, table);

	if (row)
		memcpy(row, m->cells, m->count * sizeof(*row));
	else
		m->share->refused++;
}

static void begin_row(struct making *m)
{
	m->count = 0;
	m->failed = false;
}

static void put(struct making *m, struct share_cell cell)
{
	m->cells[m->count++] = cell;
}

static void put_null(struct making *m)
{
	put(m, (struct share_cell){ .kind = SHARE_NULL });
}

static void put_number(struct making *m, uint64_t number)
{
	put(m, (struct share_cell){ .kind = SHARE_NUMBER, .number = number });
}

static void put_text(struct making *m, struct slice text)
{
	struct share_cell cell = { .kind = SHARE_TEXT };

	cell.text = arena_text(&m->share->arena, text);
	m->failed |= !cell.text;
	put(m, cell);
}

static void put_time(struct making *m, uint64_t ns)
{
	put_number(m, ns / NS_PER_MS);
}

/* A switch that is off takes the value too, not the column alone. */
static bool is_on(const struct making *m, uint32_t fields)
{
	return m->share->fields & fields;
}

static void put_addr(struct making *m, const struct addr *a)
{
	struct buf text;

	if (!a->family) {
		put_null(m);
		return;
	}
	buf_init(&text, SCRUB_OUT_MAX);
	m->failed |= scrub_addr(&m->scrub, a, &text) != 0;
	put_text(m, buf_slice(&text));
	buf_done(&text);
}

static void put_scrubbed(struct making *m, enum scrub_kind kind,
			 struct slice text)
{
	struct buf out;

	if (!text.data) {
		put_null(m);
		return;
	}
	buf_init(&out, SCRUB_OUT_MAX);
	m->failed |= scrub_text(&m->scrub, kind, text, &out) != 0;
	put_text(m, buf_slice(&out));
	buf_done(&out);
}

static bool is_removed(const struct share_rules *rules, struct slice name)
{
	while (name.len && name.data[name.len - 1] == '.')
		name.len--;
	for (size_t i = 0; i < rules->removed_count; i++)
		if (text_is_under(name, rules->removed[i]))
			return true;
	return false;
}

static bool mentions(const struct share_rules *rules, struct slice text)
{
	for (size_t i = 0; i < rules->removed_count; i++) {
		struct slice r = rules->removed[i];

		for (size_t at = 0; r.len && at + r.len <= text.len; at++)
			if (!strncasecmp((const char *)text.data + at,
					 (const char *)r.data, r.len))
				return true;
	}
	return false;
}

/* A free text that has a removed name somewhere in it, escaped or not. */
static bool mentions_removed(const struct share_rules *rules, struct slice text)
{
	uint8_t bytes[UNESCAPE_MAX];

	return mentions(rules, text) ||
	       (unescape_any(&text, bytes) && mentions(rules, text));
}

/* Of HTTP's Host: without its port. */
static struct slice host_alone(struct slice host)
{
	const uint8_t *colon = host.data && host.len
				       ? memrchr(host.data, ':', host.len)
				       : NULL;

	if (colon && !memchr(host.data, ']', host.len))
		host.len = (size_t)(colon - host.data);
	return host;
}

/* Whether a host's name may leave the home at all. */
static bool may_name(const struct making *m, struct slice name)
{
	struct slice host = host_alone(name);

	return name.data && !scrub_is_home_name(&m->scrub, host) &&
	       !is_removed(m->rules, host);
}

static bool is_wan(const struct making *m, const struct addr *a)
{
	return scrub_is_wan(&m->scrub, a);
}

static void add_flow(struct making *m, uint32_t device,
		     const struct record_flow *f)
{
	if (is_wan(m, &f->remote))
		return;
	begin_row(m);
	put_number(m, device);
	put_number(m, f->protocol);
	put_addr(m, &f->remote);
	put_number(m, f->remote_port);
	put_number(m, f->device_port);
	put_time(m, f->first_ns);
	put_number(m, f->out_bytes);
	put_number(m, f->out_packets);
	put_number(m, f->in_bytes);
	put_number(m, f->in_packets);
	put_number(m, f->opener);
	end_row(m, SHARE_FLOW);
}

static void add_question(struct making *m, uint32_t device,
			 const struct record_question *q)
{
	if (!may_name(m, q->name) || q->type == DNS_TYPE_PTR ||
	    is_wan(m, &q->resolver))
		return;
	begin_row(m);
	put_number(m, device);
	put_time(m, q->time_ns);
	put_scrubbed(m, SCRUB_HOST, q->name);
	put_number(m, q->type);
	put_addr(m, &q->resolver);
	end_row(m, SHARE_QUESTION);
}

static void add_name(struct making *m, uint32_t device,
		     const struct record_name *n)
{
	static const struct {
		const char *name;
		uint32_t field;
	} sources[] = {
		[RECORD_NAME_DNS] = { "dns", SHARE_BIT(ANSWERS) },
		[RECORD_NAME_SNI] = { "sni", SHARE_BIT(SERVER_NAME) },
		[RECORD_NAME_HTTP_HOST] = { "http-host", SHARE_BIT(HTTP_HOST) },
	};

	if (!is_on(m, sources[n->source].field) || !may_name(m, n->name) ||
	    is_wan(m, &n->addr) || is_wan(m, &n->resolver))
		return;
	begin_row(m);
	put_number(m, device);
	put_time(m, n->time_ns);
	put_addr(m, &n->addr);
	put_scrubbed(m, SCRUB_HOST, n->name);
	put_text(m, slice_text(sources[n->source].name));
	put_addr(m, &n->resolver);
	put_number(m, n->device_port);
	end_row(m, SHARE_NAME);
}

/* The owner's word about a text that looks like a person's. */
static bool is_approved(const struct making *m, const struct mac *device,
			enum record_clue_kind kind, struct slice text)
{
	const struct share_rules *rules = m->rules;

	return rules->is_approved &&
	       rules->is_approved(rules->user, device, kind, text);
}

static void add_http(struct making *m, uint32_t device, const struct mac *mac,
		     const struct record_http *h)
{
	bool host = is_on(m, SHARE_BIT(HTTP_HOST)) && may_name(m, h->host);
	bool agent =
		is_on(m, SHARE_BIT(USER_AGENT)) && h->user_agent.data &&
		!mentions_removed(m->rules, h->user_agent) &&
		(!personal_is_marked(h->user_agent) ||
		 is_approved(m, mac, RECORD_CLUE_USER_AGENT, h->user_agent));

	if (is_wan(m, &h->remote) || (!host && !agent))
		return;
	begin_row(m);
	put_number(m, device);
	put_time(m, h->time_ns);
	put_addr(m, &h->remote);
	put_number(m, h->remote_port);
	put_scrubbed(m, SCRUB_HOST, host ? h->host : (struct slice){ 0 });
	put_scrubbed(m, SCRUB_FREE,
		     agent ? h->user_agent : (struct slice){ 0 });
	end_row(m, SHARE_HTTP);
}

/* Numbers joined by '+', GREASE left out. */
static void put_numbers(struct making *m, struct slice list, size_t size)
{
	struct cursor c = cursor_slice(list);
	struct buf text;

	if (!list.data) {
		put_null(m);
		return;
	}
	buf_init(&text, NUMBERS_MAX);
	while (cursor_left(&c) >= size) {
		uint16_t v = size == 2 ? cursor_u16(&c) : cursor_u8(&c);

		if (size == 1 || !grease_is(v))
			buf_printf(&text, "%s%u", text.len ? "+" : "", v);
	}
	m->failed |= buf_check(&text) != 0;
	put_text(m, buf_slice(&text));
	buf_done(&text);
}

/* Of each extension its number alone: what is in one may link a person
 * (RFC 8446 4.2.8, 4.2.11; RFC 5077 3.2). */
static void put_extensions(struct making *m, struct slice block)
{
	struct cursor c = cursor_slice(block);
	struct buf text;

	if (!block.data) {
		put_null(m);
		return;
	}
	buf_init(&text, NUMBERS_MAX);
	while (cursor_left(&c) >= 4) {
		uint16_t type = cursor_u16(&c);

		cursor_skip(&c, cursor_u16(&c));
		if (!grease_is(type))
			buf_printf(&text, "%s%u", text.len ? "+" : "", type);
	}
	m->failed |= buf_check(&text) != 0;
	put_text(m, buf_slice(&text));
	buf_done(&text);
}

static void put_alpn(struct making *m, struct slice list)
{
	struct cursor c = cursor_slice(list);
	struct buf text;

	if (!list.data) {
		put_null(m);
		return;
	}
	buf_init(&text, SCRUB_TEXT_MAX);
	while (cursor_left(&c)) {
		struct slice name = cursor_take(&c, cursor_u8(&c));

		if (!cursor_ok(&c))
			break;
		/* two bytes alike are GREASE */
		if (name.len == 2 && name.data[0] == name.data[1] &&
		    (name.data[0] & 0x0f) == 0x0a)
			continue;
		buf_puts(&text, text.len ? "," : "");
		buf_append(&text, name.data, name.len);
	}
	if (mentions_removed(m->rules, buf_slice(&text)))
		put_null(m);
	else
		put_scrubbed(m, SCRUB_FREE, slice_text(buf_text(&text)));
	buf_done(&text);
}

static void put_token(struct making *m, const char *token)
{
	if (*token)
		put_text(m, slice_text(token));
	else
		put_null(m);
}

static void add_hello(struct making *m, uint32_t device,
		      const struct record_hello *h)
{
	static const char *const transports[] = {
		[RECORD_TRANSPORT_TCP] = "tcp",
		[RECORD_TRANSPORT_QUIC] = "quic",
		[RECORD_TRANSPORT_DTLS] = "dtls",
	};
	bool sni = is_on(m, SHARE_BIT(SERVER_NAME)) && may_name(m, h->sni);

	if (is_wan(m, &h->remote))
		return;
	begin_row(m);
	put_number(m, device);
	put_time(m, h->time_ns);
	put_text(m, slice_text(transports[h->transport]));
	put_addr(m, &h->remote);
	put_number(m, h->remote_port);
	put_number(m, h->device_port);
	put_number(m, h->highest_version);
	put_numbers(m, h->supported_versions, 2);
	put_numbers(m, h->cipher_suites, 2);
	put_numbers(m, h->compression_methods, 1);
	put_extensions(m, h->extensions);
	put_numbers(m, h->groups, 2);
	put_numbers(m, h->point_formats, 1);
	put_numbers(m, h->signature_algorithms, 2);
	put_alpn(m, h->alpn);
	put_scrubbed(m, SCRUB_HOST, sni ? h->sni : (struct slice){ 0 });
	put_number(m, h->ech);
	put_number(m, h->grease_cipher_suites);
	put_number(m, h->grease_extensions);
	put_token(m, h->ja3);
	put_token(m, h->ja4);
	end_row(m, SHARE_HELLO);
}

/* Kinds of clues that may leave the home, and what of them: an instance's
 * name, a host's or an id says who lives there or what is being watched. */
static const struct {
	enum record_clue_kind kind;
	enum share_field field;
	bool is_name; /* a person may have given it */
} clue_kinds[] = {
	{ RECORD_CLUE_DHCP_HOSTNAME, SHARE_FIELD_DHCP, true },
	{ RECORD_CLUE_DHCP_VENDOR_CLASS, SHARE_FIELD_DHCP, false },
	{ RECORD_CLUE_DHCP_PARAMETERS, SHARE_FIELD_DHCP, false },
	{ RECORD_CLUE_DHCP6_VENDOR_CLASS, SHARE_FIELD_DHCP, false },
	{ RECORD_CLUE_DHCP6_OPTIONS, SHARE_FIELD_DHCP, false },
	{ RECORD_CLUE_MDNS_SERVICE, SHARE_FIELD_MDNS, false },
	{ RECORD_CLUE_MDNS_TXT, SHARE_FIELD_MDNS, false },
	{ RECORD_CLUE_SSDP_SERVER, SHARE_FIELD_SSDP, false },
	{ RECORD_CLUE_SSDP_TYPE, SHARE_FIELD_SSDP, false },
	{ RECORD_CLUE_USER_AGENT, SHARE_FIELD_USER_AGENT, false },
	{ RECORD_CLUE_TUYA_PRODUCT, SHARE_FIELD_TUYA, false },
	{ RECORD_CLUE_UPNP_FRIENDLY_NAME, SHARE_FIELD_UPNP, true },
	{ RECORD_CLUE_UPNP_MANUFACTURER, SHARE_FIELD_UPNP, false },
	{ RECORD_CLUE_UPNP_MODEL, SHARE_FIELD_UPNP, false },
	{ RECORD_CLUE_UPNP_MODEL_NUMBER, SHARE_FIELD_UPNP, false },
};

enum share_field share_clue_field(enum record_clue_kind kind)
{
	for (size_t i = 0; i < sizeof(clue_kinds) / sizeof(clue_kinds[0]); i++)
		if (clue_kinds[i].kind == kind)
			return clue_kinds[i].field;
	return SHARE_FIELDS;
}

static bool is_name_kind(enum record_clue_kind kind)
{
	for (size_t i = 0; i < sizeof(clue_kinds) / sizeof(clue_kinds[0]); i++)
		if (clue_kinds[i].kind == kind)
			return clue_kinds[i].is_name;
	return false;
}

/* Keys of mDNS texts that say which model it is. */
static bool is_txt_key(struct slice text)
{
	static const char *const keys[] = {
		"am",	  "ci",	       "ct",	  "manufacturer", "md",
		"mdl",	  "mf",	       "mfg",	  "model",	  "product",
		"sv",	  "ty",	       "usb_cmd", "usb_mdl",	  "usb_mfg",
		"vendor", "modelname", "srcvers", "osxvers",	  "fv",
	};
	const uint8_t *equals =
		text.len ? memchr(text.data, '=', text.len) : NULL;
	size_t len = equals ? (size_t)(equals - text.data) : 0;

	for (size_t i = 0; len && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strlen(keys[i]) == len &&
		    !strncasecmp(keys[i], (const char *)text.data, len))
			return true;
	return false;
}

static bool may_say(const struct making *m, const struct mac *device,
		    const struct record_clue *c)
{
	enum share_field field = share_clue_field(c->kind);
	bool personal;

	if (field == SHARE_FIELDS || !is_on(m, UINT32_C(1) << field) ||
	    mentions_removed(m->rules, c->text))
		return false;
	if (c->kind == RECORD_CLUE_MDNS_TXT && !is_txt_key(c->text))
		return false;
	/* what a person may have typed is looked at more closely */
	if (is_name_kind(c->kind) || c->kind == RECORD_CLUE_MDNS_TXT)
		personal = personal_is(c->text);
	else
		personal = personal_is_marked(c->text);
	return !personal || is_approved(m, device, c->kind, c->text);
}

static void add_clue(struct making *m, uint32_t device, const struct mac *mac,
		     const struct record_clue *c)
{
	/* a product's key looks like a serial number, and all of its have it */
	enum scrub_kind kind =
		c->kind == RECORD_CLUE_TUYA_PRODUCT ? SCRUB_HOST : SCRUB_FREE;

	if (!may_say(m, mac, c))
		return;
	begin_row(m);
	put_number(m, device);
	put_text(m, slice_text(record_clue_name(c->kind)));
	put_scrubbed(m, kind, c->text);
	end_row(m, SHARE_CLUE);
}

static void add_device_row(struct making *m, const struct mac *mac,
			   bool watched)
{
	uint8_t digest[32];
	char hex[65];

	begin_row(m);
	m->scrub.hash(m->scrub.user, mac->b, sizeof(mac->b), digest);
	text_hex(digest, sizeof(digest), hex);
	put_text(m, slice_of(hex, SHARE_ID_BYTES - 1));
	/* a MAC that is made up has no maker: its first half is part of it */
	if (is_on(m, SHARE_BIT(OUI)) && !(mac->b[0] & 3))
		put_text(m, slice_text(text_hex(mac->b, 3, hex)));
	else
		put_null(m);
	put_number(m, watched);
	end_row(m, SHARE_DEVICE);
}

/* The device's row, made when it has none. */
static int device_row(struct making *m, const struct mac *mac, bool watched,
		      uint32_t *out)
{
	struct share *s = m->share;
	size_t n = s->tables[SHARE_DEVICE].count;

	for (size_t i = 0; i < n; i++)
		if (mac_equal(&s->devices[i], mac)) {
			*out = (uint32_t)i;
			return 0;
		}
	if (n == SHARE_DEVICES_MAX) {
		s->refused++;
		return ERR_LIMIT;
	}
	add_device_row(m, mac, watched);
	if (s->tables[SHARE_DEVICE].count == n)
		return ERR_LIMIT;
	s->devices[n] = *mac;
	*out = (uint32_t)n;
	return 0;
}

static struct making begin(struct share *s, const struct share_rules *rules,
			   const struct mac *mac)
{
	struct making m = { .share = s, .rules = rules, .scrub = rules->scrub };

	m.scrub.own = mac;
	return m;
}

static void add_traffic(struct making *m, uint32_t device,
			const struct record_window *w)
{
	if (share_has_table(SHARE_FLOW, m->share->fields))
		for (size_t i = 0; i < w->flow_count; i++)
			add_flow(m, device, &w->flows[i]);
	if (share_has_table(SHARE_QUESTION, m->share->fields))
		for (size_t i = 0; i < w->question_count; i++)
			add_question(m, device, &w->questions[i]);
	for (size_t i = 0; i < w->name_count; i++)
		add_name(m, device, &w->names[i]);
	for (size_t i = 0; i < w->http_count; i++)
		add_http(m, device, &w->device, &w->http[i]);
	if (share_has_table(SHARE_HELLO, m->share->fields))
		for (size_t i = 0; i < w->hello_count; i++)
			add_hello(m, device, &w->hellos[i]);
}

int share_window(struct share *s, const struct share_rules *rules,
		 const struct record_window *w, bool watched)
{
	struct making m = begin(s, rules, &w->device);
	uint32_t device;
	int err;

	if ((rules->fields & SHARE_ALL) != s->fields ||
	    w->start_ns + RECORD_WINDOW_NS != s->end_ns)
		return ERR_INVALID;
	err = device_row(&m, &w->device, watched, &device);
	if (err)
		return err;
	if (watched)
		add_traffic(&m, device, w);
	for (size_t i = 0; i < w->clue_count; i++)
		add_clue(&m, device, &w->device, &w->clues[i]);
	return 0;
}

static void put_label(struct making *m, const char *text)
{
	struct slice s = { 0 };

	if (text && text[0])
		s = slice_text(text);
	if (mentions_removed(m->rules, s))
		s = (struct slice){ 0 };
	put_scrubbed(m, SCRUB_FREE, s);
}

int share_label(struct share *s, const struct share_rules *rules,
		const struct mac *mac, bool watched,
		const struct share_label *label)
{
	static const char *const sources[] = {
		[SHARE_LABEL_TYPED] = "typed",
		[SHARE_LABEL_CONFIRMED] = "confirmed",
		[SHARE_LABEL_REJECTED] = "rejected",
	};
	struct making m = begin(s, rules, mac);
	bool personal = label->name && personal_is(slice_text(label->name));
	uint32_t device;
	int err;

	if (!share_has_table(SHARE_LABEL, s->fields))
		return 0;
	err = device_row(&m, mac, watched, &device);
	if (err)
		return err;
	begin_row(&m);
	put_number(&m, device);
	put_label(&m, personal ? NULL : label->name);
	put_label(&m, label->category);
	put_label(&m, label->vendor);
	put_text(&m, slice_text(sources[label->source]));
	end_row(&m, SHARE_LABEL);
	return 0;
}

int share_view(struct share *s, const char *view, double seconds)
{
	static const struct share_rules none;
	struct making m = begin(s, &none, NULL);
	size_t len = strspn(view, "abcdefghijklmnopqrstuvwxyz-");

	if (!len || len > 32 || view[len] || seconds < 0)
		return ERR_INVALID;
	if (!share_has_table(SHARE_VIEW, s->fields))
		return 0;
	begin_row(&m);
	put_text(&m, slice_text(view));
	put(&m, (struct share_cell){ .kind = SHARE_REAL, .real = seconds });
	end_row(&m, SHARE_VIEW);
	return 0;
}

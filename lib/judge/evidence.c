// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/evidence.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "judge/identity.h"
#include "judge/match.h"
#include "judge/randomised.h"
#include "know/oui.h"

/* In the buffer: the kind, the length in two bytes, the text. */
#define HEAD_BYTES 3

const char *evidence_kind_name(unsigned int kind)
{
	static const char *const names[EVIDENCE_KINDS - RECORD_CLUE_KINDS] = {
		[EVIDENCE_OUI - RECORD_CLUE_KINDS] = "oui",
		[EVIDENCE_MAC_RANDOM - RECORD_CLUE_KINDS] = "mac_random",
		[EVIDENCE_DOMAIN - RECORD_CLUE_KINDS] = "domain",
		[EVIDENCE_JA3 - RECORD_CLUE_KINDS] = "ja3",
		[EVIDENCE_JA4 - RECORD_CLUE_KINDS] = "ja4",
		[EVIDENCE_APPLICATION - RECORD_CLUE_KINDS] = "application",
		[EVIDENCE_OPEN - RECORD_CLUE_KINDS] = "open",
		[EVIDENCE_DHCP_TABLE - RECORD_CLUE_KINDS] = "dhcp_table",
	};

	if (kind < RECORD_CLUE_KINDS)
		return record_clue_name((enum record_clue_kind)kind);
	return kind < EVIDENCE_KINDS ? names[kind - RECORD_CLUE_KINDS] : "";
}

void evidence_init(struct evidence_set *set, const struct know *know)
{
	*set = (struct evidence_set){ .know = know };
	buf_init(&set->bytes, EVIDENCE_BYTES_MAX);
}

void evidence_done(struct evidence_set *set)
{
	buf_done(&set->bytes);
}

void evidence_wipe(struct evidence_set *set)
{
	if (set->bytes.data)
		explicit_bzero(set->bytes.data, set->bytes.cap);
	buf_clear(&set->bytes);
	memset(set->counts, 0, sizeof(set->counts));
}

bool evidence_next(const struct evidence_set *set, size_t *at,
		   struct evidence *out)
{
	const uint8_t *head = set->bytes.data + *at;
	size_t len;

	if (*at >= set->bytes.len)
		return false;
	len = (size_t)(head[1] << 8 | head[2]);
	out->kind = head[0];
	out->text = slice_of(head + HEAD_BYTES, len);
	*at += HEAD_BYTES + len;
	return true;
}

static bool has(const struct evidence_set *set, unsigned int kind,
		struct slice text)
{
	struct evidence e;

	for (size_t at = 0; evidence_next(set, &at, &e);)
		if (e.kind == kind && slice_equal(e.text, text))
			return true;
	return false;
}

static bool is_mdns_name(unsigned int kind)
{
	return kind == RECORD_CLUE_MDNS_INSTANCE ||
	       kind == RECORD_CLUE_MDNS_HOST;
}

static void remove_at(struct evidence_set *set, size_t at)
{
	size_t len = HEAD_BYTES + (size_t)(set->bytes.data[at + 1] << 8 |
					   set->bytes.data[at + 2]);

	set->counts[set->bytes.data[at]]--;
	memmove(set->bytes.data + at, set->bytes.data + at + len,
		set->bytes.len - at - len);
	buf_cut(&set->bytes, set->bytes.len - len);
}

/* Room for a piece of a kind that is full, if it tells something: the oldest
 * that tells nothing goes. */
static bool make_room(struct evidence_set *set, unsigned int kind,
		      struct slice text)
{
	const struct evidence fresh = { .kind = kind, .text = text };
	struct evidence e;

	set->refused++;
	if (!identity_tells(&fresh) ||
	    set->bytes.len + HEAD_BYTES + text.len > EVIDENCE_BYTES_MAX)
		return false;
	for (size_t at = 0, next = 0; evidence_next(set, &next, &e);
	     at = next) {
		if (e.kind != kind || identity_tells(&e))
			continue;
		remove_at(set, at);
		return true;
	}
	return false;
}

static bool put(struct evidence_set *set, unsigned int kind, struct slice text)
{
	uint8_t name[EVIDENCE_TEXT_MAX];
	size_t before = set->bytes.len;

	if (!text.data || !text.len || kind >= EVIDENCE_KINDS)
		return false;
	if (text.len > EVIDENCE_TEXT_MAX)
		text.len = EVIDENCE_TEXT_MAX;
	if (is_mdns_name(kind))
		text = slice_of(name,
				text_unzone(text, true, name, sizeof(name)));
	if (has(set, kind, text))
		return false;
	if (set->counts[kind] == EVIDENCE_KIND_MAX &&
	    !make_room(set, kind, text))
		return false;
	buf_u8(&set->bytes, (uint8_t)kind);
	buf_u16(&set->bytes, (uint16_t)text.len);
	buf_append(&set->bytes, text.data, text.len);
	if (buf_check(&set->bytes)) {
		buf_cut(&set->bytes, before);
		set->bytes.err = 0;
		set->refused++;
		return false;
	}
	set->counts[kind]++;
	return true;
}

/* Of a table that a user imported. */
static void put_table(struct evidence_set *set, unsigned int kind,
		      struct slice text)
{
	const char *what = NULL;

	if (set->know && kind == RECORD_CLUE_DHCP_PARAMETERS)
		what = know_dhcp_parameters(set->know, text);
	else if (set->know && kind == RECORD_CLUE_DHCP_VENDOR_CLASS)
		what = know_dhcp_vendor(set->know, text);
	if (what)
		(void)put(set, EVIDENCE_DHCP_TABLE, slice_text(what));
}

bool evidence_add(struct evidence_set *set, unsigned int kind,
		  struct slice text)
{
	if (!put(set, kind, text))
		return false;
	put_table(set, kind, text);
	return true;
}

void evidence_add_mac(struct evidence_set *set, const struct mac *mac)
{
	const char *vendor =
		set->know ? oui_vendor_by(set->know, mac) : oui_vendor(mac);

	if (vendor)
		evidence_add(set, EVIDENCE_OUI, slice_text(vendor));
	if (randomised_is(mac))
		evidence_add(set, EVIDENCE_MAC_RANDOM,
			     slice_text("locally administered"));
}

bool evidence_add_domain(struct evidence_set *set, struct slice name)
{
	static const char *const ours[] = { "local", "arpa", "lan", "home",
					    "internal" };
	bool has_dot = false;

	for (size_t i = 0; name.data && i < name.len; i++)
		has_dot |= name.data[i] == '.';
	if (!has_dot)
		return false;
	for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
		if (match_text(MATCH_DOMAIN, slice_text(ours[i]), name, NULL))
			return false;
	return evidence_add(set, EVIDENCE_DOMAIN, name);
}

#define IP_TCP 6

/* A connection that another began, and that the device said something in: one
 * that it refused has no payload. */
static bool add_open(struct evidence_set *set, const struct record_flow *f)
{
	char text[sizeof("tcp/65535")];

	if (f->protocol != IP_TCP || f->opener != RECORD_OPENER_REMOTE ||
	    !f->out_sequence_bytes)
		return false;
	(void)snprintf(text, sizeof(text), "tcp/%u", f->device_port);
	return evidence_add(set, EVIDENCE_OPEN, slice_text(text));
}

bool evidence_add_window(struct evidence_set *set,
			 const struct record_window *w)
{
	bool fresh = false;

	for (size_t i = 0; i < w->clue_count; i++)
		fresh |= evidence_add(set, w->clues[i].kind, w->clues[i].text);
	for (size_t i = 0; i < w->http_count; i++) {
		fresh |= evidence_add(set, RECORD_CLUE_USER_AGENT,
				      w->http[i].user_agent);
		fresh |= evidence_add_domain(set, w->http[i].host);
	}
	for (size_t i = 0; i < w->name_count; i++)
		fresh |= evidence_add_domain(set, w->names[i].name);
	for (size_t i = 0; i < w->question_count; i++)
		fresh |= evidence_add_domain(set, w->questions[i].name);
	for (size_t i = 0; i < w->hello_count; i++) {
		const struct record_hello *h = &w->hellos[i];

		fresh |= evidence_add_domain(set, h->sni);
		fresh |= evidence_add(set, EVIDENCE_JA3, slice_text(h->ja3));
		fresh |= evidence_add(set, EVIDENCE_JA4, slice_text(h->ja4));
	}
	for (size_t i = 0; i < w->flow_count; i++)
		fresh |= add_open(set, &w->flows[i]);
	for (size_t i = 0; i < w->service_count; i++)
		fresh |= evidence_add(set, EVIDENCE_APPLICATION,
				      slice_text(record_application_name(
					      w->services[i].application)));
	return fresh;
}

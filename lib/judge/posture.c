// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/posture.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "judge/clear.h"
#include "judge/secrecy.h"
#include "know/suite.h"

#define IP_TCP 6
#define IP_UDP 17

#define NS_PER_MS 1000000ull
/* Of a name in DNS (RFC 1035 2.3.4), with room. */
#define NAME_BYTES 256
#define HTTP_PORT  80
#define DNS_PORT   53

#define SUM(group, name, member)                                   \
	{                                                          \
		group, name, offsetof(struct posture_sums, member) \
	}

const struct posture_field posture_fields[] = {
	SUM("", "windows", windows),
	SUM("", "bytes", bytes),
	SUM("", "internet_bytes", internet_bytes),
	SUM("", "encrypted_bytes", encrypted_bytes),
	SUM("", "http_requests", http_requests),
	SUM("", "credentials_in_clear", credentials),
	SUM("", "away_windows", away_windows),
	SUM("", "away_out_bytes", away_out_bytes),
	SUM("offered", "hellos", hellos),
	SUM("offered", "no_sni", no_sni),
	SUM("offered", "ech", ech),
	SUM("offered", "ssl", offered_ssl),
	SUM("offered", "tls_1_0", offered_10),
	SUM("offered", "tls_1_1", offered_11),
	SUM("offered", "tls_1_2", offered_12),
	SUM("offered", "tls_1_3", offered_13),
	SUM("offered", "no_forward_secrecy", offered_no_secrecy),
	SUM("got", "servers", servers),
	SUM("got", "ssl", got_ssl),
	SUM("got", "tls_1_0", got_10),
	SUM("got", "tls_1_1", got_11),
	SUM("got", "tls_1_2", got_12),
	SUM("got", "tls_1_3", got_13),
	SUM("got", "no_forward_secrecy", got_no_secrecy),
	SUM("paper", "offered_outdated", by[OFFER_PAPER].offered_outdated),
	SUM("paper", "offered_weak", by[OFFER_PAPER].offered_weak),
	SUM("paper", "got_outdated", by[OFFER_PAPER].got_outdated),
	SUM("paper", "got_weak", by[OFFER_PAPER].got_weak),
	SUM("paper", "unencrypted_bytes", by[OFFER_PAPER].unencrypted_bytes),
	SUM("current", "offered_outdated", by[OFFER_CURRENT].offered_outdated),
	SUM("current", "offered_weak", by[OFFER_CURRENT].offered_weak),
	SUM("current", "got_outdated", by[OFFER_CURRENT].got_outdated),
	SUM("current", "got_weak", by[OFFER_CURRENT].got_weak),
	SUM("current", "unencrypted_bytes",
	    by[OFFER_CURRENT].unencrypted_bytes),
};
const size_t posture_field_count =
	sizeof(posture_fields) / sizeof(posture_fields[0]);

const char *posture_list_name(enum posture_list list)
{
	static const char *const names[POSTURE_LISTS] = {
		[POSTURE_TRACKERS] = "trackers",
		[POSTURE_COUNTRIES] = "countries",
		[POSTURE_COMPANIES] = "third_parties",
		[POSTURE_RESOLVERS] = "resolvers",
		[POSTURE_FINGERPRINTS] = "fingerprints",
		[POSTURE_CLEAR] = "in_clear",
	};

	return names[list];
}

/* A window as it is being added. */
struct adding {
	struct posture *posture;
	const struct record_window *window;
	const struct posture_world *world;
	struct finding_list *out;
	uint64_t now_ms;
	bool learning;
	size_t asked;
	struct {
		struct addr addr;
		struct party party;
		uint8_t name[NAME_BYTES];
	} parties[PARTY_ASKED_MAX];
};

/* As it stood in the packet; lent, or in out. */
static struct slice name_of(const struct record_name *n,
			    uint8_t out[NAME_BYTES])
{
	if (n->source != RECORD_NAME_DNS || !n->name.data)
		return n->name;
	return slice_of(out, text_unzone(n->name, false, out, NAME_BYTES));
}

static const struct party *party_of(struct adding *a, const struct addr *addr)
{
	/* nobody was asked whether it may be named */
	static const struct party nobody = { .unnamed = true };
	const struct record_window *w = a->window;
	struct party *party;
	uint8_t *name;

	for (size_t i = 0; i < a->asked; i++)
		if (addr_equal(&a->parties[i].addr, addr))
			return &a->parties[i].party;
	if (a->asked == PARTY_ASKED_MAX)
		return &nobody;
	a->parties[a->asked].addr = *addr;
	name = a->parties[a->asked].name;
	party = &a->parties[a->asked++].party;
	*party = (struct party){ 0 };
	for (size_t i = 0; i < w->name_count && !party->name.data; i++)
		if (addr_equal(&w->names[i].addr, addr))
			party->name = name_of(&w->names[i], name);
	if (a->world->party)
		a->world->party->find(a->world->party->user, w, addr, party);
	return party;
}

/* What it is called: by what was said to it, else as somebody knows. */
static struct slice called(struct adding *a, const struct addr *addr,
			   struct slice said)
{
	const struct party *party = party_of(a, addr);

	return said.data && !party->unnamed ? said : party->name;
}

static void report(struct adding *a, enum rule_kind kind, const char *subject,
		   const struct addr *endpoint, const char *evidence)
{
	struct finding_report r = {
		.kind = kind,
		.subject = subject,
		.endpoint = endpoint,
		.at_ms = a->now_ms,
		.evidence = evidence,
	};

	(void)!finding_report(a->out, &r);
}

/* What it never did before: no news while its habits are learnt. */
static void changed(struct adding *a, enum rule_kind kind, const char *text,
		    const struct addr *endpoint)
{
	if (a->learning)
		return;
	change_add(&a->posture->changes, kind, a->now_ms, text);
	report(a, kind, text, endpoint, text);
}

/* True when it is the first of this text in the list. */
static bool note(struct adding *a, enum posture_list which, const char *text,
		 const char *more)
{
	struct posture_items *list = &a->posture->lists[which];
	struct posture_item *item = NULL;
	bool fresh = false;

	for (uint32_t i = 0; i < list->count && !item; i++)
		if (!strcmp(list->items[i].text, text) &&
		    !strncmp(list->items[i].note, more,
			     sizeof(list->items[i].note) - 1))
			item = &list->items[i];
	if (!item && list->count == POSTURE_ITEMS_MAX) {
		list->refused++;
		return false;
	}
	if (!item) {
		item = &list->items[list->count++];
		*item = (struct posture_item){ .first_ms = a->now_ms };
		(void)snprintf(item->text, sizeof(item->text), "%s", text);
		(void)snprintf(item->note, sizeof(item->note), "%s", more);
		fresh = true;
	}
	item->last_ms = a->now_ms;
	item->count++;
	return fresh;
}

static void add_version(uint64_t versions[5], uint16_t version)
{
	if (!version) /* not known */
		return;
	if (version < 0x0301)
		versions[0]++;
	else
		versions[version > 0x0304 ? 4 : version - 0x0300]++;
}

static void put_weak(char *out, size_t size, unsigned int weak)
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned int bit = 1; bit <= weak && at < size; bit <<= 1)
		if (weak & bit)
			at += (size_t)snprintf(out + at, size - at, "%s%s",
					       at ? ", " : "",
					       suite_weakness_name(bit));
}

static const char *version_name(uint16_t version)
{
	switch (version) {
	case 0x0301:
		return "TLS 1.0";
	case 0x0302:
		return "TLS 1.1";
	default:
		return "SSL";
	}
}

static void judge_hello(struct adding *a, const struct record_hello *h)
{
	struct offer_verdict paper =
		offer_judge(OFFER_PAPER, h->highest_version, h->cipher_suites);
	struct offer_verdict current = offer_judge(
		OFFER_CURRENT, h->highest_version, h->cipher_suites);
	char text[FINDING_EVIDENCE_BYTES], weak[64], who[PARTY_TEXT_BYTES];
	struct posture_rules *by = a->posture->sums.by;

	by[OFFER_PAPER].offered_outdated += paper.outdated;
	by[OFFER_PAPER].offered_weak += paper.weak != 0;
	by[OFFER_CURRENT].offered_outdated += current.outdated;
	by[OFFER_CURRENT].offered_weak += current.weak != 0;
	if (!current.outdated && !current.weak)
		return;
	party_text(called(a, &h->remote, h->sni), &h->remote, who);
	if (current.outdated) {
		(void)snprintf(text, sizeof(text),
			       "offers %s at most to %s: outdated by %s",
			       version_name(h->highest_version), who,
			       paper.outdated ? "both sets of rules"
					      : "today's rules");
		report(a, RULE_OUTDATED_TLS, who, &h->remote, text);
	}
	if (current.weak) {
		put_weak(weak, sizeof(weak), current.weak);
		(void)snprintf(text, sizeof(text),
			       "offers %s to %s: weak by %s", weak, who,
			       paper.weak ? "both sets of rules"
					  : "today's rules");
		report(a, RULE_WEAK_SUITES, who, &h->remote, text);
	}
}

static void add_hello(struct adding *a, const struct record_hello *h)
{
	struct posture_sums *s = &a->posture->sums;
	uint64_t versions[5] = { 0 };

	s->hellos++;
	s->no_sni += !h->sni.data;
	s->ech += h->ech;
	s->offered_no_secrecy += !secrecy_offered(h->cipher_suites);
	add_version(versions, h->highest_version);
	s->offered_ssl += versions[0];
	s->offered_10 += versions[1];
	s->offered_11 += versions[2];
	s->offered_12 += versions[3];
	s->offered_13 += versions[4];
	judge_hello(a, h);
	if (h->ja4[0] && note(a, POSTURE_FINGERPRINTS, h->ja4, ""))
		changed(a, RULE_NEW_FINGERPRINT, h->ja4, &h->remote);
}

static void add_server(struct adding *a, const struct record_server *r)
{
	uint8_t suite[2] = { (uint8_t)(r->cipher_suite >> 8),
			     (uint8_t)r->cipher_suite };
	struct posture_sums *s = &a->posture->sums;
	uint64_t versions[5] = { 0 };

	s->servers++;
	s->got_no_secrecy += !secrecy_of(r->cipher_suite);
	add_version(versions, r->version);
	s->got_ssl += versions[0];
	s->got_10 += versions[1];
	s->got_11 += versions[2];
	s->got_12 += versions[3];
	s->got_13 += versions[4];
	for (enum offer_rules i = OFFER_PAPER; i <= OFFER_CURRENT; i++) {
		struct offer_verdict v = offer_judge(
			i, r->version, slice_of(suite, sizeof(suite)));

		s->by[i].got_outdated += v.outdated;
		s->by[i].got_weak += v.weak != 0;
	}
}

/* To a host of the Internet, in clear. */
static void say_clear(struct adding *a, enum rule_kind kind, const char *way,
		      const struct addr *remote, struct slice name,
		      const char *doubt)
{
	char text[FINDING_EVIDENCE_BYTES], who[PARTY_TEXT_BYTES];

	party_text(called(a, remote, name), remote, who);
	if (note(a, POSTURE_CLEAR, who, way)) {
		(void)snprintf(text, sizeof(text), "%s to %s", way, who);
		changed(a, RULE_FIRST_PLAINTEXT, text, remote);
	}
	(void)snprintf(text, sizeof(text), "%s to %s, not encrypted%s", way,
		       who, doubt);
	report(a, kind, who, remote, text);
}

static bool is_outside(const struct addr *a)
{
	return !addr_is_private(a) && !addr_is_multicast(a) &&
	       !addr_is_broadcast(a);
}

static void add_http(struct adding *a, const struct record_http *h)
{
	if (!is_outside(&h->remote))
		return;
	a->posture->sums.http_requests++;
	say_clear(a, RULE_PLAINTEXT_HTTP, "HTTP", &h->remote, h->host, "");
}

static struct posture_way *remembered(struct posture *p,
				      const struct addr *remote, uint16_t port,
				      uint8_t protocol)
{
	for (size_t i = 0; i < POSTURE_WAYS_MAX; i++)
		if (p->ways[i].port == port &&
		    p->ways[i].protocol == protocol &&
		    addr_equal(&p->ways[i].remote, remote))
			return &p->ways[i];
	return NULL;
}

static void remember(struct posture *p, const struct posture_way *way)
{
	struct posture_way *known =
		remembered(p, &way->remote, way->port, way->protocol);

	if (!known)
		known = &p->ways[p->way_next++ % POSTURE_WAYS_MAX];
	*known = *way;
}

static bool has_content(const struct record_flow *f)
{
	if (f->protocol == IP_TCP)
		return f->in_sequence_bytes && f->out_sequence_bytes;
	return f->in_packets && f->out_packets;
}

/* What was not recognised is told by its port, once while it is remembered.
 * DNS and HTTP are told of by their questions and requests. */
static enum clear_way way_of(struct adding *a, const struct record_flow *f)
{
	const struct clear_protocol *by_port =
		clear_by_port(f->protocol, f->remote_port);
	const struct posture_way *way =
		remembered(a->posture, &f->remote, f->remote_port, f->protocol);

	if (way && way->application != RECORD_APPLICATIONS)
		return clear_by_application(way->application)->way;
	if (way || by_port->way != CLEAR_READABLE || !has_content(f) ||
	    f->opener == RECORD_OPENER_REMOTE || !is_outside(&f->remote) ||
	    !strcmp(by_port->name, "DNS") || !strcmp(by_port->name, "HTTP"))
		return by_port->way;
	remember(a->posture, &(struct posture_way){
				     .remote = f->remote,
				     .port = f->remote_port,
				     .protocol = f->protocol,
				     .application = RECORD_APPLICATIONS,
			     });
	say_clear(a, RULE_CLEAR_PROTOCOL, by_port->name, &f->remote,
		  (struct slice){ 0 }, " by its port");
	return by_port->way;
}

static void add_resolver(struct adding *a, const struct addr *remote,
			 const char *way)
{
	enum lan_named named = lan_names(a->world->lan, remote);
	char addr[PARTY_TEXT_BYTES], text[FINDING_EVIDENCE_BYTES];

	if (addr_is_multicast(remote) || addr_is_broadcast(remote))
		return;
	party_addr(remote, addr);
	(void)note(a, POSTURE_RESOLVERS, addr, way);
	if (named != LAN_NOT_NAMED)
		return;
	(void)snprintf(text, sizeof(text),
		       "asks %s by %s, which the network did not name", addr,
		       way);
	report(a, RULE_HARD_CODED_DNS, addr, remote, text);
}

static void add_service(struct adding *a, const struct record_service *s)
{
	const struct clear_protocol *protocol =
		clear_by_application(s->application);
	const char *name = protocol->name;
	char text[FINDING_EVIDENCE_BYTES], who[PARTY_TEXT_BYTES];

	remember(a->posture, &(struct posture_way){
				     .remote = s->remote,
				     .port = s->remote_port,
				     .protocol = s->protocol,
				     .application = s->application,
			     });
	if (s->application == RECORD_APPLICATION_DOT ||
	    s->application == RECORD_APPLICATION_DOH ||
	    s->application == RECORD_APPLICATION_DOQ)
		add_resolver(a, &s->remote, name);
	if (s->credentials_in_clear) {
		a->posture->sums.credentials++;
		party_text(party_of(a, &s->remote)->name, &s->remote, who);
		(void)snprintf(text, sizeof(text), "by %s to %s port %u",
			       name ? name : "its protocol", who,
			       s->remote_port);
		report(a, RULE_CREDENTIALS_IN_CLEAR, who, &s->remote, text);
	}
	if (!is_outside(&s->remote))
		return;
	if (s->application == RECORD_APPLICATION_DNS) {
		/* whom the network named is no fault of the device: what is
		 * one, add_resolver() tells */
		party_text(party_of(a, &s->remote)->name, &s->remote, who);
		(void)note(a, POSTURE_CLEAR, who, name);
		return;
	}
	/* HTTP is told of by its requests */
	if (protocol->way == CLEAR_READABLE &&
	    s->application != RECORD_APPLICATION_HTTP)
		say_clear(a, RULE_CLEAR_PROTOCOL, name, &s->remote,
			  (struct slice){ 0 }, "");
}

static void add_party(struct adding *a, const struct record_flow *f)
{
	const struct party *party = party_of(a, &f->remote);
	char who[PARTY_TEXT_BYTES], text[FINDING_EVIDENCE_BYTES];

	party_text(party->name, &f->remote, who);
	if (party->bad_list) {
		(void)snprintf(text, sizeof(text), "%s is in the list %s", who,
			       party->bad_list);
		report(a, RULE_KNOWN_BAD, who, &f->remote, text);
	}
	if (party->tracker && note(a, POSTURE_TRACKERS, who, party->tracker))
		changed(a, RULE_FIRST_TRACKER, who, &f->remote);
	if (party->country[0] && note(a, POSTURE_COUNTRIES, party->country, ""))
		changed(a, RULE_FIRST_COUNTRY, party->country, &f->remote);
	if (party->third && party->company)
		(void)note(a, POSTURE_COMPANIES, party->company, "");
}

static void add_flow(struct adding *a, const struct record_flow *f)
{
	struct posture_sums *s = &a->posture->sums;
	uint64_t bytes = f->in_bytes + f->out_bytes;
	enum clear_way way;

	s->bytes += bytes;
	if (f->local || addr_is_multicast(&f->remote))
		return;
	if (f->protocol == IP_TCP || f->protocol == IP_UDP) {
		way = way_of(a, f);
		if (way == CLEAR_READABLE)
			s->by[OFFER_CURRENT].unencrypted_bytes += bytes;
		else if (way == CLEAR_ENCRYPTED)
			s->encrypted_bytes += bytes;
		if (f->protocol == IP_TCP && f->remote_port == HTTP_PORT)
			s->by[OFFER_PAPER].unencrypted_bytes += bytes;
	}
	s->internet_bytes += bytes;
	s->away_out_bytes += a->world->away ? f->out_bytes : 0;
	/* who only knocks at the device says nothing of it */
	if (f->out_packets)
		add_party(a, f);
}

/* Each resolver once a window. */
static void add_questions(struct adding *a)
{
	const struct record_window *w = a->window;

	for (size_t i = 0; i < w->question_count; i++) {
		const struct addr *resolver = &w->questions[i].resolver;
		size_t before = 0;

		while (before < i &&
		       !addr_equal(&w->questions[before].resolver, resolver))
			before++;
		if (before == i)
			add_resolver(a, resolver, "DNS");
	}
}

void posture_add(struct posture *p, const struct record_window *w,
		 const struct posture_world *world, struct finding_list *out)
{
	uint64_t now_ms = w->start_ns / NS_PER_MS;
	struct adding a = { .posture = p,
			    .window = w,
			    .world = world,
			    .out = out,
			    .now_ms = now_ms };

	if (!p->since_ms)
		p->since_ms = now_ms;
	p->last_ms = now_ms;
	a.learning = now_ms < p->since_ms + POSTURE_LEARN_MS;
	p->sums.windows++;
	p->sums.away_windows += world->away && w->flow_count;
	for (size_t i = 0; i < w->service_count; i++)
		add_service(&a, &w->services[i]);
	for (size_t i = 0; i < w->hello_count; i++)
		add_hello(&a, &w->hellos[i]);
	for (size_t i = 0; i < w->server_count; i++)
		add_server(&a, &w->servers[i]);
	for (size_t i = 0; i < w->http_count; i++)
		add_http(&a, &w->http[i]);
	add_questions(&a);
	for (size_t i = 0; i < w->flow_count; i++)
		add_flow(&a, &w->flows[i]);
}

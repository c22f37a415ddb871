// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/lan.h"

#include <stdio.h>
#include <string.h>

#include "know/resolver.h"

#define NS_PER_MS 1000000ull

static struct lan_server *server_of(struct lan *lan, const struct addr *addr,
				    uint64_t now_ms)
{
	struct lan_server *s;

	for (size_t i = 0; i < lan->server_count; i++)
		if (addr_equal(&lan->servers[i].addr, addr))
			return &lan->servers[i];
	if (lan->server_count == LAN_SERVERS_MAX)
		return NULL;
	s = &lan->servers[lan->server_count++];
	*s = (struct lan_server){ .addr = *addr, .first_ms = now_ms };
	return s;
}

/* The first gave way to another, as when a router is replaced. */
static void forget_old(struct lan *lan, uint64_t now_ms)
{
	while (lan->server_count > 1 &&
	       now_ms - lan->servers[0].last_ms >= LAN_SERVER_MS) {
		lan->server_count--;
		memmove(&lan->servers[0], &lan->servers[1],
			lan->server_count * sizeof(lan->servers[0]));
		lan->resolver_count = 0;
	}
}

/* The router hands out addresses, whoever was heard first. */
static bool put_router_first(struct lan *lan)
{
	struct lan_server first = lan->servers[0];

	for (size_t i = 1; i < lan->server_count; i++) {
		if (!addr_equal(&lan->servers[i].addr, &lan->gateway))
			continue;
		lan->servers[0] = lan->servers[i];
		lan->servers[i] = first;
		lan->resolver_count = 0;
		return true;
	}
	return false;
}

static void take_server(struct lan *lan, const struct addr *addr,
			uint64_t now_ms, struct finding_list *out)
{
	struct lan_server *s = server_of(lan, addr, now_ms);
	char text[FINDING_EVIDENCE_BYTES];
	char own[ADDR_TEXT_BYTES], other[ADDR_TEXT_BYTES];
	struct finding_report report = {
		.kind = RULE_ROGUE_DHCP,
		.subject = other,
		.at_ms = now_ms,
		.evidence = text,
	};
	bool fresh;

	if (!s)
		return;
	s->last_ms = now_ms;
	forget_old(lan, now_ms);
	fresh = put_router_first(lan);
	/* each that is not the first, once it is heard beside it */
	for (size_t i = 1; i < lan->server_count; i++) {
		if (lan->servers[i].last_ms != now_ms && !fresh)
			continue;
		report.endpoint = &lan->servers[i].addr;
		addr_format(report.endpoint, other);
		(void)snprintf(text, sizeof(text),
			       "%s hands out addresses beside %s", other,
			       addr_format(&lan->servers[0].addr, own));
		(void)!finding_report(out, &report);
	}
}

/* The next of the addresses that a space parts; no address at the end. */
static struct addr next_addr(struct slice *words)
{
	struct addr addr = { 0 };
	char text[ADDR_TEXT_BYTES];
	size_t len = 0;

	while (len < words->len && words->data[len] != ' ')
		len++;
	if (len && len < sizeof(text)) {
		memcpy(text, words->data, len);
		text[len] = '\0';
		if (addr_parse(text, &addr))
			addr.family = 0;
	}
	len += len < words->len;
	*words = slice_of(words->data + len, words->len - len);
	return addr;
}

static void take_resolvers(struct lan *lan, struct slice words)
{
	struct addr named[LAN_RESOLVERS_MAX] = { 0 };
	size_t count = 0;

	while (words.len) {
		struct addr addr = next_addr(&words);

		if (!addr.family)
			continue;
		if (count < LAN_RESOLVERS_MAX)
			named[count++] = addr;
		else
			lan->resolvers_refused++;
	}
	lan->heard = true;
	if (count == lan->resolver_count &&
	    !memcmp(named, lan->resolvers, count * sizeof(named[0])))
		return;
	memcpy(lan->resolvers, named, sizeof(named));
	lan->resolver_count = count;
	lan->changed = true;
}

/* RECORD_CLUE_DHCP_SERVER: the server, then the resolvers it names. */
static void take_offer(struct lan *lan, struct slice words, uint64_t now_ms,
		       struct finding_list *out)
{
	struct addr addr = next_addr(&words);

	if (!addr.family || addr_is_unspecified(&addr))
		return;
	take_server(lan, &addr, now_ms, out);
	if (!words.len || !addr_equal(&lan->servers[0].addr, &addr))
		return;
	take_resolvers(lan, words);
}

static bool is_among(const struct addr *resolvers, size_t count,
		     const struct addr *resolver)
{
	for (size_t i = 0; i < count; i++)
		if (addr_equal(&resolvers[i], resolver))
			return true;
	return false;
}

void lan_name_resolver6(struct lan *lan, const struct addr *resolver)
{
	if (resolver->family != 6)
		return;
	lan->heard = true;
	if (is_among(lan->resolvers6, lan->resolver6_count, resolver))
		return;
	lan->changed = true;
	if (lan->resolver6_count == LAN_RESOLVERS_MAX) {
		lan->resolver6_count--;
		lan->resolvers_refused++;
		memmove(lan->resolvers6, lan->resolvers6 + 1,
			lan->resolver6_count * sizeof(lan->resolvers6[0]));
	}
	lan->resolvers6[lan->resolver6_count++] = *resolver;
}

static void take_resolvers6(struct lan *lan, struct slice words)
{
	while (words.len) {
		struct addr addr = next_addr(&words);

		lan_name_resolver6(lan, &addr);
	}
}

void lan_hear(struct lan *lan, const struct record_window *w,
	      struct finding_list *out)
{
	uint64_t now_ms = w->start_ns / NS_PER_MS;

	for (size_t i = 0; i < w->clue_count; i++) {
		if (w->clues[i].kind == RECORD_CLUE_DHCP_SERVER)
			take_offer(lan, w->clues[i].text, now_ms, out);
		else if (w->clues[i].kind == RECORD_CLUE_IPV6_RESOLVERS)
			take_resolvers6(lan, w->clues[i].text);
	}
}

void lan_hear_questions(struct lan *lan, const struct record_window *w)
{
	for (size_t i = 0; i < w->question_count; i++)
		lan->has_own_resolver |=
			addr_is_private(&w->questions[i].resolver);
}

void lan_leave(struct lan *lan)
{
	*lan = (struct lan){
		.gateway = lan->gateway,
		.link6 = lan->link6,
		.resolvers_refused = lan->resolvers_refused,
	};
}

enum lan_named lan_names(const struct lan *lan, const struct addr *resolver)
{
	if (is_among(lan->resolvers, lan->resolver_count, resolver) ||
	    is_among(lan->resolvers6, lan->resolver6_count, resolver) ||
	    (lan->link6.addr.family && cidr_contains(&lan->link6, resolver)))
		return LAN_NAMED;
	if (addr_is_private(resolver) || addr_is_multicast(resolver))
		return LAN_NAMED;
	if (resolver->family == 4 && lan->resolver_count)
		return LAN_NOT_NAMED;
	if (resolver->family == 6 && lan->resolver6_count)
		return LAN_NOT_NAMED;
	/* a provider's IPv6 address may have been named unheard, and what this
	 * computer goes by may be the home's */
	if ((resolver->family == 6 && !resolver_by_addr(resolver)) ||
	    is_among(lan->host, lan->host_count, resolver))
		return LAN_NOT_KNOWN;
	return lan->has_own_resolver ? LAN_NOT_NAMED : LAN_NOT_KNOWN;
}

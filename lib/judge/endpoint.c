// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/endpoint.h"

#include <string.h>

#include "judge/clear.h"
#include "know/suffix.h"

static const char *const source_names[] = {
	[ENDPOINT_DNS] = "dns",
	[ENDPOINT_SNI] = "sni",
	[ENDPOINT_HTTP_HOST] = "http_host",
	[ENDPOINT_OTHER] = "other_device",
	[ENDPOINT_CROWD] = "crowd",
	[ENDPOINT_REVERSE] = "reverse",
	[ENDPOINT_UNNAMED] = NULL,
};

static const char *const doubts[] = {
	[ENDPOINT_OTHER] = "another device of the home called this address so",
	[ENDPOINT_CROWD] = "other homes call this address so, by the "
			   "collector you share with; the device never did",
	[ENDPOINT_REVERSE] = "whoever owns the address calls it so; the "
			     "device never did",
	[ENDPOINT_UNNAMED] = NULL,
};

static const char *const party_names[] = {
	[ENDPOINT_PARTY_UNKNOWN] = "unknown",
	[ENDPOINT_PARTY_HOME] = "home",
	[ENDPOINT_PARTY_FIRST] = "first",
	[ENDPOINT_PARTY_SUPPORT] = "support",
	[ENDPOINT_PARTY_THIRD] = "third",
};

const char *endpoint_source_name(enum endpoint_source source)
{
	return source_names[source];
}

enum endpoint_source endpoint_own_source(enum record_name_source source)
{
	switch (source) {
	case RECORD_NAME_DNS:
		return ENDPOINT_DNS;
	case RECORD_NAME_SNI:
		return ENDPOINT_SNI;
	case RECORD_NAME_HTTP_HOST:
		return ENDPOINT_HTTP_HOST;
	}
	return ENDPOINT_UNNAMED;
}

const char *endpoint_doubt(enum endpoint_source source)
{
	return doubts[source];
}

const char *endpoint_party_name(enum endpoint_party party)
{
	return party_names[party];
}

/* What was said in it goes before the port. */
static enum endpoint_secrecy secrecy(const struct endpoint_facts *f)
{
	static const enum endpoint_secrecy of_way[] = {
		[CLEAR_UNKNOWN] = ENDPOINT_SECRECY_UNKNOWN,
		[CLEAR_HARMLESS] = ENDPOINT_IN_CLEAR,
		[CLEAR_READABLE] = ENDPOINT_IN_CLEAR,
		[CLEAR_ENCRYPTED] = ENDPOINT_ENCRYPTED,
	};
	enum clear_way way = CLEAR_UNKNOWN;

	if (f->has_application)
		way = clear_by_application(f->application)->way;
	if (way == CLEAR_UNKNOWN)
		way = clear_by_port(f->protocol, f->port)->way;
	return of_way[way];
}

/* "Ring" and "Amazon" are one owner's, as are two companies of one parent. */
static bool is_same_owner(const struct know *know, const char *a, const char *b)
{
	struct know_company of_a = { .parent = "" }, of_b = { .parent = "" };

	if (!strcmp(a, b))
		return true;
	know_company(know, a, &of_a);
	know_company(know, b, &of_b);
	return !strcmp(of_a.parent, b) || !strcmp(of_b.parent, a) ||
	       (of_a.parent[0] && !strcmp(of_a.parent, of_b.parent));
}

static enum endpoint_party party(const struct know *know,
				 const struct endpoint_facts *f,
				 const struct endpoint_verdict *v)
{
	const char *vendor;

	if (f->local)
		return ENDPOINT_PARTY_HOME;
	if (!v->company[0])
		return ENDPOINT_PARTY_UNKNOWN;
	vendor = f->vendor ? know_vendor_company(know, f->vendor) : NULL;
	/* what anybody rents says nothing of who rented it */
	if (v->purpose == KNOW_PURPOSE_CLOUD)
		return ENDPOINT_PARTY_SUPPORT;
	if (!vendor)
		return ENDPOINT_PARTY_UNKNOWN;
	if (is_same_owner(know, vendor, v->company))
		return ENDPOINT_PARTY_FIRST;
	/* a platform that the maker chose to run its things on */
	return v->platform[0] && v->category == KNOW_CATEGORY_NONE
		       ? ENDPOINT_PARTY_SUPPORT
		       : ENDPOINT_PARTY_THIRD;
}

/* A company whose business is to be others' device cloud. */
static bool is_platform(const struct know_host *host,
			const struct know_company *company)
{
	return host->purpose == KNOW_PURPOSE_CONTROL && host->service[0] &&
	       (!strncmp(company->what, "a platform", 10) ||
		!strncmp(company->what, "a message platform", 18) ||
		!strcmp(company->what, "a cloud provider"));
}

static void judge_host(const struct know *know, const struct endpoint_facts *f,
		       struct endpoint_verdict *v)
{
	struct know_company company = { "", "", "" };
	struct know_host host;

	v->domain = suffix_registered_domain(f->name);
	if (!know_host(know, f->name, &host))
		return;
	v->company = host.company;
	v->service = host.service;
	v->reason = host.reason;
	v->purpose = host.purpose;
	if (know_company(know, host.company, &company)) {
		v->parent = company.parent;
		v->what = company.what;
	}
	if (is_platform(&host, &company))
		v->platform = host.service;
}

static void judge_lists(const struct know *know, const struct endpoint_facts *f,
			struct endpoint_verdict *v)
{
	struct know_listing listing;
	struct slice name = f->name;

	/* a name that strangers tell accuses nobody */
	if (f->source == ENDPOINT_CROWD)
		name = (struct slice){ 0 };
	if (know_malicious(know, name, f->local ? NULL : &f->addr, &listing) ||
	    know_tracker(know, name, &listing)) {
		v->category = listing.category;
		v->list = listing.list;
		if (!v->company[0])
			v->company = listing.company;
	} else if (name.len && v->purpose == KNOW_PURPOSE_ADVERTISING) {
		v->category = KNOW_CATEGORY_ADVERTISING;
		v->list = v->reason;
	}
}

void endpoint_judge(const struct know *know, const struct endpoint_facts *facts,
		    struct endpoint_verdict *out)
{
	const char *port = NULL;

	*out = (struct endpoint_verdict){
		.company = "",
		.parent = "",
		.what = "",
		.service = "",
		.reason = "",
		.list = "",
		.platform = "",
		.port = "",
		.as = { 0, "" },
	};
	if (facts->name.len)
		judge_host(know, facts, out);
	judge_lists(know, facts, out);
	if (facts->port)
		port = know_port(know, facts->protocol, facts->port);
	if (port)
		out->port = port;
	out->resolver = resolver_by_addr(&facts->addr);
	if (!out->resolver && facts->name.len)
		out->resolver = resolver_by_host(facts->name);
	if (!facts->local && !addr_is_private(&facts->addr) &&
	    !addr_is_multicast(&facts->addr)) {
		if (!know_country(know, &facts->addr, out->country))
			out->country[0] = '\0';
		if (!know_as(know, &facts->addr, &out->as))
			out->as = (struct know_as){ 0, "" };
	}
	out->secrecy = secrecy(facts);
	out->party = party(know, facts, out);
}

bool endpoint_is_third(const struct know *know, const char *vendor,
		       const char *company)
{
	const char *maker = vendor ? know_vendor_company(know, vendor) : NULL;

	return maker && !is_same_owner(know, maker, company);
}

void endpoint_to_party(const struct endpoint_facts *facts,
		       const struct endpoint_verdict *verdict,
		       struct party *out)
{
	bool bad = verdict->category == KNOW_CATEGORY_MALICIOUS;

	*out = (struct party){
		.name = facts->name,
		.company = verdict->company[0] ? verdict->company : NULL,
		.tracker = verdict->category == KNOW_CATEGORY_NONE || bad
				   ? NULL
				   : know_category_name(verdict->category),
		.bad_list = bad ? verdict->list : NULL,
		.third = verdict->company[0] && !facts->local &&
			 verdict->purpose != KNOW_PURPOSE_CLOUD &&
			 !(verdict->platform[0] &&
			   verdict->category == KNOW_CATEGORY_NONE),
	};
	memcpy(out->country, verdict->country, sizeof(out->country));
}

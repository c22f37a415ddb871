// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/sentence.h"

#include <string.h>

#include "base/text.h"

#define ICMP	1
#define TCP	6
#define UDP	17
#define ICMP_V6 58

/* All that a sentence is made of. */
struct telling {
	struct buf *out;
	const struct know *know;
	const struct endpoint_facts *f;
	const struct endpoint_verdict *v;
};

static void put(const struct telling *t, const char *text)
{
	buf_puts(t->out, text);
}

static void put_outside(const struct telling *t, struct slice text)
{
	text_escape(t->out, text);
}

static bool is_certain(const struct telling *t)
{
	return t->f->name.len && !endpoint_doubt(t->f->source);
}

/* The host's name, with a '?' when it is uncertain, or its address. */
static void put_host(const struct telling *t)
{
	char addr[ADDR_TEXT_BYTES];

	if (!t->f->name.len) {
		put(t, t->f->addr_text ? t->f->addr_text
				       : addr_format(&t->f->addr, addr));
		return;
	}
	put_outside(t, t->f->name);
	if (!is_certain(t))
		put(t, "?");
}

static void put_country(const struct telling *t)
{
	static const char *const with_article[] = { "NL", "PH", "US", "GB",
						    "AE", "BS", "GM", "MV" };
	const char *letters = t->v->country;

	if (!letters[0])
		return;
	put(t, " in ");
	for (size_t i = 0; i < sizeof(with_article) / sizeof(with_article[0]);
	     i++)
		if (!strcmp(with_article[i], letters))
			put(t, "the ");
	put_outside(t, slice_text(know_country_name(t->know, letters)));
}

/* Whose network it is, for a host of which nothing else is known. */
static void put_network(const struct telling *t)
{
	if (!t->v->as.number || !t->v->as.name[0]) {
		if (t->v->country[0]) {
			put(t, ",");
			put_country(t);
		}
		return;
	}
	put(t, ", in the network of ");
	put_outside(t, slice_text(t->v->as.name));
	put_country(t);
}

/* The company and what it is; else the host, and whose network it is in. */
static void put_who(const struct telling *t, bool with_what)
{
	if (!t->v->company[0]) {
		put_host(t);
		put_network(t);
		return;
	}
	if (t->v->party == ENDPOINT_PARTY_FIRST)
		put(t, "its maker, ");
	put_outside(t, slice_text(t->v->company));
	if (t->f->name.len && !is_certain(t))
		put(t, "?");
	if (with_what && t->v->what[0] && t->v->party != ENDPOINT_PARTY_FIRST) {
		put(t, ", ");
		put_outside(t, slice_text(t->v->what));
	}
}

/* In brackets, what part of the company it is. */
static void put_service(const struct telling *t)
{
	if (!t->v->service[0] || !t->v->company[0])
		return;
	put(t, " (");
	put_outside(t, slice_text(t->v->service));
	put(t, ")");
}

static void put_secrecy(const struct telling *t)
{
	if (t->v->secrecy == ENDPOINT_IN_CLEAR)
		put(t, ", unencrypted");
}

static bool speaks(const struct telling *t, enum record_application a)
{
	return t->f->has_application && t->f->application == a;
}

static bool is_at(const struct telling *t, uint8_t protocol, uint16_t port)
{
	return t->f->protocol == protocol && t->f->port == port &&
	       !t->f->serves;
}

/* -- on the home's own network */

static const struct {
	enum record_application application;
	const char *says;
} announcements[] = {
	{ RECORD_APPLICATION_MDNS,
	  "tells the home network who it is, and asks who else is there "
	  "(mDNS)" },
	{ RECORD_APPLICATION_SSDP,
	  "tells the home network who it is, and asks who else is there "
	  "(SSDP)" },
	{ RECORD_APPLICATION_LLMNR, "asks the home network for names (LLMNR)" },
	{ RECORD_APPLICATION_NETBIOS,
	  "asks the home network for names (NetBIOS)" },
	{ RECORD_APPLICATION_DHCP, "asks for its address (DHCP)" },
	{ RECORD_APPLICATION_DHCP6, "asks for its address (DHCPv6)" },
	{ RECORD_APPLICATION_TUYA, "tells the home network who it is (Tuya)" },
};

/* The same, before anything of them was understood. */
static const struct {
	uint16_t port;
	enum record_application application;
} announcement_ports[] = {
	{ 5353, RECORD_APPLICATION_MDNS },  { 1900, RECORD_APPLICATION_SSDP },
	{ 5355, RECORD_APPLICATION_LLMNR }, { 137, RECORD_APPLICATION_NETBIOS },
	{ 67, RECORD_APPLICATION_DHCP },    { 547, RECORD_APPLICATION_DHCP6 },
	{ 6666, RECORD_APPLICATION_TUYA },  { 6667, RECORD_APPLICATION_TUYA },
};

static const char *announcement(const struct telling *t)
{
	enum record_application a = RECORD_APPLICATIONS;

	if (t->f->has_application)
		a = t->f->application;
	for (size_t i = 0;
	     a == RECORD_APPLICATIONS &&
	     i < sizeof(announcement_ports) / sizeof(announcement_ports[0]);
	     i++)
		if (is_at(t, UDP, announcement_ports[i].port))
			a = announcement_ports[i].application;
	for (size_t i = 0; i < sizeof(announcements) / sizeof(announcements[0]);
	     i++)
		if (announcements[i].application == a)
			return announcements[i].says;
	return NULL;
}

static void put_port(const struct telling *t)
{
	if (!t->f->port)
		return;
	put(t, " (");
	if (t->v->port[0])
		put_outside(t, slice_text(t->v->port));
	else
		buf_printf(t->out, "%s port %u",
			   t->f->protocol == UDP ? "UDP" : "TCP", t->f->port);
	put(t, ")");
}

static bool asks_for_names(const struct telling *t)
{
	return speaks(t, RECORD_APPLICATION_DNS) ||
	       speaks(t, RECORD_APPLICATION_DOT) ||
	       speaks(t, RECORD_APPLICATION_DOH) ||
	       speaks(t, RECORD_APPLICATION_DOQ) ||
	       (!t->f->has_application &&
		(is_at(t, UDP, 53) || is_at(t, TCP, 53) || is_at(t, TCP, 853) ||
		 is_at(t, UDP, 853)));
}

static void tell_home(const struct telling *t)
{
	const char *says = announcement(t);

	if (says) {
		put(t, says);
	} else if (t->f->protocol == ICMP || t->f->protocol == ICMP_V6) {
		put(t, "keeps in touch with the home network (ICMP)");
	} else if (addr_is_multicast(&t->f->addr) ||
		   addr_is_broadcast(&t->f->addr)) {
		put(t, "speaks to the whole home network");
		put_port(t);
	} else if (asks_for_names(t)) {
		put(t, "asks names from the home's own resolver");
	} else {
		put(t, t->f->serves ? "is called by " : "talks to ");
		if (t->f->name.len) {
			put_host(t);
			put(t, ", ");
		}
		put(t, "another device of the home");
		put_port(t);
	}
}

/* -- on the Internet */

static const char *way_of_asking(const struct telling *t)
{
	if (speaks(t, RECORD_APPLICATION_DOT) || is_at(t, TCP, 853))
		return ", encrypted (DNS over TLS)";
	if (speaks(t, RECORD_APPLICATION_DOQ) || is_at(t, UDP, 853))
		return ", encrypted (DNS over QUIC)";
	if (speaks(t, RECORD_APPLICATION_DOH) || is_at(t, TCP, 443) ||
	    is_at(t, UDP, 443))
		return ", encrypted (DNS over HTTPS)";
	return "";
}

static bool tell_names(const struct telling *t)
{
	const struct resolver *resolver = t->v->resolver;
	/* a resolver's web page has another host than its resolver */
	bool by_https = resolver && resolver->ways & RESOLVER_DOH &&
			(is_at(t, TCP, 443) || is_at(t, UDP, 443));

	if (!asks_for_names(t) && !by_https)
		return false;
	put(t, "asks names from ");
	if (resolver)
		put(t, resolver->name);
	else
		put_who(t, true);
	if (t->f->named == LAN_NAMED)
		put(t, ", the resolver that the router names");
	else if (t->f->named == LAN_NOT_NAMED)
		put(t, " instead of the home's own resolver");
	put(t, way_of_asking(t));
	return true;
}

static bool tell_time(const struct telling *t)
{
	bool ntp = speaks(t, RECORD_APPLICATION_NTP) || is_at(t, UDP, 123);

	if (!ntp && t->v->purpose != KNOW_PURPOSE_TIME)
		return false;
	put(t, ntp ? "asks the time from an NTP server"
		   : "asks the time from a server");
	if (t->v->company[0] && t->v->purpose != KNOW_PURPOSE_CLOUD) {
		put(t, " run by ");
		put_who(t, t->v->purpose == KNOW_PURPOSE_TIME &&
				   t->v->party != ENDPOINT_PARTY_FIRST);
	} else {
		put(t, ", ");
		put_host(t);
		put_network(t);
	}
	return true;
}

static bool tell_malicious(const struct telling *t)
{
	if (t->v->category != KNOW_CATEGORY_MALICIOUS)
		return false;
	put(t, t->f->serves ? "is called by " : "talks to ");
	put_host(t);
	put(t, ", which the list ");
	put_outside(t, slice_text(t->v->list));
	put(t, " has as malicious");
	put_secrecy(t);
	return true;
}

static bool tell_tracker(const struct telling *t)
{
	static const char *const as[KNOW_CATEGORIES] = {
		[KNOW_CATEGORY_ADVERTISING] = "an advertiser",
		[KNOW_CATEGORY_ANALYTICS] = "one that measures its users",
		[KNOW_CATEGORY_TRACKING] = "a tracker",
		[KNOW_CATEGORY_SOCIAL] = "a social network's tracker",
		[KNOW_CATEGORY_FINGERPRINTING] = "one that recognises devices",
		[KNOW_CATEGORY_CRYPTOMINING] = "a miner of currency",
	};

	if (t->v->category == KNOW_CATEGORY_NONE)
		return false;
	put(t, "reports to ");
	put_who(t, true);
	if (!t->v->what[0] || t->v->party == ENDPOINT_PARTY_FIRST) {
		if (t->v->purpose == KNOW_PURPOSE_ADVERTISING) {
			put(t, ", for advertising");
		} else {
			put(t, ", which the list ");
			put_outside(t, slice_text(t->v->list));
			put(t, " has as ");
			put(t, as[t->v->category]);
		}
	} else if (t->v->purpose == KNOW_PURPOSE_ADVERTISING) {
		put_service(t);
	}
	put_secrecy(t);
	return true;
}

static void tell_control(const struct telling *t)
{
	put(t, "is controlled through ");
	if (t->v->platform[0]) {
		put(t, "the platform ");
		put_outside(t, slice_text(t->v->platform));
		if (slice_equal(slice_text(t->v->platform),
				slice_text(t->v->company)))
			return;
		put(t, " of ");
		put_outside(t, slice_text(t->v->company));
		return;
	}
	put(t, "the cloud of ");
	put_who(t, true);
	put_service(t);
}

static bool tell_purpose(const struct telling *t)
{
	switch (t->v->purpose) {
	case KNOW_PURPOSE_TELEMETRY:
		put(t, "reports on itself to ");
		put_who(t, true);
		break;
	case KNOW_PURPOSE_CONTROL:
		tell_control(t);
		break;
	case KNOW_PURPOSE_UPDATE:
		put(t, "fetches updates from ");
		put_who(t, true);
		put_service(t);
		break;
	case KNOW_PURPOSE_CONTENT:
		put(t, "fetches what it shows or plays from ");
		put_who(t, true);
		break;
	case KNOW_PURPOSE_CLOUD:
		put(t, "talks to ");
		put_host(t);
		put(t, ", on servers that anybody can rent from ");
		put_outside(t, slice_text(t->v->company));
		break;
	case KNOW_PURPOSE_NONE:
	case KNOW_PURPOSE_TIME:
	case KNOW_PURPOSE_ADVERTISING:
	case KNOW_PURPOSES:
		return false;
	}
	put_secrecy(t);
	return true;
}

/* What is said, where nobody knows to whom. */
static const char *by_application(const struct telling *t)
{
	if (t->f->protocol == ICMP || t->f->protocol == ICMP_V6)
		return "tests whether it reaches ";
	if (!t->f->has_application)
		return "talks to ";
	switch (t->f->application) {
	case RECORD_APPLICATION_MQTT:
		return "exchanges messages (MQTT) with ";
	case RECORD_APPLICATION_COAP:
		return "exchanges messages (CoAP) with ";
	case RECORD_APPLICATION_STUN:
		return "finds a way through the router, for direct "
		       "connections, with the help of ";
	case RECORD_APPLICATION_RTSP:
		return "sends or gets pictures (RTSP) at ";
	case RECORD_APPLICATION_TELNET:
		return "opens a terminal (Telnet), as worms do, at ";
	case RECORD_APPLICATION_SSH:
		return "opens a terminal (SSH) at ";
	case RECORD_APPLICATION_FTP:
		return "exchanges files (FTP) with ";
	case RECORD_APPLICATION_SMTP:
		return "hands over mail (SMTP) to ";
	case RECORD_APPLICATION_POP3:
		return "fetches mail (POP3) from ";
	case RECORD_APPLICATION_IMAP:
		return "reads mail (IMAP) at ";
	case RECORD_APPLICATION_XMPP:
		return "exchanges messages (XMPP) with ";
	case RECORD_APPLICATION_AMQP:
		return "exchanges messages (AMQP) with ";
	case RECORD_APPLICATION_LDAP:
		return "looks up a directory (LDAP) at ";
	case RECORD_APPLICATION_SIP:
		return "makes or awaits calls (SIP) by way of ";
	default:
		return "talks to ";
	}
}

/* Whether somebody on the way can read it, also where that is not known. */
static void put_way(const struct telling *t)
{
	if (t->v->secrecy == ENDPOINT_ENCRYPTED)
		put(t, ", encrypted");
	else if (t->v->secrecy == ENDPOINT_IN_CLEAR)
		put(t, ", unencrypted");
	else if (t->f->port && !t->f->has_application)
		put(t, ", not known whether encrypted");
}

static void tell_rest(const struct telling *t)
{
	put(t, by_application(t));
	put_who(t, true);
	if (t->v->secrecy == ENDPOINT_SECRECY_UNKNOWN)
		put_port(t);
	put_way(t);
	if (t->v->company[0])
		return;
	put(t, t->f->name.len ? "; no list says whose it is"
			      : "; it never asked for its name, and no list "
				"says whose it is");
}

void sentence_put(struct buf *out, const struct know *know,
		  const struct endpoint_facts *facts,
		  const struct endpoint_verdict *verdict)
{
	const struct telling t = { out, know, facts, verdict };

	if (facts->local) {
		tell_home(&t);
		return;
	}
	if (tell_malicious(&t))
		return;
	if (facts->serves) {
		put(&t, "is called from the Internet by ");
		put_who(&t, true);
		return;
	}
	if (tell_names(&t) || tell_time(&t) || tell_tracker(&t) ||
	    tell_purpose(&t))
		return;
	tell_rest(&t);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "observe/datagram.h"

#include "decode/coap.h"
#include "decode/dhcp6.h"
#include "decode/dtls.h"
#include "decode/matter.h"
#include "decode/nbns.h"
#include "decode/ntp.h"
#include "decode/portmap.h"
#include "decode/stun.h"
#include "decode/tuya.h"
#include "observe/clue.h"
#include "observe/domain.h"
#include "observe/dtls.h"
#include "observe/initial.h"
#include "observe/name.h"
#include "observe/payload.h"
#include "observe/service.h"

/* IANA's, but for Tuya's. */
enum {
	PORT_DNS = 53,
	PORT_DHCP_SERVER = 67,
	PORT_DHCP_CLIENT = 68,
	PORT_NTP = 123,
	PORT_NETBIOS = 137,
	PORT_DHCP6_CLIENT = 546,
	PORT_DHCP6_SERVER = 547,
	PORT_SSDP = 1900,
	PORT_MDNS = 5353,
	PORT_LLMNR = 5355,
	PORT_MATTER = 5540,
	PORT_COAP = 5683,
	PORT_TUYA = 6666,
	PORT_TUYA_ENCRYPTED = 6667,
	PORT_TUYA_NEWER = 7000,
};

/* Who says something, and in which conversation, if in any. */
struct talk {
	struct flow *flow; /* or NULL */
	struct device *sender, *receiver;
};

static void tell(const struct context *c, const struct talk *t,
		 enum record_application application, struct slice detail)
{
	const struct service service = { .application = application,
					 .detail = detail };

	if (t->flow)
		service_tell(c, t->flow, &service);
}

static const struct slice no_detail;

static void hear_dns(const struct context *c, const struct talk *t,
		     enum record_application application)
{
	if (name_hear(c, t->sender, t->receiver, c->packet->payload, false, 1))
		tell(c, t, application, no_detail);
}

/*
 * A client names itself in the message; whoever sends in another's name, be it
 * a relay, says nothing of that other.
 */
static bool is_of_its_client(const struct packet *packet,
			     const struct dhcp *dhcp)
{
	return dhcp->op != DHCP_REQUEST || !packet->has_src_mac ||
	       mac_equal(&packet->eth_src, &dhcp->client_mac);
}

static void hear_dhcp(const struct context *c, const struct talk *t)
{
	struct dhcp dhcp;
	struct fact fact = { .kind = FACT_DHCP, .dhcp = &dhcp };
	struct device *device;

	if (dhcp_decode(c->packet->payload, &dhcp)) {
		c->counters->malformed++;
		return;
	}
	context_fact(c, &fact);
	tell(c, t, RECORD_APPLICATION_DHCP, no_detail);
	if (!is_of_its_client(c->packet, &dhcp))
		return;
	device = devices_hear(c->devices, &dhcp.client_mac);
	if (!device || device->excluded)
		return;
	clue_dhcp(c, device, &dhcp);
	domain_dhcp(c, device, &dhcp);
}

static void hear_dhcp6(const struct context *c, const struct talk *t)
{
	struct dhcp6 dhcp;

	if (dhcp6_decode(c->packet->payload, &dhcp)) {
		c->counters->malformed++;
		return;
	}
	tell(c, t, RECORD_APPLICATION_DHCP6, no_detail);
	if (t->sender && dhcp.from_client)
		clue_dhcp6(c, t->sender, &dhcp);
	if (t->receiver && !dhcp.from_client) {
		clue_dhcp6(c, t->receiver, &dhcp);
		domain_dhcp6(c, t->receiver, &dhcp);
	}
}

static void hear_ssdp(const struct context *c, const struct talk *t)
{
	struct ssdp ssdp;
	struct fact fact = { .kind = FACT_SSDP, .ssdp = &ssdp };

	if (ssdp_decode(c->packet->payload, &ssdp))
		return;
	context_fact(c, &fact);
	tell(c, t, RECORD_APPLICATION_SSDP, no_detail);
	if (t->sender)
		clue_ssdp(c, t->sender, &ssdp);
}

static void hear_netbios(const struct context *c, const struct talk *t)
{
	struct nbns nbns;

	if (nbns_decode(c->packet->payload, &nbns))
		return;
	tell(c, t, RECORD_APPLICATION_NETBIOS, no_detail);
	c->counters->clues_refused += nbns.names_left_out;
	if (t->sender)
		clue_netbios(c, t->sender, &nbns);
}

static bool hear_tuya(const struct context *c, const struct talk *t)
{
	uint8_t text[TUYA_CONTENT_MAX_BYTES];
	struct tuya tuya;

	if (tuya_decode(c->crypto, c->packet->payload, text, &tuya))
		return false;
	tell(c, t, RECORD_APPLICATION_TUYA, tuya.product_key);
	if (t->sender)
		clue_add(c, t->sender, RECORD_CLUE_TUYA_PRODUCT,
			 tuya.product_key);
	return true;
}

static bool hear_ntp(const struct context *c, const struct talk *t)
{
	struct ntp ntp;

	if (ntp_decode(c->packet->payload, &ntp))
		return false;
	tell(c, t, RECORD_APPLICATION_NTP, no_detail);
	return true;
}

static bool hear_coap(const struct context *c, const struct talk *t)
{
	struct coap coap;

	if (coap_decode(c->packet->payload, &coap))
		return false;
	tell(c, t, RECORD_APPLICATION_COAP, coap.host);
	return true;
}

static bool hear_matter(const struct context *c, const struct talk *t)
{
	struct matter matter;

	if (matter_decode(c->packet->payload, &matter))
		return false;
	tell(c, t, RECORD_APPLICATION_MATTER, no_detail);
	return true;
}

static bool is_dhcp(const struct packet *p)
{
	return (p->sport == PORT_DHCP_CLIENT && p->dport == PORT_DHCP_SERVER) ||
	       (p->sport == PORT_DHCP_SERVER &&
		(p->dport == PORT_DHCP_CLIENT || p->dport == PORT_DHCP_SERVER));
}

/* From the router alone: others only ask. */
static void hear_portmap(const struct context *c, const struct talk *t)
{
	struct addr addr;

	if (c->packet->sport == PORTMAP_PORT &&
	    devices_is_local(c->devices, &c->packet->src) &&
	    !portmap_decode(c->packet->payload, &addr))
		window_seen_as(t->receiver, &addr);
}

/* By the port that says what it is. False when nothing there fits it. */
static bool hear_port(const struct context *c, const struct talk *t,
		      uint16_t port)
{
	switch (port) {
	case PORT_DNS:
		hear_dns(c, t, RECORD_APPLICATION_DNS);
		return true;
	case PORT_MDNS:
		hear_dns(c, t, RECORD_APPLICATION_MDNS);
		return true;
	case PORT_LLMNR:
		hear_dns(c, t, RECORD_APPLICATION_LLMNR);
		return true;
	case PORT_DHCP_SERVER:
	case PORT_DHCP_CLIENT:
		if (!is_dhcp(c->packet))
			return false;
		hear_dhcp(c, t);
		return true;
	case PORT_DHCP6_SERVER:
	case PORT_DHCP6_CLIENT:
		hear_dhcp6(c, t);
		return true;
	case PORT_SSDP:
		hear_ssdp(c, t);
		return true;
	case PORT_NETBIOS:
		hear_netbios(c, t);
		return true;
	case PORT_TUYA:
	case PORT_TUYA_ENCRYPTED:
		(void)hear_tuya(c, t);
		return true;
	case PORT_TUYA_NEWER: /* also that of others */
		return hear_tuya(c, t);
	case PORT_NTP:
		return hear_ntp(c, t);
	case PORT_COAP:
		return hear_coap(c, t);
	case PORT_MATTER:
		return hear_matter(c, t);
	case PORTMAP_PORT:
		hear_portmap(c, t);
		return true;
	}
	return false;
}

static bool hear_stun(const struct context *c, const struct talk *t)
{
	struct stun stun;

	if (!stun_may_be(c->packet->payload) ||
	    stun_decode(c->packet->payload, &stun))
		return false;
	tell(c, t, RECORD_APPLICATION_STUN, stun.software);
	if (stun.class == STUN_SUCCESS)
		window_seen_as(t->receiver, &stun.mapped);
	return true;
}

void datagram_hear(const struct context *c, struct flow *flow, int side)
{
	const struct packet *packet = c->packet;
	const struct talk talk = { flow, flow->device[side],
				   flow->device[!side] };

	if (!packet->payload.len)
		return;
	if (hear_port(c, &talk, packet->dport) ||
	    hear_port(c, &talk, packet->sport) || hear_stun(c, &talk) ||
	    payload_sip(c, flow, side, packet->payload))
		return;
	if (dtls_may_begin(packet->payload))
		dtls_hear(c, flow, side);
	else if (quic_may_begin(packet->payload))
		initial_hear(c, flow, side);
}

bool datagram_is_announcement(const struct packet *packet)
{
	switch (packet->dport) {
	case PORT_DHCP_SERVER:
	case PORT_DHCP_CLIENT:
		return is_dhcp(packet);
	case PORT_NETBIOS:
	case PORT_DHCP6_SERVER:
	case PORT_SSDP:
	case PORT_MDNS:
	case PORT_LLMNR:
	case PORT_TUYA:
	case PORT_TUYA_ENCRYPTED:
		return true;
	}
	return packet->sport == PORT_MDNS || packet->sport == PORT_SSDP ||
	       packet->sport == PORT_LLMNR;
}

void datagram_announcement(const struct context *c, struct device *sender)
{
	const struct talk talk = { .sender = sender };

	if (!hear_port(c, &talk, c->packet->dport))
		(void)hear_port(c, &talk, c->packet->sport);
}

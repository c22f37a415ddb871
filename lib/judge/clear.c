// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/clear.h"

#include <stddef.h>

#define TCP 6
#define UDP 17

static const struct clear_protocol unknown = { NULL, CLEAR_UNKNOWN };

/* Not here: STUN, as what follows it may be DTLS, and Tuya's broadcasts. */
static const struct clear_protocol applications[RECORD_APPLICATIONS] = {
	[RECORD_APPLICATION_DNS] = { "DNS", CLEAR_READABLE },
	[RECORD_APPLICATION_DOT] = { "DoT", CLEAR_ENCRYPTED },
	[RECORD_APPLICATION_DOH] = { "DoH", CLEAR_ENCRYPTED },
	[RECORD_APPLICATION_DOQ] = { "DoQ", CLEAR_ENCRYPTED },
	[RECORD_APPLICATION_MDNS] = { NULL, CLEAR_HARMLESS },
	[RECORD_APPLICATION_LLMNR] = { NULL, CLEAR_HARMLESS },
	[RECORD_APPLICATION_NETBIOS] = { NULL, CLEAR_HARMLESS },
	[RECORD_APPLICATION_NTP] = { NULL, CLEAR_HARMLESS },
	[RECORD_APPLICATION_MQTT] = { "MQTT", CLEAR_READABLE },
	[RECORD_APPLICATION_COAP] = { "CoAP", CLEAR_READABLE },
	[RECORD_APPLICATION_RTSP] = { "RTSP", CLEAR_READABLE },
	[RECORD_APPLICATION_TELNET] = { "Telnet", CLEAR_READABLE },
	[RECORD_APPLICATION_FTP] = { "FTP", CLEAR_READABLE },
	[RECORD_APPLICATION_SSH] = { "SSH", CLEAR_ENCRYPTED },
	[RECORD_APPLICATION_HTTP] = { "HTTP", CLEAR_READABLE },
	[RECORD_APPLICATION_TLS] = { "TLS", CLEAR_ENCRYPTED },
	[RECORD_APPLICATION_QUIC] = { "QUIC", CLEAR_ENCRYPTED },
	[RECORD_APPLICATION_GOOGLE_QUIC] = { "QUIC", CLEAR_ENCRYPTED },
	[RECORD_APPLICATION_SSDP] = { NULL, CLEAR_HARMLESS },
	[RECORD_APPLICATION_DHCP] = { NULL, CLEAR_HARMLESS },
	[RECORD_APPLICATION_DHCP6] = { NULL, CLEAR_HARMLESS },
	[RECORD_APPLICATION_MATTER] = { NULL, CLEAR_ENCRYPTED },
	[RECORD_APPLICATION_SMTP] = { "SMTP", CLEAR_READABLE },
	[RECORD_APPLICATION_POP3] = { "POP3", CLEAR_READABLE },
	[RECORD_APPLICATION_IMAP] = { "IMAP", CLEAR_READABLE },
	[RECORD_APPLICATION_XMPP] = { "XMPP", CLEAR_READABLE },
	[RECORD_APPLICATION_LDAP] = { "LDAP", CLEAR_READABLE },
	[RECORD_APPLICATION_AMQP] = { "AMQP", CLEAR_READABLE },
	[RECORD_APPLICATION_SIP] = { "SIP", CLEAR_READABLE },
};

/* Not here: what may change to TLS in the same connection (FTP, SMTP, POP3,
 * IMAP, XMPP, LDAP). How it goes on, only its bytes tell. */
static const struct {
	uint8_t protocol;
	uint16_t port;
	struct clear_protocol is;
} ports[] = {
	{ TCP, 22, { "SSH", CLEAR_ENCRYPTED } },
	{ TCP, 23, { "Telnet", CLEAR_READABLE } },
	{ TCP, 53, { "DNS", CLEAR_READABLE } },
	{ UDP, 53, { "DNS", CLEAR_READABLE } },
	{ UDP, 69, { "TFTP", CLEAR_READABLE } },
	{ TCP, 80, { "HTTP", CLEAR_READABLE } },
	{ UDP, 123, { "NTP", CLEAR_HARMLESS } },
	{ TCP, 443, { "TLS", CLEAR_ENCRYPTED } },
	{ UDP, 443, { "QUIC", CLEAR_ENCRYPTED } },
	{ TCP, 465, { "SMTP over TLS", CLEAR_ENCRYPTED } },
	{ TCP, 554, { "RTSP", CLEAR_READABLE } },
	{ TCP, 636, { "LDAP over TLS", CLEAR_ENCRYPTED } },
	{ TCP, 853, { "DoT", CLEAR_ENCRYPTED } },
	{ UDP, 853, { "DoQ", CLEAR_ENCRYPTED } },
	{ TCP, 990, { "FTP over TLS", CLEAR_ENCRYPTED } },
	{ TCP, 993, { "IMAP over TLS", CLEAR_ENCRYPTED } },
	{ TCP, 995, { "POP3 over TLS", CLEAR_ENCRYPTED } },
	{ TCP, 1883, { "MQTT", CLEAR_READABLE } },
	{ TCP, 5060, { "SIP", CLEAR_READABLE } },
	{ UDP, 5060, { "SIP", CLEAR_READABLE } },
	{ TCP, 5061, { "SIP over TLS", CLEAR_ENCRYPTED } },
	{ TCP, 5223, { "XMPP over TLS", CLEAR_ENCRYPTED } },
	{ TCP, 5671, { "AMQP over TLS", CLEAR_ENCRYPTED } },
	{ TCP, 5672, { "AMQP", CLEAR_READABLE } },
	{ UDP, 5683, { "CoAP", CLEAR_READABLE } },
	{ UDP, 5684, { "CoAP over DTLS", CLEAR_ENCRYPTED } },
	{ TCP, 8080, { "HTTP", CLEAR_READABLE } },
	{ TCP, 8443, { "TLS", CLEAR_ENCRYPTED } },
	{ TCP, 8883, { "MQTT over TLS", CLEAR_ENCRYPTED } },
};

const struct clear_protocol *
clear_by_application(enum record_application application)
{
	return application < RECORD_APPLICATIONS ? &applications[application]
						 : &unknown;
}

const struct clear_protocol *clear_by_port(uint8_t protocol, uint16_t port)
{
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i].port == port && ports[i].protocol == protocol)
			return &ports[i].is;
	return &unknown;
}

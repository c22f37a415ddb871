// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_DHCP6_H
#define DECODE_DHCP6_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/** Longest DUID (RFC 8415 11.1): type and 128 bytes. */
#define DHCP6_DUID_MAX_BYTES 130

/**
 * A DHCPv6 message between client and server (RFC 8415 8), views into it.
 * What relays wrap (messages 12 and 13) stays on the side of the server.
 */
struct dhcp6 {
	uint8_t message_type; /* 1 solicit, 3 request, 7 reply, 11 ask, … */
	bool from_client;
	struct slice client_id; /* option 1: the DUID */
	struct mac client_mac;	/* that the DUID is made of; else zero */
	struct slice options;	/* option 6: asked for, u16 each */
	/* option 16: the first text, and by whose numbering */
	uint32_t vendor_number;
	struct slice vendor_class;
	struct slice dns_servers; /* option 23: sixteen bytes an address */
	struct slice fqdn;   /* option 39: DNS wire format, may be partial */
	struct slice search; /* option 24: for dns_next_domain() */
};

/**
 * ERR_TRUNCATED; ERR_MALFORMED: no message of client or server, or an option
 * breaks its own rules; ERR_UNSUPPORTED: a relay's.
 */
int dhcp6_decode(struct slice bytes, struct dhcp6 *out) must_check;

#endif

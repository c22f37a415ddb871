// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_DHCP_H
#define DECODE_DHCP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/**
 * A DHCPv4 message (RFC 2131, 2132), its options also from where option 52
 * says. An option that comes in several parts (RFC 3396) is kept up to the end
 * of its first part, 255 bytes: what is read here is shorter, but for the list
 * of domains, whose parts are all kept.
 */
/** BOOTREQUEST of RFC 951: from a client. */
#define DHCP_REQUEST 1
/** Most parts of a list of domains: 1,020 bytes, where a home's has 20. */
#define DHCP_SEARCH_PARTS_MAX 4

struct dhcp {
	uint8_t op; /* DHCP_REQUEST from the client, 2 from the server */
	uint8_t message_type;		/* option 53; 0 for plain BOOTP */
	struct mac client_mac;		/* zero when it is not six bytes long */
	struct addr client_ip, your_ip; /* 0.0.0.0 when not known yet */
	struct addr requested_ip, server_id; /* family 0 when absent */
	/* views; absent when the option is; texts without trailing zeros */
	struct slice hostname;	     /* 12 */
	struct slice vendor_class;   /* 60 */
	struct slice parameter_list; /* 55, a number a byte */
	struct slice client_id;	     /* 61, with its type */
	struct slice fqdn;	     /* 81, flags and rcodes left out */
	bool fqdn_is_wire;	     /* E bit: DNS wire format, else ASCII */
	struct slice router;	     /* 3, four bytes an address */
	struct slice dns_servers;    /* 6, likewise */
	struct slice domain;	     /* 15, as text */
	/* 119 (RFC 3397): its parts, which dns_next_domain() reads put
	 * together */
	struct slice search[DHCP_SEARCH_PARTS_MAX];
	size_t search_count;
	bool search_cut; /* there were more */
};

/**
 * ERR_TRUNCATED when the message or an option ends early; ERR_MALFORMED when
 * it is not BOOTP.
 */
int dhcp_decode(struct slice bytes, struct dhcp *out) must_check;

#endif

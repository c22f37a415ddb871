// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_ARP_H
#define DECODE_ARP_H

#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

#define ARP_OP_REQUEST 1
#define ARP_OP_REPLY   2

/** An ARP packet for IPv4 over Ethernet (RFC 826). */
struct arp {
	uint16_t op; /* ARP_OP_… */
	struct mac sender_mac, target_mac;
	struct addr sender_ip, target_ip;
};

#define ARP_BYTES 28 /* its length on the wire, without the Ethernet header */

/** ERR_TRUNCATED; ERR_UNSUPPORTED for other hardware or protocols. */
int arp_decode(struct slice bytes, struct arp *out) must_check;

/** Writes the ARP_BYTES of the packet. */
void arp_encode(const struct arp *arp, uint8_t out[ARP_BYTES]);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/arp.h"

#include <string.h>

#include "base/cursor.h"

/* Hardware Ethernet, protocol IPv4, addresses of six and four bytes. */
static const uint8_t ethernet_ipv4[6] = { 0, 1, 8, 0, 6, 4 };

int arp_decode(struct slice bytes, struct arp *out)
{
	struct cursor c = cursor_slice(bytes);
	const uint8_t *p = cursor_bytes(&c, ARP_BYTES);

	if (!p)
		return ERR_TRUNCATED;
	if (memcmp(p, ethernet_ipv4, sizeof(ethernet_ipv4)) != 0)
		return ERR_UNSUPPORTED;
	out->op = (uint16_t)(p[6] << 8 | p[7]);
	memcpy(out->sender_mac.b, p + 8, 6);
	out->sender_ip = addr_v4(p + 14);
	memcpy(out->target_mac.b, p + 18, 6);
	out->target_ip = addr_v4(p + 24);
	return 0;
}

void arp_encode(const struct arp *arp, uint8_t out[ARP_BYTES])
{
	memcpy(out, ethernet_ipv4, sizeof(ethernet_ipv4));
	out[6] = (uint8_t)(arp->op >> 8);
	out[7] = (uint8_t)arp->op;
	memcpy(out + 8, arp->sender_mac.b, 6);
	memcpy(out + 14, arp->sender_ip.b, 4);
	memcpy(out + 18, arp->target_mac.b, 6);
	memcpy(out + 24, arp->target_ip.b, 4);
}

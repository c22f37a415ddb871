// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/arpcast.h"

int arpcast_inform(const struct wire *wire, const struct arpcast_host *to,
		   const struct addr *address, const struct mac *mac)
{
	const struct arp arp = {
		.op = ARP_OP_REPLY,
		.sender_mac = *mac,
		.sender_ip = *address,
		.target_mac = to->mac,
		.target_ip = to->address,
	};

	return wire_send_arp(wire, &to->mac, &arp);
}

/* Tells to that address is at mac. */
static int tell(const struct wire *wire, const struct arpcast_host *to,
		const struct addr *address, const struct mac *mac)
{
	const struct arp arp = {
		.op = ARP_OP_REQUEST,
		.sender_mac = *mac,
		.sender_ip = *address,
		.target_ip = to->address,
	};
	int err = wire_send_arp(wire, &to->mac, &arp);

	return err ? err : arpcast_inform(wire, to, address, mac);
}

int arpcast_poison(const struct wire *wire, const struct arpcast_host *device,
		   const struct arpcast_host *gateway)
{
	int err = tell(wire, gateway, &device->address, &wire->own);

	return err ? err : tell(wire, device, &gateway->address, &wire->own);
}

int arpcast_restore(const struct wire *wire, const struct arpcast_host *device,
		    const struct arpcast_host *gateway)
{
	int err = tell(wire, gateway, &device->address, &device->mac);

	return err ? err : tell(wire, device, &gateway->address, &gateway->mac);
}

int arpcast_answer(const struct wire *wire, const struct arpcast_host *to,
		   const struct addr *asked)
{
	struct arp arp = {
		.op = ARP_OP_REPLY,
		.sender_mac = wire->own,
		.sender_ip = *asked,
		.target_mac = to->mac,
		.target_ip = to->address,
	};

	return wire_send_arp(wire, &to->mac, &arp);
}

int arpcast_ask(const struct wire *wire, const struct addr *own,
		const struct addr *address, const struct mac *to)
{
	struct arp arp = {
		.op = ARP_OP_REQUEST,
		.sender_mac = wire->own,
		.sender_ip = *own,
		.target_ip = *address,
	};

	return wire_send_arp(wire, to, &arp);
}

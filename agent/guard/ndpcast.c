// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/ndpcast.h"

#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#include "guard/filter.h"

static const struct addr all_nodes = { 6, { 0xff, 2, [15] = 1 } };
static const struct addr all_routers = { 6, { 0xff, 2, [15] = 2 } };
static const struct mac all_nodes_mac = { { 0x33, 0x33, 0, 0, 0, 1 } };
static const struct mac all_routers_mac = { { 0x33, 0x33, 0, 0, 0, 2 } };

int ndpcast_open(int interface_index, const struct mac *own, struct wire *out)
{
	struct packet_mreq groups = {
		.mr_ifindex = interface_index,
		.mr_type = PACKET_MR_ALLMULTI,
	};
	static struct filter filter;
	struct wire wire;

	filter_ndp(WIRE_FRAME_MAX, &filter);
	if (wire_open_by(interface_index, own, WIRE_TYPE_IPV6, &filter, &wire))
		return ERR_IO;
	if (setsockopt(wire.socket, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &groups,
		       sizeof(groups))) {
		wire_close(&wire);
		return ERR_IO;
	}
	*out = wire;
	return 0;
}

static int send_ndp(const struct wire *wire, const struct ndp *ndp)
{
	uint8_t frame[NDP_FRAME_MAX_BYTES];
	size_t length;
	int err = ndp_encode(ndp, frame, &length);

	return err ? err : wire_send_frame(wire, frame, length);
}

/* RFC 4291 2.7.1 */
static struct addr group_of(const struct addr *a)
{
	struct addr group = { 6, { 0xff, 2, [11] = 1, [12] = 0xff } };

	memcpy(group.b + 13, a->b + 13, 3);
	return group;
}

int ndpcast_inform(const struct wire *wire, const struct ndpcast_host *to,
		   const struct addr *address, const struct mac *mac,
		   bool router)
{
	const struct ndp ndp = {
		.type = NDP_NEIGHBOUR_ADVERTISEMENT,
		.eth_src = wire->own,
		.eth_dst = to->mac,
		.src = *address,
		.dst = all_nodes,
		.target = *address,
		.router = router,
		.override = true,
		.has_link_mac = true,
		.link_mac = *mac,
	};

	return send_ndp(wire, &ndp);
}

int ndpcast_tell(const struct wire *wire, const struct ndpcast_host *to,
		 const struct addr *address, const struct mac *mac, bool router)
{
	const struct ndp ndp = {
		.type = NDP_NEIGHBOUR_SOLICITATION,
		.eth_src = wire->own,
		.eth_dst = to->mac,
		.src = *address,
		.dst = to->address,
		.target = to->address,
		.has_link_mac = true,
		.link_mac = *mac,
	};
	int err = send_ndp(wire, &ndp);

	return err ? err : ndpcast_inform(wire, to, address, mac, router);
}

int ndpcast_answer(const struct wire *wire, const struct ndpcast_host *to,
		   const struct addr *asked, bool router)
{
	const struct ndp ndp = {
		.type = NDP_NEIGHBOUR_ADVERTISEMENT,
		.eth_src = wire->own,
		.eth_dst = to->mac,
		.src = *asked,
		.dst = to->address,
		.target = *asked,
		.router = router,
		.solicited = true,
		.override = true,
		.has_link_mac = true,
		.link_mac = wire->own,
	};

	return send_ndp(wire, &ndp);
}

int ndpcast_ask(const struct wire *wire, const struct addr *own,
		const struct addr *address, const struct mac *to)
{
	const struct ndp ndp = {
		.type = NDP_NEIGHBOUR_SOLICITATION,
		.eth_src = wire->own,
		.eth_dst = *to,
		.src = *own,
		.dst = group_of(address),
		.target = *address,
		.has_link_mac = true,
		.link_mac = wire->own,
	};

	return send_ndp(wire, &ndp);
}

int ndpcast_ask_routers(const struct wire *wire, const struct addr *own)
{
	const struct ndp ndp = {
		.type = NDP_ROUTER_SOLICITATION,
		.eth_src = wire->own,
		.eth_dst = all_routers_mac,
		.src = *own,
		.dst = all_routers,
		.has_link_mac = true,
		.link_mac = wire->own,
	};

	return send_ndp(wire, &ndp);
}

int ndpcast_echo(const struct wire *wire, const struct addr *own,
		 const struct mac *to, uint16_t identifier)
{
	uint8_t frame[NDP_ECHO_BYTES];

	ndp_encode_echo(&wire->own, to ? to : &all_nodes_mac, own, &all_nodes,
			identifier, frame);
	return wire_send_frame(wire, frame, sizeof(frame));
}

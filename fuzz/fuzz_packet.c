// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/packet.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(enum packet_link link, struct slice frame,
		  uint32_t wire_bytes)
{
	struct packet p;
	int fault;

	if (packet_decode(link, frame, wire_bytes, &p, &fault))
		return;
	must(fault <= 0);
	must(p.frame_bytes >= frame.len && p.frame_bytes >= wire_bytes);
	must(p.ip_bytes <= p.frame_bytes);
	must(p.payload_bytes <= p.frame_bytes);
	must(p.payload.len <= p.payload_bytes);
	if (p.layer >= PACKET_LAYER_NETWORK)
		must(p.payload_bytes < p.ip_bytes && p.src.family);
	check_view(p.payload, frame);
}

/* First byte: which link type, and whether the frame was cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum packet_link links[] = {
		PACKET_LINK_ETHERNET, PACKET_LINK_SLL,	PACKET_LINK_SLL2,
		PACKET_LINK_NULL,     PACKET_LINK_LOOP, PACKET_LINK_RAW,
		PACKET_LINK_IPV4,     PACKET_LINK_IPV6,
	};
	struct slice frame;

	if (size < 1)
		return 0;
	frame = slice_of(data + 1, size - 1);
	check(links[data[0] & 7], frame,
	      (uint32_t)frame.len + (data[0] & 8 ? 1400 : 0));
	return 0;
}

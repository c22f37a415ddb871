// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/packet.h"

#include "base/cursor.h"

enum {
	ETHERNET_BYTES = 14,
	SLL_BYTES = 16,
	SLL2_BYTES = 20,
	LOOPBACK_BYTES = 4,
	IPV4_BYTES = 20,
	IPV6_BYTES = 40,
	TCP_BYTES = 20,
	UDP_BYTES = 8,
};

/* IPv6 extension headers (IANA), those whose end can be found. */
enum {
	HEADER_HOP_BY_HOP = 0,
	HEADER_ROUTING = 43,
	HEADER_FRAGMENT = 44,
	HEADER_AUTHENTICATION = 51,
	HEADER_DESTINATION = 60,
	HEADER_MOBILITY = 135,
	HEADER_HIP = 139,
	HEADER_SHIM6 = 140,
};

/*
 * Where the walk is: the cursor over what was captured, and where the current
 * layer ends on the wire, counted from the frame's start.
 */
struct walk {
	struct cursor c;
	uint32_t wire_end;
	struct packet *out;
};

/* The headers of the hot path are checked once, then read at their offsets. */
static inline uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static inline uint32_t wire_left(const struct walk *w)
{
	uint32_t at = (uint32_t)cursor_offset(&w->c);

	return at < w->wire_end ? w->wire_end - at : 0;
}

/* Ends the current layer n wire bytes from here; no later than it ended. */
static inline void walk_limit(struct walk *w, uint32_t n)
{
	if (n < wire_left(w))
		w->wire_end = (uint32_t)cursor_offset(&w->c) + n;
	if (n < cursor_left(&w->c))
		w->c.end = w->c.at + n;
}

static inline void payload_rest(struct walk *w, enum packet_layer layer)
{
	w->out->payload_bytes = wire_left(w);
	w->out->payload = cursor_rest(&w->c);
	w->out->layer = layer;
}

/* RFC 9293 3.1 */
static int decode_tcp(struct walk *w)
{
	struct packet *out = w->out;
	const uint8_t *p = cursor_bytes(&w->c, TCP_BYTES);
	uint32_t options;

	if (!p)
		return ERR_TRUNCATED;
	/* a header shorter than itself wraps, and so is longer than anything */
	options = (uint32_t)(p[12] >> 4) * 4 - TCP_BYTES;
	if (options > wire_left(w))
		return ERR_MALFORMED;
	out->sport = be16(p);
	out->dport = be16(p + 2);
	out->tcp_seq = be32(p + 4);
	out->tcp_ack = be32(p + 8);
	out->tcp_flags = p[13];
	out->payload_bytes = wire_left(w) - options;
	cursor_skip(&w->c, options);
	/* options cut off by the capture: a segment without visible data */
	if (cursor_ok(&w->c))
		out->payload = cursor_rest(&w->c);
	else
		out->payload = slice_of(w->c.at, 0);
	out->layer = PACKET_LAYER_TRANSPORT;
	return 0;
}

/* RFC 768. A length of 0 is a jumbogram (RFC 2675 4) or an unsplit one. */
static int decode_udp(struct walk *w)
{
	struct packet *out = w->out;
	const uint8_t *p = cursor_bytes(&w->c, UDP_BYTES);
	uint16_t length;

	if (!p)
		return ERR_TRUNCATED;
	length = be16(p + 4);
	if (length && length < UDP_BYTES)
		return ERR_MALFORMED;
	if (length)
		walk_limit(w, length - UDP_BYTES);
	out->sport = be16(p);
	out->dport = be16(p + 2);
	payload_rest(w, PACKET_LAYER_TRANSPORT);
	return 0;
}

static int decode_transport(struct walk *w)
{
	struct packet *out = w->out;

	if (out->ip_protocol == PACKET_PROTOCOL_TCP)
		return decode_tcp(w);
	if (out->ip_protocol == PACKET_PROTOCOL_UDP)
		return decode_udp(w);
	if (out->ip_protocol == (out->src.family == 4 ? PACKET_PROTOCOL_ICMP
						      : PACKET_PROTOCOL_ICMPV6))
		payload_rest(w, PACKET_LAYER_ICMP);
	return 0;
}

/* Of a fragment that is not the first, nothing further is readable. */
static void note_fragment(struct walk *w, uint32_t offset, bool more)
{
	struct packet *out = w->out;

	out->fragment = slice_of(w->c.at, cursor_left(&w->c));
	out->fragment_bytes = wire_left(w);
	out->fragment_offset = (uint16_t)offset;
	out->more_fragments = more;
	if (offset)
		payload_rest(w, PACKET_LAYER_FRAGMENT);
	else
		out->first_fragment = more;
}

/* Whether routers drop it for its header (RFC 1812 5.2.2, 5.3.13): a false
 * checksum, more length than came, or options, of which some are refused. */
static bool is_refused(const uint8_t *p, uint32_t header, uint32_t total,
		       uint32_t wire)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < IPV4_BYTES; i += 2)
		sum += be16(p + i);
	sum = (sum & 0xffff) + (sum >> 16);
	return header != IPV4_BYTES || total > wire ||
	       (sum & 0xffff) + (sum >> 16) != 0xffff;
}

/* RFC 791 3.1 */
static int decode_ipv4(struct walk *w)
{
	struct packet *out = w->out;
	uint32_t wire = wire_left(w), header, total;
	const uint8_t *p = cursor_bytes(&w->c, IPV4_BYTES);
	uint16_t fragment;

	if (!p)
		return ERR_TRUNCATED;
	header = (p[0] & 15u) * 4;
	total = be16(p + 2);
	out->ip_refused = is_refused(p, header, total, wire);
	/* 0: the network card will split and number it (segment offload) */
	if (!total || total > wire)
		total = wire;
	if (p[0] >> 4 != 4 || header < IPV4_BYTES || total < header)
		return ERR_MALFORMED;
	out->layer = PACKET_LAYER_NETWORK;
	out->src = addr_v4(p + 12);
	out->dst = addr_v4(p + 16);
	out->ip_protocol = p[9];
	out->ttl = p[8];
	out->ip_bytes = total;
	out->ip_id = be16(p + 4);
	walk_limit(w, total - IPV4_BYTES);
	cursor_skip(&w->c, header - IPV4_BYTES);
	if (!cursor_ok(&w->c))
		return ERR_TRUNCATED;
	fragment = be16(p + 6);
	if (!(fragment & 0x3fff))
		return decode_transport(w);
	note_fragment(w, (fragment & 0x1fffu) * 8, fragment & 0x2000);
	return out->first_fragment ? decode_transport(w) : 0;
}

/*
 * The jumbo payload option (RFC 2675 2) of a hop-by-hop header's options: *out
 * is its length, or left as it is when there is none.
 */
static int decode_jumbo(struct cursor options, uint32_t *out)
{
	while (cursor_left(&options)) {
		uint8_t type = cursor_u8(&options);
		struct cursor data;

		if (type == 0) /* one byte of padding */
			continue;
		data = cursor_sub(&options, cursor_u8(&options));
		if (type != 0xc2)
			continue;
		*out = cursor_u32(&data);
		return cursor_ok(&data) && *out > 65535 ? 0 : ERR_MALFORMED;
	}
	return cursor_ok(&options) ? 0 : ERR_MALFORMED;
}

static bool is_extension(uint8_t header)
{
	return header == HEADER_HOP_BY_HOP || header == HEADER_ROUTING ||
	       header == HEADER_FRAGMENT || header == HEADER_AUTHENTICATION ||
	       header == HEADER_DESTINATION || header == HEADER_MOBILITY ||
	       header == HEADER_HIP || header == HEADER_SHIM6;
}

/* Passes over one extension header (RFC 8200 4). */
static int decode_extension(struct walk *w)
{
	struct packet *out = w->out;
	uint8_t header = out->ip_protocol;
	const uint8_t *p = cursor_bytes(&w->c, 8);
	uint32_t more;

	if (!p)
		return ERR_TRUNCATED;
	out->ip_protocol = p[0];
	if (header == HEADER_FRAGMENT) {
		out->ip_id = be32(p + 4);
		/* one that is all there is: RFC 6946 */
		if (be16(p + 2) & 0xfff9)
			note_fragment(w, be16(p + 2) & 0xfff8, p[3] & 1);
		return 0;
	}
	/* RFC 4302 2.2: that one counts words of four bytes, all but two */
	more = header == HEADER_AUTHENTICATION ? p[1] * 4u : p[1] * 8u;
	if (more > wire_left(w))
		return ERR_MALFORMED;
	cursor_skip(&w->c, more);
	return cursor_check(&w->c);
}

static int decode_extensions(struct walk *w)
{
	struct packet *out = w->out;

	for (int i = 0; is_extension(out->ip_protocol); i++) {
		int err = i == PACKET_IPV6_HEADERS_MAX ? ERR_MALFORMED
						       : decode_extension(w);

		if (err || out->layer == PACKET_LAYER_FRAGMENT)
			return err;
	}
	return 0;
}

/*
 * The length behind the fixed header: as it says, or, when it says 0, as the
 * jumbo option says, or to the frame's end (segment offload).
 */
static int ipv6_length(const struct walk *w, const uint8_t *p, uint32_t *out)
{
	uint32_t length = be16(p + 4);
	struct cursor header = w->c, options;

	if (length) {
		*out = length;
		return 0;
	}
	*out = wire_left(w);
	if (p[6] != HEADER_HOP_BY_HOP)
		return 0;
	cursor_skip(&header, 1);
	options = cursor_sub(&header, cursor_u8(&header) * 8u + 6);
	if (!cursor_ok(&options))
		return ERR_TRUNCATED;
	return decode_jumbo(options, out);
}

/* RFC 8200 3 */
static int decode_ipv6(struct walk *w)
{
	struct packet *out = w->out;
	const uint8_t *p = cursor_bytes(&w->c, IPV6_BYTES);
	uint32_t length;
	int err;

	if (!p)
		return ERR_TRUNCATED;
	if (p[0] >> 4 != 6)
		return ERR_MALFORMED;
	out->layer = PACKET_LAYER_NETWORK;
	out->src = addr_v6(p + 8);
	out->dst = addr_v6(p + 24);
	out->ip_protocol = p[6];
	out->ttl = p[7];
	out->ip_bytes = IPV6_BYTES + wire_left(w);
	out->ip_refused =
		be16(p + 4) > wire_left(w) || p[6] == HEADER_HOP_BY_HOP;
	err = ipv6_length(w, p, &length);
	if (err)
		return err;
	walk_limit(w, length);
	out->ip_bytes = IPV6_BYTES + wire_left(w);
	err = decode_extensions(w);
	if (err || out->layer == PACKET_LAYER_FRAGMENT)
		return err;
	return decode_transport(w);
}

static int decode_network(struct walk *w)
{
	if (w->out->ethertype == PACKET_ETHERTYPE_IPV4)
		return decode_ipv4(w);
	if (w->out->ethertype == PACKET_ETHERTYPE_IPV6)
		return decode_ipv6(w);
	if (w->out->ethertype == PACKET_ETHERTYPE_ARP)
		payload_rest(w, PACKET_LAYER_ARP);
	return 0;
}

static bool is_vlan_tag(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

/*
 * From an Ethernet type, through VLAN tags, to the type that says what
 * follows. A number below 1536 is a length, behind it LLC, of which SNAP
 * (RFC 1042) carries a type.
 */
static int decode_type(struct walk *w, uint16_t type)
{
	static const uint8_t snap[6] = { 0xaa, 0xaa, 3, 0, 0, 0 };
	struct packet *out = w->out;
	const uint8_t *p;

	for (int i = 0; is_vlan_tag(type); i++) {
		if (i == PACKET_VLAN_TAGS_MAX)
			return ERR_MALFORMED;
		p = cursor_bytes(&w->c, 4);
		if (!p)
			return ERR_TRUNCATED;
		if (i == 0)
			out->vlan = be16(p) & 0x0fff;
		type = be16(p + 2);
	}
	if (type < 1536) {
		walk_limit(w, type);
		p = cursor_bytes(&w->c, 8);
		if (!p || memcmp(p, snap, sizeof(snap)) != 0)
			return 0;
		type = be16(p + 6);
	}
	out->ethertype = type;
	return decode_network(w);
}

static int decode_ethernet(struct walk *w)
{
	struct packet *out = w->out;
	const uint8_t *p = cursor_bytes(&w->c, ETHERNET_BYTES);
	uint16_t type = be16(p + 12);

	memcpy(out->eth_dst.b, p, 6);
	memcpy(out->eth_src.b, p + 6, 6);
	out->has_src_mac = true;
	out->has_dst_mac = true;
	if (type != PACKET_ETHERTYPE_IPV4)
		return decode_type(w, type);
	out->ethertype = type;
	return decode_ipv4(w);
}

static int decode_cooked(struct walk *w, enum packet_link link)
{
	bool second = link == PACKET_LINK_SLL2;
	const uint8_t *p = cursor_bytes(&w->c, second ? SLL2_BYTES : SLL_BYTES);
	uint16_t mac_bytes = second ? p[11] : be16(p + 4);
	uint16_t type = be16(second ? p : p + 14);

	if (mac_bytes == 6) {
		memcpy(w->out->eth_src.b, second ? p + 12 : p + 6, 6);
		w->out->has_src_mac = true;
	}
	/* here a small number is not a length but a kind of Linux's own */
	if (type < 1536)
		return 0;
	return decode_type(w, type);
}

/* The address family numbers that the BSDs, Darwin, Linux and Windows use. */
static int decode_loopback(struct walk *w, enum packet_link link)
{
	uint32_t family = cursor_u32(&w->c);

	/* written in the byte order of a machine that is not known */
	if (link == PACKET_LINK_NULL && family > 0xffff)
		family = __builtin_bswap32(family);
	if (family == 2)
		w->out->ethertype = PACKET_ETHERTYPE_IPV4;
	else if (family == 10 || family == 23 || family == 24 || family == 28 ||
		 family == 30)
		w->out->ethertype = PACKET_ETHERTYPE_IPV6;
	return decode_network(w);
}

static int decode_raw(struct walk *w)
{
	uint8_t version = *w->c.at >> 4;

	if (version == 4)
		w->out->ethertype = PACKET_ETHERTYPE_IPV4;
	else if (version == 6)
		w->out->ethertype = PACKET_ETHERTYPE_IPV6;
	else
		return ERR_MALFORMED;
	return decode_network(w);
}

/* Bytes that a frame of this link must have; 0: no such link. */
static size_t link_bytes(enum packet_link link)
{
	switch (link) {
	case PACKET_LINK_ETHERNET:
		return ETHERNET_BYTES;
	case PACKET_LINK_SLL:
		return SLL_BYTES;
	case PACKET_LINK_SLL2:
		return SLL2_BYTES;
	case PACKET_LINK_NULL:
	case PACKET_LINK_LOOP:
		return LOOPBACK_BYTES;
	case PACKET_LINK_RAW_DLT:
	case PACKET_LINK_RAW_OPENBSD:
	case PACKET_LINK_RAW:
	case PACKET_LINK_IPV4:
	case PACKET_LINK_IPV6:
		return 1;
	}
	return 0;
}

static int decode_other(struct walk *w, enum packet_link link)
{
	switch (link) {
	case PACKET_LINK_SLL:
	case PACKET_LINK_SLL2:
		return decode_cooked(w, link);
	case PACKET_LINK_NULL:
	case PACKET_LINK_LOOP:
		return decode_loopback(w, link);
	case PACKET_LINK_ETHERNET:
	case PACKET_LINK_RAW_DLT:
	case PACKET_LINK_RAW_OPENBSD:
	case PACKET_LINK_RAW:
	case PACKET_LINK_IPV4:
	case PACKET_LINK_IPV6:
		break;
	}
	return decode_raw(w);
}

int packet_decode(enum packet_link link, struct slice frame,
		  uint32_t wire_bytes, struct packet *out, int *fault)
{
	size_t least = link_bytes(link);
	struct walk w = {
		.c = cursor_slice(frame),
		.wire_end = wire_bytes,
		.out = out,
	};

	if (!least)
		return ERR_UNSUPPORTED;
	if (frame.len < least)
		return ERR_TRUNCATED;
	/* a file may say less than it holds */
	if (frame.len > wire_bytes)
		w.wire_end = (uint32_t)frame.len;
	*out = (struct packet){ .frame_bytes = w.wire_end };
	if (link == PACKET_LINK_ETHERNET)
		*fault = decode_ethernet(&w);
	else
		*fault = decode_other(&w, link);
	return 0;
}

int packet_decode_datagram(struct packet *packet, struct slice datagram)
{
	struct walk w = {
		.c = cursor_slice(datagram),
		.wire_end = (uint32_t)datagram.len,
		.out = packet,
	};
	int err = 0;

	packet->layer = PACKET_LAYER_NETWORK;
	packet->first_fragment = false;
	packet->sport = 0;
	packet->dport = 0;
	packet->tcp_flags = 0;
	if (packet->src.family == 6)
		err = decode_extensions(&w);
	return err ? err : decode_transport(&w);
}

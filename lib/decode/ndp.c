// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ndp.h"

#include <string.h>

#include "base/cursor.h"
#include "decode/dns.h"
#include "decode/packet.h"

enum {
	ETHERNET_BYTES = 14,
	IPV6_BYTES = 40,
	HEADERS_BYTES = ETHERNET_BYTES + IPV6_BYTES,
	HOP_LIMIT = 255, /* what no router lets through */
	CHECKSUM_AT = 2,
};

enum {
	OPTION_SOURCE_LINK = 1,
	OPTION_TARGET_LINK = 2,
	OPTION_PREFIX = 3,
	OPTION_RESOLVERS = 25,
	OPTION_SEARCH = 31,
};

enum {
	FLAG_ROUTER = 0x80,
	FLAG_SOLICITED = 0x40,
	FLAG_OVERRIDE = 0x20,
	PREFIX_ON_LINK = 0x80,
};

static uint64_t add_words(uint64_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += (uint64_t)p[0] << 8 | p[1];
	return len ? sum + ((uint64_t)p[0] << 8) : sum;
}

/* RFC 4443 2.3 over the pseudo-header of RFC 8200 8.1; 0 when it is right. */
static uint16_t checksum(const struct addr *src, const struct addr *dst,
			 const uint8_t *message, size_t len)
{
	uint64_t sum = len + PACKET_PROTOCOL_ICMPV6;

	sum = add_words(sum, src->b, sizeof(src->b));
	sum = add_words(sum, dst->b, sizeof(dst->b));
	sum = add_words(sum, message, len);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* RFC 4861 4.6.2 */
static void decode_prefix(struct slice option, struct ndp *ndp)
{
	struct cursor c = cursor_slice(option);
	struct cidr range = { 0 };
	uint8_t ip[16], flags;

	range.bits = cursor_u8(&c);
	flags = cursor_u8(&c);
	cursor_skip(&c, 12); /* lifetimes, reserved */
	cursor_copy(&c, ip, sizeof(ip));
	range.addr = addr_v6(ip);
	if (cursor_ok(&c) && flags & PREFIX_ON_LINK && range.bits <= 128 &&
	    ndp->prefix_count < NDP_PREFIXES_MAX)
		ndp->prefixes[ndp->prefix_count++] = range;
}

/* RFC 8106 5.1; a lifetime of 0 takes them back. */
static void decode_resolvers(struct slice option, struct ndp *ndp)
{
	struct cursor c = cursor_slice(option);
	uint8_t ip[16];

	cursor_skip(&c, 2); /* reserved */
	if (!cursor_u32(&c))
		return;
	while (cursor_left(&c) >= sizeof(ip) &&
	       ndp->resolver_count < NDP_RESOLVERS_MAX) {
		cursor_copy(&c, ip, sizeof(ip));
		ndp->resolvers[ndp->resolver_count++] = addr_v6(ip);
	}
}

static void add_domain(struct ndp *ndp, const char *name)
{
	size_t len = strlen(name);

	if (len >= NDP_DOMAIN_BYTES || ndp->domain_count == NDP_DOMAINS_MAX)
		ndp->domains_left_out++;
	else
		memcpy(ndp->domains[ndp->domain_count++], name, len + 1);
}

/* RFC 8106 5.2; those that it takes back are the home's as well. */
static void decode_search(struct slice option, struct ndp *ndp)
{
	struct cursor c = cursor_slice(option);
	char name[DNS_NAME_TEXT_BYTES];
	struct slice list;
	size_t at = 0;
	int err;

	cursor_skip(&c, 6); /* reserved, lifetime */
	list = cursor_rest(&c);
	while ((err = dns_next_domain(list, &at, name)) > 0)
		add_domain(ndp, name);
	if (err)
		ndp->domains_left_out++;
}

static void decode_router_option(uint8_t type, struct slice data,
				 struct ndp *ndp)
{
	if (type == OPTION_PREFIX)
		decode_prefix(data, ndp);
	else if (type == OPTION_RESOLVERS)
		decode_resolvers(data, ndp);
	else if (type == OPTION_SEARCH)
		decode_search(data, ndp);
}

static int decode_options(struct cursor *c, struct ndp *ndp)
{
	uint8_t link = ndp->type == NDP_NEIGHBOUR_ADVERTISEMENT
			       ? OPTION_TARGET_LINK
			       : OPTION_SOURCE_LINK;

	while (cursor_left(c)) {
		uint8_t type = cursor_u8(c), words = cursor_u8(c);
		struct slice data;

		if (!words)
			return ERR_MALFORMED;
		data = cursor_take(c, words * 8u - 2);
		if (!cursor_ok(c))
			return ERR_TRUNCATED;
		if (type == link && data.len == 6 && !ndp->has_link_mac) {
			memcpy(ndp->link_mac.b, data.data, 6);
			ndp->has_link_mac = true;
		} else if (ndp->type == NDP_ROUTER_ADVERTISEMENT) {
			decode_router_option(type, data, ndp);
		}
	}
	return 0;
}

static int decode_neighbour(struct cursor *c, struct ndp *ndp)
{
	uint8_t flags = cursor_u8(c), ip[16];

	cursor_skip(c, 3);
	cursor_copy(c, ip, sizeof(ip));
	if (!cursor_ok(c))
		return ERR_TRUNCATED;
	ndp->target = addr_v6(ip);
	if (ndp->type == NDP_NEIGHBOUR_ADVERTISEMENT) {
		ndp->router = flags & FLAG_ROUTER;
		ndp->solicited = flags & FLAG_SOLICITED;
		ndp->override = flags & FLAG_OVERRIDE;
	}
	return addr_is_multicast(&ndp->target) ? ERR_MALFORMED : 0;
}

/* What stands between the ICMPv6 header and the options. */
static int decode_body(struct cursor *c, struct ndp *ndp)
{
	switch (ndp->type) {
	case NDP_NEIGHBOUR_SOLICITATION:
	case NDP_NEIGHBOUR_ADVERTISEMENT:
		return decode_neighbour(c, ndp);
	case NDP_ROUTER_SOLICITATION:
		cursor_skip(c, 4);
		break;
	case NDP_ROUTER_ADVERTISEMENT:
		cursor_skip(c, 2); /* hop limit, flags */
		ndp->router_lifetime_s = cursor_u16(c);
		cursor_skip(c, 8); /* reachable and retransmission time */
		break;
	}
	return cursor_check(c);
}

/* RFC 4861 6.1 and 7.1, what depends on the addresses */
static bool addresses_are_right(const struct ndp *ndp)
{
	if (ndp->type == NDP_ROUTER_ADVERTISEMENT)
		return addr_is_link_local(&ndp->src);
	if (ndp->type == NDP_NEIGHBOUR_ADVERTISEMENT)
		return !ndp->solicited || !addr_is_multicast(&ndp->dst);
	return !addr_is_unspecified(&ndp->src) || !ndp->has_link_mac;
}

int ndp_decode(struct slice frame, struct ndp *out)
{
	struct packet packet;
	struct ndp ndp = { 0 };
	struct cursor c;
	uint8_t type, code;
	int fault, err;

	err = packet_decode(PACKET_LINK_ETHERNET, frame, (uint32_t)frame.len,
			    &packet, &fault);
	if (err || fault)
		return err ? err : fault;
	if (packet.layer != PACKET_LAYER_ICMP || packet.src.family != 6)
		return ERR_UNSUPPORTED;
	c = cursor_slice(packet.payload);
	type = cursor_u8(&c);
	code = cursor_u8(&c);
	cursor_skip(&c, 2);
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	if (type < NDP_ROUTER_SOLICITATION ||
	    type > NDP_NEIGHBOUR_ADVERTISEMENT)
		return ERR_UNSUPPORTED;
	if (code || packet.ttl != HOP_LIMIT || packet.first_fragment ||
	    checksum(&packet.src, &packet.dst, packet.payload.data,
		     packet.payload.len))
		return ERR_MALFORMED;
	ndp.type = (enum ndp_type)type;
	ndp.eth_src = packet.eth_src;
	ndp.eth_dst = packet.eth_dst;
	ndp.src = packet.src;
	ndp.dst = packet.dst;
	err = decode_body(&c, &ndp);
	if (!err)
		err = decode_options(&c, &ndp);
	if (!err && !addresses_are_right(&ndp))
		err = ERR_MALFORMED;
	if (!err)
		*out = ndp;
	return err;
}

enum {
	ECHO_REQUEST = 128,
	ECHO_REPLY = 129,
	ECHO_BYTES = 8,
};

/* Returns the length of the ICMPv6 message; its checksum is still 0. */
static size_t encode_message(const struct ndp *ndp, uint8_t *out)
{
	bool advertisement = ndp->type == NDP_NEIGHBOUR_ADVERTISEMENT;
	size_t at = 8;

	memset(out, 0, at);
	out[0] = (uint8_t)ndp->type;
	if (advertisement)
		out[4] = (uint8_t)((ndp->router ? FLAG_ROUTER : 0) |
				   (ndp->solicited ? FLAG_SOLICITED : 0) |
				   (ndp->override ? FLAG_OVERRIDE : 0));
	if (ndp->type != NDP_ROUTER_SOLICITATION) {
		memcpy(out + at, ndp->target.b, 16);
		at += 16;
	}
	if (ndp->has_link_mac) {
		out[at] =
			advertisement ? OPTION_TARGET_LINK : OPTION_SOURCE_LINK;
		out[at + 1] = 1; /* word of eight bytes */
		memcpy(out + at + 2, ndp->link_mac.b, 6);
		at += 8;
	}
	return at;
}

/* The headers before a message, and its checksum. */
static void wrap(const struct mac *eth_src, const struct mac *eth_dst,
		 const struct addr *src, const struct addr *dst, uint8_t *out,
		 size_t message_bytes)
{
	uint8_t *ip = out + ETHERNET_BYTES, *message = out + HEADERS_BYTES;
	uint16_t sum;

	memcpy(out, eth_dst->b, 6);
	memcpy(out + 6, eth_src->b, 6);
	out[12] = PACKET_ETHERTYPE_IPV6 >> 8;
	out[13] = PACKET_ETHERTYPE_IPV6 & 0xff;
	memset(ip, 0, 8);
	ip[0] = 6 << 4;
	ip[5] = (uint8_t)message_bytes;
	ip[6] = PACKET_PROTOCOL_ICMPV6;
	ip[7] = HOP_LIMIT;
	memcpy(ip + 8, src->b, 16);
	memcpy(ip + 24, dst->b, 16);
	sum = checksum(src, dst, message, message_bytes);
	message[CHECKSUM_AT] = (uint8_t)(sum >> 8);
	message[CHECKSUM_AT + 1] = (uint8_t)sum;
}

int ndp_encode(const struct ndp *ndp, uint8_t out[NDP_FRAME_MAX_BYTES],
	       size_t *len)
{
	size_t bytes;

	if (ndp->type == NDP_ROUTER_ADVERTISEMENT)
		return ERR_UNSUPPORTED;
	bytes = encode_message(ndp, out + HEADERS_BYTES);
	wrap(&ndp->eth_src, &ndp->eth_dst, &ndp->src, &ndp->dst, out, bytes);
	*len = HEADERS_BYTES + bytes;
	return 0;
}

void ndp_encode_echo(const struct mac *eth_src, const struct mac *eth_dst,
		     const struct addr *src, const struct addr *dst,
		     uint16_t identifier, uint8_t out[NDP_ECHO_BYTES])
{
	uint8_t *message = out + HEADERS_BYTES;

	memset(message, 0, ECHO_BYTES);
	message[0] = ECHO_REQUEST;
	message[4] = (uint8_t)(identifier >> 8);
	message[5] = (uint8_t)identifier;
	wrap(eth_src, eth_dst, src, dst, out, ECHO_BYTES);
}

int ndp_decode_echo(struct slice frame, uint16_t identifier, struct mac *mac,
		    struct addr *src)
{
	struct packet packet;
	struct cursor c;
	int fault, err;

	err = packet_decode(PACKET_LINK_ETHERNET, frame, (uint32_t)frame.len,
			    &packet, &fault);
	if (err || fault)
		return err ? err : fault;
	if (packet.layer != PACKET_LAYER_ICMP || packet.src.family != 6)
		return ERR_UNSUPPORTED;
	c = cursor_slice(packet.payload);
	if (cursor_u16(&c) != ECHO_REPLY << 8)
		return ERR_UNSUPPORTED;
	cursor_skip(&c, 2);
	if (cursor_u16(&c) != identifier || !cursor_ok(&c))
		return ERR_UNSUPPORTED;
	if (packet.first_fragment ||
	    checksum(&packet.src, &packet.dst, packet.payload.data,
		     packet.payload.len))
		return ERR_MALFORMED;
	*mac = packet.eth_src;
	*src = packet.src;
	return 0;
}

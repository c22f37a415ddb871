// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_PACKET_H
#define DECODE_PACKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * One walk from the link header to the transport payload. Everything is a
 * view into the frame: nothing is copied, nothing is allocated. Checksums are
 * not verified: a sender whose card computes them is captured without.
 */

/** Most VLAN tags passed over; a home has at most two (IEEE 802.1ad). */
#define PACKET_VLAN_TAGS_MAX 4
/**
 * Most IPv6 extension headers passed over; RFC 8200 4.1 has seven kinds, one
 * of them twice.
 */
#define PACKET_IPV6_HEADERS_MAX 8

/** Link types, numbered as in pcap files (LINKTYPE_*, DLT_* where equal). */
enum packet_link {
	PACKET_LINK_NULL = 0, /* BSD loopback, host byte order */
	PACKET_LINK_ETHERNET = 1,
	PACKET_LINK_RAW_DLT = 12, /* raw IP as some systems write it */
	PACKET_LINK_RAW_OPENBSD = 14,
	PACKET_LINK_RAW = 101,
	PACKET_LINK_LOOP = 108, /* OpenBSD loopback, network byte order */
	PACKET_LINK_SLL = 113,	/* Linux cooked v1 */
	PACKET_LINK_IPV4 = 228,
	PACKET_LINK_IPV6 = 229,
	PACKET_LINK_SLL2 = 276, /* Linux cooked v2 */
};

/** The types of frames that are decoded further (IEEE 802 numbers). */
enum packet_ethertype {
	PACKET_ETHERTYPE_IPV4 = 0x0800,
	PACKET_ETHERTYPE_ARP = 0x0806,
	PACKET_ETHERTYPE_IPV6 = 0x86dd,
};

/** The IP protocols that are decoded further (IANA numbers). */
enum packet_protocol {
	PACKET_PROTOCOL_ICMP = 1,
	PACKET_PROTOCOL_TCP = 6,
	PACKET_PROTOCOL_UDP = 17,
	PACKET_PROTOCOL_ICMPV6 = 58,
};

/** How far the walk got; each step implies the ones before it. */
enum packet_layer {
	PACKET_LAYER_LINK,
	PACKET_LAYER_ARP,	/* payload is the ARP packet */
	PACKET_LAYER_NETWORK,	/* an IP header, transport not decoded */
	PACKET_LAYER_FRAGMENT,	/* an IP fragment that is not the first */
	PACKET_LAYER_ICMP,	/* ICMP or ICMPv6; payload is its message */
	PACKET_LAYER_TRANSPORT, /* TCP or UDP; payload is its data */
};

enum packet_tcp_flag {
	PACKET_TCP_FIN = 0x01,
	PACKET_TCP_SYN = 0x02,
	PACKET_TCP_RST = 0x04,
	PACKET_TCP_PSH = 0x08,
	PACKET_TCP_ACK = 0x10,
	PACKET_TCP_URG = 0x20,
};

struct packet {
	enum packet_layer layer;
	/* link */
	bool has_src_mac, has_dst_mac; /* cooked links know the source only */
	struct mac eth_src, eth_dst;
	uint16_t ethertype;   /* behind VLAN tags and SNAP; 0 when none */
	uint16_t vlan;	      /* outermost tag's id; 0 when untagged */
	uint32_t frame_bytes; /* length on the wire, from the link header on */
	/* network */
	struct addr src, dst;
	uint8_t ip_protocol; /* behind IPv6 extension headers */
	uint8_t ttl;	     /* or hop limit */
	uint32_t ip_bytes;   /* header included; never past the frame's end */
	bool ip_refused;     /* no router need pass on such a header */
	uint32_t ip_id;	     /* IPv4 identification, or of the IPv6 fragment */
	bool first_fragment; /* decoded, but its datagram goes on elsewhere */
	bool more_fragments; /* not the last one */
	uint16_t fragment_offset; /* in bytes */
	/* what was captured of a fragment's part, behind the IP header, and its
	 * length on the wire; absent for what is whole */
	struct slice fragment;
	uint32_t fragment_bytes;
	/* transport */
	uint16_t sport, dport;
	uint8_t tcp_flags;
	uint32_t tcp_seq, tcp_ack;
	uint32_t payload_bytes; /* on the wire; payload may be cut shorter */
	struct slice payload;	/* what was captured of it */
};

/**
 * Decodes one frame. link: the file's or socket's link type. frame: the
 * captured bytes. wire_bytes: its length before the capture was cut.
 * A frame that breaks off or breaks the rules at some layer is still a
 * success with the layers below it (out->layer says which) and *fault set
 * to ERR_TRUNCATED or ERR_MALFORMED (else 0), so that its bytes are counted.
 * ERR_UNSUPPORTED: no such link type; ERR_TRUNCATED: not even a link header.
 */
int packet_decode(enum packet_link link, struct slice frame,
		  uint32_t wire_bytes, struct packet *out,
		  int *fault) must_check;

/**
 * Decodes the transport layer of a datagram that was put together from its
 * fragments. packet: of one of them; its transport part is rewritten. datagram:
 * what was behind the IP headers. ERR_TRUNCATED, ERR_MALFORMED: then
 * packet->layer is PACKET_LAYER_NETWORK.
 */
int packet_decode_datagram(struct packet *packet,
			   struct slice datagram) must_check;

#endif

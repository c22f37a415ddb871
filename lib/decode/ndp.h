// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_NDP_H
#define DECODE_NDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * Neighbour and router discovery for IPv6 (RFC 4861) in Ethernet frames, both
 * ways: what ARP is for IPv4.
 */

/** Most prefixes taken of a router advertisement; a home has two or three. */
#define NDP_PREFIXES_MAX 8
/** Most resolvers; a home's router names itself, and one more at most. */
#define NDP_RESOLVERS_MAX 4

/** Most domains that names are searched in; a home has one. */
#define NDP_DOMAINS_MAX 8
/** A domain's text, terminated: what is longer, escaped, is no host's. */
#define NDP_DOMAIN_BYTES 254

/** Longest frame that ndp_encode() makes. */
#define NDP_FRAME_MAX_BYTES (14 + 40 + 24 + 8)

enum ndp_type {
	NDP_ROUTER_SOLICITATION = 133,
	NDP_ROUTER_ADVERTISEMENT = 134,
	NDP_NEIGHBOUR_SOLICITATION = 135,
	NDP_NEIGHBOUR_ADVERTISEMENT = 136,
};

struct ndp {
	enum ndp_type type;
	struct mac eth_src, eth_dst;
	struct addr src, dst;
	/* the source's (solicitations, router) or the target's address */
	bool has_link_mac;
	struct mac link_mac;
	/* neighbour messages */
	struct addr target;
	bool router, solicited, override; /* advertisement */
	/* router advertisement */
	uint16_t router_lifetime_s;		/* 0: not a default router */
	struct cidr prefixes[NDP_PREFIXES_MAX]; /* those that are on-link */
	size_t prefix_count;
	struct addr resolvers[NDP_RESOLVERS_MAX]; /* RFC 8106 5.1 */
	size_t resolver_count;
	/* RFC 8106 5.2, as dns_name_text() has them */
	char domains[NDP_DOMAINS_MAX][NDP_DOMAIN_BYTES];
	size_t domain_count;
	uint32_t domains_left_out; /* past these limits, or broken */
};

/**
 * Decodes an Ethernet frame, held to RFC 4861 6.1 and 7.1: hop limit 255, a
 * right checksum, code 0, whole options.
 * ERR_UNSUPPORTED: something else than these four; ERR_TRUNCATED;
 * ERR_MALFORMED: a receiver must ignore it.
 */
int ndp_decode(struct slice frame, struct ndp *out) must_check;

/**
 * Writes the frame of a solicitation or a neighbour advertisement to out, and
 * its length to *len. ERR_UNSUPPORTED for a router advertisement: nothing here
 * plays the router.
 */
int ndp_encode(const struct ndp *ndp, uint8_t out[NDP_FRAME_MAX_BYTES],
	       size_t *len) must_check;

/** Of ndp_encode_echo(). */
#define NDP_ECHO_BYTES (14 + 40 + 8)

/**
 * An ICMPv6 echo request (RFC 4443 4.1): what all hosts of a link answer, from
 * an address of the prefix that they were asked from.
 */
void ndp_encode_echo(const struct mac *eth_src, const struct mac *eth_dst,
		     const struct addr *src, const struct addr *dst,
		     uint16_t identifier, uint8_t out[NDP_ECHO_BYTES]);

/**
 * Who answered one: the frame's source MAC and address. ERR_UNSUPPORTED:
 * something else; ERR_TRUNCATED, ERR_MALFORMED.
 */
int ndp_decode_echo(struct slice frame, uint16_t identifier, struct mac *mac,
		    struct addr *src) must_check;

#endif

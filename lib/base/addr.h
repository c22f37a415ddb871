// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_ADDR_H
#define BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"

/** An IEEE 802 MAC-48 address. */
struct mac {
	uint8_t b[6];
};

/**
 * An IPv4 or IPv6 address. family is 4 or 6, or 0 for none; an IPv4 address is
 * the first four bytes and the rest is zero, so addresses compare as bytes.
 */
struct addr {
	uint8_t family;
	uint8_t b[16];
};

/** An address range: the first bits of addr. */
struct cidr {
	struct addr addr;
	uint8_t bits;
};

#define MAC_TEXT_BYTES	18 /* 00:11:22:33:44:55 and its terminator */
#define ADDR_TEXT_BYTES 46 /* INET6_ADDRSTRLEN */

/** Writes lower-case text to out and returns out. */
const char *mac_format(const struct mac *mac, char out[MAC_TEXT_BYTES]);
/** Canonical text (RFC 5952); "" for no address. Returns out. */
const char *addr_format(const struct addr *a, char out[ADDR_TEXT_BYTES]);

/** Six hex pairs, all joined by ':' or all by '-'. ERR_MALFORMED. */
int mac_parse(const char *text, struct mac *out) must_check;
/** Either family. ERR_MALFORMED. */
int addr_parse(const char *text, struct addr *out) must_check;
/** ADDR/BITS, or ADDR alone for all bits. Host bits may be set. */
int cidr_parse(const char *text, struct cidr *out) must_check;

static inline struct addr addr_v4(const uint8_t b[4])
{
	struct addr a = { .family = 4 };

	memcpy(a.b, b, 4);
	return a;
}

static inline struct addr addr_v6(const uint8_t b[16])
{
	struct addr a = { .family = 6 };

	memcpy(a.b, b, 16);
	return a;
}

static inline bool mac_equal(const struct mac *a, const struct mac *b)
{
	return !memcmp(a->b, b->b, sizeof(a->b));
}

static inline bool addr_equal(const struct addr *a, const struct addr *b)
{
	return a->family == b->family && !memcmp(a->b, b->b, sizeof(a->b));
}

/** The group bit: multicast or broadcast. */
bool mac_is_group(const struct mac *mac);
/** All zeros: no address. */
bool mac_is_zero(const struct mac *mac);

bool addr_is_unspecified(const struct addr *a);
bool addr_is_loopback(const struct addr *a);
/** 224.0.0.0/4, ff00::/8. */
bool addr_is_multicast(const struct addr *a);
/** 255.255.255.255. Subnet broadcasts need the subnet to be told. */
bool addr_is_broadcast(const struct addr *a);
/** 169.254.0.0/16, fe80::/10. */
bool addr_is_link_local(const struct addr *a);
/**
 * Addresses that no Internet host has: RFC 1918, RFC 6598 shared space, link
 * local, loopback, unique local (fc00::/7) and unspecified.
 */
bool addr_is_private(const struct addr *a);
bool cidr_contains(const struct cidr *range, const struct addr *a);

#endif

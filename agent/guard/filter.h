// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_FILTER_H
#define GUARD_FILTER_H

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

/*
 * The kernel's filters (classic BPF) of guard's packet sockets: what privacy
 * promises is decided here, before any byte reaches a process.
 */

/** A watched device's whole QUIC Initial, ClientHello or DNS answer. */
#define FILTER_DEVICE_BYTES 4096
/** The leg that we sent on is only counted: its headers. */
#define FILTER_LEAVING_BYTES 64
/** Of IPv6, with room for two extension headers. */
#define FILTER_LEAVING6_BYTES 96
/** Of frames that only have to be known of: the Ethernet header. */
#define FILTER_HEADER_BYTES 14

/** IPv6 addresses of watched devices, of ourselves: past it, or where a
 * program has no room for them, ERR_LIMIT. */
#define FILTER_SIX_MAX 512

struct filter_device {
	struct mac mac;
	struct addr address; /* IPv4; family 0: none */
};

struct filter_spec {
	struct mac own, gateway;
	struct addr own_address;
	const struct filter_device *devices;
	size_t device_count; /* at most MESSAGE_WATCH_MAX */
	const struct mac *excluded;
	size_t excluded_count; /* at most MESSAGE_EXCLUDE_MAX */
	struct mac router6;
	const struct addr *six; /* of the devices */
	size_t six_count;
	const struct addr *own6;
	size_t own6_count;
	uint32_t six_key; /* odd, and secret */
};

/** A program; code is large enough for every limit at its most. */
struct filter {
	struct sock_filter code[BPF_MAXINSNS];
	unsigned short length;
};

/**
 * For the engine's capture:
 *   from a watched device's MAC to ours        FILTER_DEVICE_BYTES
 *   from the gateway's MAC to ours, IPv4,
 *     to a watched device's address            FILTER_DEVICE_BYTES
 *   from our MAC, IPv4, on to the gateway from a watched address, or to a
 *     watched address                          FILTER_LEAVING_BYTES
 *   from the IPv6 router's MAC to ours,
 *     to a watched device's address            FILTER_DEVICE_BYTES
 *   from our MAC, IPv6, on to that router from
 *     a watched address, or to one             FILTER_LEAVING6_BYTES
 *   of these, no neighbour discovery
 *   to a group address, not from an excluded MAC: ARP; UDP to or from DHCP
 *     (67, 68), mDNS (5353), LLMNR (5355), SSDP (1900), NetBIOS names (137),
 *     Tuya (6666, 6667), over IPv6 mDNS, LLMNR,
 *     SSDP, DHCPv6 (547)                       FILTER_DEVICE_BYTES
 *   anything else                              nothing
 * ERR_LIMIT.
 */
int filter_capture(const struct filter_spec *spec,
		   struct filter *out) must_check;

/**
 * What shows that a device or the gateway still sends through us: IPv4 from a
 * listed device's MAC to ours and not to our address, or from the gateway's to
 * ours and to a listed address. FILTER_HEADER_BYTES of each. ERR_LIMIT.
 */
int filter_through_us(const struct filter_spec *spec,
		      struct filter *out) must_check;

/** The same for IPv6. ERR_LIMIT. */
int filter_through_us6(const struct filter_spec *spec,
		       struct filter *out) must_check;

/** Neighbour discovery and echo replies, of at most bytes. */
void filter_ndp(uint32_t bytes, struct filter *out);

/** Of a socket for one Ethernet type: its frames of at most bytes. */
void filter_type(uint16_t type, uint32_t bytes, struct filter *out);

/** Attaches it to a socket, in place of a former one. ERR_IO. */
int filter_attach(int socket, const struct filter *filter) must_check;

/** Attaches one that gives nothing. ERR_IO. */
int filter_attach_nothing(int socket) must_check;

#endif

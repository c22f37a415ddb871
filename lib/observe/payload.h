// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_PAYLOAD_H
#define OBSERVE_PAYLOAD_H

#include "observe/context.h"
#include "observe/flow.h"

/*
 * What packets say above the transport: TLS and HTTP recognised on any port
 * and anywhere in a stream where a segment begins, DNS, DHCP and SSDP by
 * their ports. Bulk data costs one look at a segment's first bytes.
 */

/** How far into a stream a hole is kept open for what may begin in it. */
#define PAYLOAD_EARLY_BYTES UINT32_C(65536)
/** Longest hole that is. */
#define PAYLOAD_HOLE_MAX 16384

/**
 * A TCP segment that side of the flow sent. before: the lane's sequence range
 * before this segment.
 */
void payload_tcp(const struct context *c, struct flow *flow, int side,
		 const struct sequence *before);

/** A UDP datagram. */
void payload_udp(const struct context *c, struct flow *flow, int side);

/** By its ports: one that everybody on the LAN is meant to hear. */
bool payload_is_announcement(const struct packet *packet);
/**
 * A datagram that a device sent to everyone and that is read though it is not
 * watched: mDNS, SSDP, DHCP; nothing else.
 */
void payload_announcement(const struct context *c, struct device *sender);

#endif

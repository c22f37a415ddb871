// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_DATAGRAM_H
#define OBSERVE_DATAGRAM_H

#include "observe/context.h"
#include "observe/flow.h"

/*
 * What datagrams say: DNS in all its kinds, DHCP, SSDP, NTP, NetBIOS, CoAP,
 * Matter and Tuya by their ports and by what is in them; QUIC and STUN
 * on any port.
 */

/** A UDP datagram that side of the flow sent. */
void datagram_hear(const struct context *c, struct flow *flow, int side);

/** By its ports: one that everybody on the LAN is meant to hear. */
bool datagram_is_announcement(const struct packet *packet);
/**
 * A datagram that a device sent to everyone and that is read though it is not
 * watched: what datagram_is_announcement() says, nothing else.
 */
void datagram_announcement(const struct context *c, struct device *sender);

#endif

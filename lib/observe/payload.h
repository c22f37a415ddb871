// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_PAYLOAD_H
#define OBSERVE_PAYLOAD_H

#include "observe/context.h"
#include "observe/flow.h"

/*
 * What TCP streams say: TLS, HTTP, RTSP and MQTT recognised on any port and
 * anywhere in a stream where a segment begins; SSH, telnet, calls, and what may
 * change to TLS (files, mail, messages, directories) near where it begins, DNS
 * by its port. Bulk data costs one look at a segment's first
 * bytes.
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

/** Calls, in a datagram or at the beginning of a segment. False: none. */
bool payload_sip(const struct context *c, struct flow *flow, int side,
		 struct slice bytes);

#endif

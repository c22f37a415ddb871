// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_WIRE_H
#define GUARD_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"
#include "decode/arp.h"

/*
 * One interface's frames of our kinds: ARP, neighbour discovery, and the
 * inspectors' beacon.
 * The Ethernet source of all that is sent is the interface's own MAC: a
 * switch that saw another's there would send that host's frames to us.
 */

#define WIRE_TYPE_ARP  0x0806
#define WIRE_TYPE_IPV6 0x86dd
/** IEEE's first local experimental type: see peers.h. */
#define WIRE_TYPE_BEACON 0x88b5

#define WIRE_FRAME_MAX 1514

struct wire {
	int socket;
	int interface_index;
	struct mac own;
};

/** A frame's Ethernet header and what is after it, a view. */
struct wire_frame {
	struct mac destination, source;
	uint16_t type;
	struct slice payload;
	struct slice whole;
};

struct filter;

/**
 * Opens a socket that hears frames of one type to us or to a group, and can
 * send; non-blocking. type 0: hears nothing. ERR_IO.
 */
int wire_open(int interface_index, const struct mac *own, uint16_t type,
	      struct wire *out) must_check;
/** The same with a filter of one's own. */
int wire_open_by(int interface_index, const struct mac *own, uint16_t type,
		 const struct filter *filter, struct wire *out) must_check;
void wire_close(struct wire *wire);

/** A whole frame, header included. ERR_AGAIN when the queue is full, ERR_IO
 * (errno tells). */
int wire_send_frame(const struct wire *wire, const uint8_t *frame,
		    size_t length) must_check;
int wire_send(const struct wire *wire, const struct mac *to, uint16_t type,
	      struct slice payload) must_check;
int wire_send_arp(const struct wire *wire, const struct mac *to,
		  const struct arp *arp) must_check;

/** The next frame, to buffer. ERR_AGAIN, ERR_TRUNCATED, ERR_IO. */
int wire_receive(const struct wire *wire, uint8_t buffer[WIRE_FRAME_MAX],
		 struct wire_frame *out) must_check;

extern const struct mac wire_broadcast;

#endif

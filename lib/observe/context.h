// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_CONTEXT_H
#define OBSERVE_CONTEXT_H

#include <stdint.h>

#include "base/buf.h"
#include "decode/packet.h"
#include "observe/device.h"
#include "observe/observe.h"
#include "observe/stream.h"
#include "observe/window.h"

struct crypto;
struct initials;

/** The packet at hand, and where what it says goes. */
struct context {
	const struct packet *packet;
	const struct packet *whole; /* that its fragment completes, or NULL */
	uint64_t time_ns;
	uint64_t frame;
	struct devices *devices;
	struct streams *streams;
	struct initials *initials;
	struct crypto *crypto;
	struct buf *scratch; /* for a fingerprint's raw text */
	struct window *window;
	struct record_counters *counters;
	const struct observe_sink *sink;
};

/** Hands a fact to the sink, if it wants any; fills in what all have. */
static inline void context_fact(const struct context *c, struct fact *fact)
{
	if (!c->sink->fact)
		return;
	fact->time_ns = c->time_ns;
	fact->frame = c->frame;
	fact->packet = c->packet;
	c->sink->fact(c->sink->user, fact);
}

#endif

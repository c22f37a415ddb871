// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_TRAFFIC_H
#define STUDY_SIMULATE_TRAFFIC_H

#include "study/simulate/home.h"

/** What one device did with one server in one 5-second window. */
struct traffic_flow {
	size_t device;			    /* of the home's */
	const struct home_contact *contact; /* NULL: the home's router */
	int64_t end_s, first_ms;
	uint8_t protocol;
	uint16_t remote_port, device_port;
	uint64_t in_bytes, out_bytes, in_packets, out_packets;
	bool has_hello; /* its connection began, with the contact's hello */
};

/** Whom the traffic goes to. */
struct traffic_sink {
	void (*take)(void *user, const struct traffic_flow *flow);
	void *user;
};

/** Draws all traffic of a home's watched devices, session by session and
 * device by device; once a home, since it goes on with the home's draws. */
void traffic_draw(struct home *h, const struct traffic_sink *sink);

#endif

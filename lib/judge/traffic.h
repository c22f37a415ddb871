// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_TRAFFIC_H
#define JUDGE_TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "judge/distinct.h"
#include "judge/finding.h"
#include "record/record.h"

/*
 * The shape of one device's traffic, and what it says of an infection: scans,
 * floods, more strangers than it ever met, the home's upload taken. Only flows
 * are looked at; a window costs two walks over them. Counts are by spans of 5
 * minutes and by hour, each from zero, so an attack that goes on is found again
 * in each.
 */

#define TRAFFIC_SPAN_MS	 300000ull
#define TRAFFIC_HOUR_MS	 3600000ull
#define TRAFFIC_LEARN_MS (24 * TRAFFIC_HOUR_MS)
/** Hosts of a span whose ports are counted. */
#define TRAFFIC_TARGETS_MAX 8
/** Fewest hosts of an hour that are many. */
#define TRAFFIC_FAN_OUT_LEAST 100
/** What a home can upload when nobody said, in bits a second. */
#define TRAFFIC_UPLINK_BPS 20000000ull

/** A host with the ports of it that were tried in vain. */
struct traffic_target {
	struct addr addr;
	struct distinct ports;
};

struct traffic {
	/* since ever */
	uint64_t since_ms;
	uint32_t most_hosts; /* on the Internet, of any full hour before */
	/* of the span under way, by its number */
	uint64_t span;
	struct distinct failed, infection;
	/* conversations that had content, of this span and of the last */
	struct distinct used, used_before;
	struct traffic_target targets[TRAFFIC_TARGETS_MAX];
	uint32_t target_count, udp_floods;
	uint64_t out_bytes, last_out_bytes; /* to the Internet; the last span's
					     */
	uint64_t away_bytes;
	/* of the hour under way */
	uint64_t hour;
	struct distinct hosts;
};

struct traffic_world {
	uint64_t uplink_bps; /* 0: not known */
	bool away;	     /* nobody is at home, says the owner */
};

/** Adds a window, in order of time, and reports what it shows. */
void traffic_add(struct traffic *t, const struct record_window *window,
		 const struct traffic_world *world, struct finding_list *out);

#endif

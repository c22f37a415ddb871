// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_WINDOWS_H
#define STUDY_SIMULATE_WINDOWS_H

#include "decode/crypto.h"
#include "record/share.h"
#include "study/simulate/servers.h"
#include "study/simulate/traffic.h"

/*
 * A simulated home's traffic as the shareable record has it, window by window:
 * through the same redaction as a real home's.
 */

/** Bytes of the home's own key. */
#define WINDOWS_KEY_BYTES 32

struct windows {
	struct home *home;
	const struct servers *servers;
	struct crypto *crypto;
	uint8_t key[WINDOWS_KEY_BYTES];
	struct traffic_flow *flows; /* by window, then device */
	size_t flow_count, flow_room;
	size_t next;		     /* flow of the next window */
	bool told[HOME_DEVICES_MAX]; /* clues and label were given */
	int err;
};

/** Draws the home's traffic. seed and number make its key. ERR_NOMEM. */
int windows_begin(struct windows *w, struct home *home,
		  const struct servers *servers, uint64_t seed,
		  uint64_t number) must_check;
void windows_end(struct windows *w);
/** The next window that has traffic: 1 and a share to share_free(), or 0 after
 * the last; ERR_NOMEM, ERR_LIMIT. */
int windows_next(struct windows *w, struct share **out) must_check;

#endif

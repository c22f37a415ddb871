// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_UPLOAD_H
#define STUDY_SIMULATE_UPLOAD_H

#include "base/slice.h"
#include "study/simulate/simulate.h"

struct simulate_target {
	const char *url;	  /* of a collector */
	struct slice authorities; /* to trust, PEM; absent: the system's */
};

#define SIMULATE_WHY_BYTES 320

/**
 * Draws the same homes as simulate_fleet(), and sends what they would upload to
 * a running collector, home by home: an account each, its windows redacted and
 * in segments as the inspector's are. A collector that is busy is waited for;
 * what it had already counts once. rows: how many were acknowledged. ERR_IO
 * and ERR_DENIED with one line in why, ERR_NOMEM.
 */
int simulate_upload(const struct market *m,
		    const struct simulate_options *options,
		    const struct simulate_target *target, uint64_t *rows,
		    char why[SIMULATE_WHY_BYTES]) must_check;

#endif

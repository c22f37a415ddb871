// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_SIMULATE_H
#define STUDY_SIMULATE_SIMULATE_H

#include "study/fleet.h"
#include "study/simulate/market.h"

struct simulate_options {
	uint64_t seed;
	uint64_t homes; /* that watched something; idle accounts beside */
	unsigned int days;
	void (*progress)(void *user, uint64_t homes_done); /* or NULL */
	void *user;
};

/** When all simulated studies begin: 2019-04-10, as the paper's. */
#define SIMULATE_BEGIN_S 1554854400
/** How long the paper's lasted. */
#define SIMULATE_DAYS 286
/** Most homes: so that devices have 32-bit numbers. */
#define SIMULATE_HOMES_MAX 5000000

/**
 * Draws a fleet of homes and writes it to f, which is empty, with the truth
 * about each device beside. The same options and market give the same rows.
 * Endpoints are not named yet; see fleet_name_endpoints(). ERR_IO (f->error
 * says why), ERR_NOMEM, ERR_LIMIT.
 */
int simulate_fleet(struct fleet *f, const struct market *m,
		   const struct simulate_options *options) must_check;

#endif

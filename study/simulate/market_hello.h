// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_MARKET_HELLO_H
#define STUDY_SIMULATE_MARKET_HELLO_H

#include <jansson.h>

#include "base/arena.h"
#include "study/simulate/market.h"

/**
 * Reads one hello of a market's file, its fingerprints computed of its lists.
 * Texts come from the arena. ERR_MALFORMED, ERR_NOMEM.
 */
int market_hello_read(json_t *json, struct arena *arena,
		      struct market_hello *out) must_check;

#endif

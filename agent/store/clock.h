// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_CLOCK_H
#define STORE_CLOCK_H

#include <stdint.h>

#include "base/err.h"

/*
 * The time by which rows are too old. A computer's clock can be years ahead
 * for an hour (an empty battery, before the network's time comes), and what
 * was deleted meanwhile does not come back. So a time more than a day ahead
 * of the last is believed only once it went on for a day from there.
 */

struct store;

#define CLOCK_STEP_S 86400

/** The time to go by, of the time it is said to be. Joins the open
 * transaction. ERR_IO. */
int clock_believe(struct store *s, int64_t now_s,
		  int64_t *believed_s) must_check;

#endif

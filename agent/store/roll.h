// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_ROLL_H
#define STORE_ROLL_H

#include <stdint.h>

#include "base/err.h"
#include "store/store.h"

/*
 * Sums of flows by minute and by hour. A minute is summed once it is past and
 * its last window was written; an hour once its minutes were. Summing again
 * gives the same rows.
 */

enum roll_level {
	ROLL_FLOW,
	ROLL_MINUTE,
	ROLL_HOUR,
	ROLL_LEVELS
};

/** Seconds that a row of each level stands for. */
extern const int64_t roll_step_s[ROLL_LEVELS];

/** What there is in a file just opened, and roll_load(). ERR_IO. */
int roll_open(struct store *s) must_check;

/** Where the summing had got to. */
void roll_load(struct store *s);

/** A window of a time already summed was written: it will be summed again. */
void roll_back_to(struct store *s, int64_t start_s);

/** Sums what is past, in the open transaction. ERR_IO. */
int roll_forward(struct store *s) must_check;

/** A part of a time range, and the table to read it from. */
struct roll_span {
	enum roll_level level;
	int64_t from_s, to_s;
};
#define ROLL_SPANS_MAX 5

/**
 * Covers [from_s, to_s) by the coarsest tables whose rows lie wholly inside,
 * and that divide bucket_s (0: no buckets). Number of spans, in order.
 */
size_t roll_cover(const struct store *s, int64_t from_s, int64_t to_s,
		  int64_t bucket_s, struct roll_span out[ROLL_SPANS_MAX]);

#endif

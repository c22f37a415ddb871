// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_TRIM_H
#define STORE_TRIM_H

#include "store/store.h"

/*
 * Keeping the file to its size. The device that takes most loses the oldest
 * quarter of what it has most of, then whichever takes most after that, until
 * the file fits: no device, whatever it sends, can displace the history of
 * one that has less. What nothing refers to any more goes too.
 */

/** A sixteenth is made free at once, so that this is seldom needed. */
#define TRIM_SLACK 16
/** Deletions a call: it holds up the page. The rest is for the next. */
#define TRIM_STEPS_MAX 64
/** How often store_tick() looks. What a hostile device adds meanwhile must fit
 * between STORE_BYTES_TARGET and STORE_BYTES_MAX. */
#define TRIM_EVERY_MS 60000

/**
 * When more than so many bytes of the file are in use. How many a row takes
 * is known near enough only: it may need another call. What fails is counted.
 */
void trim_to(struct store *s, int64_t bytes);

#endif

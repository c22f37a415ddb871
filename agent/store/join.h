// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_JOIN_H
#define STORE_JOIN_H

#include <stdint.h>

#include "base/err.h"

struct store;

/**
 * Two devices that are one: all that is stored of one becomes the other's, and
 * the first is no longer there, nor are its addresses. What both have is
 * added up: sums of traffic, how often something was heard, from the first to
 * the last time. Of what was found of both, the state is the other's; what one
 * of them usually does (judged.h) is the other's if that has any. Watching and
 * exclusion stay the other's. There is no way back. All of it or nothing, in
 * its own transaction. ERR_IO; ERR_INVALID for a device and itself.
 */
int store_join(struct store *s, int64_t from, int64_t into) must_check;

#endif

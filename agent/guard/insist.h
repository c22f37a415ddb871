// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_INSIST_H
#define GUARD_INSIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Whether somebody, unasked, tells everyone again and again where he is, which
 * puts right what we say of him. Who comes to a network, wakes, or changes his
 * address does so a few times.
 */

/** So often in a minute: every two seconds, as often as we say our own. */
#define INSIST_TIMES 30
#define INSIST_MS    60000

/** All zero at first. */
struct insist {
	uint64_t since_ms; /* of the times counted */
	uint32_t times;
	bool on;
};

/** He said so. True when that makes it so often. */
bool insist_heard(struct insist *i, uint64_t now_ms) must_check;
/** True once, when it was so often, and is no more. */
bool insist_is_over(struct insist *i, uint64_t now_ms) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_ELSEWHERE_H
#define GUARD_ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"

/*
 * An IPv4 address of another subnet that a host of our link has: what it says
 * by it goes to another router, and round us. That it was heard from there says
 * little, as hosts look for the network of an earlier lease (RFC 4436): it is
 * asked, alone, whether it has the address, and is believed when it answers.
 */

/** Its answer comes in this time: a radio that sleeps takes its time. */
#define ELSEWHERE_ANSWER_MS 1500
/** One that may have an address is asked so often at most: for another one
 * than before, and for one that it did not answer for. */
#define ELSEWHERE_OTHER_MS 5000
#define ELSEWHERE_AGAIN_MS 60000
/** One that has one is asked so often, and after that silence has none. */
#define ELSEWHERE_ASK_MS  20000
#define ELSEWHERE_GONE_MS 70000

/** All zero at first. */
struct elsewhere {
	struct addr address; /* asked for last */
	uint64_t asked_ms, answered_ms;
	bool proven;
};

/** A host may have this address: whether to ask it now, which counts as
 * asked. */
bool elsewhere_heard(struct elsewhere *e, const struct addr *address,
		     uint64_t now_ms) must_check;
/** It answered for an address, to us: true when that is news. */
bool elsewhere_answered(struct elsewhere *e, const struct addr *address,
			uint64_t now_ms) must_check;
/** Whether to ask again now. *news: it has the address no more. */
bool elsewhere_ask(struct elsewhere *e, uint64_t now_ms, bool *news) must_check;
/** The address, or family 0. */
struct addr elsewhere_address(const struct elsewhere *e);

#endif

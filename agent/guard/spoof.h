// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_SPOOF_H
#define GUARD_SPOOF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * Who says, to everyone or to us, to have the router's address. One that takes
 * over when the other falls silent replaced it; two that both go on saying so
 * are a router and somebody who wants its traffic. Which is which cannot be
 * told from the claims alone: the one that was believed first is taken for the
 * router.
 */

/** Claimants followed; the longest silent gives way. */
#define SPOOF_CLAIMANTS_MAX 8
/** So many claims in this time: caches forget, so an attacker repeats it. */
#define SPOOF_CLAIMS	3
#define SPOOF_CLAIMS_MS 10000
/** So often at most the one believed is asked whether it is there. */
#define SPOOF_ASK_MS 1000
/** It is over when nobody claimed so for this time. */
#define SPOOF_OVER_MS 60000

struct spoof_claimant {
	struct mac mac;
	uint64_t last_ms;
	uint64_t claims_ms; /* of the first of claims */
	uint32_t claims;
};

struct spoof {
	struct spoof_claimant claimants[SPOOF_CLAIMANTS_MAX];
	size_t count;	   /* the first is the one believed */
	uint64_t found_ms; /* 0: nothing is wrong */
	uint64_t asked_ms;
};

/** Forgets all; believed: the router as it is known now. */
void spoof_init(struct spoof *s, const struct mac *believed);
/** Somebody claims the router's address. True when he is not the router, and
 * the router has said so, too, since he began: see spoof_asks(). */
bool spoof_heard(struct spoof *s, const struct mac *mac, uint64_t now_ms);
/** Whether the one believed is to be asked if it is there, after a claim of
 * another; counts it as asked. */
bool spoof_asks(struct spoof *s, const struct mac *mac, uint64_t now_ms);
/** Something is wrong, as was found otherwise. */
void spoof_found(struct spoof *s, uint64_t now_ms);
/** True once, when what was found is over. */
bool spoof_is_over(struct spoof *s, uint64_t now_ms);

#endif

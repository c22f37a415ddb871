// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_HEIR_H
#define GUARD_HEIR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * Another MAC speaks from the router's address. Who asks for the router's
 * traffic and who took its place speak alike: the router that is known is asked
 * whether it is there still. Its answer refutes the other; its silence makes
 * the other the router. Until then nobody is to be told where the router is.
 */

/** The router is asked so often, and each time waited for so long: a frame may
 * be lost, and this process be held up. */
#define HEIR_ASKS   4
#define HEIR_ASK_MS 250
/** After its silence: how long it is waited for that the kernel, too, has the
 * other, which the devices' packets are passed on to. */
#define HEIR_PROVE_MS 2000

struct heir {
	struct mac mac; /* zero: nobody */
	uint32_t asked;
	uint64_t due_ms; /* when to ask again, or to decide */
};

/** Somebody else spoke so. Of several, the last is meant, and the wait is one:
 * who takes turns puts nothing off. */
void heir_claims(struct heir *h, const struct mac *mac, uint64_t now_ms);
/** Nobody does: the router answered, or he must not be one. */
void heir_clear(struct heir *h);
/** Whether it is undecided. */
bool heir_waits(const struct heir *h);
/** Whether to ask the router now; counts it as asked. */
bool heir_asks(struct heir *h, uint64_t now_ms);
/** Whether the router did not answer. */
bool heir_is_due(const struct heir *h, uint64_t now_ms);
/** Whether the kernel did not believe it for too long. */
bool heir_is_over(const struct heir *h, uint64_t now_ms);

#endif

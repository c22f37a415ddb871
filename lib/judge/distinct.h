// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_DISTINCT_H
#define JUDGE_DISTINCT_H

#include <stdbool.h>
#include <stdint.h>

/**
 * About how many different things there were, in little memory whatever their
 * number: linear counting (Whang et al., ACM TODS 15(2), 1990). Within 5 % up
 * to a thousand; never says more than 5,600. All zero is empty.
 */
#define DISTINCT_BITS 2048u

struct distinct {
	uint64_t words[DISTINCT_BITS / 64];
	uint32_t set; /* bits */
};

void distinct_add(struct distinct *d, uint64_t hash);
/** Also true of some that were never added, the more there are. */
bool distinct_has(const struct distinct *d, uint64_t hash);
uint32_t distinct_count(const struct distinct *d);

#endif

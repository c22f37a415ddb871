// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/distinct.h"

void distinct_add(struct distinct *d, uint64_t hash)
{
	uint64_t bit = hash % DISTINCT_BITS;
	uint64_t mask = 1ull << bit % 64;

	d->set += !(d->words[bit / 64] & mask);
	d->words[bit / 64] |= mask;
}

bool distinct_has(const struct distinct *d, uint64_t hash)
{
	uint64_t bit = hash % DISTINCT_BITS;

	return d->words[bit / 64] >> bit % 64 & 1;
}

/* -m ln(1 - set/m), by its series, without floating point: eight terms are
 * exact enough up to two thirds full. */
uint32_t distinct_count(const struct distinct *d)
{
	uint64_t power = d->set, sum = 0;

	for (uint64_t k = 1; k <= 8; k++) {
		sum += power / k;
		power = power * d->set / DISTINCT_BITS;
	}
	return (uint32_t)sum;
}

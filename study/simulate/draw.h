// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_DRAW_H
#define STUDY_SIMULATE_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Random draws that a seed gives again on every machine: xoshiro256**
 * (Blackman and Vigna, "Scrambled linear pseudorandom number generators",
 * 2021). Not for secrets.
 */
struct draw {
	uint64_t state[4];
};

/** One of many independent streams of a seed, as one for each home. */
void draw_init(struct draw *d, uint64_t seed, uint64_t stream);

uint64_t draw_u64(struct draw *d);
/** 0 ≤ value < 1. */
double draw_unit(struct draw *d);
/** 0 ≤ value < bound; 0 when bound is 0. */
uint64_t draw_below(struct draw *d, uint64_t bound);
/** True with this probability. */
bool draw_chance(struct draw *d, double probability);
/** Of mean 0 and variance 1. */
double draw_normal(struct draw *d);
/** Log-normal: half of them below the median. */
double draw_lognormal(struct draw *d, double median, double sigma);
/** Exponential, of this mean. */
double draw_exponential(struct draw *d, double mean);
/** An index, as often as its weight says; weights[i] is at stride bytes from
 * the one before. count at least 1. */
size_t draw_weighted(struct draw *d, const double *weights, size_t count,
		     size_t stride);

/** A number that depends on both alone: for what must be the same in every
 * home, as which server a name has. */
uint64_t draw_mix(uint64_t a, uint64_t b);

#endif

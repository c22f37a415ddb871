// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/draw.h"

#include <math.h>

/* SplitMix64 (Steele, Lea, Flood 2014): spreads a seed over a state. */
static uint64_t split(uint64_t *at)
{
	uint64_t z = *at += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

uint64_t draw_mix(uint64_t a, uint64_t b)
{
	uint64_t at = a;

	at = split(&at) ^ b;
	return split(&at);
}

void draw_init(struct draw *d, uint64_t seed, uint64_t stream)
{
	uint64_t at = draw_mix(seed, stream);

	for (size_t i = 0; i < 4; i++)
		d->state[i] = split(&at);
}

static uint64_t rotate(uint64_t v, int by)
{
	return v << by | v >> (64 - by);
}

uint64_t draw_u64(struct draw *d)
{
	uint64_t *s = d->state, result = rotate(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotate(s[3], 45);
	return result;
}

double draw_unit(struct draw *d)
{
	return (double)(draw_u64(d) >> 11) * 0x1p-53;
}

uint64_t draw_below(struct draw *d, uint64_t bound)
{
	return (uint64_t)(draw_unit(d) * (double)bound);
}

bool draw_chance(struct draw *d, double probability)
{
	return draw_unit(d) < probability;
}

double draw_normal(struct draw *d)
{
	/* Box and Muller; 1 - u is never 0 */
	double radius = sqrt(-2 * log(1 - draw_unit(d)));

	return radius * cos(2 * M_PI * draw_unit(d));
}

double draw_lognormal(struct draw *d, double median, double sigma)
{
	return median * exp(sigma * draw_normal(d));
}

double draw_exponential(struct draw *d, double mean)
{
	return -mean * log(1 - draw_unit(d));
}

static double weight_at(const double *weights, size_t i, size_t stride)
{
	return *(const double *)((const char *)weights + i * stride);
}

size_t draw_weighted(struct draw *d, const double *weights, size_t count,
		     size_t stride)
{
	double sum = 0, at;

	for (size_t i = 0; i < count; i++)
		sum += weight_at(weights, i, stride);
	at = draw_unit(d) * sum;
	for (size_t i = 0; i + 1 < count; i++) {
		at -= weight_at(weights, i, stride);
		if (at < 0)
			return i;
	}
	return count - 1;
}

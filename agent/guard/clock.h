// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_CLOCK_H
#define GUARD_CLOCK_H

#include <stdint.h>
#include <time.h>

/** Milliseconds of a clock that only goes forward. */
static inline uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/** Milliseconds of one that goes on while the computer sleeps. */
static inline uint64_t clock_boot_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/** Nanoseconds since the epoch (UTC). */
static inline uint64_t clock_epoch_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

#endif

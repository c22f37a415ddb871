// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_CLOCK_H
#define COLLECTOR_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t clock_read_ns(clockid_t which)
{
	struct timespec at;

	clock_gettime(which, &at);
	return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

/** Seconds since the epoch. */
static inline uint64_t clock_now_s(void)
{
	return (uint64_t)time(NULL);
}

/** For durations: the clock that nobody sets. */
static inline uint64_t clock_steady_ms(void)
{
	return clock_read_ns(CLOCK_MONOTONIC) / 1000000u;
}

/** When so many milliseconds of that clock will be over, for who waits. */
static inline struct timespec clock_steady_in(uint64_t ms)
{
	const uint64_t at = clock_read_ns(CLOCK_MONOTONIC) + ms * 1000000u;

	return (struct timespec){ .tv_sec = (time_t)(at / 1000000000u),
				  .tv_nsec = (long)(at % 1000000000u) };
}

/** What this thread has used of a processor. */
static inline uint64_t clock_cpu_ns(void)
{
	return clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
}

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_COUNTERS_H
#define COLLECTOR_COUNTERS_H

#include <stdatomic.h>
#include <stdint.h>

/* What happened, since the start; shown by the metrics. */
enum counter {
	COUNTER_CONNECTIONS, /* opened */
	COUNTER_CONNECTIONS_CLOSED,
	COUNTER_DROPPED_SLOW, /* a request took over its time */
	COUNTER_DROPPED_IDLE,
	COUNTER_DROPPED_LARGE, /* a body far past its limit */
	COUNTER_REQUESTS,
	COUNTER_REPLIES_OK,	 /* 2xx */
	COUNTER_REFUSED_LOGIN,	 /* 401 */
	COUNTER_REFUSED_CONSENT, /* 412 */
	COUNTER_REFUSED_SIZE,	 /* 413 */
	COUNTER_REFUSED_RATE,	 /* 429 */
	COUNTER_REFUSED_OTHER,	 /* 4xx */
	COUNTER_BUSY,		 /* 503 */
	COUNTER_FAILED,		 /* 5xx else */
	COUNTER_SLOW_STORE,	 /* put off, as the store took too long */
	COUNTER_UPLOADS,	 /* acknowledged */
	COUNTER_PACKED_BYTES,
	COUNTER_PLAIN_BYTES,
	COUNTER_CLOCK_AHEAD, /* segments that end after the collector's now */
	COUNTER_UNPACK_NS,   /* processor time */
	COUNTER_PARSE_NS,
	COUNTER_SEALED, /* days */
	COUNTER_CROWD_MADE,
	COUNTER_PURGES,
	COUNTER_UPKEEP_FAILED,
	COUNTERS,
};

struct counters {
	_Atomic uint64_t values[COUNTERS];
};

static inline void counters_add(struct counters *c, enum counter which,
				uint64_t n)
{
	atomic_fetch_add_explicit(&c->values[which], n, memory_order_relaxed);
}

static inline uint64_t counters_get(const struct counters *c,
				    enum counter which)
{
	return atomic_load_explicit(&c->values[which], memory_order_relaxed);
}

#endif

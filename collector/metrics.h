// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_METRICS_H
#define COLLECTOR_METRICS_H

#include "base/buf.h"
#include "collector/collector.h"

/*
 * What a collector counts, as OpenMetrics 1.0 text, and the listener that
 * gives it, apart from the one that inspectors reach.
 */

#define METRICS_BYTES_MAX ((size_t)65536)

void metrics_write(struct collector *c, struct buf *out);

struct metrics;

/** Takes listen_fd in any case. ERR_IO, ERR_NOMEM. */
int metrics_start(struct collector *c, int listen_fd,
		  struct metrics **out) must_check;
void metrics_stop(struct metrics *m);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_SUMMARY_H
#define READ_SUMMARY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

struct identities;
struct names;
struct verdicts;

/** Most endpoints kept, of all devices together. */
#define SUMMARY_ENDPOINTS_MAX ((uint32_t)1 << 19)
/** Most endpoints shown of one device; a last line tells of the rest. */
#define SUMMARY_ENDPOINTS_SHOWN 20
/** Most devices shown; a last line tells of the rest. */
#define SUMMARY_DEVICES_SHOWN 250

/** What a person wants to know of a capture, gathered window by window. */
struct summary;

/** What others gather of the same windows; they outlive the summary. */
struct summary_sources {
	const struct names *names;
	const struct identities *identities;
	const struct verdicts *verdicts;
};

/** NULL when memory is out. */
struct summary *summary_new(const struct summary_sources *sources,
			    uint64_t seed);
void summary_free(struct summary *s);

void summary_add_window(struct summary *s, const struct record_window *window);

/** What the reading as a whole came to. */
struct summary_total {
	const struct record_counters *counters;
	uint64_t first_s, last_s; /* since the epoch */
};

/** Appends all of it, as text for a terminal. ERR_NOMEM, ERR_LIMIT. */
int summary_write(struct summary *s, const struct summary_total *total,
		  struct buf *out) must_check;

#endif

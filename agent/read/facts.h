// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_FACTS_H
#define READ_FACTS_H

#include "decode/crypto.h"
#include "observe/observe.h"
#include "read/line.h"
#include "read/output.h"
#include "read/reading.h"

/** Longest line: a 64-kB DNS message of nothing but escapes fits. */
#define FACTS_LINE_MAX_BYTES ((size_t)4 << 20)

/** `--facts`: everything decoded, one JSON object a line (docs/reading.md). */
struct facts {
	struct output *out;
	struct line line;
	struct buf text; /* of one DNS record's data, or a fingerprint */
	struct crypto *crypto;
	const struct reading *reading;
	uint64_t lost; /* lines past FACTS_LINE_MAX_BYTES or memory */
};

/** out and reading stay the caller's and outlive it. ERR_NOMEM. */
int facts_init(struct facts *f, struct output *out,
	       const struct reading *reading) must_check;
void facts_done(struct facts *f);

/** What the observer's sink is given. */
void facts_add(struct facts *f, const struct fact *fact);
/** What was seen, and what hit a limit, as a last line. */
void facts_add_counters(struct facts *f,
			const struct record_counters *counters);
/** The TCP and UDP flows of a window. */
void facts_add_window(struct facts *f, const struct record_window *window);

#endif

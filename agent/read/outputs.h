// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_OUTPUTS_H
#define READ_OUTPUTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "data/imported.h"
#include "observe/observe.h"
#include "read/csv.h"
#include "read/device_key.h"
#include "read/facts.h"
#include "read/identities.h"
#include "read/labels.h"
#include "read/names.h"
#include "read/options.h"
#include "read/output.h"
#include "read/reading.h"
#include "read/summary.h"
#include "read/verdicts.h"

/** Longest record as JSON; a window at all its limits is a fraction of it. */
#define OUTPUTS_RECORD_MAX_BYTES ((size_t)64 << 20)
/** Longest summary. */
#define OUTPUTS_SUMMARY_MAX_BYTES ((size_t)64 << 20)
/** Longest line of what was found of a device. */
#define OUTPUTS_VERDICTS_MAX_BYTES ((size_t)1 << 20)

/**
 * Everything that a run of `iot-inspector read` writes, as asked for. What goes
 * wrong is reported on standard error, in one line.
 */
struct outputs {
	const struct options *options;
	const struct reading *reading;
	struct output standard; /* of the records or the summary */
	struct output facts_file, score_file;
	struct facts facts;
	struct names names;
	struct identities identities;
	struct verdicts verdicts;
	struct imported imported; /* lists of the user's */
	struct labels *labels;
	struct device_key key;
	struct csv *csv;
	struct summary *summary;
	struct buf record;
	uint64_t refused; /* records that did not fit, or have no time */
	bool is_open;
};

/** Opens what the options ask for. False: one line said why not. */
bool outputs_open(struct outputs *o, const struct options *options,
		  const struct reading *reading);
/** Removes what was not finished. */
void outputs_close(struct outputs *o);

/** For the reading's sink. */
void outputs_fact(struct outputs *o, const struct fact *fact);
void outputs_window(struct outputs *o, const struct record_window *window);
/** True when there is no use in reading on. */
bool outputs_failed(const struct outputs *o);

/** Puts everything in its place. False: one line said what is not. */
bool outputs_finish(struct outputs *o);

#endif

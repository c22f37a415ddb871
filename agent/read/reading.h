// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_READING_H
#define READ_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "observe/observe.h"

/** How files are read, and what came of it. */
struct reading {
	struct observe_config config;
	struct observe_sink sink;
	/** Asked every few thousand frames: true ends the reading early. */
	bool (*should_stop)(void *user);
	/* what came of it, over all files so far */
	struct record_counters counters;
	uint64_t first_ns, last_ns; /* times of the frames; 0: none yet */
};

/**
 * Reads a file to its end or to where it breaks off, with an observer of its
 * own. What could not be read is reported on standard error, in one line.
 * False when there was such a line.
 */
bool reading_file(struct reading *r, const char *path);

#endif

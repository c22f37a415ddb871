// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_READING_H
#define READ_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "observe/observe.h"

/**
 * A file may be put together from captures whose clocks are years apart, frame
 * by frame. Frames further apart than this are read by different observers, as
 * different captures would be: a home's network is never silent for so long.
 */
#define READING_CLOCK_JUMP_S UINT64_C(86400)
/** Most clocks followed at once in a file; past it the one longest not heard
 * is closed, and a frame of its time opens it anew. */
#define READING_CLOCKS_MAX 8

/** How files are read, and what came of it. */
struct reading {
	struct observe_config config;
	struct observe_sink sink;
	/** Asked every few thousand frames: true ends the reading early. */
	bool (*should_stop)(void *user);
	/* for the sink: the seconds that the times it is given count from (the
	 * epoch, but for times past the year 2540) */
	uint64_t base_s;
	/* what came of it, over all files so far */
	struct record_counters counters;
	uint64_t first_s, last_s; /* times of the frames; 0: none yet */
};

/**
 * Reads a file to its end or to where it breaks off, with an observer of its
 * own. What could not be read is reported on standard error, in one line.
 * False when there was such a line.
 */
bool reading_file(struct reading *r, const char *path);

#endif

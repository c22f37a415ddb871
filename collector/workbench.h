// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_WORKBENCH_H
#define COLLECTOR_WORKBENCH_H

#include <pthread.h>

#include "base/buf.h"
#include "collector/parse.h"
#include "collector/unpack.h"

/**
 * What an upload is unpacked and read with: large, and needed only meanwhile,
 * so there are as many as threads that do so at once, taken from a shelf.
 */
struct workbench {
	struct unpacker *unpacker;
	struct buf plain;
	struct parser parser;
	struct workbench *next;
};

/** A workbench's text is given back when it grew past this. */
#define WORKBENCH_KEPT_BYTES ((size_t)1 << 20)

struct workbenches {
	pthread_mutex_t lock;
	struct workbench *idle;
};

void workbenches_init(struct workbenches *b);
void workbenches_done(struct workbenches *b);
/** NULL: no memory. */
struct workbench *workbenches_take(struct workbenches *b) must_check;
void workbenches_give(struct workbenches *b, struct workbench *workbench);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_PATH_H
#define GUARD_PATH_H

#include <stddef.h>
#include <stdint.h>

#include "message/message.h"

/*
 * Whether a watched device's packets get through, judged from the engine's
 * counts of what came to us and what was seen leaving, each way, over the last
 * PATH_SPAN reports (4 s). Bad means that we do harm: the device is given
 * back.
 */
#define PATH_SPAN 8

/** Frames in a span that must have come, to judge by. A device that hardly
 * speaks is judged when it does: a resolver is asked three times at most. */
#define PATH_LEAST 3
/** More than one in ten lost of at least this many is bad. */
#define PATH_LOSS_LEAST 40
/** Frames out, none answered since the start: the answers to a device whose
 * address the router holds another MAC for go past us; or there are none. */
#define PATH_UNANSWERED 30

enum path_verdict {
	PATH_UNKNOWN,	/* too little came to say */
	PATH_GOOD,	/* passed on in both directions */
	PATH_BLACK_OUT, /* what the device sends is not passed on */
	PATH_BLACK_IN,	/* what comes for it is not */
	PATH_LOSSY,
	PATH_UNANSWERED_OUT, /* passed on, but nothing comes back through us */
	/* what comes for it passes us, and nothing that it sends: no harm */
	PATH_UNSENT,
};

struct path {
	struct message_passed reports[PATH_SPAN + 1];
	size_t count; /* reports taken, in all */
	struct message_passed start;
};

/** Forgets all: interception begins. */
void path_reset(struct path *p);
/** Counts that went backwards (a new engine) begin anew. */
void path_report(struct path *p, const struct message_passed *counts);
enum path_verdict path_judge(const struct path *p);
/** One line for the user; "" when there is nothing wrong. */
const char *path_verdict_text(enum path_verdict verdict);

#endif

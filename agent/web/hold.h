// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_HOLD_H
#define WEB_HOLD_H

#include <stdbool.h>

#include "base/arena.h"
#include "judge/trace.h"
#include "record/record.h"

struct hub;
struct home_device;

/*
 * What others say of a device that is still being identified: rows of their
 * windows that have its name, or are of its address. They wait with it, in
 * memory, and go on where they belong when it turns out to be a thing; else
 * they are wiped. So of a computer nobody's questions were stored or sent
 * before it was known to be one. What was said before it was first heard is
 * searched when it is closed (web/hush.h).
 */

/** Of such rows, for each device: some hundreds. */
#define HOLD_BYTES ((size_t)32 << 10)

struct hold {
	/* as they were when last learned */
	bool is_any; /* that is being identified */
	struct trace_set names;
	uint64_t seeds[2]; /* of their hashes, which are not kept */
};

void hold_init(struct hub *hub);
void hold_done(struct hub *hub);

/** Who is being identified, and their names, as they are now: before
 * hold_window(), when some may have changed. */
void hold_learn(struct hub *hub);
/** Takes out of a window of this device, which is open, what tells of another
 * that is being identified, and holds it. watched: it was when the window
 * began. */
void hold_window(struct hub *hub, struct arena *arena,
		 const struct home_device *speaker,
		 struct record_window *window, bool watched);

/** It is open now: what others said of it goes on, or waits with who said it
 * where that is doubted meanwhile. */
void hold_release(struct hub *hub, struct home_device *device);
/** What it said of others is not to be told any more. */
void hold_forget(struct hub *hub, const struct home_device *speaker);

#endif

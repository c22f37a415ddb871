// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_LINK_H
#define WEB_LINK_H

#include <stdint.h>

#include "base/arena.h"
#include "record/record.h"

struct home_device;
struct hub;

/*
 * The sockets to keeper, guard, engine, discover and upload. What guard has to
 * know is said as the whole of it, so what could not be said now is said later,
 * and a guard started again is told everything.
 */

/** Messages read from one socket before the others have their turn. */
#define LINK_TURN_MAX 64

/** A window older than this is refused: a computer that slept has it less. */
#define LINK_LATE_MS ((uint64_t)86400 * 1000)

/** Reads what has come. Each gives when its socket is empty or gone. */
void link_read_keeper(struct hub *hub);
void link_read_guard(struct hub *hub);
void link_read_engine(struct hub *hub);
void link_read_discover(struct hub *hub);
void link_read_upload(struct hub *hub);

/** A window as bytes: through the gate, and on. announced: it is what was heard
 * of the device, not an answer to a question of ours. */
void link_take_window(struct hub *hub, struct slice bytes, bool announced);

/** Takes what a device did, which is open: to the store, and to its sums; but
 * for what tells of another that is being identified, after hold_learn().
 * watched: it was when the window began. */
void link_keep_window(struct hub *hub, struct arena *arena,
		      struct home_device *device, struct record_window *window,
		      bool watched);

/** Says what is unsaid, as far as guard's queue takes it. */
void link_tell_guard(struct hub *hub);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_LOCK_H
#define WEB_LOCK_H

#include "record/record.h"
#include "web/home.h"

struct hub;

/*
 * How a device comes into the state that the gate knows it by. A device that
 * nothing is known of is being identified: what it does is withheld. Evidence
 * that it is a thing, or the owner's word, opens it, and what was withheld
 * goes on to the store. Evidence that it is somebody's computer locks it, also
 * when it was open by evidence or by the owner's word: then everything of it
 * is wiped, its name in what was found of others too, and only whoever has it
 * in hand can open it (web/unlock.h). Evidence that only makes it doubtful has
 * it identified again; the owner is asked again when it is more than what was
 * known when he gave his word.
 */

/** A host name that ends so asks to be left alone (paper 5.1). */
#define LOCK_LEAVE_ALONE "-noinspect"

/** What could not be stored or erased for a fault of the store is tried again.
 */
#define LOCK_RETRY_MS 2000
/** Devices in one go, and when no other is begun: each may have the store
 * searched, which takes seconds of a large one, and the keeper takes a hub that
 * is silent for a minute for hung. Devices that are closed in between have as
 * much, then they wait: anyone can make up MACs that are closed. */
#define LOCK_TURN_MAX 8
#define LOCK_TURN_MS  1000
/** When a computer was found to be one is kept to so much: a phone that makes
 * up its MAC anew would leave when it came, each time. By it the oldest make
 * room.
 */
#define LOCK_SINCE_STEP_MS (UINT64_C(30) * 86400 * 1000)
/** Of what speaks for a computer, per cent: so much, and a thing is doubted. */
#define LOCK_DOUBT 50

/** Whether the kind of clue is the name of a host. */
bool lock_is_host_name(enum record_clue_kind kind);
/** Of a name its first label: others put it into their own domain. */
void lock_first_label(const char *name, char label[HOME_NAME_BYTES]);

/** Erases what a run that ended too early left of those that are closed. */
void lock_load_closed(struct hub *hub);

/** Those locked and left alone, so that guard can be told of them. ERR_IO. */
int lock_load(struct hub *hub) must_check;

/** As home_get(); one that is new gets the state it had. */
struct home_device *lock_get(struct hub *hub, const struct mac *mac);

/**
 * What a window that the gate let through says of what the device is. May open
 * or lock it: ask the gate again. By its name a device asks to be left alone in
 * what it announces, not in an answer, which others can forge.
 */
void lock_hear(struct hub *hub, struct home_device *device,
	       const struct record_window *window, bool announced);

/** What follows from what the store has of them, by the rules of this version:
 * once the home is loaded. */
void lock_load_verdicts(struct hub *hub);

/** One left alone by its name is heard again, so that it can have another: its
 * own browser asked for it. ERR_IO. */
int lock_hear_again(struct hub *hub, struct home_device *device) must_check;

/** A window of one that is being identified waits until it is known what it is;
 * watched: as in web/withheld.h. */
void lock_withhold(struct hub *hub, struct home_device *device,
		   struct slice window, bool watched);
/** It is open now: what was withheld of it, and held of what others said, goes
 * on. */
void lock_release(struct hub *hub, struct home_device *device);

/** Forgets all that is in memory of it but its address and state. */
void lock_forget(struct hub *hub, struct home_device *device);

/** The same of one that was closed just now, but for its addresses, at which
 * nobody is to be named, and, until lock_write_closed() has found by them what
 * others tell of it, its names. */
void lock_forget_closed(struct hub *hub, struct home_device *device);

/** Sees that a closed device is so in the store too, and that nothing else of
 * it is, nor its name in what was found of others; on ERR_IO that is tried
 * again by lock_tick(). */
int lock_write_closed(struct hub *hub, struct home_device *device) must_check;

/** Stores and erases what is overdue. */
void lock_tick(struct hub *hub);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_GATE_H
#define WEB_GATE_H

#include "record/record.h"
#include "web/home.h"

/*
 * The one gate: what may be known of a device anywhere outside the engine,
 * that is in the store, the list, charts, the API, the live stream, alerts,
 * logs, metrics, and whatever is exported or sent. Whatever takes a device's
 * facts in or gives them out asks here first.
 *
 *   excluded    its address: the owner said so, or its own name asks for it
 *   locked      its address: it is somebody's computer
 *   identifying what it says to everyone; what it does is withheld in memory,
 *               and so is what others say of it (web/hold.h)
 *   open        a thing: all of it while it is watched
 */
enum gate_state {
	GATE_EXCLUDED,
	GATE_LOCKED,
	GATE_IDENTIFYING,
	GATE_OPEN,
	GATE_STATES, /* how many there are */
};

enum gate {
	GATE_ADDRESS,	    /* that there is a device of this address */
	GATE_NAMES,	    /* to show what it said to everyone */
	GATE_ANNOUNCEMENTS, /* to take in what it says to everyone */
	GATE_STORE,	    /* to keep that */
	GATE_WATCH,	    /* to intercept it, for the store or in memory */
	GATE_TRAFFIC,	    /* to keep and tell who it talks to, now */
	GATE_HISTORY,	    /* to show what was stored while it was watched */
	GATE_SHARE,	    /* to send on, where the owner shares it */
	GATES,		    /* how many there are */
};

enum gate_state gate_state(const struct home_device *device);
/** As in the API. */
const char *gate_state_name(enum gate_state state);

/** consent: whether it is given. */
bool gate_lets(const struct home_device *device, bool consent, enum gate what);

/**
 * Whether an address of the home may be called by a name, whoever knows one:
 * only while it is known whose it is, and that of nobody who is closed. Of the
 * home are those in a prefix of IPv6 that a device has an address of, too. One
 * of the Internet may, unless such a device has it.
 */
bool gate_names_at(const struct home *home, const struct addr *addr);

/** Whether a device that is there by this address is closed: nobody else is
 * asked by it. */
bool gate_closed_at(const struct home *home, const struct addr *addr);

/** The device that is being identified and has this address, unless another
 * that is there has it too, which is open; else NULL. */
struct home_device *gate_awaited_at(const struct home *home,
				    const struct addr *addr);

/** Whether it is locked or excluded. */
bool gate_is_closed(const struct home_device *device);
/** Whether one that is has, or had, this address. */
bool gate_hides_at(const struct home *home, const struct addr *addr);

/** Whether a window that comes now is of a device that was watched when it
 * began. */
bool gate_watched_in(const struct home_device *device, bool consent,
		     const struct record_window *window);
/**
 * A window as it may go on: traffic of a device that was not watched when it
 * began is taken out. False when nothing of it may.
 */
bool gate_window(const struct home_device *device, bool consent,
		 struct record_window *window);
/** Leaves of a window what the device says to everyone. */
void gate_strip(struct record_window *window);

#endif

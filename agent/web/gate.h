// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_GATE_H
#define WEB_GATE_H

#include "record/record.h"
#include "web/home.h"

/*
 * The one gate: what may be known of a device anywhere outside the engine,
 * that is in the store, the API and the live stream. Whatever leaves the hub
 * asks here first.
 *
 *   excluded    its address
 *   not watched what it says to everyone (clues, addresses, names)
 *   watched     its traffic too
 */
enum gate {
	GATE_ADDRESS,	    /* that there is a device of this address */
	GATE_ANNOUNCEMENTS, /* what it says to everyone */
	GATE_TRAFFIC,	    /* who it talks to, now */
	GATE_HISTORY,	    /* what was stored of it while it was watched */
};

/** consent: whether it is given. */
bool gate_lets(const struct home_device *device, bool consent, enum gate what);

/**
 * A window as it may go on: traffic of a device that was not watched when it
 * began is taken out. False when nothing of it may.
 */
bool gate_window(const struct home_device *device, bool consent,
		 struct record_window *window);

#endif

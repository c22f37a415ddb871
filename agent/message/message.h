// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

/*
 * What the agent's processes say to each other: typed, bounded, each decoded
 * by the cursor. One message is one packet on a SOCK_SEQPACKET pair (so it
 * comes whole or not at all), at most MESSAGE_MAX_BYTES. Receivers treat each
 * other as outside: what does not decode, or does not fit the state, is
 * refused and counted.
 *
 *   hub    -> guard   commands: interface, scan, watch, pause, …
 *   guard  -> hub     interfaces, hosts found, state of each watch, faults
 *   guard  -> engine  the capture socket, who is watched
 *   engine -> hub     windows, counters
 *   engine -> guard   what became of forwarded frames (do no harm)
 *   keeper <-> each   new peers, stop
 */

/** Largest message: one device's window at its limits, in parts if need be. */
#define MESSAGE_MAX_BYTES ((size_t)131072)

/** Most devices watched at once, whatever --max-devices says. */
#define MESSAGE_WATCH_MAX      250
#define MESSAGE_INTERFACES_MAX 32
#define MESSAGE_TEXT_MAX       512

enum message_type {
	/* keeper -> any */
	MESSAGE_PEER = 1, /* with a descriptor: the new socket to a peer */
	MESSAGE_STOP,	  /* restore (guard), then end */
	/* any -> keeper */
	MESSAGE_READY,
	MESSAGE_STOP_REQUEST, /* hub: the user pressed stop, or left */
	/* hub -> guard */
	MESSAGE_LIST_INTERFACES,
	MESSAGE_CHOOSE, /* an interface; consent has been given */
	MESSAGE_SCAN,
	MESSAGE_WATCH,	 /* the whole set of devices to watch, by MAC */
	MESSAGE_EXCLUDE, /* the whole set never to touch */
	MESSAGE_PAUSE,	 /* restore everything, keep the set */
	MESSAGE_RESUME,
	/* guard -> hub */
	MESSAGE_INTERFACE, /* one of the list; the last one says so */
	MESSAGE_CHOSEN,	   /* interface, own MAC and address, gateway */
	MESSAGE_HOST,	   /* a device seen on the LAN */
	MESSAGE_WATCH_STATE,
	MESSAGE_FAULT, /* something the user must know, in one line */
	MESSAGE_GUARD_COUNTERS,
	/* guard -> engine */
	MESSAGE_CAPTURE, /* with a descriptor: the packet socket */
	MESSAGE_WATCHED, /* the set intercepted now */
	/* engine -> hub */
	MESSAGE_WINDOW,
	MESSAGE_COUNTERS,
	/* engine -> guard */
	MESSAGE_FORWARDED, /* frames of a device handed to us and passed on */
};

/** State of one watched device, as guard sees it. */
enum message_watch_phase {
	MESSAGE_WATCH_WAITING,	/* not found on the network yet */
	MESSAGE_WATCH_CHECKING, /* poisoned, path not proven yet */
	MESSAGE_WATCH_ACTIVE,	/* intercepted, path good both ways */
	MESSAGE_WATCH_RELEASED, /* given back because the path was bad */
	MESSAGE_WATCH_PEER,	/* another inspector watches it */
	MESSAGE_WATCH_PAUSED,
};

#endif

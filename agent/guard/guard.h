// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_GUARD_H
#define GUARD_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * Guard: the one process that sends to the network and changes the system's
 * settings, and the only one that takes commands to do so. Each is held
 * against what the state allows. It reads ARP, its own kind of frame, and
 * what the kernel says of links, addresses and neighbours; nothing else.
 */
struct guard_config {
	int run_dir;		    /* where the undo record is */
	const char *interface;	    /* --interface, or NULL */
	const struct mac *excluded; /* --exclude: beyond what the hub says */
	size_t excluded_count;
	size_t max_devices; /* watched at once; at most MESSAGE_WATCH_MAX */
};

/** How guard ended. */
enum guard_end {
	GUARD_STOPPED,	   /* told to; all was restored */
	GUARD_KEEPER_GONE, /* all was restored; to go on as keeper */
	GUARD_FAILED,	   /* the undo record says what is left to do */
};

/** The body of the process, with the two capabilities. */
enum guard_end guard_run(const struct guard_config *config, int keeper_fd);

#endif

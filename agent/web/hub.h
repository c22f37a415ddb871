// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_HUB_H
#define WEB_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "web/session.h"

/*
 * The hub: the one process of the agent that has files and a page. Store, API
 * and live stream in a single loop, over the sockets to keeper, guard and
 * engine and a listening socket on the loopback.
 *
 * hub_run() is the body of that process. It is called after the fork, as the
 * ordinary user, with no privilege left; it confines itself with seccomp once
 * its files are open. The keeper sends it MESSAGE_PEER with each new socket to
 * guard and engine; a new one replaces the one that died, and what guard has
 * to know (interface, exclusions, watched set) is told to it again.
 *
 * Nothing but MESSAGE_LIST_INTERFACES is asked of guard before consent.
 */

/** Devices watched and listed, unless --max-devices says otherwise. */
#define HUB_MAX_DEVICES_DEFAULT 50

/**
 * In session mode, how long the last page may be closed before the hub asks
 * the keeper to stop: a reload, or a browser restarted, is shorter.
 */
#define HUB_LEAVE_MS 15000

struct hub_config {
	int keeper_fd; /* SOCK_SEQPACKET; taken */
	int listen_fd; /* TCP, bound and listening; taken */
	/*
	 * Made when missing, with mode 0700, if its parent is there. Has the
	 * database, and the home's secret.
	 */
	const char *data_dir;
	bool service; /* stay when the last page has closed */
	size_t max_devices;
	const char *interface;	    /* --interface, or NULL */
	const struct mac *excluded; /* --exclude */
	size_t excluded_count;
	/* of this run: made before the fork, the same after a restart */
	struct session_secret secret;
	const char *resolv_conf; /* NULL: where this computer has it */
	uint32_t restarts;	 /* of this process, for its status line */
};

/**
 * Runs until the keeper says stop or is gone. Gives the exit status: 0, or 1
 * after one line on standard error (no data directory, another instance on
 * it, …).
 */
int hub_run(const struct hub_config *config);

#endif

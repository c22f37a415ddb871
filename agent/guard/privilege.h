// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_PRIVILEGE_H
#define GUARD_PRIVILEGE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * Nothing of the agent stays root: after the start every process is an
 * ordinary user's, and two of them keep CAP_NET_RAW (ARP, the capture socket)
 * and CAP_NET_ADMIN (kernel settings of the network, filters, neighbours).
 */

/** The system user for when no person started it: made by packages. */
#define PRIVILEGE_SYSTEM_USER "iot-inspector"
/** For when there is no such user either. */
#define PRIVILEGE_LAST_USER "nobody"
#define PRIVILEGE_NAME_MAX  64
#define PRIVILEGE_HOME_MAX  1024

struct privilege_user {
	uid_t uid;
	gid_t gid;
	bool person; /* who has a desktop and a home, not a system user */
	char name[PRIVILEGE_NAME_MAX];
	char home[PRIVILEGE_HOME_MAX];
};

/** Whether this process has, or as root can have, both capabilities. */
bool privilege_is_enough(void);

/**
 * Who it is to run as: for root, the one that called sudo, pkexec or doas, else
 * the system user, else nobody; for others, themselves. ERR_NOTFOUND.
 */
int privilege_find_user(struct privilege_user *out) must_check;

/**
 * Becomes the user for good, with the two capabilities and no way to gain
 * others, and unreadable to the user's other processes. ERR_DENIED.
 */
int privilege_drop(const struct privilege_user *user) must_check;

/** Gives up the two capabilities as well. ERR_DENIED. */
int privilege_drop_rest(void) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DISCOVER_DISCOVER_H
#define DISCOVER_DISCOVER_H

#include <stdint.h>

/*
 * Discover: the one process of the agent that speaks with devices by itself.
 * It has no privilege, no file and nothing that was captured; it confines
 * itself with seccomp before it opens its first socket, and it opens none
 * before the hub says so, which is after consent. What comes back is read
 * here, where a mistake in reading it gains nothing (decision 009).
 *
 *   ask      asks one device at a time what it is, when the hub says so: see
 *            ask.h, fetch.h, describe.h
 *   unlock   serves one page on this computer's address of the LAN, while a
 *            device is to be unlocked: see unlock_page.h
 *
 *   reverse  asks the home's own resolver for the names of addresses: see
 *            reverse.h
 *
 * The hub comes as MESSAGE_PEER from the keeper.
 */
struct discover_config {
	int keeper_fd; /* SOCK_SEQPACKET; taken */
};

/**
 * The body of the process, called after the fork with no privilege left. Runs
 * until the keeper says stop or is gone. Gives the exit status.
 */
int discover_run(const struct discover_config *config);

#endif

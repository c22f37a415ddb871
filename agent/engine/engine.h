// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stdint.h>

/*
 * The engine: the process that reads what was captured. It has no privilege,
 * no file and no network; it confines itself with seccomp before it reads the
 * first frame. Guard gives it the packet socket (MESSAGE_CAPTURE) and the set
 * intercepted (MESSAGE_WATCHED); it gives the hub windows and guard the count
 * of forwarded frames. Guard and hub come as MESSAGE_PEER from the keeper.
 */
struct engine_config {
	int keeper_fd; /* SOCK_SEQPACKET; taken */
	uint64_t seed; /* of its hash tables */
	uint32_t restarts;
};

/**
 * The body of the process, called after the fork with no privilege left. Runs
 * until the keeper says stop or is gone. Gives the exit status.
 */
int engine_run(const struct engine_config *config);

#endif

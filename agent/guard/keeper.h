// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_KEEPER_H
#define GUARD_KEEPER_H

#include <stdint.h>

#include "guard/guard.h"

/*
 * The keeper: starts the other processes, gives them sockets to each
 * other, and starts each again that dies. It reads nothing of the network and
 * takes no command but to stop.
 *
 *   guard dies           the keeper restores the network from the undo record
 *   engine or hub dies   guard restores (its socket to them ended)
 *   the keeper dies      guard restores, then is the keeper of a new
 *                        generation; engine and hub die with their keeper
 *
 * A process that died is started again after KEEPER_BACKOFF_FIRST_MS, and then
 * after twice as long each time, KEEPER_BACKOFF_MOST_MS at most, until it has
 * lived for KEEPER_STEADY_MS.
 */
#define KEEPER_BACKOFF_FIRST_MS 100
#define KEEPER_BACKOFF_MOST_MS	30000
#define KEEPER_STEADY_MS	60000

/**
 * Each process is asked so often whether its loop turns. One that does not
 * answer for its time is killed and started again: hung, guard would not put
 * right what goes wrong, and nobody would look whether packets get through.
 * The hub may have a large database to look after, and before its first answer
 * to open.
 */
#define KEEPER_PING_MS	   2000
#define KEEPER_HUNG_MS	   15000
#define KEEPER_HUB_HUNG_MS 60000

/** How long guard may take to restore, and the others to end, when told to
 * stop; then they are killed (and the keeper restores). */
#define KEEPER_GUARD_STOP_MS 12000
#define KEEPER_STOP_MS	     5000

/** Keepers killed in a row: each generation lies on its forerunner's stack.
 * Past it guard restores and ends. */
#define KEEPER_GENERATIONS_MAX 1000

/** What a process without privilege runs; gives its exit status. */
struct keeper_body {
	int (*run)(void *context, int keeper_fd, uint32_t restarts);
	void *context;
};

struct keeper_config {
	int run_dir;	  /* see rundir.h */
	int lock;	  /* kept open by keeper and guard */
	int listener;	  /* of the page; the hub's */
	const char *page; /* the address to open, told when the hub is ready */
	int browser;	  /* where to write it too, or -1 */
	struct keeper_body engine, hub, discover, upload;
	struct guard_config guard;
};

/**
 * Runs until told to stop, by signal or by the hub, and the network is as it
 * was. To be called with the two capabilities and before any thread is made.
 * Gives the exit status.
 */
int keeper_run(const struct keeper_config *config);

#endif

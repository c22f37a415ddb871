// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_RUNDIR_H
#define GUARD_RUNDIR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "guard/privilege.h"

/*
 * The run directory: what an instance leaves for a later one and for those
 * who ask. Mode 0700, the ordinary user's, whoever that was in earlier runs.
 *
 *   lock       held while keeper or guard live: one instance on a computer
 *   undo       what was changed and must be put back; see undo.h
 *   processes  a line "NAME PID" for each process of the running instance
 */
#define RUNDIR_DEFAULT "/run/iot-inspector"

/** Made when missing; root gives it to the user. Gives a descriptor of it.
 * ERR_BUSY when an instance runs, whoever's (only told to root); ERR_DENIED
 * when it is another's or holds other files, ERR_IO: with errno. */
int rundir_open(const char *path, const struct privilege_user *user,
		int *out) must_check;

/** A descriptor of one that is there, to read from; nothing of it is changed.
 * ERR_IO. */
int rundir_look(const char *path, int *out) must_check;

/** Whether an instance runs. */
bool rundir_is_locked(int dir);

/** Takes the lock for as long as the descriptor is open in any process.
 * ERR_BUSY when another instance has it, ERR_IO. */
int rundir_lock(int dir, int *out) must_check;

/**
 * Replaces a file at once and for good: written beside it, on disk before it
 * takes the name. ERR_IO.
 */
int rundir_write(int dir, const char *name, const char *text,
		 size_t length) must_check;

/**
 * Reads a whole file of at most size - 1 bytes, terminated. Gives the length,
 * ERR_NOTFOUND, ERR_LIMIT when it is longer, ERR_IO.
 */
int rundir_read(int dir, const char *name, char *text, size_t size) must_check;

/** Gives a file another name. ERR_IO. */
int rundir_rename(int dir, const char *name, const char *fresh) must_check;

/** Removes a file; one that is not there is well. ERR_IO. */
int rundir_remove(int dir, const char *name) must_check;

#endif

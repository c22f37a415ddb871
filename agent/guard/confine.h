// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_CONFINE_H
#define GUARD_CONFINE_H

#include "base/err.h"

/**
 * Refuses to this process and all its children, for good, the system calls
 * that none of them needs and an intruder would: to start other programs, to
 * look into other processes, to change mounts, namespaces, modules or users.
 * Engine and hub then confine themselves to what they do need; guard cannot
 * be narrower than this, because it becomes the keeper when that is killed.
 * ERR_DENIED.
 */
int confine_processes(void) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_RESTORE_H
#define GUARD_RESTORE_H

#include <stdbool.h>

#include "base/err.h"

/** Whether there is an undo record in the run directory. */
bool restore_is_needed(int run_dir);

/**
 * Puts back what the undo record in the run directory says, waits until it
 * took (about 2 s), and removes the record. Gives 0, or RESTORE_ELSEWHERE when
 * this is another network: then only this computer's settings were put back,
 * and nothing was sent. ERR_NOTFOUND when there is none; ERR_MALFORMED when it
 * cannot be trusted (it is set aside); ERR_IO.
 */
#define RESTORE_ELSEWHERE 1
int restore_run(int run_dir) must_check;

#endif

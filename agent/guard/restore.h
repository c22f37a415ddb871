// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_RESTORE_H
#define GUARD_RESTORE_H

#include <stdbool.h>

#include "base/err.h"
#include "guard/undo.h"

/** Whether there is an undo record in the run directory. */
bool restore_is_needed(int run_dir);

/** Whether such a one is there, of another interface than this; NULL: none. */
bool restore_is_of_another(int run_dir, enum undo_file file,
			   const char *interface);

/**
 * Puts back what the undo record in the run directory says, waits until it
 * took (about 2 s), and removes the record. Gives 0, or
 *   RESTORE_ELSEWHERE  the interface is gone, or on another network: only this
 *                      computer's settings were put back, nobody was told
 *   RESTORE_UNTOLD     IPv6 was switched off on it meanwhile, and IPv4 does not
 *                      show that its router is still there: what is of IPv4,
 *                      and this computer's settings, were put back, nobody was
 *                      told by IPv6
 *   RESTORE_LATER      it is down, has no address yet, or the router does not
 *                      answer (1 s): nothing was done, the record stays. Of
 *                      IPv4 and IPv6 each has its router; what can be done of
 *                      one is, and the record is shortened to the other:
 *                      that of IPv6 waits beside (UNDO_SIX). One that is
 *                      switched off waits with IPv4's
 * ERR_NOTFOUND when there is none; ERR_MALFORMED when it cannot be trusted (it
 * is set aside); ERR_IO.
 *
 * The network is the same when the record's router is at its address, whatever
 * ours has become since. Where another is, the router is asked by its MAC
 * (1.5 s); when it does not answer, and a device of the record is there, the
 * other took its place, and is who the devices are told of. If another comes
 * while they are told, it is looked for anew who the router is.
 */
#define RESTORE_ELSEWHERE 1
#define RESTORE_LATER	  2
#define RESTORE_UNTOLD	  3
int restore_run(int run_dir) must_check;

/**
 * What becomes of IPv6's part, with what was found of it and of IPv4's. That
 * of one that is switched off waits while IPv4's router does not answer: it may
 * be told yet, or be switched on again. of_both: it is the same router.
 */
int restore_six_beside(int six, int four, bool of_both);

/** The same of one of the two. */
int restore_one(int run_dir, enum undo_file file) must_check;

/** Puts this computer's settings back and removes the record, whoever is still
 * in it. As restore_one(), RESTORE_LATER apart. */
int restore_give_up(int run_dir, enum undo_file file) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_HOLD_H
#define STUDY_HOLD_H

/*
 * Locks by which what a killed program left half made is told from what another
 * is making: the kernel lets go of them with the process (flock(2)).
 */

/**
 * Holds the folder that path is in against all others who ask so, waiting for
 * them: for the moments in which what is beside path is looked at, taken away,
 * begun or put in its place. The lock ends with close(). -1 where there is no
 * such folder, or it cannot be locked: what is done then is done without.
 */
int hold_beside(const char *path);
/** Holds a folder of one's own, which is being filled, or -1 where another does
 * or there is none. The lock ends with close(). */
int hold_folder(const char *path);

#endif

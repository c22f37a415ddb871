// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_STANDARDISE_COMMAND_H
#define STUDY_STANDARDISE_COMMAND_H

/** "standardise FLEET [--method paper|improved] [--tables DIR]": both methods
 * unless one is named. Gives the exit status. */
int standardise_command(int argc, char **argv);

#endif

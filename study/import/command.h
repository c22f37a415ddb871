// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_COMMAND_H
#define STUDY_IMPORT_COMMAND_H

/** "import SOURCE FLEET [--strict] [--replace]": makes a fleet of a source, all
 * or nothing. Gives the exit status: 1 when nothing was made. */
int import_command(int argc, char **argv);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_COMMAND_H
#define STUDY_SIMULATE_COMMAND_H

/** iot-study simulate; argv[0] is its name. Gives the exit status. */
int simulate_command(int argc, char **argv);

#endif

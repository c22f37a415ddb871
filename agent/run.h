// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef AGENT_RUN_H
#define AGENT_RUN_H

/** `iot-inspector run`: the inspector itself. Gives the exit status: 0, 1 when
 * it could not start or not restore, 2 for wrong use. */
int run_command(int argc, char **argv);

/** `iot-inspector restore`: puts back what an earlier run left. */
int restore_command(int argc, char **argv);

/** `iot-inspector status`: what runs, and what there is to put back. */
int status_command(int argc, char **argv);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef AGENT_DATA_H
#define AGENT_DATA_H

/** `iot-inspector data`: the lists that names and companies come from, shown,
 * imported, removed. Gives the exit status: 0, 1, 2 for wrong use. */
int data_command(int argc, char **argv);

#endif

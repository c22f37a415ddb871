// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_COMMAND_H
#define READ_COMMAND_H

/**
 * `iot-inspector read`: reads capture files and prints what is in them.
 * argv[0] is "read". Gives the exit status: 0, 1 when something could not be
 * read or written, 2 for wrong use.
 */
int read_command(int argc, char **argv);

#endif

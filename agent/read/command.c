// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/command.h"

#include <stdio.h>

int read_command(int argc, char **argv)
{
	(void)argv;
	fprintf(stderr, "iot-inspector read: %s\n",
		argc > 1 ? "captures cannot be read yet" : "no FILE given");
	return argc > 1 ? 1 : 2;
}

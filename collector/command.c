// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

int command_fail(const char *what, const char *why)
{
	fprintf(stderr, "iot-collector: %s: %s\n", what, why);
	return 1;
}

uint64_t command_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		abort();
	return seed;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/bounds.h"

#include <stdio.h>

#include "base/text.h"

static int take(const char *what, const char *value, unsigned least,
		unsigned most, unsigned *out)
{
	uint64_t number;
	int err = text_number(value, least, most, &number);

	if (err)
		fprintf(stderr,
			"iot-study: --%s: \"%s\" is no number from %u to %u\n",
			what, value, least, most);
	else
		*out = (unsigned)number;
	return err;
}

int bounds_take(struct bounds *l, int option, const char *value)
{
	if (option == BOUNDS_MEMORY)
		return take("memory", value, BOUNDS_MEMORY_MIN_MIB,
			    BOUNDS_MEMORY_MAX_MIB, &l->memory_mib);
	if (option == BOUNDS_THREADS)
		return take("threads", value, 1, BOUNDS_THREADS_MAX,
			    &l->threads);
	return ERR_INVALID;
}

int bounds_apply(const struct bounds *l, struct fleet *f)
{
	int err = 0;

	if (l->memory_mib)
		err = fleet_runf(f, "SET memory_limit = '%uMiB'",
				 l->memory_mib);
	if (!err && l->threads)
		err = fleet_runf(f, "SET threads = %u", l->threads);
	return err;
}

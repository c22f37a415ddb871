// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "study/import/header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read as names of columns are such, and each once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct header whole, part;

	if (header_read(slice_of(data, size), true, &whole))
		return 0;
	if (!whole.count || whole.count > HEADER_COLUMNS_MAX)
		abort();
	for (size_t i = 0; i < whole.count; i++) {
		if (!whole.names[i][0])
			abort();
		for (size_t j = 0; j < i; j++)
			if (!strcmp(whole.names[i], whole.names[j]))
				abort();
	}
	/* where a line ends within the bytes, it is no matter what follows */
	if (!header_read(slice_of(data, size), false, &part) &&
	    part.count != whole.count)
		abort();
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/describe.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each name at most once, never empty, never longer than it may be. */
static void check(void *user, enum record_clue_kind kind, struct slice text)
{
	bool *told = user;

	if (kind >= RECORD_CLUE_KINDS || told[kind] || !text.len ||
	    text.len > DESCRIBE_TEXT_MAX)
		abort();
	told[kind] = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool told[RECORD_CLUE_KINDS] = { false };

	(void)!describe_read(slice_of(data, size), check, told);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/portmap.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct addr told;

	if (!portmap_decode(input, &told))
		must(!addr_is_unspecified(&told));
	if (!portmap_read_upnp(input, &told))
		must(told.family == 4 || told.family == 6);
	return 0;
}

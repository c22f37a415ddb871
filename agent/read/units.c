// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/units.h"

#include <inttypes.h>

void units_put_bytes(struct buf *out, uint64_t bytes)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
	const size_t last = sizeof(units) / sizeof(units[0]) - 1;
	uint64_t tenths = 0;
	size_t unit = 0;

	while (bytes >= 1000 && unit < last) {
		tenths = bytes % 1000 / 100;
		bytes /= 1000;
		unit++;
	}
	if (unit)
		buf_printf(out, "%6" PRIu64 ".%" PRIu64 " %s", bytes, tenths,
			   units[unit]);
	else
		buf_printf(out, "%8" PRIu64 " B", bytes);
}

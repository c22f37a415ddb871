// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/matter.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct matter matter;

	if (!matter_decode(slice_of(data, size), &matter))
		must(size >= 14 && matter.opcode);
	return 0;
}

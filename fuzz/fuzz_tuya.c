// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tuya.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct tuya tuya;

	if (tuya_decode(input, &tuya))
		return 0;
	check_view(tuya.product_key, input);
	check_view(tuya.version, input);
	must(!tuya.encrypted || !tuya.product_key.data);
	return 0;
}

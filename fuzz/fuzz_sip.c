// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/sip.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct sip sip;

	if (!sip_decode(input, &sip))
		check_view(sip.user_agent, input);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ssdp.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_of(data, size);
	struct ssdp ssdp;

	if (ssdp_decode(input, &ssdp))
		return 0;
	check_view(ssdp.st, input);
	check_view(ssdp.nt, input);
	check_view(ssdp.nts, input);
	check_view(ssdp.usn, input);
	check_view(ssdp.server, input);
	check_view(ssdp.user_agent, input);
	check_view(ssdp.location, input);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ntp.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ntp ntp;

	if (ntp_decode(slice_of(data, size), &ntp))
		return 0;
	must(ntp.version >= 1 && ntp.version <= 4);
	must(ntp.mode >= NTP_ACTIVE && ntp.mode <= NTP_BROADCAST);
	return 0;
}

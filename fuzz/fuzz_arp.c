// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/arp.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t again[ARP_BYTES];
	struct arp arp;

	if (arp_decode(slice_of(data, size), &arp))
		return 0;
	arp_encode(&arp, again);
	must(size >= ARP_BYTES && !memcmp(again, data, ARP_BYTES));
	return 0;
}

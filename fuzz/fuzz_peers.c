// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdint.h>
#include <stdlib.h>

#include "guard/peers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A beacon comes from anyone on the LAN. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mac by = { { 2, 0, 0, 0, 0, 1 } };
	static struct peers peers;
	bool ours;

	peers_init(&peers, 7);
	if (peers_take(&peers, &by, slice_of(data, size), 0, &ours) || ours)
		return 0;
	for (size_t i = 0; i < peers.count; i++)
		if (!peers_claimed(&peers, &peers.claims[i].device, 0))
			abort();
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "know/oui.h"

#include "know/oui_data.h"

/* The bit of the first byte that says locally administered (IEEE 802). */
#define LOCAL_BIT 0x02

static uint64_t to_number(const struct mac *mac)
{
	uint64_t v = 0;

	for (size_t i = 0; i < sizeof(mac->b); i++)
		v = v << 8 | mac->b[i];
	return v;
}

static const char *find(const struct oui_block *block, uint64_t mac)
{
	uint64_t prefix = mac >> (48 - block->bits);
	size_t low = 0, high = block->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t there = block->prefixes[middle];

		if (there == prefix)
			return oui_names + block->names[middle];
		if (there < prefix)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const char *oui_vendor(const struct mac *mac)
{
	uint64_t number = to_number(mac);

	if (mac->b[0] & LOCAL_BIT)
		return NULL;
	for (size_t i = 0; i < OUI_BLOCKS; i++) {
		const char *name = find(&oui_blocks[i], number);

		if (name)
			return name;
	}
	return NULL;
}

size_t oui_count(void)
{
	size_t count = 0;

	for (size_t i = 0; i < OUI_BLOCKS; i++)
		count += oui_blocks[i].count;
	return count;
}

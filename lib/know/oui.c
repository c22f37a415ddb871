// SPDX-License-Identifier: GPL-3.0-or-later
#include "know/oui.h"

#include "know/reference.h"

/* The bit of the first byte that says locally administered (IEEE 802). */
#define LOCAL_BIT 0x02

/* The longest first. */
static const struct {
	unsigned int bits;
	enum reference_table_id id;
} blocks[] = {
	{ 36, REFERENCE_OUI36 },
	{ 28, REFERENCE_OUI28 },
	{ 24, REFERENCE_OUI24 },
};

#define BLOCKS (sizeof(blocks) / sizeof(blocks[0]))

static uint64_t to_number(const struct mac *mac)
{
	uint64_t v = 0;

	for (size_t i = 0; i < sizeof(mac->b); i++)
		v = v << 8 | mac->b[i];
	return v;
}

static const char *find(const struct reference *ref, size_t block,
			uint64_t prefix)
{
	struct reference_table table = reference_table(ref, blocks[block].id);
	bool wide = blocks[block].bits > 32;
	uint32_t at;

	if (wide ? !reference_find_u64(&table, prefix, &at)
		 : !reference_find_u32(&table, (uint32_t)prefix, &at))
		return NULL;
	return reference_text(ref, reference_u32(&table, at, wide ? 8 : 4));
}

static const char *vendor_in(const struct reference *ref, const struct mac *mac)
{
	uint64_t number = to_number(mac);

	if (mac->b[0] & LOCAL_BIT)
		return NULL;
	for (size_t i = 0; i < BLOCKS; i++) {
		const char *name =
			find(ref, i, number >> (48 - blocks[i].bits));

		if (name)
			return name;
	}
	return NULL;
}

const char *oui_vendor(const struct mac *mac)
{
	struct reference ref = reference_builtin();

	return vendor_in(&ref, mac);
}

const char *oui_vendor_by(const struct know *know, const struct mac *mac)
{
	const char *vendor = NULL;

	for (size_t i = 0; !vendor && i < know->file_count; i++)
		vendor = vendor_in(&know->files[i], mac);
	return vendor;
}

size_t oui_count(void)
{
	struct reference ref = reference_builtin();
	size_t count = 0;

	for (size_t i = 0; i < BLOCKS; i++)
		count += reference_table(&ref, blocks[i].id).count;
	return count;
}

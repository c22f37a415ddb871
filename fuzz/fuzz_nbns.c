// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/nbns.h"

#include "view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nbns nbns;

	if (nbns_decode(slice_of(data, size), &nbns))
		return 0;
	must(nbns.name_count <= NBNS_NAMES_MAX);
	must(nbns.status || nbns.name_count == 1);
	for (size_t i = 0; i < nbns.name_count; i++)
		must(strnlen(nbns.names[i].text, sizeof(nbns.names[i].text)) <=
		     NBNS_NAME_MAX);
	return 0;
}

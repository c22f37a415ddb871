// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/announced.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "web/mask.h"

/* Kinds whose texts are domain names as the decoder writes them. */
static const char *const named[] = { "mdns_host", "mdns_service",
				     "mdns_instance" };

static bool is_name(const char *kind)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (!strcmp(kind, named[i]))
			return true;
	return false;
}

size_t announced_clean(const char *kind, struct slice text,
		       uint8_t out[ANNOUNCED_BYTES])
{
	size_t n = text.len < ANNOUNCED_BYTES ? text.len : ANNOUNCED_BYTES;

	if (is_name(kind))
		n = text_unzone(text, true, out, ANNOUNCED_BYTES);
	else if (n)
		memcpy(out, text.data, n);
	mask_macs(out, n);
	return n;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/announced.h"

#include <stdbool.h>
#include <string.h>

#include "web/mask.h"

#define DIGITS 3

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

/* The byte that \DDD stands for, or -1. */
static int decimal_at(struct slice text, size_t at)
{
	int value = 0;

	if (text.len - at < DIGITS)
		return -1;
	for (size_t i = at; i < at + DIGITS; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		value = value * 10 + (text.data[i] - '0');
	}
	return value <= UINT8_MAX ? value : -1;
}

static size_t unescape(struct slice text, uint8_t *out, size_t size)
{
	size_t n = 0, at = 0;

	while (at < text.len && n < size) {
		int value = -1;

		if (text.data[at] == '\\' && at + 1 < text.len)
			value = decimal_at(text, ++at);
		out[n++] = value < 0 ? text.data[at] : (uint8_t)value;
		at += value < 0 ? 1 : DIGITS;
	}
	return n;
}

size_t announced_clean(const char *kind, struct slice text,
		       uint8_t out[ANNOUNCED_BYTES])
{
	size_t n = text.len < ANNOUNCED_BYTES ? text.len : ANNOUNCED_BYTES;

	if (is_name(kind))
		n = unescape(text, out, ANNOUNCED_BYTES);
	else if (n)
		memcpy(out, text.data, n);
	mask_macs(out, n);
	return n;
}

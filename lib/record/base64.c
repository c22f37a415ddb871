// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/base64.h"

#include <ctype.h>
#include <string.h>

static int value_of(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

bool base64_is(uint8_t c)
{
	return value_of(c) >= 0;
}

size_t base64_run(struct slice text)
{
	size_t n = 0;

	while (n < text.len && base64_is(text.data[n]))
		n++;
	return n;
}

static size_t decode(struct slice letters, uint8_t out[BASE64_RUN_MAX])
{
	uint32_t bits = 0;
	size_t have = 0, n = 0;

	for (size_t i = 0; i < letters.len; i++) {
		bits = bits << 6 | (uint32_t)value_of(letters.data[i]);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		out[n++] = (uint8_t)(bits >> have);
	}
	return n;
}

/* Twelve hex digits, in a row or in pairs joined alike. */
static bool is_spelled(const uint8_t *at, size_t left)
{
	uint8_t gap = left > 2 && (at[2] == ':' || at[2] == '-') ? at[2] : 0;
	size_t step = gap ? 3 : 2;

	if (left < 6 * step - (gap != 0))
		return false;
	for (size_t i = 0; i < 6; i++)
		if (!isxdigit(at[i * step]) || !isxdigit(at[i * step + 1]) ||
		    (gap && i < 5 && at[i * step + 2] != gap))
			return false;
	return true;
}

static bool says_mac(const uint8_t *bytes, size_t n, const struct mac *macs,
		     size_t mac_count)
{
	for (size_t i = 0; i + 6 <= n; i++) {
		for (size_t k = 0; k < mac_count; k++)
			if (!memcmp(bytes + i, macs[k].b, 6))
				return true;
		if (is_spelled(bytes + i, n - i))
			return true;
	}
	return false;
}

bool base64_says_mac(struct slice letters, const struct mac *macs,
		     size_t mac_count)
{
	uint8_t bytes[BASE64_RUN_MAX];

	if (letters.len < BASE64_RUN_MIN || letters.len > BASE64_RUN_MAX)
		return false;
	for (size_t from = 0; from < 4; from++) {
		size_t n = decode(slice_of(letters.data + from,
					   letters.len - from),
				  bytes);

		if (says_mac(bytes, n, macs, mac_count))
			return true;
	}
	return false;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/mask.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define MAC_DIGITS 12u

/* How a MAC is spelled: digits between two joints, and the joints. */
static const struct spelling {
	size_t group;
	const char *joints;
} spellings[] = {
	{ 2, ":-" },
	{ 4, "." },
	{ MAC_DIGITS, "" },
};

static bool is_hex(const uint8_t *text, size_t len, size_t at)
{
	return at < len && isxdigit(text[at]);
}

/* Length of the MAC spelled so that begins at at, or 0. */
static size_t length_at(const uint8_t *text, size_t len, size_t at,
			const struct spelling *spelling)
{
	size_t end = at;
	uint8_t joint = 0;

	for (size_t digit = 0; digit < MAC_DIGITS; digit++) {
		if (digit && digit % spelling->group == 0) {
			if (end >= len || !text[end] ||
			    !strchr(spelling->joints, text[end]) ||
			    (joint && text[end] != joint))
				return 0;
			joint = text[end++];
		}
		if (!is_hex(text, len, end++))
			return 0;
	}
	return is_hex(text, len, end) ? 0 : end - at;
}

static size_t mac_at(const uint8_t *text, size_t len, size_t at)
{
	for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
		size_t length = length_at(text, len, at, &spellings[i]);

		if (length)
			return length;
	}
	return 0;
}

static void mask_one(uint8_t *text, size_t length)
{
	for (size_t digits = 0, i = length; digits < MAC_DIGITS / 2; i--) {
		if (!isxdigit(text[i - 1]))
			continue;
		text[i - 1] = 'x';
		digits++;
	}
}

void mask_macs(uint8_t *text, size_t len)
{
	size_t at = 0;

	while (at < len) {
		size_t length = at && isxdigit(text[at - 1])
					? 0
					: mac_at(text, len, at);

		if (length)
			mask_one(text + at, length);
		at += length ? length : 1;
	}
}

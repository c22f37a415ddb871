// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *mac_format(const struct mac *mac, char out[MAC_TEXT_BYTES])
{
	(void)snprintf(out, MAC_TEXT_BYTES, "%02x:%02x:%02x:%02x:%02x:%02x",
		       mac->b[0], mac->b[1], mac->b[2], mac->b[3], mac->b[4],
		       mac->b[5]);
	return out;
}

const char *addr_format(const struct addr *a, char out[ADDR_TEXT_BYTES])
{
	int family = a->family == 6 ? AF_INET6 : AF_INET;

	if (!a->family || !inet_ntop(family, a->b, out, ADDR_TEXT_BYTES))
		out[0] = 0;
	return out;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int mac_parse(const char *text, struct mac *out)
{
	struct mac mac;
	char joint = 0;

	for (int i = 0; i < 6; i++, text += 2) {
		int high, low;

		if (i) {
			if (*text != ':' && *text != '-')
				return ERR_MALFORMED;
			if (joint && *text != joint)
				return ERR_MALFORMED;
			joint = *text++;
		}
		high = hex_digit(text[0]);
		low = high < 0 ? -1 : hex_digit(text[1]);
		if (low < 0)
			return ERR_MALFORMED;
		mac.b[i] = (uint8_t)(high << 4 | low);
	}
	if (*text)
		return ERR_MALFORMED;
	*out = mac;
	return 0;
}

int addr_parse(const char *text, struct addr *out)
{
	struct addr a = { 0 };

	if (inet_pton(AF_INET, text, a.b) == 1) {
		a.family = 4;
	} else {
		memset(a.b, 0, sizeof(a.b));
		if (inet_pton(AF_INET6, text, a.b) != 1)
			return ERR_MALFORMED;
		a.family = 6;
	}
	*out = a;
	return 0;
}

int cidr_parse(const char *text, struct cidr *out)
{
	const char *slash = strchr(text, '/');
	char host[ADDR_TEXT_BYTES];
	struct cidr range;
	unsigned long most, bits;
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	char *end;

	if (len >= sizeof(host))
		return ERR_MALFORMED;
	memcpy(host, text, len);
	host[len] = 0;
	if (addr_parse(host, &range.addr) < 0)
		return ERR_MALFORMED;
	most = range.addr.family == 4 ? 32 : 128;
	bits = most;
	if (slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return ERR_MALFORMED;
		bits = strtoul(slash + 1, &end, 10);
		if (*end || bits > most)
			return ERR_MALFORMED;
	}
	range.bits = (uint8_t)bits;
	*out = range;
	return 0;
}

bool mac_is_group(const struct mac *mac)
{
	return mac->b[0] & 1;
}

bool mac_is_zero(const struct mac *mac)
{
	static const struct mac zero;

	return mac_equal(mac, &zero);
}

bool cidr_contains(const struct cidr *range, const struct addr *a)
{
	size_t whole = range->bits / 8, rest = range->bits % 8;

	if (range->addr.family != a->family)
		return false;
	if (memcmp(range->addr.b, a->b, whole) != 0)
		return false;
	return !rest || !((range->addr.b[whole] ^ a->b[whole]) >> (8 - rest));
}

static bool in_any(const struct cidr *ranges, size_t n, const struct addr *a)
{
	for (size_t i = 0; i < n; i++) {
		if (cidr_contains(&ranges[i], a))
			return true;
	}
	return false;
}

#define V4(a, b, c, d, bits)                \
	{                                   \
		{ 4, { a, b, c, d } }, bits \
	}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zero[16];

	return !memcmp(a->b, zero, sizeof(zero));
}

bool addr_is_loopback(const struct addr *a)
{
	static const struct cidr ranges[] = {
		V4(127, 0, 0, 0, 8),
		{ { 6, { [15] = 1 } }, 128 },
	};

	return in_any(ranges, COUNT(ranges), a);
}

bool addr_is_multicast(const struct addr *a)
{
	static const struct cidr ranges[] = {
		V4(224, 0, 0, 0, 4),
		{ { 6, { 0xff } }, 8 },
	};

	return in_any(ranges, COUNT(ranges), a);
}

bool addr_is_broadcast(const struct addr *a)
{
	static const struct addr all = { 4, { 255, 255, 255, 255 } };

	return addr_equal(a, &all);
}

bool addr_is_link_local(const struct addr *a)
{
	static const struct cidr ranges[] = {
		V4(169, 254, 0, 0, 16),
		{ { 6, { 0xfe, 0x80 } }, 10 },
	};

	return in_any(ranges, COUNT(ranges), a);
}

bool addr_is_private(const struct addr *a)
{
	static const struct cidr ranges[] = {
		V4(10, 0, 0, 0, 8),	V4(172, 16, 0, 0, 12),
		V4(192, 168, 0, 0, 16), V4(100, 64, 0, 0, 10),
		{ { 6, { 0xfc } }, 7 },
	};

	return addr_is_unspecified(a) || addr_is_loopback(a) ||
	       addr_is_link_local(a) || in_any(ranges, COUNT(ranges), a);
}

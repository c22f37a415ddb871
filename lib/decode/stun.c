// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/stun.h"

#include "base/cursor.h"

enum {
	HEADER_BYTES = 20,
	COOKIE_AT = 4,
	ATTRIBUTE_MAPPED = 0x0001,
	ATTRIBUTE_XOR_MAPPED = 0x0020,
	ATTRIBUTE_XOR_MAPPED_OLD = 0x8020, /* of drafts */
	ATTRIBUTE_SOFTWARE = 0x8022,
	FAMILY_V4 = 1,
	FAMILY_V6 = 2,
};

static const uint8_t cookie[] = { 0x21, 0x12, 0xa4, 0x42 };

bool stun_may_be(struct slice bytes)
{
	const uint8_t *p = bytes.data;

	return bytes.len >= HEADER_BYTES && !(p[0] & 0xc0) &&
	       !memcmp(p + COOKIE_AT, cookie, sizeof(cookie)) &&
	       ((size_t)p[2] << 8 | p[3]) == bytes.len - HEADER_BYTES &&
	       bytes.len % 4 == 0;
}

/* RFC 8489 14.1, 14.2: the cookie and the transaction's number hide it from
 * routers that change addresses wherever they see them. */
static struct addr read_mapped(struct slice value, const uint8_t *header,
			       bool hidden)
{
	struct cursor c = cursor_slice(value);
	struct addr addr = { 0 };
	uint8_t family;

	cursor_skip(&c, 1);
	family = cursor_u8(&c);
	cursor_skip(&c, 2);
	if (family == FAMILY_V4 && cursor_left(&c) == 4)
		addr.family = 4;
	else if (family == FAMILY_V6 && cursor_left(&c) == 16)
		addr.family = 6;
	else
		return addr;
	cursor_copy(&c, addr.b, addr.family == 4 ? 4 : 16);
	for (size_t i = 0; hidden && i < (addr.family == 4 ? 4u : 16u); i++)
		addr.b[i] ^= header[COOKIE_AT + i];
	return addr;
}

int stun_decode(struct slice bytes, struct stun *out)
{
	struct cursor c = cursor_slice(bytes);
	struct stun stun = { 0 };
	uint16_t type;

	if (!stun_may_be(bytes))
		return ERR_MALFORMED;
	type = cursor_u16(&c);
	/* the class is spread over the method's bits (RFC 8489 5) */
	stun.class = (uint8_t)((type >> 4 & 1) | (type >> 7 & 2));
	stun.method = (uint16_t)((type & 0x000f) | (type >> 1 & 0x0070) |
				 (type >> 2 & 0x0f80));
	cursor_skip(&c, HEADER_BYTES - 2);
	for (unsigned i = 0; cursor_left(&c); i++) {
		uint16_t attribute = cursor_u16(&c), length = cursor_u16(&c);
		struct slice value = cursor_take(&c, length);

		cursor_skip(&c, (4u - length % 4u) % 4u);
		if (!cursor_ok(&c))
			return ERR_MALFORMED;
		if (i == STUN_ATTRIBUTES_MAX)
			return ERR_LIMIT;
		if (attribute == ATTRIBUTE_SOFTWARE && !stun.software.data)
			stun.software = value;
		if ((attribute == ATTRIBUTE_MAPPED && !stun.mapped.family) ||
		    attribute == ATTRIBUTE_XOR_MAPPED ||
		    attribute == ATTRIBUTE_XOR_MAPPED_OLD)
			stun.mapped =
				read_mapped(value, bytes.data,
					    attribute != ATTRIBUTE_MAPPED);
	}
	*out = stun;
	return 0;
}

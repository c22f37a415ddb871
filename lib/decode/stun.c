// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/stun.h"

#include "base/cursor.h"

enum {
	HEADER_BYTES = 20,
	COOKIE_AT = 4,
	ATTRIBUTE_SOFTWARE = 0x8022,
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
	}
	*out = stun;
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/portmap.h"

#include <string.h>

#include "base/cursor.h"

enum {
	NATPMP_EXTERNAL = 128,
	PCP_MAP = 0x81,
	PCP_PEER = 0x82,
	/* lifetime, epoch, reserved; nonce, protocol, ports */
	PCP_BEFORE_ADDRESS = 4 + 4 + 12 + 12 + 4 + 4,
};

static struct addr read_mapped(struct cursor *c)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint8_t b[16] = { 0 };

	cursor_copy(c, b, sizeof(b));
	return memcmp(b, mapped, sizeof(mapped)) ? addr_v6(b) : addr_v4(b + 12);
}

int portmap_decode(struct slice datagram, struct addr *out)
{
	struct cursor c = cursor_slice(datagram);
	uint8_t version = cursor_u8(&c), code = cursor_u8(&c);
	struct addr addr = { .family = 4 };

	if (version == 0 && code == NATPMP_EXTERNAL) {
		if (cursor_u16(&c))
			return ERR_NOTFOUND;
		cursor_skip(&c, 4);
		cursor_copy(&c, addr.b, 4);
	} else if (version == 2 && (code == PCP_MAP || code == PCP_PEER)) {
		cursor_skip(&c, 1);
		if (cursor_u8(&c))
			return ERR_NOTFOUND;
		cursor_skip(&c, PCP_BEFORE_ADDRESS);
		addr = read_mapped(&c);
	} else {
		return ERR_NOTFOUND;
	}
	if (!cursor_ok(&c) || addr_is_unspecified(&addr))
		return ERR_NOTFOUND;
	*out = addr;
	return 0;
}

int portmap_read_upnp(struct slice text, struct addr *out)
{
	static const char tag[] = "NewExternalIPAddress";
	const uint8_t *at, *end = text.data + text.len;
	char address[ADDR_TEXT_BYTES];
	size_t len;

	if (!text.len)
		return ERR_NOTFOUND;
	at = memmem(text.data, text.len, tag, sizeof(tag) - 1);
	at = at ? memchr(at, '>', (size_t)(end - at)) : NULL;
	if (!at)
		return ERR_NOTFOUND;
	at++;
	for (len = 0; at + len < end && at[len] != '<'; len++)
		if (len == sizeof(address) - 1)
			return ERR_NOTFOUND;
	memcpy(address, at, len);
	address[len] = '\0';
	if (at + len == end || addr_parse(address, out))
		return ERR_NOTFOUND;
	return 0;
}

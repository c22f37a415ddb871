// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/matter.h"

#include "base/cursor.h"

/* Matter Core 1.0, 4.4.1 */
enum {
	FLAG_SOURCE = 0x04,
	FLAG_DESTINATION = 0x03,
	DESTINATION_NODE = 1,
	DESTINATION_GROUP = 2,
	FLAGS_KNOWN = 0x07, /* a version other than 0 is none of these */
	NODE_BYTES = 8,
};

/* 4.4.3 */
enum {
	EXCHANGE_ACKNOWLEDGES = 0x02,
	EXCHANGE_VENDOR = 0x10,
	EXCHANGE_KNOWN = 0x1f,
	PROTOCOL_SECURE_CHANNEL = 0,
};

/* 4.10.1: passwords, certificates, acknowledgement, status */
static const uint8_t opcodes[] = { 0x10, 0x20, 0x21, 0x22, 0x23, 0x24,
				   0x30, 0x31, 0x32, 0x33, 0x40 };

static void skip_message_head(struct cursor *c, uint8_t flags)
{
	cursor_skip(c, 4); /* counter */
	if (flags & FLAG_SOURCE)
		cursor_skip(c, NODE_BYTES);
	if ((flags & FLAG_DESTINATION) == DESTINATION_NODE)
		cursor_skip(c, NODE_BYTES);
}

int matter_decode(struct slice bytes, struct matter *out)
{
	struct cursor c = cursor_slice(bytes);
	uint8_t flags = cursor_u8(&c), security, exchange, opcode;
	uint16_t session = cursor_u16le(&c), protocol;

	security = cursor_u8(&c);
	skip_message_head(&c, flags);
	exchange = cursor_u8(&c);
	opcode = cursor_u8(&c);
	cursor_skip(&c, 2); /* exchange id */
	protocol = cursor_u16le(&c);
	if (exchange & EXCHANGE_VENDOR)
		cursor_skip(&c, 2);
	if (exchange & EXCHANGE_ACKNOWLEDGES)
		cursor_skip(&c, 4);
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	if (flags & ~FLAGS_KNOWN ||
	    (flags & FLAG_DESTINATION) >= DESTINATION_GROUP || session ||
	    security || exchange & ~EXCHANGE_KNOWN ||
	    exchange & EXCHANGE_VENDOR || protocol != PROTOCOL_SECURE_CHANNEL ||
	    !memchr(opcodes, opcode, sizeof(opcodes)))
		return ERR_MALFORMED;
	*out = (struct matter){ .opcode = opcode };
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/coap.h"

#include "base/cursor.h"

enum {
	TOKEN_MAX_BYTES = 8,
	PAYLOAD_MARKER = 0xff,
	OPTION_URI_HOST = 3,
	TYPE_ACKNOWLEDGEMENT = 2,
	TYPE_RESET = 3,
};

/* Four bits that may go on in the bytes behind (RFC 7252 3.1). */
static uint32_t read_extended(struct cursor *c, uint8_t nibble)
{
	if (nibble < 13)
		return nibble;
	if (nibble == 13)
		return 13u + cursor_u8(c);
	if (nibble == 14)
		return 269u + cursor_u16(c);
	cursor_fail(c);
	return 0;
}

static int read_options(struct cursor *c, struct coap *coap)
{
	uint32_t number = 0;

	for (unsigned i = 0; cursor_left(c); i++) {
		uint8_t first = cursor_u8(c);
		struct slice value;
		uint32_t length;

		if (first == PAYLOAD_MARKER)
			return cursor_left(c) ? 0 : ERR_MALFORMED;
		if (i == COAP_OPTIONS_MAX)
			return ERR_LIMIT;
		number += read_extended(c, first >> 4);
		length = read_extended(c, first & 15);
		value = cursor_take(c, length);
		if (!cursor_ok(c))
			return ERR_MALFORMED;
		if (number == OPTION_URI_HOST && !coap->host.data)
			coap->host = value;
	}
	return 0;
}

/* Of a message without a code (RFC 7252 4.1). */
static bool is_empty_right(struct slice bytes, uint8_t type, uint8_t token)
{
	return !token && bytes.len == 4 &&
	       (type == TYPE_ACKNOWLEDGEMENT || type == TYPE_RESET);
}

int coap_decode(struct slice bytes, struct coap *out)
{
	struct cursor c = cursor_slice(bytes);
	uint8_t first = cursor_u8(&c), code = cursor_u8(&c);
	uint8_t token = first & 15, class = code >> 5;
	struct coap coap = { .class = (enum coap_class) class,
			     .code = code & 31,
			     .empty = !code };
	int err;

	cursor_skip(&c, 2); /* message id */
	cursor_skip(&c, token);
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	if (first >> 6 != 1 || token > TOKEN_MAX_BYTES ||
	    (class != COAP_REQUEST && class != COAP_SUCCESS &&
	     class != COAP_CLIENT_ERROR && class != COAP_SERVER_ERROR))
		return ERR_MALFORMED;
	if (coap.empty && !is_empty_right(bytes, first >> 4 & 3, token))
		return ERR_MALFORMED;
	err = read_options(&c, &coap);
	if (!err)
		*out = coap;
	return err;
}

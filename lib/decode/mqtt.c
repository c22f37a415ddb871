// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/mqtt.h"

#include "base/cursor.h"

enum {
	CONNECT = 0x10,
	LENGTH_BYTES_MAX = 4,
	NAME_MAX_BYTES = 8, /* with its length */
	FLAG_USER = 0x80,
	FLAG_PASSWORD = 0x40,
	FLAG_RESERVED = 0x01,
	LEVEL_5 = 5,
};

/* A number of seven bits a byte, the lowest first (MQTT 5.0, 1.5.5). */
static int read_number(struct cursor *c, uint32_t *out)
{
	uint32_t v = 0;

	for (unsigned i = 0; i < LENGTH_BYTES_MAX; i++) {
		uint8_t b;

		if (!cursor_left(c))
			return ERR_AGAIN;
		b = cursor_u8(c);
		v |= (uint32_t)(b & 0x7f) << (7 * i);
		if (!(b & 0x80)) {
			*out = v;
			return 0;
		}
	}
	return ERR_MALFORMED;
}

/* MQTT 3.1.1 3.1.2.1; MQIsdp: 3.1 */
static int read_name(struct cursor *c)
{
	static const struct {
		size_t len;
		uint8_t bytes[NAME_MAX_BYTES];
	} names[] = {
		{ 6, { 0, 4, 'M', 'Q', 'T', 'T' } },
		{ 8, { 0, 6, 'M', 'Q', 'I', 's', 'd', 'p' } },
	};
	size_t left = cursor_left(c);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t both = left < names[i].len ? left : names[i].len;

		if (memcmp(c->at, names[i].bytes, both) != 0)
			continue;
		if (both < names[i].len)
			return ERR_AGAIN;
		cursor_skip(c, both);
		return 0;
	}
	return ERR_MALFORMED;
}

/* The kind of packet, and how many bytes are behind the length itself. */
static int read_length(struct cursor *c, uint32_t *length)
{
	if (!cursor_left(c))
		return ERR_AGAIN;
	return cursor_u8(c) == CONNECT ? read_number(c, length) : ERR_MALFORMED;
}

bool mqtt_may_begin(struct slice stream)
{
	struct cursor c = cursor_slice(stream);
	uint32_t length;
	int err = read_length(&c, &length);

	if (!err)
		err = cursor_left(&c) ? read_name(&c) : ERR_AGAIN;
	return !err || err == ERR_AGAIN;
}

/* The rest, behind the name. */
static int read_rest(struct cursor *c, struct mqtt_connect *out)
{
	uint8_t flags;
	uint32_t properties = 0;

	out->level = cursor_u8(c);
	flags = cursor_u8(c);
	cursor_skip(c, 2); /* keep-alive */
	if (!cursor_ok(c))
		return ERR_AGAIN;
	if (flags & FLAG_RESERVED || out->level < 3 || out->level > LEVEL_5)
		return ERR_MALFORMED;
	if (out->level == LEVEL_5) {
		int err = read_number(c, &properties);

		if (err)
			return err;
	}
	out->has_user = flags & FLAG_USER;
	out->has_password = flags & FLAG_PASSWORD;
	if (properties > MQTT_CONNECT_MAX_BYTES)
		return ERR_LIMIT;
	cursor_skip(c, properties);
	out->client_id = cursor_take(c, cursor_u16(c));
	return cursor_ok(c) ? 0 : ERR_AGAIN;
}

int mqtt_decode_connect(struct slice stream, struct mqtt_connect *out)
{
	struct cursor c = cursor_slice(stream), packet;
	struct mqtt_connect connect = { 0 };
	uint32_t length;
	size_t whole;
	int err = read_length(&c, &length);

	if (err)
		return err;
	/* nothing of it lies behind its own end */
	whole = cursor_left(&c) < length ? cursor_left(&c) : length;
	packet = cursor_sub(&c, whole);
	err = whole ? read_name(&packet) : ERR_AGAIN;
	if (!err)
		err = read_rest(&packet, &connect);
	if (err == ERR_AGAIN && whole == length)
		return ERR_MALFORMED;
	if (err == ERR_AGAIN && whole >= MQTT_CONNECT_MAX_BYTES)
		return ERR_LIMIT;
	if (!err)
		*out = connect;
	return err;
}

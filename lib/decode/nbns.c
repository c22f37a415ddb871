// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/nbns.h"

#include "base/cursor.h"

enum {
	ENCODED_BYTES = 32, /* two letters a byte (RFC 1001 14.1) */
	NAME_BYTES = NBNS_NAME_MAX + 1,
	LABEL_MAX_BYTES = 63,
	POINTER = 0xc0,
	TYPE_NB = 0x20,
	TYPE_STATUS = 0x21,
	GROUP = 0x8000, /* of a name's flags (RFC 1002 4.2.1.3) */
};

/* What fills a name up is no part of it. */
static int set_name(struct nbns_name *name, const uint8_t bytes[NAME_BYTES])
{
	size_t len = NBNS_NAME_MAX;

	while (len && (bytes[len - 1] == ' ' || !bytes[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (!bytes[i])
			return ERR_MALFORMED;
	}
	memset(name->text, 0, sizeof(name->text));
	memcpy(name->text, bytes, len);
	name->kind = bytes[NBNS_NAME_MAX];
	return 0;
}

/* The encoded name and, passed over, the scope behind it. */
static int read_name(struct cursor *c, struct nbns_name *out)
{
	uint8_t bytes[NAME_BYTES], length = cursor_u8(c);
	struct cursor label = cursor_sub(c, ENCODED_BYTES);

	if (!cursor_ok(c))
		return ERR_TRUNCATED;
	if (length != ENCODED_BYTES)
		return ERR_MALFORMED;
	for (size_t i = 0; i < NAME_BYTES; i++) {
		uint8_t high = cursor_u8(&label), low = cursor_u8(&label);

		if (high < 'A' || high > 'P' || low < 'A' || low > 'P')
			return ERR_MALFORMED;
		bytes[i] = (uint8_t)((high - 'A') << 4 | (low - 'A'));
	}
	for (length = cursor_u8(c); length; length = cursor_u8(c)) {
		if (length > LABEL_MAX_BYTES)
			return ERR_MALFORMED;
		cursor_skip(c, length);
	}
	return cursor_ok(c) ? set_name(out, bytes) : ERR_TRUNCATED;
}

/* The name of a record: mostly a pointer to the one asked for. */
static int skip_record_name(struct cursor *c, struct nbns_name *ignored)
{
	if (cursor_left(c) && (*c->at & POINTER) == POINTER) {
		cursor_skip(c, 2);
		return cursor_check(c);
	}
	return read_name(c, ignored);
}

/* RFC 1002 4.2.18: all names of the one who answers. */
static int read_status(struct cursor *data, struct nbns *nbns)
{
	unsigned count = cursor_u8(data);

	for (unsigned i = 0; i < count; i++) {
		uint8_t bytes[NAME_BYTES];
		struct nbns_name *name = &nbns->names[nbns->name_count];
		uint16_t flags;

		cursor_copy(data, bytes, sizeof(bytes));
		flags = cursor_u16(data);
		if (!cursor_ok(data))
			return ERR_TRUNCATED;
		if (nbns->name_count == NBNS_NAMES_MAX) {
			nbns->names_left_out++;
			continue;
		}
		if (set_name(name, bytes))
			continue;
		name->group = flags & GROUP;
		nbns->name_count++;
	}
	return 0;
}

/* What a record says of its name. */
static int read_record(struct cursor *c, struct nbns *nbns)
{
	uint16_t type = cursor_u16(c);
	struct cursor data;

	cursor_skip(c, 6); /* class, time to live */
	data = cursor_sub(c, cursor_u16(c));
	if (!cursor_ok(c))
		return ERR_TRUNCATED;
	if (type == TYPE_STATUS) {
		nbns->status = true;
		nbns->name_count = 0;
		return read_status(&data, nbns);
	}
	if (type == TYPE_NB && cursor_left(&data) >= 2)
		nbns->names[0].group = cursor_u16(&data) & GROUP;
	return 0;
}

static int set_op(struct nbns *nbns, unsigned opcode)
{
	switch (opcode) {
	case 0:
		nbns->op = NBNS_QUERY;
		return 0;
	case 5:
		nbns->op = NBNS_REGISTER;
		return 0;
	case 6:
		nbns->op = NBNS_RELEASE;
		return 0;
	case 7:
		nbns->op = NBNS_WAIT;
		return 0;
	case 8: /* RFC 1002 has both numbers */
	case 9:
	case 15: /* of several addresses */
		nbns->op = NBNS_REFRESH;
		return 0;
	}
	return ERR_MALFORMED;
}

int nbns_decode(struct slice bytes, struct nbns *out)
{
	struct cursor c = cursor_slice(bytes);
	struct nbns nbns = { .name_count = 1 };
	uint16_t flags, questions, answers, additional;
	int err;

	cursor_skip(&c, 2); /* transaction */
	flags = cursor_u16(&c);
	questions = cursor_u16(&c);
	answers = cursor_u16(&c);
	cursor_skip(&c, 2);
	additional = cursor_u16(&c);
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	nbns.response = flags >> 15;
	nbns.rcode = flags & 15;
	err = set_op(&nbns, flags >> 11 & 15);
	if (!err && questions + answers == 0)
		err = ERR_MALFORMED;
	if (!err)
		err = read_name(&c, &nbns.names[0]);
	if (err)
		return err;
	if (questions) {
		struct nbns_name ignored;

		nbns.status = cursor_u16(&c) == TYPE_STATUS;
		cursor_skip(&c, 2);
		if (!cursor_ok(&c))
			return ERR_TRUNCATED;
		/* a registration has its flags in a record behind */
		if (!additional && !answers) {
			*out = nbns;
			return 0;
		}
		err = skip_record_name(&c, &ignored);
		if (err)
			return err;
	}
	err = read_record(&c, &nbns);
	if (!err)
		*out = nbns;
	return err;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/shape.h"

#include <stdbool.h>

#include "base/cursor.h"
#include "base/grease.h"

#define GREASE 0x0a0a

/* Extensions (IANA) whose contents are dropped. */
static const uint16_t dropped[] = {
	0,	/* server_name: in the hello's host */
	10,	/* supported_groups: a list of its own */
	11,	/* ec_point_formats: likewise */
	13,	/* signature_algorithms: likewise */
	16,	/* ALPN: likewise */
	21,	/* padding: as long as the rest is short */
	35,	/* session_ticket */
	41,	/* pre_shared_key */
	43,	/* supported_versions: a list of its own */
	44,	/* cookie */
	51,	/* key_share */
	57,	/* quic_transport_parameters: connection identifiers */
	0xfe0d, /* encrypted_client_hello */
	0xffa5, /* quic_transport_parameters of the drafts */
};

static uint16_t ungreased(uint16_t v)
{
	return grease_is(v) ? GREASE : v;
}

static bool is_dropped(uint16_t type)
{
	for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
		if (dropped[i] == type)
			return true;
	return type == GREASE;
}

static void copy_numbers(struct buf *out, struct slice list)
{
	size_t start = out->len;

	buf_append(out, list.data, list.len);
	for (size_t at = start; at + 1 < out->len; at += 2) {
		uint8_t *number = out->data + at;

		if (grease_is((uint16_t)(number[0] << 8 | number[1])))
			number[0] = number[1] = GREASE & 0xff;
	}
}

static void copy_extensions(struct buf *out, struct slice block)
{
	struct cursor c = cursor_slice(block);

	while (cursor_left(&c) >= 4) {
		uint16_t type = ungreased(cursor_u16(&c));
		struct slice data = cursor_take(&c, cursor_u16(&c));

		if (is_dropped(type))
			data.len = 0;
		buf_u16(out, type);
		buf_u16(out, (uint16_t)data.len);
		buf_append(out, data.data, data.len);
	}
}

int shape_init(struct shape *s, const struct record_hello *hello)
{
	struct slice *const lists[] = {
		&s->hello.cipher_suites, &s->hello.supported_versions,
		&s->hello.groups,	 &s->hello.signature_algorithms,
		&s->hello.extensions,
	};
	const size_t count = sizeof(lists) / sizeof(lists[0]);
	const uint8_t *at;
	size_t ends[sizeof(lists) / sizeof(lists[0])];
	int err;

	s->hello = *hello;
	buf_init(&s->bytes, SHAPE_MAX_BYTES);
	for (size_t i = 0; i < count; i++) {
		if (lists[i] == &s->hello.extensions)
			copy_extensions(&s->bytes, *lists[i]);
		else
			copy_numbers(&s->bytes, *lists[i]);
		ends[i] = s->bytes.len;
	}
	err = buf_check(&s->bytes);
	if (err) {
		buf_done(&s->bytes);
		return err;
	}
	at = s->bytes.data;
	for (size_t i = 0; i < count; i++) {
		size_t start = i ? ends[i - 1] : 0;

		if (lists[i]->data && at)
			*lists[i] = slice_of(at + start, ends[i] - start);
	}
	return 0;
}

void shape_done(struct shape *s)
{
	buf_done(&s->bytes);
}

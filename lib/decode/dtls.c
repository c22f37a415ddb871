// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/dtls.h"

enum {
	HANDSHAKE = 22,
	VERSION_MAJOR = 0xfe, /* 254 is 1's complement of 1 */
	VERSION_1_0 = 0xff,
	VERSION_1_2 = 0xfd, /* and what 1.3 writes there */
	SEQUENCE_BYTES = 6,
};

bool dtls_may_begin(struct slice d)
{
	return d.len > DTLS_RECORD_HEADER_BYTES && d.data[0] == HANDSHAKE &&
	       d.data[1] == VERSION_MAJOR &&
	       (d.data[2] == VERSION_1_0 || d.data[2] == VERSION_1_2) &&
	       !d.data[3] && !d.data[4];
}

void dtls_walk(struct dtls_walk *w, struct slice datagram)
{
	w->datagram = cursor_slice(datagram);
	w->record = cursor_slice(slice_of(NULL, 0));
}

/* Sets record to the next of handshake messages in clear. 1, 0 at the end. */
static int next_record(struct dtls_walk *w)
{
	struct cursor *c = &w->datagram;

	while (cursor_left(c)) {
		uint8_t type = cursor_u8(c), major = cursor_u8(c);
		uint16_t epoch;
		struct slice content;

		/* what is no such header is the unified one of DTLS 1.3, and
		 * encrypted (RFC 9147 4) */
		if (cursor_ok(c) && major != VERSION_MAJOR)
			return 0;
		cursor_skip(c, 1);
		epoch = cursor_u16(c);
		cursor_skip(c, SEQUENCE_BYTES);
		content = cursor_take(c, cursor_u16(c));
		if (!cursor_ok(c))
			return ERR_TRUNCATED;
		if (type != HANDSHAKE || epoch || !content.len)
			continue;
		w->record = cursor_slice(content);
		return 1;
	}
	return 0;
}

int dtls_next(struct dtls_walk *w, struct dtls_fragment *out)
{
	struct dtls_fragment f;
	struct cursor *c = &w->record;

	if (!cursor_left(c)) {
		int more = next_record(w);

		if (more <= 0)
			return more;
	}
	f.type = cursor_u8(c);
	f.length = cursor_u24(c);
	f.number = cursor_u16(c);
	f.offset = cursor_u24(c);
	f.data = cursor_take(c, cursor_u24(c));
	if (!cursor_ok(c))
		return ERR_TRUNCATED;
	if (f.offset > f.length || f.data.len > f.length - f.offset)
		return ERR_MALFORMED;
	*out = f;
	return 1;
}

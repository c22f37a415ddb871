// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/row.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

void row_init(struct row *r, size_t max)
{
	buf_init(&r->text, max);
	buf_init(&r->scratch, max);
}

void row_done(struct row *r)
{
	buf_done(&r->text);
	buf_done(&r->scratch);
}

void row_begin(struct row *r)
{
	buf_clear(&r->text);
}

/* Each cell is followed by a comma; the last one becomes the end. */
int row_end(struct row *r, struct slice *out)
{
	int err;

	if (r->text.len)
		r->text.len--;
	buf_puts(&r->text, "\r\n");
	err = buf_check(&r->text);
	if (!err)
		*out = buf_slice(&r->text);
	return err;
}

void row_string(struct row *r, const char *text)
{
	buf_puts(&r->text, text);
	buf_u8(&r->text, ',');
}

static bool is_like_a_formula(struct slice text)
{
	return text.len && memchr("=+-@", text.data[0], 4);
}

void row_text(struct row *r, struct slice text, const char *after)
{
	struct slice escaped;
	bool quoted;

	buf_clear(&r->scratch);
	if (is_like_a_formula(text))
		buf_u8(&r->scratch, '\'');
	text_escape(&r->scratch, text);
	buf_puts(&r->scratch, after);
	if (buf_check(&r->scratch))
		r->text.err = r->scratch.err;
	escaped = buf_slice(&r->scratch);
	quoted = escaped.len && (memchr(escaped.data, ',', escaped.len) ||
				 memchr(escaped.data, '"', escaped.len));
	if (quoted)
		buf_u8(&r->text, '"');
	for (size_t i = 0; i < escaped.len; i++) {
		if (escaped.data[i] == '"')
			buf_u8(&r->text, '"');
		buf_u8(&r->text, escaped.data[i]);
	}
	buf_puts(&r->text, quoted ? "\"," : ",");
}

void row_number(struct row *r, uint64_t v)
{
	buf_printf(&r->text, "%" PRIu64 ",", v);
}

void row_addr(struct row *r, const struct addr *a)
{
	char text[ADDR_TEXT_BYTES];

	row_string(r, addr_format(a, text));
}

/* Numbers of size bytes each, big-endian. */
static void put_list(struct row *r, struct slice list, size_t size)
{
	for (size_t i = 0; i + size <= list.len; i += size) {
		unsigned v = list.data[i];

		if (size == 2)
			v = v << 8 | list.data[i + 1];
		buf_printf(&r->text, "%s%u", i ? "+" : "", v);
	}
	buf_u8(&r->text, ',');
}

void row_list_u8(struct row *r, struct slice list)
{
	put_list(r, list, 1);
}

void row_list_u16(struct row *r, struct slice list)
{
	put_list(r, list, 2);
}

void row_base64(struct row *r, struct slice bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < bytes.len; i += 3) {
		size_t left = bytes.len - i;
		uint32_t v = (uint32_t)bytes.data[i] << 16;
		char four[4];

		if (left > 1)
			v |= (uint32_t)bytes.data[i + 1] << 8;
		if (left > 2)
			v |= bytes.data[i + 2];
		four[0] = digits[v >> 18];
		four[1] = digits[v >> 12 & 63];
		four[2] = left > 1 ? digits[v >> 6 & 63] : '=';
		four[3] = left > 2 ? digits[v & 63] : '=';
		buf_append(&r->text, four, sizeof(four));
	}
	buf_u8(&r->text, ',');
}

void row_bool(struct row *r, bool v)
{
	row_string(r, v ? "1" : "0");
}

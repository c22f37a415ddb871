// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/line.h"

#include "base/text.h"

#define DECIMAL_BYTES 20 /* of 2^64 - 1 */
#define TIME_DECIMALS 9

void line_init(struct line *l, size_t max)
{
	buf_init(&l->text, max);
	buf_init(&l->scratch, max);
}

void line_done(struct line *l)
{
	buf_done(&l->text);
	buf_done(&l->scratch);
}

void line_begin(struct line *l)
{
	buf_clear(&l->text);
	line_open(l, '{');
}

/* Each value is followed by a comma; what closes takes the last one back. */
static void take_comma_back(struct line *l)
{
	if (l->text.len && l->text.data[l->text.len - 1] == ',')
		l->text.len--;
}

int line_end(struct line *l, struct slice *line)
{
	int err;

	line_close(l, '}');
	take_comma_back(l);
	buf_u8(&l->text, '\n');
	err = buf_check(&l->text);
	if (!err)
		*line = buf_slice(&l->text);
	return err;
}

void line_open(struct line *l, char bracket)
{
	buf_u8(&l->text, (uint8_t)bracket);
}

void line_close(struct line *l, char bracket)
{
	take_comma_back(l);
	buf_append(&l->text, (char[]){ bracket, ',' }, 2);
}

void line_key(struct line *l, const char *key)
{
	buf_u8(&l->text, '"');
	buf_puts(&l->text, key);
	buf_append(&l->text, "\":", 2);
}

static void append_decimal(struct buf *b, uint64_t v, size_t least_digits)
{
	char digits[DECIMAL_BYTES];
	size_t at = sizeof(digits);

	while (v || sizeof(digits) - at < least_digits) {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	}
	buf_append(b, digits + at, sizeof(digits) - at);
}

void line_number(struct line *l, uint64_t v)
{
	append_decimal(&l->text, v, 1);
	buf_u8(&l->text, ',');
}

void line_time(struct line *l, uint64_t s, uint64_t ns)
{
	append_decimal(&l->text, s, 1);
	buf_u8(&l->text, '.');
	append_decimal(&l->text, ns, TIME_DECIMALS);
	buf_u8(&l->text, ',');
}

void line_bool(struct line *l, bool v)
{
	buf_puts(&l->text, v ? "true," : "false,");
}

/* The bytes are UTF-8 without control characters. */
static void append_quoted(struct buf *out, struct slice text)
{
	size_t start = 0;

	buf_u8(out, '"');
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] != '"' && text.data[i] != '\\')
			continue;
		buf_append(out, text.data + start, i - start);
		buf_u8(out, '\\');
		start = i;
	}
	if (text.len)
		buf_append(out, text.data + start, text.len - start);
	buf_append(out, "\",", 2);
}

void line_string(struct line *l, const char *text)
{
	append_quoted(&l->text, slice_text(text));
}

void line_text(struct line *l, struct slice text)
{
	buf_clear(&l->scratch);
	text_escape(&l->scratch, text);
	if (buf_check(&l->scratch))
		l->text.err = l->scratch.err;
	append_quoted(&l->text, buf_slice(&l->scratch));
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/json.h"

#include "base/text.h"

#define DECIMAL_BYTES 20 /* of 2^64 - 1 */
#define TIME_DECIMALS 9

void json_init(struct json *j, size_t max)
{
	buf_init(&j->line, max);
	buf_init(&j->scratch, max);
}

void json_done(struct json *j)
{
	buf_done(&j->line);
	buf_done(&j->scratch);
}

void json_begin(struct json *j)
{
	buf_clear(&j->line);
	json_open(j, '{');
}

/* Each value is followed by a comma; what closes takes the last one back. */
static void take_comma_back(struct json *j)
{
	if (j->line.len && j->line.data[j->line.len - 1] == ',')
		j->line.len--;
}

int json_end(struct json *j, struct slice *line)
{
	int err;

	json_close(j, '}');
	take_comma_back(j);
	buf_u8(&j->line, '\n');
	err = buf_check(&j->line);
	if (!err)
		*line = buf_slice(&j->line);
	return err;
}

void json_open(struct json *j, char bracket)
{
	buf_u8(&j->line, (uint8_t)bracket);
}

void json_close(struct json *j, char bracket)
{
	take_comma_back(j);
	buf_append(&j->line, (char[]){ bracket, ',' }, 2);
}

void json_key(struct json *j, const char *key)
{
	buf_u8(&j->line, '"');
	buf_puts(&j->line, key);
	buf_append(&j->line, "\":", 2);
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

void json_number(struct json *j, uint64_t v)
{
	append_decimal(&j->line, v, 1);
	buf_u8(&j->line, ',');
}

void json_time(struct json *j, uint64_t s, uint64_t ns)
{
	append_decimal(&j->line, s, 1);
	buf_u8(&j->line, '.');
	append_decimal(&j->line, ns, TIME_DECIMALS);
	buf_u8(&j->line, ',');
}

void json_bool(struct json *j, bool v)
{
	buf_puts(&j->line, v ? "true," : "false,");
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

void json_string(struct json *j, const char *text)
{
	append_quoted(&j->line, slice_text(text));
}

void json_text(struct json *j, struct slice text)
{
	buf_clear(&j->scratch);
	text_escape(&j->scratch, text);
	if (buf_check(&j->scratch))
		j->line.err = j->scratch.err;
	append_quoted(&j->line, buf_slice(&j->scratch));
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/json.h"

#include "base/text.h"

static void skip_space(struct cursor *in)
{
	while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' ||
				    *in->at == '\r' || *in->at == '\n'))
		in->at++;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* The next byte, not consumed; 0 at the end and after a failure. */
static uint8_t next(const struct cursor *in)
{
	return cursor_left(in) ? *in->at : 0;
}

char json_peek(struct json *j)
{
	uint8_t c;

	skip_space(&j->in);
	c = next(&j->in);
	return is_digit(c) || c == '-' ? '0' : (char)c;
}

static bool take(struct json *j, char c)
{
	skip_space(&j->in);
	if (next(&j->in) != (uint8_t)c)
		return false;
	cursor_skip(&j->in, 1);
	return true;
}

void json_enter(struct json *j, char bracket)
{
	if (!take(j, bracket))
		cursor_fail(&j->in);
}

bool json_more(struct json *j, char close, uint32_t *count)
{
	if (!cursor_ok(&j->in) || take(j, close))
		return false;
	if ((*count)++ && !take(j, ','))
		cursor_fail(&j->in);
	return cursor_ok(&j->in);
}

static int hex_digit(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static uint32_t take_hex4(struct cursor *in)
{
	uint32_t code = 0;

	for (int i = 0; i < 4; i++) {
		int digit = hex_digit(cursor_u8(in));

		if (digit < 0)
			cursor_fail(in);
		else
			code = code << 4 | (uint32_t)digit;
	}
	return code;
}

/* What is after "\u"; surrogates come in pairs (RFC 8259 7). */
static uint32_t take_code(struct cursor *in)
{
	uint32_t high = take_hex4(in), low;

	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || cursor_u8(in) != '\\' || cursor_u8(in) != 'u') {
		cursor_fail(in);
		return 0;
	}
	low = take_hex4(in);
	if (low < 0xdc00 || low > 0xdfff)
		cursor_fail(in);
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

static uint8_t *put_utf8(uint8_t *at, uint32_t code)
{
	if (code < 0x80) {
		*at++ = (uint8_t)code;
	} else if (code < 0x800) {
		*at++ = (uint8_t)(0xc0 | code >> 6);
		*at++ = (uint8_t)(0x80 | (code & 0x3f));
	} else if (code < 0x10000) {
		*at++ = (uint8_t)(0xe0 | code >> 12);
		*at++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		*at++ = (uint8_t)(0x80 | (code & 0x3f));
	} else {
		*at++ = (uint8_t)(0xf0 | code >> 18);
		*at++ = (uint8_t)(0x80 | (code >> 12 & 0x3f));
		*at++ = (uint8_t)(0x80 | (code >> 6 & 0x3f));
		*at++ = (uint8_t)(0x80 | (code & 0x3f));
	}
	return at;
}

/* An escape, its backslash consumed. Never longer than it was. */
static uint8_t *unescape(struct cursor *in, uint8_t *at)
{
	uint8_t c = cursor_u8(in);
	uint32_t code = c;

	if (c == 'u')
		code = take_code(in);
	else if (c != '"' && c != '\\' && c != '/')
		cursor_fail(in); /* the rest are control characters */
	if (code < 0x20 || code == 0x7f)
		cursor_fail(in);
	return cursor_ok(in) ? put_utf8(at, code) : at;
}

/* A text with escapes, up to its closing quote: a copy without them. */
static struct slice unescaped(struct json *j, struct cursor in)
{
	const size_t room = cursor_left(&in);
	uint8_t *copy = arena_alloc(j->arena, room ? room : 1), *at = copy;

	if (!copy)
		cursor_fail(&in);
	while (cursor_left(&in)) {
		uint8_t c = cursor_u8(&in);

		if (c == '\\')
			at = unescape(&in, at);
		else
			*at++ = c;
	}
	if (!cursor_ok(&in)) {
		cursor_fail(&j->in);
		return (struct slice){ 0 };
	}
	return slice_of(copy, (size_t)(at - copy));
}

struct slice json_text(struct json *j)
{
	bool escapes = false, ascii = true;
	const uint8_t *at;
	struct slice raw;

	if (!take(j, '"')) {
		cursor_fail(&j->in);
		return (struct slice){ 0 };
	}
	for (at = j->in.at; at < j->in.end && *at != '"'; at++) {
		if (*at < 0x20 || *at == 0x7f) {
			cursor_fail(&j->in);
			return (struct slice){ 0 };
		}
		ascii &= *at < 0x80;
		if (*at == '\\') {
			escapes = true;
			at += at + 1 < j->in.end;
		}
	}
	raw = cursor_take(&j->in, (size_t)(at - j->in.at));
	cursor_skip(&j->in, 1);
	if (cursor_ok(&j->in) && !ascii && !text_is_utf8(raw))
		cursor_fail(&j->in);
	if (!cursor_ok(&j->in))
		return (struct slice){ 0 };
	return escapes ? unescaped(j, cursor_slice(raw)) : raw;
}

struct slice json_key(struct json *j)
{
	struct slice key = json_text(j);

	if (!take(j, ':'))
		cursor_fail(&j->in);
	return key;
}

/* Digits without a zero in front (RFC 8259 6). */
static int64_t take_digits(struct cursor *in, int64_t most)
{
	const uint8_t *start = in->at;
	int64_t value = 0;

	while (is_digit(next(in))) {
		value = value * 10 + (*in->at - '0');
		if (value > most) {
			cursor_fail(in);
			return 0;
		}
		cursor_skip(in, 1);
	}
	if (in->at == start || (in->at - start > 1 && *start == '0'))
		cursor_fail(in);
	return value;
}

/* A number goes on neither with a fraction nor with letters. */
static void end_number(struct cursor *in)
{
	uint8_t c = next(in);

	if (c == '.' || c == '-' || c == '+' || c == '_' || is_digit(c) ||
	    (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		cursor_fail(in);
}

int64_t json_number(struct json *j, int64_t most)
{
	int64_t value;

	skip_space(&j->in);
	value = take_digits(&j->in, most);
	end_number(&j->in);
	return cursor_ok(&j->in) ? value : 0;
}

int64_t json_signed(struct json *j, int64_t most)
{
	int64_t value;
	bool negative = take(j, '-');

	value = take_digits(&j->in, most);
	end_number(&j->in);
	if (!cursor_ok(&j->in))
		return 0;
	return negative ? -value : value;
}

int64_t json_thousandths(struct json *j, int64_t most)
{
	int64_t value;

	skip_space(&j->in);
	value = take_digits(&j->in, most) * 1000;
	if (next(&j->in) == '.') {
		int64_t weight = 100;

		cursor_skip(&j->in, 1);
		if (!is_digit(next(&j->in)))
			cursor_fail(&j->in);
		for (; is_digit(next(&j->in)); weight /= 10)
			value += (cursor_u8(&j->in) - '0') * weight;
	}
	end_number(&j->in);
	return cursor_ok(&j->in) ? value : 0;
}

void json_skip_null(struct json *j)
{
	const uint8_t *word;

	skip_space(&j->in);
	word = cursor_bytes(&j->in, 4);
	if (!word || memcmp(word, "null", 4) != 0)
		cursor_fail(&j->in);
}

void json_end(struct json *j)
{
	skip_space(&j->in);
	if (cursor_left(&j->in))
		cursor_fail(&j->in);
}

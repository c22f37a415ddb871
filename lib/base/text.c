// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/*
 * Length of the valid UTF-8 sequence at p and its code point, or 0.
 * Overlong forms, surrogates and values past 10FFFF are not valid.
 */
static size_t utf8_next(const uint8_t *p, size_t left, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = p[0] < 0x80	 ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;
	uint32_t v;

	if (!n || n > left)
		return 0;
	v = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v < 0xe000))
		return 0;
	*code = v;
	return n;
}

/* Code points that move the cursor, hide text or reverse its order. */
static bool is_unsafe(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x00, 0x1f },	    { 0x7f, 0x9f },	  { 0xad, 0xad },
		{ 0x61c, 0x61c },   { 0x180e, 0x180e },	  { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f },	  { 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	}
	return false;
}

void text_escape(struct buf *out, struct slice bytes)
{
	size_t i = 0;

	while (i < bytes.len) {
		uint32_t code;
		size_t n = utf8_next(bytes.data + i, bytes.len - i, &code);

		if (n && !is_unsafe(code)) {
			if (code == '\\')
				buf_u8(out, '\\');
			buf_append(out, bytes.data + i, n);
			i += n;
			continue;
		}
		for (n = n ? n : 1; n; n--)
			buf_printf(out, "\\x%02x", bytes.data[i++]);
	}
}

size_t text_printable(struct slice bytes, char *out, size_t size)
{
	size_t i = 0, len = 0;

	while (i < bytes.len) {
		uint32_t code;
		size_t n = utf8_next(bytes.data + i, bytes.len - i, &code);

		if (n && !is_unsafe(code)) {
			if (len + n >= size)
				break;
			memcpy(out + len, bytes.data + i, n);
			len += n;
		}
		i += n ? n : 1;
	}
	out[len] = '\0';
	return len;
}

bool text_is_utf8(struct slice bytes)
{
	size_t i = 0;

	while (i < bytes.len) {
		uint32_t code;
		size_t n = utf8_next(bytes.data + i, bytes.len - i, &code);

		if (!n)
			return false;
		i += n;
	}
	return true;
}

size_t text_characters(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

bool text_is_under(struct slice name, struct slice domain)
{
	size_t before;

	if (!domain.len || name.len < domain.len)
		return false;
	before = name.len - domain.len;
	return !strncasecmp((const char *)name.data + before,
			    (const char *)domain.data, domain.len) &&
	       (!before || name.data[before - 1] == '.');
}

bool text_next_line(struct slice *rest, struct slice *line)
{
	const uint8_t *end;
	size_t past;

	if (!rest->len)
		return false;
	end = memchr(rest->data, '\n', rest->len);
	*line = slice_of(rest->data,
			 end ? (size_t)(end - rest->data) : rest->len);
	past = line->len + (end != NULL);
	*rest = slice_of(rest->data + past, rest->len - past);
	return true;
}

int text_number(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
	unsigned long long v;
	char *end;

	if (*text < '0' || *text > '9')
		return ERR_MALFORMED;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (*end)
		return ERR_MALFORMED;
	if (errno || v < least || v > most)
		return ERR_LIMIT;
	*out = v;
	return 0;
}

void text_base64(struct buf *out, struct slice bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const uint8_t *p = bytes.data;

	for (size_t left = bytes.len; left;) {
		size_t n = left < 3 ? left : 3;
		uint32_t v = (uint32_t)p[0] << 16;
		char four[4] = { 0, 0, '=', '=' };

		v |= n > 1 ? (uint32_t)p[1] << 8 : 0;
		v |= n > 2 ? p[2] : 0;
		for (size_t i = 0; i <= n; i++)
			four[i] = digits[v >> (18 - 6 * i) & 63];
		buf_append(out, four, sizeof(four));
		p += n;
		left -= n;
	}
}

const char *text_hex(const void *data, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = 0;
	return out;
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int text_unhex(struct slice text, void *out, size_t n)
{
	uint8_t *p = out;

	if (text.len != 2 * n)
		return ERR_MALFORMED;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(text.data[2 * i]);
		int low = hex_digit(text.data[2 * i + 1]);

		if (high < 0 || low < 0)
			return ERR_MALFORMED;
		p[i] = (uint8_t)(high << 4 | low);
	}
	return 0;
}

/* The byte that \DDD stands for, or -1. */
static int decimal_at(struct slice text, size_t at)
{
	int value = 0;

	if (text.len - at < 3)
		return -1;
	for (size_t i = at; i < at + 3; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		value = value * 10 + (text.data[i] - '0');
	}
	return value <= UINT8_MAX ? value : -1;
}

size_t text_unzone(struct slice text, bool dots, uint8_t *out, size_t size)
{
	size_t n = 0, at = 0;

	while (at < text.len && n < size) {
		int value = -1;

		if (text.data[at] == '\\' && at + 1 < text.len &&
		    (dots || text.data[at + 1] != '.'))
			value = decimal_at(text, ++at);
		out[n++] = value < 0 ? text.data[at] : (uint8_t)value;
		at += value < 0 ? 1 : 3;
	}
	return n;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/unescape.h"

#include <string.h>

#define CHARACTER_MAX 0x10ffff

/* One escape: what it stands for, and its length in the text; 0: none. */
struct escape {
	uint32_t character;
	size_t len;
	bool is_byte; /* of UTF-8, not a character */
};

static int digit_of(uint8_t c, unsigned int base)
{
	int v = -1;

	if (c >= '0' && c <= '9')
		v = c - '0';
	else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
		v = (c | 0x20) - 'a' + 10;
	return v < (int)base ? v : -1;
}

/* Digits from there on, between so many and so many; false: there are not. */
static bool take_number(struct slice text, size_t at, unsigned int base,
			size_t least, size_t most, struct escape *e)
{
	size_t n = 0;

	e->character = 0;
	while (n < most && at + n < text.len) {
		int v = digit_of(text.data[at + n], base);

		if (v < 0)
			break;
		e->character = e->character * base + (uint32_t)v;
		n++;
	}
	e->len = at + n;
	return n >= least;
}

static bool is_mark(uint8_t c)
{
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') &&
	       !((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool read_backslash(struct slice text, struct escape *e)
{
	uint8_t c = text.len > 1 ? text.data[1] : 0;

	if (c == 'x' || c == 'X') {
		e->is_byte = true;
		return take_number(text, 2, 16, 2, 2, e);
	}
	if (c == 'u' || c == 'U')
		return take_number(text, 2, 16, 4, 4, e);
	if (is_mark(c)) {
		*e = (struct escape){ c, 2, true };
		return true;
	}
	e->is_byte = true;
	return take_number(text, 1, 10, 3, 3, e) && e->character < 256;
}

static bool read_entity(struct slice text, struct escape *e)
{
	static const struct {
		const char *name;
		uint32_t character;
	} names[] = {
		{ "&apos;", '\'' },    { "&quot;", '"' },     { "&amp;", '&' },
		{ "&rsquo;", 0x2019 }, { "&lsquo;", 0x2018 }, { "&nbsp;", ' ' },
		{ "&colon;", ':' },    { "&period;", '.' },
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = strlen(names[i].name);

		if (text.len >= n && !memcmp(text.data, names[i].name, n)) {
			*e = (struct escape){ names[i].character, n, false };
			return true;
		}
	}
	if (text.len < 4 || text.data[1] != '#')
		return false;
	if ((text.data[2] | 0x20) == 'x' ? !take_number(text, 3, 16, 1, 6, e)
					 : !take_number(text, 2, 10, 1, 7, e))
		return false;
	return e->len < text.len && text.data[e->len++] == ';';
}

static bool read_escape(struct slice text, struct escape *e)
{
	*e = (struct escape){ 0 };
	if (text.data[0] == '%') {
		e->is_byte = true;
		return take_number(text, 1, 16, 2, 2, e);
	}
	if (text.data[0] == '\\')
		return read_backslash(text, e);
	return text.data[0] == '&' && read_entity(text, e) &&
	       e->character <= CHARACTER_MAX;
}

/* UTF-8 (RFC 3629 3), shorter than any escape of the character. */
static size_t put(const struct escape *e, uint8_t *out)
{
	uint32_t c = e->character;

	if (e->is_byte || c < 0x80) {
		out[0] = (uint8_t)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (uint8_t)(0xc0 | c >> 6);
		out[1] = (uint8_t)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (uint8_t)(0xe0 | c >> 12);
		out[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
		out[2] = (uint8_t)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | c >> 18);
	out[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
	out[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
	out[3] = (uint8_t)(0x80 | (c & 0x3f));
	return 4;
}

/* Once, in its place: what is made is never longer than what was read. */
static bool undo(struct slice *text, uint8_t *out)
{
	size_t at = 0, made = 0;
	bool any = false;

	while (at < text->len) {
		struct escape e;
		uint8_t bytes[4];
		size_t n = 1;

		bytes[0] = text->data[at];
		if (read_escape(slice_of(text->data + at, text->len - at),
				&e)) {
			n = put(&e, bytes);
			at += e.len;
			any = true;
		} else {
			at++;
		}
		memcpy(out + made, bytes, n);
		made += n;
	}
	*text = slice_of(out, made);
	return any;
}

struct slice unescape(struct slice text, uint8_t out[UNESCAPE_MAX])
{
	struct slice made = text;

	if (made.len > UNESCAPE_MAX)
		made.len = UNESCAPE_MAX;
	if (!undo(&made, out))
		return text;
	for (int i = 1; i < UNESCAPE_TIMES; i++)
		if (!undo(&made, out))
			break;
	return made;
}

bool unescape_any(struct slice *text, uint8_t out[UNESCAPE_MAX])
{
	const uint8_t *was = text->data;

	*text = unescape(*text, out);
	return text->data != was;
}

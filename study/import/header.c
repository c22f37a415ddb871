// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/import/header.h"

#include <string.h>

static const uint8_t byte_order_mark[] = { 0xef, 0xbb, 0xbf };

/* The field that begins at at, which moves behind it, to its ',' or line end,
 * or the end of the bytes. */
static int read_field(struct slice bytes, size_t *at, char *out, size_t size)
{
	bool is_quoted = *at < bytes.len && bytes.data[*at] == '"';
	size_t len = 0, i = *at + is_quoted;

	for (;; i++) {
		uint8_t c;

		if (i >= bytes.len) {
			if (is_quoted)
				return ERR_MALFORMED;
			break;
		}
		c = bytes.data[i];
		if (is_quoted && c == '"') {
			if (i + 1 >= bytes.len || bytes.data[i + 1] != '"') {
				i++;
				break;
			}
			i++;
		} else if (!is_quoted && (c == ',' || c == '\n' || c == '\r')) {
			break;
		}
		if (c < ' ' || c > '~' || len + 1 >= size)
			return ERR_MALFORMED;
		out[len++] = (char)c;
	}
	out[len] = '\0';
	*at = i;
	return 0;
}

static void trim(char *name)
{
	size_t start = strspn(name, " "), len = strlen(name + start);

	while (len && name[start + len - 1] == ' ')
		len--;
	memmove(name, name + start, len);
	name[len] = '\0';
}

static bool is_new(const struct header *h, const char *name)
{
	for (size_t i = 0; i < h->count; i++)
		if (!strcmp(h->names[i], name))
			return false;
	return *name;
}

/* After a field: 1 when another follows, 0 when the line ends. */
static int end_field(struct slice bytes, bool is_whole, size_t *at)
{
	if (*at >= bytes.len)
		return is_whole ? 0 : ERR_TRUNCATED;
	switch (bytes.data[(*at)++]) {
	case ',':
		return 1;
	case '\n':
	case '\r':
		return 0;
	default:
		return ERR_MALFORMED;
	}
}

int header_read(struct slice bytes, bool is_whole, struct header *out)
{
	struct header h = { 0 };
	size_t at = 0;
	int more = 1;

	if (bytes.len >= sizeof(byte_order_mark) &&
	    !memcmp(bytes.data, byte_order_mark, sizeof(byte_order_mark)))
		at = sizeof(byte_order_mark);
	while (more > 0) {
		char *name;
		int err;

		if (h.count == HEADER_COLUMNS_MAX)
			return ERR_LIMIT;
		name = h.names[h.count];
		err = read_field(bytes, &at, name, HEADER_NAME_BYTES);
		if (err)
			return err;
		trim(name);
		if (!is_new(&h, name))
			return ERR_MALFORMED;
		h.count++;
		more = end_field(bytes, is_whole, &at);
	}
	if (!more)
		*out = h;
	return more;
}

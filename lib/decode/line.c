// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/line.h"

#include <strings.h>

bool line_next(struct slice head, size_t *at, struct slice *line)
{
	const uint8_t *start, *end;

	if (*at >= head.len)
		return false;
	start = head.data + *at;
	end = memchr(start, '\n', head.len - *at);
	if (!end)
		return false;
	*at = (size_t)(end - head.data) + 1;
	if (end > start && end[-1] == '\r')
		end--;
	*line = slice_of(start, (size_t)(end - start));
	return true;
}

struct slice line_first(struct slice bytes, size_t most)
{
	struct slice line;
	size_t at = 0;

	if (bytes.len > most)
		bytes.len = most;
	return line_next(bytes, &at, &line) ? line : bytes;
}

bool line_starts(struct slice line, const char *text)
{
	size_t len = strlen(text);

	return line.len >= len && !memcmp(line.data, text, len);
}

struct slice line_trim(struct slice s)
{
	while (s.len && (*s.data == ' ' || *s.data == '\t')) {
		s.data++;
		s.len--;
	}
	while (s.len && (s.data[s.len - 1] == ' ' || s.data[s.len - 1] == '\t'))
		s.len--;
	return s;
}

bool line_is_text(struct slice line)
{
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] < ' ' || line.data[i] == 0x7f)
			return false;
	}
	return true;
}

void line_field(struct slice line, const char *name, struct slice *value)
{
	size_t len = strlen(name);

	if (value->data || line.len <= len || line.data[len] != ':' ||
	    strncasecmp((const char *)line.data, name, len) != 0)
		return;
	*value = line_trim(slice_of(line.data + len + 1, line.len - len - 1));
}

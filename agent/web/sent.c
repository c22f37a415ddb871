// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/sent.h"

#include <stdint.h>
#include <string.h>

static json_t *next_line(struct sent *s)
{
	struct slice rest = s->rest;
	const uint8_t *end =
		rest.len ? memchr(rest.data, '\n', rest.len) : NULL;
	size_t len = end ? (size_t)(end - rest.data) : rest.len;
	size_t past = end ? len + 1 : len;

	if (!rest.len)
		return NULL;
	s->rest = slice_of(rest.data + past, rest.len - past);
	return json_loadb((const char *)rest.data, len, 0, NULL);
}

void sent_begin(struct sent *s, struct slice body)
{
	*s = (struct sent){ .rest = body };
	s->header = next_line(s);
}

void sent_end(struct sent *s)
{
	json_decref(s->header);
	json_decref(s->line);
	*s = (struct sent){ 0 };
}

bool sent_next(struct sent *s)
{
	json_decref(s->line);
	s->line = next_line(s);
	return s->line;
}

size_t sent_column(const struct sent *s, const char *table, const char *column)
{
	json_t *columns =
		json_object_get(json_object_get(s->header, "columns"), table);
	json_t *name;
	size_t i;

	json_array_foreach(columns, i, name)
	{
		const char *text = json_string_value(name);

		if (text && !strcmp(text, column))
			return i;
	}
	return SIZE_MAX;
}

json_t *sent_rows(const struct sent *s, const char *table)
{
	return json_object_get(s->line, table);
}

const char *sent_text(json_t *row, size_t column)
{
	return json_string_value(json_array_get(row, column));
}

const char *sent_device(const struct sent *s, json_t *row)
{
	json_t *number = json_array_get(row, 0);

	if (!json_is_integer(number) || json_integer_value(number) < 0)
		return NULL;
	return sent_text(json_array_get(sent_rows(s, "device"),
					(size_t)json_integer_value(number)),
			 0);
}

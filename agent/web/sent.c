// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/sent.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

static json_t *next_line(struct sent *s)
{
	struct slice line;

	if (!text_next_line(&s->rest, &line))
		return NULL;
	return json_loadb((const char *)line.data, line.len, 0, NULL);
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

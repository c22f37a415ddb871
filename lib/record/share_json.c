// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/share_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "record/unescape.h"

/* Rows are written by hand: a tree of them would take ten times the room. */

static void write_string(struct slice text, struct buf *out)
{
	buf_puts(out, "\"");
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		/* text_escape() has left no control character */
		if (c == '"' || c == '\\')
			buf_u8(out, '\\');
		if (c < 0x20)
			buf_printf(out, "\\u%04x", c);
		else
			buf_u8(out, c);
	}
	buf_puts(out, "\"");
}

static void write_cell(const struct share_cell *cell, struct buf *out)
{
	switch (cell->kind) {
	case SHARE_NULL:
		buf_puts(out, "null");
		break;
	case SHARE_NUMBER:
		buf_printf(out, "%" PRIu64, cell->number);
		break;
	case SHARE_REAL:
		/* tenths, so that no locale's comma gets in */
		buf_printf(out, "%" PRIu64 ".%" PRIu64,
			   (uint64_t)(cell->real * 10) / 10,
			   (uint64_t)(cell->real * 10) % 10);
		break;
	case SHARE_TEXT:
		write_string(slice_text(cell->text), out);
		break;
	}
}

static void write_row(const struct share *share, enum share_table table,
		      size_t row, struct buf *out)
{
	const struct share_cell *cells = share_row(share, table, row);
	const char *comma = "";

	buf_puts(out, row ? ",[" : "[");
	for (size_t i = 0; i < share_tables[table].count; i++) {
		if (!share_has_column(table, i, share_fields(share)))
			continue;
		buf_puts(out, comma);
		write_cell(&cells[i], out);
		comma = ",";
	}
	buf_puts(out, "]");
}

int share_json_segment(const struct share *share, uint64_t number,
		       struct buf *out)
{
	buf_printf(out, "{\"segment\":%" PRIu64 ",\"end\":%" PRIu64, number,
		   share_end_ns(share) / 1000000000);
	for (size_t t = 0; t < SHARE_TABLES; t++) {
		size_t rows = share_rows(share, (enum share_table)t);

		if (!rows)
			continue;
		buf_printf(out, ",\"%s\":[", share_tables[t].name);
		for (size_t i = 0; i < rows; i++)
			write_row(share, (enum share_table)t, i, out);
		buf_puts(out, "]");
	}
	buf_puts(out, "}\n");
	return buf_check(out);
}

int share_json_header(const struct share_header *h, struct buf *out)
{
	const char *comma = "";

	buf_puts(out, "{\"upload\":1");
	if (h->fields & SHARE_BIT(CLIENT)) {
		buf_puts(out, ",\"client\":");
		write_string(slice_text(h->client), out);
	}
	buf_puts(out, ",\"consent\":");
	write_string(slice_text(h->consent), out);
	if (h->fields & SHARE_BIT(UTC_OFFSET))
		buf_printf(out, ",\"utc_offset_min\":%d", h->utc_offset_min);
	buf_puts(out, ",\"columns\":{");
	for (size_t t = 0; t < SHARE_TABLES; t++) {
		const struct share_table_columns *table = &share_tables[t];
		const char *between = "";

		if (!share_has_table((enum share_table)t, h->fields))
			continue;
		buf_printf(out, "%s\"%s\":[", comma, table->name);
		for (size_t i = 0; i < table->count; i++) {
			if (!share_has_column((enum share_table)t, i,
					      h->fields))
				continue;
			buf_printf(out, "%s\"%s\"", between,
				   table->columns[i].name);
			between = ",";
		}
		buf_puts(out, "]");
		comma = ",";
	}
	buf_puts(out, "}}\n");
	return buf_check(out);
}

/* The place of a column in a row written with these switches; -1: none. */
static int place_of(enum share_table table, const char *name, uint32_t fields)
{
	int place = 0;

	for (size_t i = 0; i < share_tables[table].count; i++) {
		if (!share_has_column(table, i, fields))
			continue;
		if (!strcmp(share_tables[table].columns[i].name, name))
			return place;
		place++;
	}
	return -1;
}

static const char *cell_text(json_t *row, enum share_table table,
			     const char *name, uint32_t fields)
{
	int place = place_of(table, name, fields);

	return place < 0
		       ? NULL
		       : json_string_value(json_array_get(row, (size_t)place));
}

/* The switch of the source of a name, or of the kind of a clue: rows, not
 * columns, depend on it. */
static uint32_t row_field(json_t *row, enum share_table table, uint32_t fields)
{
	const char *text;

	if (table == SHARE_NAME) {
		text = cell_text(row, table, "source", fields);
		return !text			    ? 0
		       : !strcmp(text, "dns")	    ? SHARE_BIT(ANSWERS)
		       : !strcmp(text, "http-host") ? SHARE_BIT(HTTP_HOST)
						    : SHARE_BIT(SERVER_NAME);
	}
	if (table != SHARE_CLUE)
		return SHARE_ALL;
	text = cell_text(row, table, "kind", fields);
	for (unsigned int k = 0; text && k < RECORD_CLUE_KINDS; k++)
		if (!strcmp(text, record_clue_name(k)))
			return UINT32_C(1) << share_clue_field(k);
	return 0;
}

/* What an owner means by names: of hosts, and of devices. */
static bool is_name_row(json_t *row, enum share_table table, uint32_t fields)
{
	const char *kind;

	if (table == SHARE_QUESTION || table == SHARE_NAME)
		return true;
	if (table != SHARE_CLUE)
		return false;
	kind = cell_text(row, table, "kind", fields);
	return kind && (!strcmp(kind, "dhcp_hostname") ||
			!strcmp(kind, "upnp_friendly_name"));
}

static void blank(json_t *row, enum share_table table, const char *name,
		  uint32_t fields)
{
	int place = place_of(table, name, fields);

	if (place >= 0)
		(void)json_array_set_new(row, (size_t)place, json_null());
}

static void take_names(json_t *row, enum share_table table, uint32_t fields)
{
	if (table == SHARE_HTTP)
		blank(row, table, "host", fields);
	if (table == SHARE_HELLO)
		blank(row, table, "sni", fields);
	if (table == SHARE_LABEL)
		blank(row, table, "name", fields);
}

/* Takes the columns out that have been switched off, from the last. */
static void take_columns(json_t *row, enum share_table table,
			 const struct share_edit *e)
{
	int place = (int)json_array_size(row) - 1;

	for (size_t i = share_tables[table].count; i-- > 0;) {
		if (!share_has_column(table, i, e->fields))
			continue;
		if (!share_has_column(table, i, e->keep))
			json_array_remove(row, (size_t)place);
		place--;
	}
}

static bool says_text(const struct share_edit *e, struct slice text)
{
	uint8_t bytes[UNESCAPE_MAX];

	return e->says(e->user, text) ||
	       (unescape_any(&text, bytes) && e->says(e->user, text));
}

static bool says(json_t *row, enum share_table table,
		 const struct share_edit *e)
{
	json_t *cell;
	size_t i;

	/* no names there, and devices are counted */
	if (!e->says || table == SHARE_DEVICE || table == SHARE_VIEW)
		return false;
	json_array_foreach(row, i, cell)
	{
		if (json_is_string(cell) &&
		    says_text(e, slice_text(json_string_value(cell))))
			return true;
	}
	return false;
}

/* Whether the row stays. */
static bool edit_row(json_t *row, enum share_table table,
		     const struct share_edit *e)
{
	if (says(row, table, e))
		return false;
	if (e->names && is_name_row(row, table, e->fields))
		return false;
	if (!(row_field(row, table, e->fields) & e->keep) &&
	    table != SHARE_DEVICE)
		return false;
	if (e->names)
		take_names(row, table, e->fields);
	take_columns(row, table, e);
	return true;
}

/* The row of the device that is to go, or -1. */
static json_int_t find_device(json_t *segment, const char *id)
{
	json_t *rows = json_object_get(segment, "device"), *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		const char *text = json_string_value(json_array_get(row, 0));

		if (text && !strcmp(text, id))
			return (json_int_t)i;
	}
	return -1;
}

/* Whether the row is of another device; that one's number is put right. */
static bool is_of_another(json_t *row, json_int_t gone)
{
	json_int_t device = json_integer_value(json_array_get(row, 0));

	if (device > gone)
		(void)json_array_set_new(row, 0, json_integer(device - 1));
	return device != gone;
}

static void take_device(json_t *segment, json_int_t gone)
{
	json_array_remove(json_object_get(segment, "device"), (size_t)gone);
	for (size_t t = 0; t < SHARE_TABLES; t++) {
		json_t *rows = json_object_get(segment, share_tables[t].name);

		if (t == SHARE_DEVICE || t == SHARE_VIEW)
			continue;
		for (size_t i = json_array_size(rows); i-- > 0;)
			if (!is_of_another(json_array_get(rows, i), gone))
				json_array_remove(rows, i);
	}
}

static void take_devices(json_t *segment, const struct share_edit *e)
{
	uint64_t end_s =
		(uint64_t)json_integer_value(json_object_get(segment, "end"));
	json_int_t gone;
	const char *id;

	for (size_t n = 0; (id = e->device(e->user, end_s, n)); n++) {
		gone = find_device(segment, id);
		if (gone >= 0)
			take_device(segment, gone);
	}
}

static void edit_table(json_t *segment, enum share_table table,
		       const struct share_edit *e)
{
	const char *name = share_tables[table].name;
	json_t *rows = json_object_get(segment, name);

	for (size_t i = json_array_size(rows); i-- > 0;)
		if (!share_has_table(table, e->keep) ||
		    !edit_row(json_array_get(rows, i), table, e))
			json_array_remove(rows, i);
	if (!json_array_size(rows))
		json_object_del(segment, name);
}

uint64_t share_json_end(struct slice line)
{
	static const char key[] = "\"end\":";
	const uint8_t *at = memmem(line.data, line.len, key, strlen(key));
	uint64_t end_s = 0;

	if (!at)
		return 0;
	for (at += strlen(key); at < line.data + line.len; at++) {
		if (*at < '0' || *at > '9' || end_s > UINT32_MAX)
			break;
		end_s = 10 * end_s + (*at - '0');
	}
	return end_s;
}

static int append_chunk(const char *data, size_t size, void *user)
{
	buf_append(user, data, size);
	return buf_check(user) ? -1 : 0;
}

int share_json_edit(struct slice line, const struct share_edit *e,
		    struct buf *out)
{
	json_t *segment =
		json_loadb((const char *)line.data, line.len, 0, NULL);
	int err = 0;

	if (!json_is_object(segment)) {
		json_decref(segment);
		return ERR_MALFORMED;
	}
	if (e->device)
		take_devices(segment, e);
	for (size_t t = 0; t < SHARE_TABLES; t++)
		edit_table(segment, (enum share_table)t, e);
	if (json_dump_callback(segment, append_chunk, out, JSON_COMPACT))
		err = buf_check(out) ? buf_check(out) : ERR_NOMEM;
	json_decref(segment);
	buf_puts(out, "\n");
	return err ? err : buf_check(out);
}

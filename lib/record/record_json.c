// SPDX-License-Identifier: GPL-3.0-or-later
#include "record/record_json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "base/text.h"
#include "record/record_fields.h"

/* Longest text of a field: the block of extensions, escaped or as hex. */
#define FIELD_TEXT_MAX ((size_t)1 << 20)

/* Values are made, or NULL, and taken by json_object_set_new(), which fails
 * on NULL: so a lack of memory shows at the end of each. */
static json_t *text_json(struct slice s)
{
	struct buf escaped;
	json_t *text = NULL;

	buf_init(&escaped, FIELD_TEXT_MAX);
	text_escape(&escaped, s);
	if (!buf_check(&escaped))
		text = json_stringn(buf_text(&escaped), escaped.len);
	buf_done(&escaped);
	return text;
}

static json_t *hex_json(struct slice s)
{
	char *hex = malloc(2 * s.len + 1);
	json_t *text;

	if (!hex)
		return NULL;
	text = json_string(text_hex(s.data, s.len, hex));
	free(hex);
	return text;
}

static json_t *numbers_json(struct slice s, size_t size)
{
	struct cursor c = cursor_slice(s);
	json_t *list = json_array();

	while (list && cursor_left(&c) >= size) {
		uint16_t v = size == 2 ? cursor_u16(&c) : cursor_u8(&c);

		if (json_array_append_new(list, json_integer(v))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *names_json(struct slice s)
{
	struct cursor c = cursor_slice(s);
	json_t *list = json_array();

	while (list && cursor_left(&c)) {
		struct slice name = cursor_take(&c, cursor_u8(&c));

		if (!cursor_ok(&c))
			break;
		if (json_array_append_new(list, text_json(name))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *time_json(uint64_t ns)
{
	return json_sprintf("%" PRIu64 ".%09" PRIu64, ns / 1000000000,
			    ns % 1000000000);
}

static json_t *addr_json(const struct addr *a)
{
	char text[ADDR_TEXT_BYTES];

	return json_string(addr_format(a, text));
}

static json_t *protocol_json(uint8_t protocol)
{
	switch (protocol) {
	case 6:
		return json_string("tcp");
	case 17:
		return json_string("udp");
	}
	return json_integer(protocol);
}

static bool is_absent(const struct record_field *field, const void *at)
{
	switch (field->kind) {
	case RECORD_ADDR:
		return !((const struct addr *)at)->family;
	case RECORD_TOKEN:
		return !*(const char *)at;
	case RECORD_TEXT:
	case RECORD_LIST8:
	case RECORD_LIST16:
	case RECORD_NAMES:
	case RECORD_BYTES:
		return !((const struct slice *)at)->data;
	case RECORD_FLAG:
	case RECORD_PROTOCOL:
	case RECORD_NUMBER16:
	case RECORD_NUMBER64:
	case RECORD_TIME:
	case RECORD_ENUM:
		break;
	}
	return false;
}

static json_t *field_json(const struct record_field *field, const void *at)
{
	const struct slice *slice = at;

	switch (field->kind) {
	case RECORD_FLAG:
		return json_boolean(*(const bool *)at);
	case RECORD_PROTOCOL:
		return protocol_json(*(const uint8_t *)at);
	case RECORD_NUMBER16:
		return json_integer(*(const uint16_t *)at);
	case RECORD_NUMBER64:
		return json_integer((json_int_t) * (const uint64_t *)at);
	case RECORD_TIME:
		return time_json(*(const uint64_t *)at);
	case RECORD_ADDR:
		return addr_json(at);
	case RECORD_ENUM:
		return json_string(field->values[*(const unsigned *)at]);
	case RECORD_TOKEN:
		return json_string(at);
	case RECORD_TEXT:
		return text_json(*slice);
	case RECORD_LIST8:
		return numbers_json(*slice, 1);
	case RECORD_LIST16:
		return numbers_json(*slice, 2);
	case RECORD_NAMES:
		return names_json(*slice);
	case RECORD_BYTES:
		return hex_json(*slice);
	}
	return NULL;
}

/* "time_ns" in memory is "time" here, where it is no count of nanoseconds. */
static int set_field(json_t *object, const struct record_field *field,
		     const uint8_t *item)
{
	const void *at = item + field->offset;
	size_t len = strlen(field->name);

	if (is_absent(field, at))
		return 0;
	if (field->kind == RECORD_TIME)
		len -= strlen("_ns");
	return json_object_setn_new(object, field->name, len,
				    field_json(field, at));
}

static json_t *item_json(const struct record_type *type, const uint8_t *item)
{
	json_t *object = json_object();
	int err = 0;

	for (size_t i = 0; object && i < type->field_count; i++)
		err |= set_field(object, &type->fields[i], item);
	if (err) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *list_json(const struct record_window *w,
			 const struct record_type *type)
{
	size_t n = record_item_count(w, type);
	json_t *list = json_array();
	int err = 0;

	for (size_t i = 0; list && i < n; i++)
		err |= json_array_append_new(
			list, item_json(type, record_item(w, type, i)));
	if (err) {
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *addrs_json(const struct record_window *w)
{
	json_t *list = json_array();
	int err = 0;

	for (size_t i = 0; list && i < w->addr_count; i++)
		err |= json_array_append_new(list, addr_json(&w->addrs[i]));
	if (err) {
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *window_json(const struct record_window *w)
{
	char mac[MAC_TEXT_BYTES];
	json_t *object = json_object();
	int err;

	if (!object)
		return NULL;
	err = json_object_set_new(
		object, "window",
		json_integer((json_int_t)(w->start_ns / 1000000000)));
	err |= json_object_set_new(object, "device",
				   json_string(mac_format(&w->device, mac)));
	err |= json_object_set_new(object, "gateway",
				   json_boolean(w->is_gateway));
	err |= json_object_set_new(object, "addresses", addrs_json(w));
	for (size_t i = 0; i < RECORD_TYPES; i++) {
		const struct record_type *type = &record_types[i];

		if (record_item_count(w, type))
			err |= json_object_set_new(object, type->name,
						   list_json(w, type));
	}
	if (err) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static int append_chunk(const char *data, size_t size, void *user)
{
	buf_append(user, data, size);
	return buf_check(user) ? -1 : 0;
}

/* Appends the value in one line and lets go of it. */
static int append_json(json_t *value, struct buf *out)
{
	int err = 0;

	if (!value)
		return ERR_NOMEM;
	if (json_dump_callback(value, append_chunk, out, JSON_COMPACT))
		err = buf_check(out) ? buf_check(out) : ERR_NOMEM;
	json_decref(value);
	return err;
}

int record_json(const struct record_window *window, struct buf *out)
{
	int err = append_json(window_json(window), out);

	if (err)
		return err;
	buf_puts(out, "\n");
	return buf_check(out);
}

int record_counters_json(const struct record_counters *counters,
			 struct buf *out)
{
	json_t *object = json_object();
	int err = 0;

	for (size_t i = 0; object && i < record_counter_field_count; i++) {
		const struct record_counter_field *field =
			&record_counter_fields[i];
		uint64_t v;

		memcpy(&v, (const uint8_t *)counters + field->offset,
		       sizeof(v));
		err |= json_object_set_new(object, field->name,
					   json_integer((json_int_t)v));
	}
	if (err) {
		json_decref(object);
		return ERR_NOMEM;
	}
	return append_json(object, out);
}

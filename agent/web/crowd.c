// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/crowd.h"

#include <stdlib.h>
#include <string.h>

#include "record/scrub.h"

#define LABEL_BYTES_MAX 63

void crowd_init(struct crowd *c)
{
	*c = (struct crowd){ .names = json_object() };
}

void crowd_done(struct crowd *c)
{
	json_decref(c->names);
	c->names = NULL;
}

void crowd_clear(struct crowd *c)
{
	json_object_clear(c->names);
	c->changed = true;
}

void crowd_read(struct crowd *c, struct slice text)
{
	json_t *json = json_loadb((const char *)text.data, text.len,
				  JSON_REJECT_DUPLICATES, NULL);
	json_t *names = json_object_get(json, "names");

	if (json_is_object(names)) {
		json_decref(c->names);
		c->names = json_incref(names);
	}
	json_decref(json);
}

int crowd_write(const struct crowd *c, struct buf *out)
{
	json_t *json = json_pack("{s:O}", "names", c->names);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

	json_decref(json);
	if (!text)
		return ERR_NOMEM;
	buf_puts(out, text);
	free(text);
	return buf_check(out);
}

/* Letters, digits, '-' and '_' in two labels at least, the last one no number:
 * what could be asked for in DNS, and is not an address. */
static bool is_host(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-_";
	size_t len = strlen(name), labels = 0;
	const char *label = name;
	bool has_letter = false;

	if (!len || len > CROWD_NAME_BYTES_MAX)
		return false;
	while (label) {
		size_t n = strcspn(label, ".");

		if (!n || n > LABEL_BYTES_MAX || label[0] == '-' ||
		    label[n - 1] == '-' ||
		    strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") < n)
			return false;
		has_letter = strcspn(label, letters) < n;
		labels++;
		label = label[n] ? label + n + 1 : NULL;
	}
	return labels > 1 && has_letter &&
	       !scrub_is_local_name(slice_of(name, len));
}

/* Where a column of a table is in the upload's rows; SIZE_MAX: nowhere. */
static size_t column_of(json_t *header, const char *table, const char *name)
{
	json_t *columns = json_object_get(json_object_get(header, "columns"),
					  table),
	       *column;
	size_t i;

	json_array_foreach(columns, i, column)
	{
		const char *text = json_string_value(column);

		if (text && !strcmp(text, name))
			return i;
	}
	return SIZE_MAX;
}

static const char *text_at(json_t *row, size_t column)
{
	return json_string_value(json_array_get(row, column));
}

/* The next line of an upload as JSON; NULL at its end. */
static json_t *next_line(struct slice *body)
{
	const uint8_t *end = memchr(body->data, '\n', body->len);
	size_t len = end ? (size_t)(end - body->data) : body->len;
	json_t *line;

	if (!body->len)
		return NULL;
	line = json_loadb((const char *)body->data, len, 0, NULL);
	*body = slice_of(body->data + len + (end ? 1 : 0),
			 body->len - len - (end ? 1 : 0));
	return line;
}

/* What was offered: by address, {name, homes, device}. device is null until a
 * flow of the upload has the address. */
static void take_offer(struct crowd *c, json_t *offers, json_t *offer)
{
	const char *text, *name;
	char address[ADDR_TEXT_BYTES];
	json_int_t homes;
	struct addr addr;

	if (json_unpack(offer, "{s:s,s:s,s:I}", "address", &text, "name", &name,
			"accounts", &homes) ||
	    addr_parse(text, &addr) || addr_is_private(&addr) ||
	    addr_is_multicast(&addr) || addr_is_broadcast(&addr) || homes < 1 ||
	    !is_host(name)) {
		c->counters.names_refused++;
		return;
	}
	addr_format(&addr, address);
	json_object_set_new(offers, address,
			    json_pack("{s:s,s:I,s:n}", "name", name, "homes",
				      homes, "device"));
}

static json_t *read_offers(struct crowd *c, json_t *names)
{
	json_t *offers = json_object(), *offer;
	size_t i;

	json_array_foreach(names, i, offer)
	{
		if (i == CROWD_REPLY_MAX) {
			c->counters.names_refused += json_array_size(names) - i;
			break;
		}
		take_offer(c, offers, offer);
	}
	return offers;
}

/* Notes for whose sake an address is known. */
static void find_devices(json_t *offers, json_t *header, json_t *line)
{
	size_t at = column_of(header, "flow", "remote"), i;
	json_t *row, *devices = json_object_get(line, "device");

	json_array_foreach(json_object_get(line, "flow"), i, row)
	{
		const char *address = text_at(row, at);
		json_t *offer =
			address ? json_object_get(offers, address) : NULL;
		json_t *number = json_array_get(row, 0), *device;

		if (!offer || !json_is_integer(number))
			continue;
		device = json_array_get(
			json_array_get(devices,
				       (size_t)json_integer_value(number)),
			0);
		if (json_is_string(device))
			json_object_set(offer, "device", device);
	}
}

/* The home has a name of its own for it. */
static void drop_named(struct crowd *c, json_t *offers, json_t *header,
		       json_t *line)
{
	size_t at = column_of(header, "name", "address"), i;
	json_t *row;

	json_array_foreach(json_object_get(line, "name"), i, row)
	{
		const char *address = text_at(row, at);

		if (address && !json_object_del(offers, address))
			c->counters.names_refused++;
	}
}

static uint64_t number_of(json_t *from, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(from, name));
}

static void drop_oldest(struct crowd *c)
{
	const char *address, *oldest = NULL;
	uint64_t at = UINT64_MAX;
	json_t *entry;

	json_object_foreach(c->names, address, entry)
	{
		if (number_of(entry, "at") < at) {
			at = number_of(entry, "at");
			oldest = address;
		}
	}
	if (oldest && !json_object_del(c->names, oldest))
		c->counters.names_dropped++;
}

static void keep(struct crowd *c, const char *address, json_t *offer,
		 uint64_t now_ms)
{
	json_t *known = json_object_get(c->names, address);
	bool same = known && json_equal(json_object_get(known, "name"),
					json_object_get(offer, "name"));
	uint64_t at_ms = number_of(known, "at");

	if (same && at_ms <= now_ms && now_ms - at_ms < CROWD_AGAIN_MS)
		return;
	if (!known && json_object_size(c->names) >= CROWD_NAMES_MAX)
		drop_oldest(c);
	json_object_set_new(offer, "at", json_integer((json_int_t)now_ms));
	if (!json_object_set(c->names, address, offer)) {
		c->changed = true;
		c->counters.names_taken += !same;
	}
}

void crowd_take_names(struct crowd *c, struct slice body, json_t *names,
		      uint64_t now_ms)
{
	json_t *offers = read_offers(c, names), *header, *line, *offer;
	const char *address;
	void *next;

	if (!json_object_size(offers)) {
		json_decref(offers);
		return;
	}
	header = next_line(&body);
	while ((line = next_line(&body))) {
		find_devices(offers, header, line);
		drop_named(c, offers, header, line);
		json_decref(line);
	}
	json_object_foreach_safe(offers, next, address, offer)
	{
		if (json_is_string(json_object_get(offer, "device")))
			keep(c, address, offer, now_ms);
		else
			c->counters.names_refused++;
	}
	json_decref(header);
	json_decref(offers);
}

static bool is_old(json_t *entry, uint64_t now_ms)
{
	uint64_t at_ms = number_of(entry, "at");

	return at_ms < now_ms && now_ms - at_ms > CROWD_NAME_MS;
}

bool crowd_name_of(const struct crowd *c, const struct addr *addr,
		   uint64_t now_ms, struct crowd_name *out)
{
	char text[ADDR_TEXT_BYTES];
	json_t *entry = json_object_get(c->names, addr_format(addr, text));
	const char *name = json_string_value(json_object_get(entry, "name"));

	if (!name || is_old(entry, now_ms))
		return false;
	*out = (struct crowd_name){ slice_text(name),
				    number_of(entry, "homes") };
	return true;
}

void crowd_expire(struct crowd *c, uint64_t now_ms)
{
	const char *address;
	json_t *entry;
	void *next;

	json_object_foreach_safe(c->names, next, address, entry)
	{
		if (!is_old(entry, now_ms))
			continue;
		json_object_del(c->names, address);
		c->changed = true;
	}
}

void crowd_forget(struct crowd *c, const char *id)
{
	const char *address;
	json_t *entry;
	void *next;

	json_object_foreach_safe(c->names, next, address, entry)
	{
		const char *device =
			json_string_value(json_object_get(entry, "device"));

		if (device && strcmp(device, id) != 0)
			continue;
		json_object_del(c->names, address);
		c->changed = true;
	}
}

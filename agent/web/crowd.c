// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/crowd.h"

#include <string.h>

#include "record/scrub.h"
#include "web/sent.h"

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

void crowd_read(struct crowd *c, json_t *names)
{
	if (!json_is_object(names))
		return;
	json_decref(c->names);
	c->names = json_incref(names);
}

bool crowd_is_host(const char *name)
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
	    !crowd_is_host(name)) {
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
static void find_devices(json_t *offers, const struct sent *sent)
{
	size_t at = sent_column(sent, "flow", "remote"), i;
	json_t *row;

	json_array_foreach(sent_rows(sent, "flow"), i, row)
	{
		const char *address = sent_text(row, at);
		const char *device = sent_device(sent, row);
		json_t *offer =
			address ? json_object_get(offers, address) : NULL;

		if (offer && device)
			json_object_set_new(offer, "device",
					    json_string(device));
	}
}

/* The home has a name of its own for it. */
static void drop_named(struct crowd *c, json_t *offers, const struct sent *sent)
{
	size_t at = sent_column(sent, "name", "address"), i;
	json_t *row;

	json_array_foreach(sent_rows(sent, "name"), i, row)
	{
		const char *address = sent_text(row, at);

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
	json_t *offers = read_offers(c, names), *offer;
	const char *address;
	struct sent sent;
	void *next;

	if (!json_object_size(offers)) {
		json_decref(offers);
		return;
	}
	sent_begin(&sent, body);
	while (sent_next(&sent)) {
		find_devices(offers, &sent);
		drop_named(c, offers, &sent);
	}
	sent_end(&sent);
	json_object_foreach_safe(offers, next, address, offer)
	{
		if (json_is_string(json_object_get(offer, "device")))
			keep(c, address, offer, now_ms);
		else
			c->counters.names_refused++;
	}
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

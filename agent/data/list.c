// SPDX-License-Identifier: GPL-3.0-or-later
#include "data/list.h"

#include <ctype.h>
#include <string.h>

#include "base/text.h"

#define LABEL_BYTES_MAX 63 /* RFC 1035 2.3.4 */

void list_init(struct list *l, uint64_t seed)
{
	memset(l, 0, sizeof(*l));
	l->category = KNOW_CATEGORY_TRACKING;
	reference_build_init(&l->build, seed);
}

void list_done(struct list *l)
{
	reference_build_done(&l->build);
}

void list_set(char out[LIST_NAME_BYTES], struct slice text)
{
	size_t len = text_printable(text, out, LIST_NAME_BYTES);

	while (len && out[len - 1] == ' ')
		len--;
	out[len] = '\0';
}

static bool is_host_byte(uint8_t c)
{
	return isalnum(c) || c == '-' || c == '_' || c == '.';
}

bool list_host(struct slice text, char out[LIST_HOST_BYTES])
{
	size_t label = 0, dots = 0;
	bool letters = false;

	if (text.len && text.data[text.len - 1] == '.')
		text.len--;
	if (!text.len || text.len >= LIST_HOST_BYTES)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (!is_host_byte(c) || (c == '.' && !label) ||
		    (c != '.' && label == LABEL_BYTES_MAX))
			return false;
		dots += c == '.';
		label = c == '.' ? 0 : label + 1;
		letters |= isalpha(c) != 0;
		out[i] = (char)tolower(c);
	}
	out[text.len] = '\0';
	return label && dots && letters;
}

static bool is_address(const char *text)
{
	struct addr addr;

	return !addr_parse(text, &addr);
}

void list_add_tracker(struct list *l, const char *host,
		      enum know_category category, struct slice company)
{
	enum reference_table_id id = category == KNOW_CATEGORY_MALICIOUS
					     ? REFERENCE_MALICIOUS
					     : REFERENCE_TRACKERS;
	uint32_t fields[] = { reference_build_text(&l->build, company), 0,
			      category };

	/* connections to an address are looked up as such only there */
	if (id != REFERENCE_MALICIOUS && is_address(host)) {
		l->left_out++;
		return;
	}
	l->taken +=
		reference_build_add(&l->build, id, slice_text(host), fields, 3);
}

void list_add_company(struct list *l, const char *host, struct slice company)
{
	uint32_t fields[] = { reference_build_text(&l->build, company), 0, 0,
			      KNOW_PURPOSE_NONE };

	l->taken += reference_build_add(&l->build, REFERENCE_HOSTS,
					slice_text(host), fields, 4);
}

/* The name of the list in each record, which was not known before its end. */
static void name_records(struct list *l, uint32_t name)
{
	static const struct {
		enum reference_table_id id;
		size_t field;
	} named[] = {
		{ REFERENCE_HOSTS, 4 },
		{ REFERENCE_TRACKERS, 3 },
		{ REFERENCE_MALICIOUS, 3 },
	};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		struct buf *table = &l->build.tables[named[i].id];
		size_t record = reference_record_bytes(named[i].id);
		size_t at = named[i].field * sizeof(name);

		for (; at < table->len; at += record)
			memcpy(table->data + at, &name, sizeof(name));
	}
}

void list_finish(struct list *l, const char *name)
{
	struct reference_build *b = &l->build;
	uint32_t source[7];

	if (!l->name[0])
		list_set(l->name, slice_text(name));
	source[0] = reference_build_text(b, slice_text(l->name));
	source[1] = reference_build_text(b, slice_text(l->what));
	source[2] = reference_build_text(b, slice_text(l->date));
	source[3] = reference_build_text(b, slice_text(l->licence));
	source[4] = reference_build_text(b, slice_text(l->origin));
	source[5] = 0;
	source[6] = (uint32_t)l->taken;
	reference_build_put(b, REFERENCE_SOURCES, source, 7);
	name_records(l, source[0]);
}

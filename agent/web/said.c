// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/said.h"

#include <string.h>

#include "record/record_fields.h"
#include "store/sift.h"

static struct said of_name(void *row)
{
	struct record_name *n = row;

	return (struct said){ n->addr, SIFT_HOST, .text = &n->name };
}

static struct said of_question(void *row)
{
	struct record_question *q = row;

	return (struct said){ .kind = SIFT_HOST, .text = &q->name };
}

static struct said of_hello(void *row)
{
	struct record_hello *h = row;

	return (struct said){ h->remote, SIFT_HOST, .text = &h->sni };
}

static struct said of_http(void *row)
{
	struct record_http *h = row;

	return (struct said){ h->remote, SIFT_HOST, &h->host, &h->user_agent,
			      true };
}

static struct said of_server(void *row)
{
	struct record_server *s = row;

	return (struct said){ s->remote, SIFT_FREE, .text = &s->subject,
			      .blank = true };
}

static struct said of_service(void *row)
{
	struct record_service *s = row;

	return (struct said){ s->remote, SIFT_FREE, .text = &s->detail,
			      .blank = true };
}

static struct said of_clue(void *row)
{
	struct record_clue *c = row;

	return (struct said){ .kind = (int)c->kind, .text = &c->text };
}

/* Flows have no words. */
static struct said (*const said_of[RECORD_TYPES])(void *row) = {
	[RECORD_PART_NAMES] = of_name,
	[RECORD_PART_QUESTIONS] = of_question,
	[RECORD_PART_HELLOS] = of_hello,
	[RECORD_PART_HTTP] = of_http,
	[RECORD_PART_CLUES] = of_clue,
	[RECORD_PART_SERVERS] = of_server,
	[RECORD_PART_SERVICES] = of_service,
};

static void blank(const struct said *said)
{
	*said->text = (struct slice){ 0 };
	if (said->more)
		*said->more = (struct slice){ 0 };
}

static void sift_part(struct arena *arena, struct record_window *window,
		      enum record_part part,
		      enum said_fate (*fate)(void *user,
					     const struct said *said),
		      void *user)
{
	const struct record_type *type = &record_types[part];
	size_t count = record_item_count(window, type), left = 0;
	struct record_window alone = {
		.start_ns = window->start_ns,
		.device = window->device,
		.is_gateway = window->is_gateway,
	};
	uint8_t *kept = NULL;

	if (count)
		kept = arena_copy(arena, record_item(window, type, 0),
				  count * type->size);
	for (size_t i = 0; kept && i < count; i++) {
		uint8_t *row = kept + left * type->size;
		struct said said;
		enum said_fate what;

		memmove(row, kept + i * type->size, type->size);
		record_set_items(&alone, type, row, 1);
		said = said_of[part](row);
		said.alone = &alone;
		what = fate(user, &said);
		if (what == SAID_GOES)
			continue;
		if (what == SAID_BLANK)
			blank(&said);
		left++;
	}
	record_set_items(window, type, kept, left);
}

void said_sift(struct arena *arena, struct record_window *window,
	       enum said_fate (*fate)(void *user, const struct said *said),
	       void *user)
{
	for (int part = 0; part < RECORD_TYPES; part++)
		if (said_of[part])
			sift_part(arena, window, (enum record_part)part, fate,
				  user);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/said.h"

#include <string.h>

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

#define ROWS(field, count, type, said)                         \
	{                                                      \
		offsetof(struct record_window, field),         \
			offsetof(struct record_window, count), \
			sizeof(struct type), said              \
	}

static const struct {
	size_t rows, count; /* where they stand in a window */
	size_t size;
	struct said (*said)(void *row);
} tables[] = {
	ROWS(names, name_count, record_name, of_name),
	ROWS(questions, question_count, record_question, of_question),
	ROWS(hellos, hello_count, record_hello, of_hello),
	ROWS(http, http_count, record_http, of_http),
	ROWS(servers, server_count, record_server, of_server),
	ROWS(services, service_count, record_service, of_service),
	ROWS(clues, clue_count, record_clue, of_clue),
};

static void blank(const struct said *said)
{
	*said->text = (struct slice){ 0 };
	if (said->more)
		*said->more = (struct slice){ 0 };
}

/* The row alone, as it stands in its table, in a window like the other. */
static struct record_window window_of(const struct record_window *like,
				      size_t table, const void *row)
{
	struct record_window alone = {
		.start_ns = like->start_ns,
		.device = like->device,
		.is_gateway = like->is_gateway,
	};
	size_t one = 1;

	memcpy((uint8_t *)&alone + tables[table].rows, &row, sizeof(row));
	memcpy((uint8_t *)&alone + tables[table].count, &one, sizeof(one));
	return alone;
}

static void
sift_table(struct arena *arena, struct record_window *window, size_t table,
	   enum said_fate (*fate)(void *user, const struct said *said),
	   void *user)
{
	uint8_t *fields = (uint8_t *)window, *kept;
	size_t size = tables[table].size, count, left = 0;
	struct record_window alone;
	const uint8_t *rows;
	struct said said;
	enum said_fate what;

	memcpy(&rows, fields + tables[table].rows, sizeof(rows));
	memcpy(&count, fields + tables[table].count, sizeof(count));
	kept = count ? arena_copy(arena, rows, count * size) : NULL;
	for (size_t i = 0; kept && i < count; i++) {
		memmove(kept + left * size, kept + i * size, size);
		said = tables[table].said(kept + left * size);
		alone = window_of(window, table, kept + left * size);
		said.alone = &alone;
		what = fate(user, &said);
		if (what == SAID_GOES)
			continue;
		if (what == SAID_BLANK)
			blank(&said);
		left++;
	}
	memcpy(fields + tables[table].rows, &kept, sizeof(kept));
	memcpy(fields + tables[table].count, &left, sizeof(left));
}

void said_sift(struct arena *arena, struct record_window *window,
	       enum said_fate (*fate)(void *user, const struct said *said),
	       void *user)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		sift_table(arena, window, i, fate, user);
}

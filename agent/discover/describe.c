// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/describe.h"

#include <expat.h>
#include <stdbool.h>
#include <string.h>

/* What stands between a namespace and a name. */
#define SEPARATOR '\n'
/* root, device, and what is told of it */
#define DEPTH_TOLD 3

static const struct {
	const char *name;
	enum record_clue_kind kind;
} told[] = {
	{ "friendlyName", RECORD_CLUE_UPNP_FRIENDLY_NAME },
	{ "manufacturer", RECORD_CLUE_UPNP_MANUFACTURER },
	{ "modelName", RECORD_CLUE_UPNP_MODEL },
	{ "modelNumber", RECORD_CLUE_UPNP_MODEL_NUMBER },
};
#define TOLD (sizeof(told) / sizeof(told[0]))

struct reader {
	XML_Parser parser;
	void (*tell)(void *user, enum record_clue_kind kind, struct slice text);
	void *user;
	int depth;
	bool in_device; /* the first that the root has */
	bool refused;
	size_t at; /* in told; TOLD: nothing that is told */
	bool done[TOLD];
	char text[DESCRIBE_TEXT_MAX];
	size_t length;
};

static void refuse(struct reader *r)
{
	r->refused = true;
	XML_StopParser(r->parser, XML_FALSE);
}

/* Without its namespace. */
static const char *local_name(const char *name)
{
	const char *end = strrchr(name, SEPARATOR);

	return end ? end + 1 : name;
}

static void on_start(void *user, const char *name, const char **attributes)
{
	struct reader *r = user;

	(void)attributes;
	name = local_name(name);
	if (++r->depth > DESCRIBE_DEPTH_MAX) {
		refuse(r);
		return;
	}
	if (r->depth == DEPTH_TOLD - 1)
		r->in_device = !strcmp(name, "device");
	r->at = TOLD;
	r->length = 0;
	if (r->depth != DEPTH_TOLD || !r->in_device)
		return;
	for (size_t i = 0; i < TOLD; i++)
		if (!strcmp(name, told[i].name) && !r->done[i])
			r->at = i;
}

static void on_text(void *user, const char *text, int length)
{
	struct reader *r = user;
	size_t n = (size_t)length, room = sizeof(r->text) - r->length;

	if (r->at == TOLD)
		return;
	memcpy(r->text + r->length, text, n < room ? n : room);
	r->length += n < room ? n : room;
}

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static void on_end(void *user, const char *name)
{
	struct reader *r = user;
	size_t from = 0;

	(void)name;
	r->depth--;
	if (r->at == TOLD)
		return;
	while (from < r->length && is_space(r->text[from]))
		from++;
	while (r->length > from && is_space(r->text[r->length - 1]))
		r->length--;
	if (r->length > from)
		r->tell(r->user, told[r->at].kind,
			slice_of((uint8_t *)r->text + from, r->length - from));
	r->done[r->at] = true;
	r->at = TOLD;
}

static void on_doctype(void *user, const char *name, const char *system_id,
		       const char *public_id, int has_internal_subset)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_internal_subset;
	refuse(user);
}

int describe_read(struct slice xml,
		  void (*tell)(void *user, enum record_clue_kind kind,
			       struct slice text),
		  void *user)
{
	struct reader r = { .tell = tell, .user = user, .at = TOLD };
	enum XML_Status status;

	r.parser = XML_ParserCreateNS(NULL, SEPARATOR);
	if (!r.parser)
		return ERR_NOMEM;
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_text);
	XML_SetStartDoctypeDeclHandler(r.parser, on_doctype);
	status = XML_Parse(r.parser, (const char *)xml.data, (int)xml.len, 1);
	XML_ParserFree(r.parser);
	return status == XML_STATUS_OK && !r.refused ? 0 : ERR_MALFORMED;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/recall.h"

#include <stdio.h>
#include <string.h>

#include "store/heard.h"
#include "store/query.h"
#include "web/gate.h"
#include "web/state.h"

/* Whose evidence is being read, and how much of this kind was. */
struct recalling {
	const struct know *know;
	struct home_device *device;
	size_t rows;
};

static bool add(struct recalling *r, unsigned int kind, struct slice text)
{
	identify_add(&r->device->identify, r->know, &r->device->mac, kind,
		     text);
	return ++r->rows < RECALL_ROWS_MAX;
}

static bool take_clue(void *user, const struct query_clue *clue)
{
	for (unsigned int i = 0; i < RECORD_CLUE_KINDS; i++)
		if (!strcmp(record_clue_name((enum record_clue_kind)i),
			    clue->kind))
			return add(user, i, clue->text);
	return true;
}

static bool take_service(void *user, const struct heard_service *service)
{
	return add(user, EVIDENCE_APPLICATION,
		   slice_text(record_application_name(service->application)));
}

static bool take_hello(void *user, const struct heard_hello *hello)
{
	return add(user, EVIDENCE_JA3, slice_text(hello->ja3)) &&
	       add(user, EVIDENCE_JA4, slice_text(hello->ja4));
}

static bool take_http(void *user, const struct heard_http *http)
{
	return add(user, RECORD_CLUE_USER_AGENT, http->user_agent) &&
	       add(user, EVIDENCE_DOMAIN, http->host);
}

static bool take_question(void *user, const struct heard_question *question)
{
	return add(user, EVIDENCE_DOMAIN, question->name);
}

static bool take_name(void *user, const struct heard_name *name)
{
	return add(user, EVIDENCE_DOMAIN, name->name);
}

static bool take_port(void *user, uint16_t port)
{
	char text[sizeof("tcp/65535")];

	(void)snprintf(text, sizeof(text), "tcp/%u", port);
	return add(user, EVIDENCE_OPEN, slice_text(text));
}

/* What cannot be read is told as the store's fault. */
static void recall(struct hub *hub, struct home_device *device)
{
	struct recalling r = { &hub->know, device, 0 };
	uint64_t last_ms = device->last_ms;
	uint64_t day = last_ms > RECALL_MS ? last_ms - RECALL_MS : 0;
	uint64_t hour =
		last_ms > RECALL_FLOWS_MS ? last_ms - RECALL_FLOWS_MS : 0;
	struct store *s = hub->store;
	int64_t id = device->store_id;

	(void)!query_clues(s, id, RECALL_CLUES_MAX, take_clue, &r);
	r.rows = 0;
	(void)!heard_services(s, id, day, take_service, &r);
	r.rows = 0;
	(void)!heard_hellos(s, id, day, take_hello, &r);
	r.rows = 0;
	(void)!heard_http(s, id, day, RECALL_ROWS_MAX, take_http, &r);
	r.rows = 0;
	(void)!heard_questions(s, id, day, take_question, &r);
	r.rows = 0;
	(void)!heard_names(s, id, day, take_name, &r);
	r.rows = 0;
	(void)!heard_ports(s, id, hour, take_port, &r);
	identify_judge(device->identify);
	identify_opinion(device->identify, &device->opinion);
}

void recall_all(struct hub *hub)
{
	struct home_device *device;
	uint32_t at = 0;

	while ((device = home_next(&hub->home, &at)))
		if (gate_lets(device, true, GATE_HISTORY))
			recall(hub, device);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "judge/finding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS_PER_S   1000
#define ROOM_FIRST 4

void finding_done(struct finding_list *list)
{
	free(list->items);
	memset(list, 0, sizeof(*list));
}

static struct finding *find(struct finding_list *list, enum rule_kind kind,
			    const char *subject, size_t *of_kind)
{
	*of_kind = 0;
	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].kind != kind)
			continue;
		if (!strcmp(list->items[i].subject, subject))
			return &list->items[i];
		++*of_kind;
	}
	return NULL;
}

static struct finding *add(struct finding_list *list)
{
	struct finding *grown;
	size_t room;

	if (list->count == list->room) {
		room = list->room ? list->room * 2 : ROOM_FIRST;
		grown = room > FINDING_MAX
				? NULL
				: realloc(list->items, room * sizeof(*grown));
		if (!grown) {
			list->refused++;
			return NULL;
		}
		list->items = grown;
		list->room = room;
	}
	list->items[list->count] = (struct finding){ 0 };
	return &list->items[list->count++];
}

static void add_evidence(struct finding *f, uint64_t at_ms, const char *text)
{
	struct finding_evidence *place = NULL;
	char cut[FINDING_EVIDENCE_BYTES];

	snprintf(cut, sizeof(cut), "%s", text);
	for (size_t i = 0; i < FINDING_EVIDENCE_MAX && !place; i++)
		if (!f->evidence[i].at_ms || !strcmp(f->evidence[i].text, cut))
			place = &f->evidence[i];
	if (!place)
		place = &f->evidence[FINDING_EVIDENCE_MAX - 1];
	place->at_ms = at_ms;
	memcpy(place->text, cut, sizeof(cut));
}

struct finding *finding_report(struct finding_list *list,
			       const struct finding_report *r)
{
	char subject[FINDING_SUBJECT_BYTES];
	struct finding *f;
	size_t of_kind;

	snprintf(subject, sizeof(subject), "%s", r->subject);
	f = find(list, r->kind, subject, &of_kind);
	if (!f && of_kind >= FINDING_OF_KIND_MAX) {
		subject[0] = '\0';
		f = find(list, r->kind, subject, &of_kind);
	}
	if (!f) {
		f = add(list);
		if (!f)
			return NULL;
		f->kind = r->kind;
		memcpy(f->subject, subject, sizeof(subject));
		f->since_ms = r->at_ms;
		list->changed = true;
	}
	if (f->state == FINDING_GONE) {
		f->state = FINDING_OPEN;
		list->changed = true;
	}
	if (r->endpoint)
		f->endpoint = *r->endpoint;
	if (r->at_ms > f->last_ms)
		f->last_ms = r->at_ms;
	f->hits++;
	f->changed = true;
	add_evidence(f, r->at_ms, r->evidence);
	return f;
}

bool finding_restore(struct finding_list *list, const struct finding *stored)
{
	struct finding *f;
	size_t of_kind;

	if (find(list, stored->kind, stored->subject, &of_kind))
		return false;
	f = add(list);
	if (!f)
		return false;
	*f = *stored;
	return true;
}

bool finding_recheck(struct finding_list *list, struct finding *f,
		     uint64_t now_ms)
{
	uint64_t quiet_ms = (uint64_t)rules[f->kind].quiet_s * MS_PER_S;

	if (f->state != FINDING_OPEN)
		return f->state == FINDING_GONE;
	if (now_ms < f->last_ms || now_ms - f->last_ms < quiet_ms)
		return false;
	f->state = FINDING_GONE;
	f->changed = true;
	list->changed = true;
	return true;
}

void finding_dismiss(struct finding_list *list, struct finding *f)
{
	if (f->state == FINDING_DISMISSED)
		return;
	f->state = FINDING_DISMISSED;
	f->changed = true;
	list->changed = true;
}

const char *finding_state_name(enum finding_state state)
{
	static const char *const names[FINDING_STATES] = {
		[FINDING_OPEN] = "open",
		[FINDING_GONE] = "gone",
		[FINDING_DISMISSED] = "dismissed",
	};

	return names[state];
}

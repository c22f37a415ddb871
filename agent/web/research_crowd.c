// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/research.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "web/gate.h"
#include "web/state.h"

#define VALUE_NAME "crowd"

static bool is_changed(const struct research *r)
{
	return r->crowd.changed || r->alike.changed;
}

static int write_all(struct research *r)
{
	json_t *json = json_pack("{s:O,s:O}", "names", r->crowd.names,
				 "devices", r->alike.devices);
	char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;
	int err = ERR_NOMEM;

	json_decref(json);
	if (text && strlen(text) > SPOOL_VALUE_MAX)
		err = ERR_LIMIT;
	else if (text)
		err = spool_put(r->spool, VALUE_NAME, slice_text(text));
	free(text);
	return err;
}

static void save(struct hub *hub)
{
	struct research *r = &hub->research;

	if (!r->spool || !is_changed(r))
		return;
	r->crowd_ms = hub->tick_ms;
	if (write_all(r))
		r->counters.crowd_lost++;
	else
		r->crowd.changed = r->alike.changed = false;
}

void research_crowd_start(struct hub *hub)
{
	struct research *r = &hub->research;
	struct buf value;
	json_t *json;

	crowd_init(&r->crowd);
	alike_init(&r->alike);
	buf_init(&value, SPOOL_VALUE_MAX);
	if (r->spool && !spool_get(r->spool, VALUE_NAME, &value)) {
		json = json_loadb(buf_text(&value), value.len, 0, NULL);
		crowd_read(&r->crowd, json_object_get(json, "names"));
		alike_read(&r->alike, json_object_get(json, "devices"));
		json_decref(json);
	}
	buf_done(&value);
}

void research_crowd_stop(struct hub *hub)
{
	struct research *r = &hub->research;

	save(hub);
	crowd_done(&r->crowd);
	alike_done(&r->alike);
	json_decref(r->question);
	r->question = NULL;
}

void research_crowd_take(struct hub *hub, json_t *names)
{
	struct research *r = &hub->research;

	crowd_take_names(&r->crowd, buf_slice(&r->body), names, hub->now_ms);
	/* what is another one every day is never asked about */
	if (r->fields & SHARE_BIT(IDENTIFIER))
		alike_learn(&r->alike, buf_slice(&r->body), hub->now_ms);
}

void research_crowd_forget(struct hub *hub, const char *id)
{
	crowd_forget(&hub->research.crowd, id);
	alike_forget(&hub->research.alike, id);
}

void research_crowd_save(struct hub *hub)
{
	save(hub);
}

void research_crowd_narrow(struct hub *hub, uint32_t gone)
{
	alike_narrow(&hub->research.alike, gone);
	save(hub);
}

void research_crowd_clear(struct hub *hub)
{
	crowd_clear(&hub->research.crowd);
	alike_clear(&hub->research.alike);
	save(hub);
}

/* As uploads have it. */
static const char *id_of(const struct home_device *device,
			 char out[SHARE_ID_BYTES])
{
	snprintf(out, SHARE_ID_BYTES, "%.32s", device->id);
	return out;
}

void research_crowd_unlabel(struct hub *hub, const struct home_device *device)
{
	char id[SHARE_ID_BYTES];

	alike_unlabel(&hub->research.alike, id_of(device, id));
}

/* Whether its owner says what it is. */
static bool is_labelled(struct research *r, const struct home_device *device)
{
	json_t *label = json_object_get(research_device(r, &device->mac, false),
					"label");
	const char *source =
		json_string_value(json_object_get(label, "source"));

	return source && strcmp(source, "rejected") != 0;
}

static bool may_ask(const struct hub *hub, const struct home_device *device)
{
	const struct research *r = &hub->research;

	return gate_lets(device, hub->consent.given, GATE_SHARE) &&
	       !research_is_off(r, &device->mac) &&
	       (device->watched || r->unwatched);
}

/* Nothing went wrong: when the next question may go. */
static void ask_later(struct hub *hub)
{
	struct pace *pace = &hub->research.ask_pace;

	*pace = (struct pace){ .due_ms = hub->tick_ms + RESEARCH_ASK_MS };
}

static void ask_next(struct hub *hub)
{
	struct research *r = &hub->research;
	struct home_device *device;
	json_t *body = NULL;
	uint32_t at = 0;

	while (!body && (device = home_next(&hub->home, &at)))
		if (may_ask(hub, device))
			body = alike_question(&r->alike,
					      id_of(device, r->asked_id),
					      is_labelled(r, device),
					      hub->now_ms, &r->asked);
	ask_later(hub);
	if (!body)
		return;
	json_decref(r->question);
	r->question = body;
	research_send_question(hub,
			       r->asked == ALIKE_DEVICE ? "/v1/ask/device"
							: "/v1/ask/normal",
			       body);
}

void research_crowd_tick(struct hub *hub)
{
	struct research *r = &hub->research;

	if (hub->tick_ms - r->crowd_ms >= RESEARCH_CROWD_MS) {
		crowd_expire(&r->crowd, hub->now_ms);
		alike_expire(&r->alike, hub->now_ms);
		save(hub);
	}
	/* what is shared goes before what is asked */
	if (r->state == RESEARCH_SHARING && !r->paused && !r->errand &&
	    hub->upload.fd >= 0 && !r->pace.failures &&
	    pace_is_due(&r->ask_pace, hub->tick_ms))
		ask_next(hub);
}

/* It understood, and does not answer that: asked again it would be the same. */
static bool is_refusal(uint32_t status)
{
	return status >= 400 && status < 500 && status != 429;
}

void research_crowd_answered(struct hub *hub, const struct message_sent *sent,
			     json_t *reply)
{
	struct research *r = &hub->research;
	uint32_t random = 0;

	if (sent->status == 200 || is_refusal(sent->status))
		alike_answer(&r->alike, r->asked_id, r->asked, r->question,
			     sent->status == 200 ? reply : NULL, hub->now_ms);
	if (sent->status == 200) {
		ask_later(hub);
		return;
	}
	r->counters.questions_failed++;
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) != sizeof(random))
		random = UINT32_MAX / 2;
	pace_failed(&r->ask_pace, hub->tick_ms, sent->retry_after_s, random);
}

/* Whether what it said before may be shown: an account stands. */
static bool is_told(const struct research *r)
{
	return r->known && r->state != RESEARCH_ERASING;
}

bool research_crowd_name(const struct hub *hub, const struct addr *addr,
			 struct crowd_name *out)
{
	const struct research *r = &hub->research;

	return is_told(r) && crowd_name_of(&r->crowd, addr, hub->now_ms, out);
}

json_t *research_crowd_guesses(const struct hub *hub,
			       const struct home_device *device)
{
	const struct research *r = &hub->research;
	char id[SHARE_ID_BYTES];

	return is_told(r) ? alike_guesses(&r->alike, id_of(device, id)) : NULL;
}

bool research_crowd_share(const struct hub *hub,
			  const struct home_device *device, struct slice domain,
			  struct alike_share *out)
{
	const struct research *r = &hub->research;
	char id[SHARE_ID_BYTES];

	return is_told(r) &&
	       alike_share_of(&r->alike, id_of(device, id), domain, out);
}

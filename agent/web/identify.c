// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/identify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "web/announced.h"
#include "web/view.h"

struct identify {
	struct evidence_set evidence;
	struct identity identity; /* by all of it */
};

static struct identify *made(struct identify **self, const struct know *know,
			     const struct mac *mac)
{
	if (*self)
		return *self;
	*self = calloc(1, sizeof(**self));
	if (!*self)
		return NULL;
	evidence_init(&(*self)->evidence, know);
	evidence_add_mac(&(*self)->evidence, mac);
	identity_judge(&(*self)->evidence, &(*self)->identity);
	return *self;
}

bool identify_window(struct identify **self, const struct know *know,
		     const struct mac *mac, const struct record_window *window)
{
	bool fresh = !*self;
	struct identify *known = made(self, know, mac);

	if (!known)
		return false;
	if (evidence_add_window(&known->evidence, window)) {
		identity_judge(&known->evidence, &known->identity);
		fresh = true;
	}
	return fresh;
}

void identify_add(struct identify **self, const struct know *know,
		  const struct mac *mac, unsigned int kind, struct slice text)
{
	struct identify *known = made(self, know, mac);

	if (known && kind == EVIDENCE_DOMAIN)
		(void)evidence_add_domain(&known->evidence, text);
	else if (known)
		(void)evidence_add(&known->evidence, kind, text);
}

void identify_judge(struct identify *self)
{
	if (self)
		identity_judge(&self->evidence, &self->identity);
}

bool identify_sift(struct identify *self,
		   bool (*tells)(void *user, const struct evidence *piece),
		   void *user)
{
	struct evidence_set kept;
	struct evidence e;
	bool any = false;

	for (size_t at = 0; self && evidence_next(&self->evidence, &at, &e);)
		any |= tells(user, &e);
	if (!any)
		return false;
	evidence_init(&kept, self->evidence.know);
	for (size_t at = 0; evidence_next(&self->evidence, &at, &e);)
		if (!tells(user, &e))
			(void)evidence_add(&kept, e.kind, e.text);
	evidence_wipe(&self->evidence);
	evidence_done(&self->evidence);
	self->evidence = kept;
	identity_judge(&self->evidence, &self->identity);
	return true;
}

void identify_join(struct identify *self, const struct identify *other)
{
	struct evidence e;

	if (!self || !other)
		return;
	for (size_t at = 0; evidence_next(&other->evidence, &at, &e);)
		/* of the MAC that it had */
		if (e.kind != EVIDENCE_OUI && e.kind != EVIDENCE_MAC_RANDOM)
			(void)evidence_add(&self->evidence, e.kind, e.text);
	identity_judge(&self->evidence, &self->identity);
}

/* Why, for what a device does: a rule's own words would say with whom. NULL for
 * what it says to everyone. */
static const char *said_of_traffic(unsigned int kind)
{
	switch (kind) {
	case EVIDENCE_DOMAIN:
		return "the names that it asks for";
	case EVIDENCE_JA3:
	case EVIDENCE_JA4:
		return "how it begins encrypted connections";
	case EVIDENCE_APPLICATION:
	case EVIDENCE_OPEN:
	case RECORD_CLUE_MQTT_CLIENT_ID:
		return "what it speaks with others";
	case RECORD_CLUE_USER_AGENT:
		return "what its programs call themselves";
	default:
		return NULL;
	}
}

/* Without a word of the device's own: what it was recognised as, and by what.
 */
static void put_reason(const struct identity_reason *reason,
		       char out[IDENTIFY_REASON_BYTES])
{
	const char *traffic = said_of_traffic(reason->evidence.kind);
	const char *as = identity_category_label(reason->category);

	(void)snprintf(out, IDENTIFY_REASON_BYTES, "%s%s%s%s%s",
		       traffic ? traffic : reason->says, as[0] ? " (" : "", as,
		       as[0] ? ")" : "",
		       reason->contradicts ? ", against the others" : "");
}

static bool has_reason(const struct identify_opinion *opinion, const char *text)
{
	for (size_t i = 0; i < opinion->reason_count; i++)
		if (!strcmp(opinion->reasons[i], text))
			return true;
	return false;
}

void identify_opinion(const struct identify *self, struct identify_opinion *out)
{
	static const enum identify_verdict verdicts[] = {
		[IDENTITY_UNKNOWN] = IDENTIFY_UNKNOWN,
		[IDENTITY_THING] = IDENTIFY_THING,
		[IDENTITY_COMPUTER] = IDENTIFY_COMPUTER,
	};

	*out = (struct identify_opinion){ .reason_count = 0 };
	if (!self)
		return;
	out->verdict = verdicts[self->identity.verdict];
	out->computer = self->identity.computer;
	for (size_t i = 0; i < self->identity.reason_count; i++) {
		const struct identity_reason *reason =
			&self->identity.reasons[i];

		if (!reason->thing && !reason->computer)
			continue;
		if (out->reason_count == IDENTIFY_REASONS_MAX)
			break;
		put_reason(reason, out->reasons[out->reason_count]);
		if (!has_reason(out, out->reasons[out->reason_count]))
			out->reason_count++;
	}
}

static json_t *text_or_null(const char *text)
{
	return text[0] ? view_text(slice_text(text)) : json_null();
}

static json_t *one_piece(const struct identity_reason *reason)
{
	const char *kind = evidence_kind_name(reason->evidence.kind);
	uint8_t text[ANNOUNCED_BYTES];
	size_t len = announced_clean(kind, reason->evidence.text, text);

	return json_pack("{s:s,s:o,s:s,s:i,s:b}", "kind", kind, "text",
			 view_text(slice_of(text, len)), "says", reason->says,
			 "weight", (int)reason->weight, "contradicts",
			 reason->contradicts);
}

json_t *identify_view(const struct identify *self)
{
	const struct identity *who = identify_identity(self);
	json_t *evidence = json_array();
	size_t shown = who->reason_count < IDENTIFY_EVIDENCE_MAX
			       ? who->reason_count
			       : IDENTIFY_EVIDENCE_MAX;

	for (size_t i = 0; i < shown; i++)
		json_array_append_new(evidence, one_piece(&who->reasons[i]));
	return json_pack("{s:o,s:o,s:o,s:o,s:i,s:o,s:I}", "vendor",
			 text_or_null(who->vendor), "category",
			 text_or_null(who->category), "category_text",
			 text_or_null(who->category_label), "model",
			 text_or_null(who->model), "confidence",
			 (int)who->confidence, "evidence", evidence,
			 "evidence_left_out",
			 (json_int_t)(who->reason_count - shown +
				      who->reasons_left_out));
}

const struct identity *identify_identity(const struct identify *self)
{
	static const struct identity nobody = { .category = "",
						.category_label = "" };

	return self ? &self->identity : &nobody;
}

const struct evidence_set *identify_evidence(const struct identify *self)
{
	static const struct evidence_set none;

	return self ? &self->evidence : &none;
}

void identify_free(struct identify *self)
{
	if (!self)
		return;
	evidence_wipe(&self->evidence);
	evidence_done(&self->evidence);
	explicit_bzero(self, sizeof(*self));
	free(self);
}

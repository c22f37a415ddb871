// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/returned.h"

#include "judge/randomised.h"
#include "web/announced.h"
#include "web/gate.h"
#include "web/view.h"

static struct randomised_device seen(const struct home_device *device)
{
	return (struct randomised_device){
		.mac = device->mac,
		.evidence = identify_evidence(device->identify),
		.identity = identify_identity(device->identify),
		.first_ms = device->first_ms,
		.last_ms = device->last_ms,
	};
}

static json_t *reasons(const struct randomised_match *match)
{
	json_t *list = json_array();

	for (size_t i = 0; i < match->reason_count; i++) {
		const struct randomised_reason *reason = &match->reasons[i];
		const char *kind = evidence_kind_name(reason->evidence.kind);
		uint8_t text[ANNOUNCED_BYTES];
		size_t len = announced_clean(kind, reason->evidence.text, text);

		json_array_append_new(
			list, json_pack("{s:s,s:o,s:s}", "kind", kind, "text",
					view_text(slice_of(text, len)), "says",
					reason->says));
	}
	return list;
}

json_t *returned_view(const struct home *home, bool consent,
		      const struct home_device *device)
{
	struct randomised_device newer = seen(device);
	struct randomised_match best = { .confidence = 0 };
	const struct home_device *other, *before = NULL;
	uint32_t at = 0;

	while ((other = home_next(home, &at))) {
		struct randomised_device older = seen(other);
		struct randomised_match match;

		if (other == device || other->gateway ||
		    !gate_lets(other, consent, GATE_HISTORY))
			continue;
		randomised_compare(&older, &newer, &match);
		if (match.confidence > best.confidence) {
			best = match;
			before = other;
		}
	}
	if (!before || best.confidence < RANDOMISED_OFFER)
		return json_null();
	return json_pack("{s:s,s:i,s:o}", "id", before->id, "confidence",
			 (int)best.confidence, "evidence", reasons(&best));
}

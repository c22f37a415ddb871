// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/identify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a clue says by itself; the rest of the rules are lib/judge's. */
static const struct {
	enum record_clue_kind kind;
	const char *begins;
	enum identify_verdict verdict;
	const char *reason;
} rules[] = {
	{ RECORD_CLUE_DHCP_VENDOR_CLASS, "MSFT ", IDENTIFY_COMPUTER,
	  "asks for its address as Windows does" },
	{ RECORD_CLUE_MDNS_SERVICE, "_companion-link.", IDENTIFY_COMPUTER,
	  "offers a service of Apple's phones and computers" },
	{ RECORD_CLUE_MDNS_SERVICE, "_ipp.", IDENTIFY_THING,
	  "offers to print" },
	{ RECORD_CLUE_MDNS_SERVICE, "_googlecast.", IDENTIFY_THING,
	  "offers to play what is cast to it" },
};
#define RULES (sizeof(rules) / sizeof(rules[0]))

struct identify {
	bool fits[RULES];
};

static bool begins_with(struct slice text, const char *begins)
{
	size_t length = strlen(begins);

	return text.len >= length &&
	       !strncasecmp((const char *)text.data, begins, length);
}

bool identify_window(struct identify **self, const struct mac *mac,
		     const struct record_window *window)
{
	bool changed = false;

	(void)mac;
	if (!*self)
		*self = calloc(1, sizeof(**self));
	if (!*self)
		return false;
	for (size_t i = 0; i < window->clue_count; i++)
		for (size_t j = 0; j < RULES; j++)
			if (window->clues[i].kind == rules[j].kind &&
			    begins_with(window->clues[i].text,
					rules[j].begins)) {
				changed |= !(*self)->fits[j];
				(*self)->fits[j] = true;
			}
	return changed;
}

void identify_opinion(const struct identify *self, struct identify_opinion *out)
{
	*out = (struct identify_opinion){ 0 };
	for (size_t j = 0; self && j < RULES; j++) {
		if (!self->fits[j] || out->reason_count == IDENTIFY_REASONS_MAX)
			continue;
		if (out->verdict != IDENTIFY_COMPUTER)
			out->verdict = rules[j].verdict;
		snprintf(out->reasons[out->reason_count++],
			 IDENTIFY_REASON_BYTES, "%s", rules[j].reason);
	}
}

void identify_free(struct identify *self)
{
	free(self);
}

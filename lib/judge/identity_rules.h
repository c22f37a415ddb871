// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_IDENTITY_RULES_H
#define JUDGE_IDENTITY_RULES_H

#include <stddef.h>
#include <stdint.h>

#include "judge/identity.h"

/* The tables that data/make-devices makes of data/devices.rules, whose head
 * says what the words mean. For identity.c alone. */

/** What a device calls itself in any way, and what a User-Agent comes to, are
 * matched as kinds of their own. */
enum identity_rule_kind {
	RULE_NAME = EVIDENCE_KINDS,
	RULE_UA_PLATFORM, /* user_agent_platform_name() */
	RULE_UA_DEVICE,
	RULE_KINDS,
};

/** In a vendor or model: what follows the pattern in the text, what follows
 * its first "=", all of it. */
#define RULE_REST  "$"
#define RULE_VALUE "="
#define RULE_WHOLE "*"

struct identity_rule {
	uint8_t match; /* enum match */
	uint8_t weight, thing, computer;
	uint8_t category; /* of identity_categories; 0: says nothing of it */
	const char *text, *vendor, *model, *says; /* "" for none */
};

struct identity_category {
	const char *name, *label;
	uint8_t parent; /* the wider category; 0: none */
	uint8_t side;	/* enum identity_verdict */
};

struct identity_range {
	uint16_t first, count;
};

extern const struct identity_rule identity_rules[];
/** The rules of each kind. */
extern const struct identity_range identity_ranges[RULE_KINDS];
/** The first is none. */
extern const struct identity_category identity_categories[];
extern const size_t identity_category_count, identity_rules_count;

#endif

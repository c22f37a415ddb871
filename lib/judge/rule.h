// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_RULE_H
#define JUDGE_RULE_H

#include <stdint.h>

#include "base/slice.h"

/*
 * Everything that can be found wrong with a device or a home, in one table:
 * what is counted, from how much on it is said, why so, and the one thing to
 * do. docs/findings.md shows the table to people.
 */

enum rule_kind {
	/* alerts: somebody should look now */
	RULE_HOST_SCAN,
	RULE_PORT_SCAN,
	RULE_INFECTION_PORTS,
	RULE_SYN_FLOOD,
	RULE_UDP_FLOOD,
	RULE_FAN_OUT,
	RULE_KNOWN_BAD,
	RULE_SLOWS_HOME,
	RULE_NEW_DEVICE,
	RULE_SPOOFER,
	RULE_ROGUE_DHCP,
	/* weaknesses: it does so by design */
	RULE_CREDENTIALS_IN_CLEAR,
	RULE_PLAINTEXT_HTTP,
	RULE_CLEAR_PROTOCOL,
	RULE_OUTDATED_TLS,
	RULE_WEAK_SUITES,
	RULE_HARD_CODED_DNS,
	/* changes: it did not do so before */
	RULE_FIRST_TRACKER,
	RULE_FIRST_COUNTRY,
	RULE_FIRST_PLAINTEXT,
	RULE_NEW_FINGERPRINT,
	RULE_WHILE_AWAY,
	RULES, /* how many there are */
};

enum rule_class {
	RULE_ALERT,
	RULE_WEAKNESS,
	RULE_CHANGE,
};

enum rule_severity {
	RULE_NOTE,
	RULE_WARNING,
	RULE_ALARM,
};

/** The one thing to do. */
enum rule_advice {
	RULE_UPDATE,
	RULE_SEPARATE,
	RULE_UNPLUG,
	RULE_ASK_VENDOR,
};

struct rule {
	const char *name; /* in JSON and the store */
	enum rule_class class;
	enum rule_severity severity;
	uint32_t threshold; /* of what the rule counts */
	const char *counts; /* what that is */
	uint32_t quiet_s;   /* not seen for so long: gone, when rechecked */
	const char *text;   /* one sentence for a person */
	enum rule_advice advice;
	const char *to_do;
	const char *reason; /* of the threshold, with its source */
};

extern const struct rule rules[RULES];

const char *rule_class_name(enum rule_class class);
const char *rule_severity_name(enum rule_severity severity);
const char *rule_advice_name(enum rule_advice advice);

/** RULES when there is none of that name. */
enum rule_kind rule_find(const char *name);

#endif

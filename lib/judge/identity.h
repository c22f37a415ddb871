// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_IDENTITY_H
#define JUDGE_IDENTITY_H

#include <stddef.h>

#include "judge/evidence.h"

/*
 * Who a device is, and whether it is somebody's computer, by the rules of
 * data/devices.rules. Each rule that fits a piece of evidence says one thing,
 * with a weight of 0 to 99: how sure it makes one by itself, in per cent.
 * Rules that fit the same kind of evidence are not independent, so only the
 * heaviest of a kind counts; different kinds add up as independent reasons do:
 * 1 - (1 - a)(1 - b). What speaks against lowers the result.
 */

/** Reasons kept and shown; the heaviest. */
#define IDENTITY_REASONS_MAX 24
/** Longest vendor, category or model, with its terminator. */
#define IDENTITY_TEXT_BYTES 96

enum identity_verdict {
	IDENTITY_UNKNOWN,  /* not enough is known, or it contradicts itself */
	IDENTITY_THING,	   /* a device of the home: may be looked at */
	IDENTITY_COMPUTER, /* somebody's phone, tablet or computer: locked */
};

/** "unknown", "thing" or "computer". */
const char *identity_verdict_name(enum identity_verdict verdict);

/** What one piece of evidence says. */
struct identity_reason {
	struct evidence evidence; /* its text is lent by the evidence set */
	const char *says;	  /* why, in words; static */
	unsigned int weight;	  /* for the vendor and category below */
	char vendor[IDENTITY_TEXT_BYTES]; /* "" where it says nothing of it */
	const char *category;
	char model[IDENTITY_TEXT_BYTES];
	unsigned int thing, computer; /* weight for each side; often 0 */
	bool contradicts; /* another vendor or category than was concluded */
};

struct identity {
	char vendor[IDENTITY_TEXT_BYTES]; /* "" when nothing says */
	const char *category; /* "tv", "phone", …; "" when nothing says */
	const char *category_label; /* in words: "television or player" */
	char model[IDENTITY_TEXT_BYTES];
	unsigned int confidence; /* 0 to 100; lower with contradictions */
	enum identity_verdict verdict;
	unsigned int verdict_confidence; /* 0 to 100; of unknown: 0 */
	unsigned int thing, computer;	 /* what speaks for each side */
	struct identity_reason
		reasons[IDENTITY_REASONS_MAX]; /* heaviest first */
	size_t reason_count;
	size_t reasons_left_out;
};

/** Fills *out; large (about 8 kB), so keep it off small stacks. Its reasons
 * live as long as the set, unchanged. */
void identity_judge(const struct evidence_set *set, struct identity *out);

/** Whether a rule is about this piece of evidence, more than about any of its
 * kind. */
bool identity_tells(const struct evidence *e);

/** The side of a category, by its name or its words; unknown also for one that
 * is none of ours. */
enum identity_verdict identity_side(struct slice category);

/** A category in words; "" for one that is none of ours. */
const char *identity_category_label(const char *category);

/** The categories in words, one by one: NULL past the last. */
const char *identity_category_at(size_t i);

/** How many rules are built in. */
size_t identity_rule_count(void);

#endif

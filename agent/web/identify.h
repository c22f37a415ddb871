// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_IDENTIFY_H
#define WEB_IDENTIFY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "judge/identity.h"
#include "record/record.h"

/*
 * What each device is, from all that was heard of it: evidence gathered in
 * memory, window by window, and judged by lib/judge. The gate asks here
 * whether a device is a thing or somebody's computer.
 */

/** Reasons given of a verdict, the heaviest. */
#define IDENTIFY_REASONS_MAX  6
#define IDENTIFY_REASON_BYTES 160

enum identify_verdict {
	IDENTIFY_UNKNOWN,
	IDENTIFY_THING,
	IDENTIFY_COMPUTER,
};

struct identify_opinion {
	enum identify_verdict verdict;
	unsigned int computer; /* what speaks for that side, per cent */
	/*
	 * In plain words, for these are shown of a locked device too: what was
	 * recognised in what it says to everyone, not its text, which may have
	 * a person's name; of what it does, only in what it was seen.
	 */
	char reasons[IDENTIFY_REASONS_MAX][IDENTIFY_REASON_BYTES];
	size_t reason_count;
};

/** Evidence shown of an identity, the heaviest. */
#define IDENTIFY_EVIDENCE_MAX 12
struct identify; /* of one device */

/**
 * Takes what a window says. *self is made when it is NULL, and know is then
 * asked for as long as it lives. True when the
 * opinion may have changed.
 */
bool identify_window(struct identify **self, const struct know *know,
		     const struct mac *mac, const struct record_window *window);

/** Takes a piece of evidence that was stored; once all are taken,
 * identify_judge(). */
void identify_add(struct identify **self, const struct know *know,
		  const struct mac *mac, unsigned int kind, struct slice text);
void identify_judge(struct identify *self);

/** Another device is this one: what is known of that is of this too. */
void identify_join(struct identify *self, const struct identify *other);

/** Forgets what is told of another device: the pieces that tells is true of.
 * True when there were any. NULL is accepted. */
bool identify_sift(struct identify *self,
		   bool (*tells)(void *user, const struct evidence *piece),
		   void *user);

/** self NULL: nothing is known. */
void identify_opinion(const struct identify *self,
		      struct identify_opinion *out);

/** Who it is, in the shape of api/agent.yaml, with the device's own words: for
 * those that the gate lets show them. A new reference; NULL without memory. */
json_t *identify_view(const struct identify *self);
/** Who it is; of nobody when self is NULL. Lent until more is heard. */
const struct identity *identify_identity(const struct identify *self);
const struct evidence_set *identify_evidence(const struct identify *self);

/** Overwrites and forgets all of it. NULL is accepted. */
void identify_free(struct identify *self);

#endif

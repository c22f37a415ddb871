// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_RANDOMISED_H
#define JUDGE_RANDOMISED_H

#include <stdbool.h>

#include "base/addr.h"
#include "judge/evidence.h"
#include "judge/identity.h"

/*
 * MACs that devices make up, and things that return with another one. Only
 * things are ever offered for merging: people's computers change their MAC so
 * that they are not known again.
 */

/** Agreements kept, the best first. */
#define RANDOMISED_REASONS_MAX 8
/** From this on the two are offered to the owner as one. */
#define RANDOMISED_OFFER 60

/** Whether a MAC is locally administered (IEEE 802c 8.4.2): made up. */
bool randomised_is(const struct mac *mac);

struct randomised_device {
	struct mac mac;
	const struct evidence_set *evidence;
	const struct identity *identity;
	uint64_t first_ms, last_ms; /* when it was heard; since the epoch */
};

/** Something that both say. */
struct randomised_reason {
	struct evidence evidence; /* lent by the newer's set */
	const char *says;	  /* static */
	unsigned int weight;
};

struct randomised_match {
	unsigned int confidence; /* 0 to 100 */
	struct randomised_reason reasons[RANDOMISED_REASONS_MAX];
	size_t reason_count;
};

/**
 * Whether newer may be older under another MAC. Never (0, no reasons) unless
 * both are things, one of their MACs is made up, older was last heard before
 * newer was first, and nothing shows them to be of different makers.
 */
void randomised_compare(const struct randomised_device *older,
			const struct randomised_device *newer,
			struct randomised_match *out);

#endif

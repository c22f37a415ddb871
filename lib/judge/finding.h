// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef JUDGE_FINDING_H
#define JUDGE_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "judge/rule.h"

/*
 * What was found of one device, or of the home: each thing once, however often
 * it was seen. Times are milliseconds since the epoch.
 */

/** Findings kept of one device. */
#define FINDING_MAX 64
/** Of one kind; what is past it counts as one more, about nothing in
 * particular. */
#define FINDING_OF_KIND_MAX 8
/** The first pieces of evidence, and in the last place the latest. */
#define FINDING_EVIDENCE_MAX   4
#define FINDING_SUBJECT_BYTES  64
#define FINDING_EVIDENCE_BYTES 128

enum finding_state {
	FINDING_OPEN,
	FINDING_GONE, /* not seen any more when it was rechecked */
	FINDING_DISMISSED,
	FINDING_STATES,
};

struct finding_evidence {
	uint64_t at_ms; /* 0: none */
	char text[FINDING_EVIDENCE_BYTES];
};

struct finding {
	enum rule_kind kind;
	char subject[FINDING_SUBJECT_BYTES]; /* escaped; "" for the whole */
	struct addr endpoint;		     /* family 0: none */
	uint64_t since_ms, last_ms;
	uint64_t hits;
	enum finding_state state;
	struct finding_evidence evidence[FINDING_EVIDENCE_MAX];
	bool changed; /* the owner's: since it was stored */
};

struct finding_list {
	struct finding *items; /* made with the first */
	size_t count, room;
	uint64_t refused; /* past a limit, or without memory */
	bool changed;	  /* one was added, or its state is another */
};

void finding_done(struct finding_list *list);

/** Seen once more, or for the first time. Texts are cut to what fits. */
struct finding_report {
	enum rule_kind kind;
	const char *subject;
	const struct addr *endpoint; /* may be NULL */
	uint64_t at_ms;
	const char *evidence;
};

/**
 * What was gone is open again; what was dismissed stays so. NULL, counted, past
 * a limit.
 */
struct finding *finding_report(struct finding_list *list,
			       const struct finding_report *report);

/** One as it was stored. False when it does not fit. */
bool finding_restore(struct finding_list *list, const struct finding *stored);

/**
 * Looks again: gone when it was not seen for its rule's quiet time. A change
 * stays a fact; looking at it is enough to close it.
 */
bool finding_recheck(struct finding_list *list, struct finding *finding,
		     uint64_t now_ms);
void finding_dismiss(struct finding_list *list, struct finding *finding);

/** The name of a state in JSON, and the state; FINDING_STATES when there is
 * none. */
const char *finding_state_name(enum finding_state state);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_ALIKE_H
#define WEB_ALIKE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * What a collector can say of a device by those of other homes: what it
 * probably is (POST /v1/ask/device), and how many of its kind contact the same
 * domains (POST /v1/ask/normal). A question is made of facts that uploads had,
 * read from them after the collector said that it has them: it tells nothing
 * new. Devices go by their ids in uploads.
 *
 * When to ask is here, whether one may is the caller's. Answers come from
 * outside: what they say of domains that were not asked about, or is out of
 * range, is refused and counted.
 */

/** As many as may be watched. */
#define ALIKE_DEVICES_MAX 250
/** Hosts and hellos of a device: as many as may be asked about; the newest. */
#define ALIKE_FACTS_MAX 64
/** Of a device less is not asked about: anything is like it. */
#define ALIKE_FACTS_MIN	  2
#define ALIKE_GUESSES_MAX 3
/** Asked again after a day, since others' labels change; and after an hour
 * where there are facts that were not asked about. */
#define ALIKE_AGAIN_MS (UINT64_C(24) * 3600 * 1000)
#define ALIKE_FRESH_MS (UINT64_C(3600) * 1000)
/** A device of which nothing was sent for so long is forgotten. */
#define ALIKE_DEVICE_MS (UINT64_C(31) * 24 * 3600 * 1000)
/** A guess that fewer than half of the homes share is no kind to compare
 * with. */
#define ALIKE_SURE 0.5

struct alike_counters {
	uint64_t facts_refused;	  /* of more devices than are kept */
	uint64_t answers_refused; /* not what was asked for */
};

struct alike {
	json_t *devices; /* by id, as alike.c has it */
	bool changed;	 /* since it was last written */
	struct alike_counters counters;
};

enum alike_question {
	ALIKE_NOTHING,
	ALIKE_DEVICE,
	ALIKE_NORMAL,
};

/** How many of its kind contact a domain; texts are lent until it changes. */
struct alike_share {
	uint64_t homes; /* that have such a device */
	double share;	/* of them, 0 to 1 */
	const char *vendor, *category;
};

/** Without memory it stays empty. */
void alike_init(struct alike *alike);
void alike_done(struct alike *alike);
/** Everything goes but the counters. */
void alike_clear(struct alike *alike);
/** Takes what devices was; what is not that is nothing. */
void alike_read(struct alike *alike, json_t *devices);

/** Learns of an upload that was taken. body: before compression. */
void alike_learn(struct alike *alike, struct slice body, uint64_t now_ms);
/** Facts go that went out by these switches (bits of enum share_field). */
void alike_narrow(struct alike *alike, uint32_t gone);
/** What its owner called it is no more, or another. */
void alike_unlabel(struct alike *alike, const char *id);
void alike_forget(struct alike *alike, const char *id);
void alike_expire(struct alike *alike, uint64_t now_ms);

/**
 * The body of the question of a device that is due, in a new object; NULL when
 * none is. labelled: its owner says what it is.
 */
json_t *alike_question(const struct alike *alike, const char *id, bool labelled,
		       uint64_t now_ms, enum alike_question *which);
/** Takes the answer to it; reply NULL: the collector will not answer that. */
void alike_answer(struct alike *alike, const char *id,
		  enum alike_question which, json_t *question, json_t *reply,
		  uint64_t now_ms);

/** What others call such a device: a list of {name, category, vendor, homes,
 * share}, lent; NULL when nothing is known. */
json_t *alike_guesses(const struct alike *alike, const char *id);
/** False when too few have such a device, or contact the domain. */
bool alike_share_of(const struct alike *alike, const char *id,
		    struct slice domain, struct alike_share *out);

#endif

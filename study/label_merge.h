// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_LABEL_MERGE_H
#define STUDY_LABEL_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Which labels are other labels written differently: the paper's rule (5.1),
 * and ours. Both go by how many devices carry a label, the commonest first,
 * ties by bytes.
 */

struct label {
	struct slice text; /* cleaned, distinct, not empty */
	uint32_t devices;
	size_t first; /* the caller's own: merging keeps it */
	/* filled: its own number when it stays */
	uint32_t becomes;
	enum label_rule {
		LABEL_STAYS,
		LABEL_SPELLING,	   /* one edit apart */
		LABEL_PART,	   /* holds the other's text, or its words */
		LABEL_PUNCTUATION, /* the same letters and digits */
	} rule;
	/* for label_merge_improved() alone: a name that somebody keeps a list
	 * of is no misspelling of another */
	bool is_known;
	/* its words say nothing, so no other is a kind of it */
	bool is_common;
};

/** "spelling" … */
const char *label_rule_name(enum label_rule rule);

/**
 * Sorts the labels, and merges as the paper does: walk them once; for each
 * label i that was not renamed itself, every later one not yet renamed becomes
 * i when their Levenshtein distance is 1 or i is a substring of it. ERR_NOMEM,
 * ERR_LIMIT.
 */
int label_merge_paper(struct label *labels, size_t count,
		      uint64_t seed) must_check;

/**
 * Sorts the labels, and merges those that are likely to be meant the same:
 *
 * - a label that differs from a commoner one by punctuation and spaces alone,
 * or by the "'s" of a possessive;
 * - a label that is one edit from one carried by at least LABEL_RATIO times as
 *   many devices, or LABEL_SHORT_RATIO times where the shorter of both is
 *   short and the other is not known, unless it is known itself or the edit is
 *   one of digits; two letters swapped are one edit;
 * - a label that holds all the words of one that is as common or commoner, as
 *   words, one after the other: where first_words, rather those at its
 *   beginning.
 *
 * Each label looks only at the set and its counts, never at what became of
 * others, so the order of looking decides nothing; what it becomes is followed
 * to the end.
 */
int label_merge_improved(struct label *labels, size_t count, bool first_words,
			 uint64_t seed) must_check;

/** How much commoner the right spelling is: the paper's own example is 292
 * devices of "philips" to 85 of "phillips". */
#define LABEL_RATIO 3
/** One edit in a label shorter than this often makes another name: "wyze",
 * "wize". So much commoner must the right one be, and in a label of two letters
 * no edit is a slip. */
#define LABEL_SHORT	  5
#define LABEL_SHORT_RATIO 20
#define LABEL_SPELLED_MIN 3
/** Words of a label that are looked at: names have fewer. */
#define LABEL_WORDS_MAX 16

#endif

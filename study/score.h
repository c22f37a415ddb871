// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SCORE_H
#define STUDY_SCORE_H

#include <stdbool.h>
#include <stdint.h>

#include "study/fleet.h"
#include "study/label_tables.h"

/*
 * What the paper could not give (its section 7): how often each validator, and
 * any combination of them, is wrong, where the truth is known; and how often
 * the ways of standardising are. The tables score and score_labels show it.
 */

/** Draws of households for an interval: its ends are the 25th from either
 * end. */
#define SCORE_DRAWS 1000
/** Households times validators of one interval: ten times the paper's users. */
#define SCORE_COUNTS_MAX ((size_t)1 << 26)

struct score_options {
	const char *truth; /* a CSV file of true labels; NULL */
	uint64_t seed;	   /* of the draws: the same gives the same */
};

/**
 * Takes the truth that there is into the table known_truth(device, vendor,
 * name, computer, kind): the fleet's own, "simulated" when its source is
 * "simulation" and else "real"; and the file's, which is real: columns id or
 * oui, vendor, and if there are such name, category (of what has no name) and
 * computer. A device of both counts by the file. True vendors are cleaned and
 * replaced by their equivalents as typed ones are. has_truth: whether there is
 * any. ERR_IO, ERR_MALFORMED; f->error says why.
 */
int score_take_truth(struct fleet *f, const struct label_tables *tables,
		     const struct score_options *o, bool *has_truth) must_check;

/** Makes what the two tables are computed from, for every way of standardising
 * that has been validated. */
int score_make(struct fleet *f, const struct label_tables *tables,
	       const struct score_options *o) must_check;

#endif

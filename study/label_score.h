// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_LABEL_SCORE_H
#define STUDY_LABEL_SCORE_H

#include <stdint.h>

#include "study/fleet.h"
#include "study/label_tables.h"
#include "study/standardise.h"

/*
 * How well labels were standardised, where the truth is known. A true vendor is
 * cleaned and replaced by its equivalent as a typed one is. Names have no one
 * right spelling, so they are scored by pairs of devices: those of one name
 * should be those of one true name.
 */
struct label_score {
	int64_t devices;      /* labelled, no computers, and with a truth */
	int64_t lost;	      /* of these, no longer there */
	int64_t right;	      /* of these, with their true vendor */
	int64_t computers;    /* labelled computers */
	int64_t computers_in; /* of these, still there */
	/* pairs of devices still there */
	int64_t vendor_pairs, vendor_true, vendor_both;
	int64_t name_pairs, name_true, name_both; /* 0: no true names */
};

/** Of the devices in monitored, as standardise() has them, by the truth of one
 * kind, "simulated" or "real", as score_take_truth() has taken it. ERR_NOTFOUND
 * when no labelled device has such. ERR_IO. */
int label_score(struct fleet *f, enum standardise_method method,
		const char *kind, const struct label_tables *tables,
		struct label_score *out) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SIMULATE_MISLABEL_H
#define STUDY_SIMULATE_MISLABEL_H

#include "study/simulate/draw.h"
#include "study/simulate/market.h"

/* Longer than any label people type; what is longer is cut. */
#define MISLABEL_BYTES 96

/** What somebody typed. */
struct mislabel {
	char name[MISLABEL_BYTES];
	char category[MISLABEL_BYTES];
	char vendor[MISLABEL_BYTES];
};

/** What a device is. */
struct mislabel_truth {
	const char *name, *category, *vendor;
	const struct market_choices *spoken;	/* or NULL: only the name */
	const struct market_choices *spellings; /* or NULL: only the vendor */
};

/**
 * Labels a device as people do: mostly right, in capitals or not, with typing
 * errors, a brand for its maker, a room or an owner in front, name and vendor
 * exchanged, or another maker altogether (paper 5.1).
 */
void mislabel_draw(struct draw *d, const struct market *m,
		   const struct mislabel_truth *truth, struct mislabel *out);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_SCORE_H
#define READ_SCORE_H

#include <stddef.h>

#include "base/buf.h"
#include "judge/identity.h"
#include "read/identities.h"
#include "read/labels.h"
#include "read/line.h"

/** Different vendors in a score; the rest is counted as refused. */
#define SCORE_VENDORS_MAX 512
/** Devices taken for the wrong thing that are listed. */
#define SCORE_WRONG_MAX 256

/** How the devices of one vendor, by the labels, were recognised. */
struct score_vendor {
	struct slice name; /* the labels' */
	size_t right, wrong, unknown;
};

/** A device whose vendor or side is not the label's. */
struct score_wrong {
	struct mac mac;
	const struct label *label;
	char vendor[IDENTITY_TEXT_BYTES]; /* as found */
	enum identity_verdict verdict;
	bool wrong_vendor, wrong_side;
};

/**
 * `--score`: what labelled devices were taken for. Sides are told by the
 * label's category; a category that is not of ours is a thing's, and one that
 * may be either is left out.
 */
struct score {
	size_t labelled, unlabelled;  /* devices of the input */
	size_t sides[3][3];	      /* [label's][found] */
	struct score_vendor *vendors; /* by name */
	size_t vendor_count;
	struct score_wrong *wrong;
	size_t wrong_count;
	size_t refused; /* past a limit, or memory was out */
};

/** The labels and identities outlive it. */
void score_make(struct score *score, const struct labels *labels,
		const struct identities *identities);
void score_done(struct score *score);

/** As tables for a terminal; as an object in a line begun anew. */
void score_text(const struct score *score, struct buf *out);
void score_json(const struct score *score, struct line *line);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_SHEET_H
#define STUDY_SHEET_H

#include <stdbool.h>
#include <stddef.h>

#include "study/fleet.h"
#include "study/grid.h"

/*
 * The published tables and figures. Each is a file of study/tables, read at
 * build time: what it is, what it needs of a source, and its query. The
 * queries are about tables that study/basis.h makes in the fleet.
 */

struct sheet {
	const char *name;   /* of its files: "table1" */
	const char *title;  /* "Table 1. Outcomes of validation" */
	const char *about;  /* population, numerator, denominator, ties */
	const char *needs;  /* words of basis_lacks(), joined by ", " */
	const char *shares; /* columns that are shares of 1, the same way */
	const char *lists;  /* lists it goes by: "trackers", "platforms" */
	/* what its figures are where the source withholds contacts; "" */
	const char *withheld;
	const char *only; /* there only for a source that lacks this; "" */
	const char *sql;
};

extern const struct sheet sheets[];
extern const size_t sheet_count;

/* What words of the tables mean: study/tables/terms, a line each. */
struct sheet_term {
	const char *term, *meaning;
};

extern const struct sheet_term sheet_terms[];
extern const size_t sheet_term_count;

/* Scripts of study/tables, run by study/basis.h and study/validate.h. */
extern const char sheet_clock_sql[];
extern const char sheet_settings_sql[];
extern const char sheet_sums_begin_sql[];
extern const char sheet_sums_range_sql[];
extern const char sheet_sums_end_sql[];
extern const char sheet_monitored_sql[];
extern const char sheet_prepare_sql[];
extern const char sheet_prepare_validated_sql[];
extern const char sheet_validate_sql[];
extern const char sheet_words_sql[];
extern const char sheet_release_sql[];
extern const char sheet_score_prepare_sql[];

/** NULL when there is none of that name. */
const struct sheet *sheet_find(const char *name);

/** Whether the words, joined by ", ", have this one. */
bool sheet_has_word(const char *words, const char *word);

/**
 * What of the table's needs the source does not have, joined by ", ", in out;
 * "" when it has all. lacks: meta's "lacks", or NULL.
 */
#define SHEET_LACKS_BYTES 128
void sheet_lacks(const struct sheet *t, const char *lacks,
		 char out[SHEET_LACKS_BYTES]);

/** Its rows; the caller's to grid_done(). ERR_IO, and f->error says why. */
int sheet_run(const struct sheet *t, struct fleet *f,
	      struct grid *out) must_check;

#endif

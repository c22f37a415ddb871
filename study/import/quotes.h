// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_QUOTES_H
#define STUDY_IMPORT_QUOTES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * Whether the quotes of a CSV file (RFC 4180) close. One that does not would
 * take every line behind it, up to the next quote or to the end, for one row.
 */

struct quotes {
	enum quotes_at {
		QUOTES_AT_START, /* of a field */
		QUOTES_IN_PLAIN,
		QUOTES_IN_QUOTED,
		QUOTES_AT_CLOSED, /* or the first of two, which are one */
		QUOTES_AT_WRONG,
	} at;
	uint64_t line;	 /* from 1 */
	uint64_t opened; /* the line of the quote opened last */
};

void quotes_init(struct quotes *q);
/** Takes the next bytes of the file. false: a quote is not closed that was
 * opened in the line q->opened: text follows its end in another line. */
bool quotes_take(struct quotes *q, struct slice bytes);
/** Whether the file may end here; else q->opened as above. */
bool quotes_may_end(const struct quotes *q);

#endif

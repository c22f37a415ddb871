// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_SAID_H
#define WEB_SAID_H

#include "base/arena.h"
#include "record/record.h"

/*
 * The rows of a window that have words of others in them: names, questions,
 * hellos, HTTP heads, certificates, greetings, announcements. Any of them may
 * tell of another device of the home.
 */

/** One row: what is said there, and of which address. */
struct said {
	struct addr remote; /* family 0: of none */
	int kind;	    /* of text: as in store/sift.h */
	struct slice *text;
	struct slice *more; /* free; NULL: there is none */
	bool blank;	    /* without its texts it still tells what was done */
	/* a window of the same device and time that has this row alone; lent
	 * for the call */
	const struct record_window *alone;
};

enum said_fate {
	SAID_STAYS,
	SAID_BLANK, /* without its texts */
	SAID_GOES,
};

/** Asks of each row what becomes of it. The window's lists are copies of the
 * arena's then; without memory they are empty. */
void said_sift(struct arena *arena, struct record_window *window,
	       enum said_fate (*fate)(void *user, const struct said *said),
	       void *user);

#endif

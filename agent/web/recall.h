// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_RECALL_H
#define WEB_RECALL_H

struct hub;

/*
 * What things are, from what is stored of them: all kinds of evidence, not what
 * they announce alone. A device that is a thing by what it does would else be
 * held for a computer after a start, by the rest of what it says, and erased.
 */

/** Taken up of one device: clues, and of each other kind; so much of a kind is
 * never looked at (judge/evidence.h). */
#define RECALL_CLUES_MAX 300
#define RECALL_ROWS_MAX	 2000
/** What it did in the last day that it was heard; of its flows, which are many,
 * the last hour. */
#define RECALL_MS	((unsigned long long)86400 * 1000)
#define RECALL_FLOWS_MS ((unsigned long long)3600 * 1000)

/** Of every device whose history may be shown; once the home is loaded. */
void recall_all(struct hub *hub);

#endif

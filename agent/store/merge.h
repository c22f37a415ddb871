// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Names, questions and services are rows that a device's traffic makes or
 * raises all over their tables: of a busy home a window would change most
 * pages of them. So what a window brings is added, in its transaction, at the
 * end of name_new, question_new and service_new, and merged into name,
 * question and service in the order of their keys: when a minute is over,
 * when there is much of it, and before anything reads or removes their rows.
 * A crash loses nothing of it: what is found at the start is merged next.
 */

struct store;

/** Rows that wait, at most: as many as a window can have flows. */
#define MERGE_ROWS_MAX 32768u

/** One more row waits. */
void merge_note(struct store *s);

/** Whether it is time, before a window of this start is written. */
bool merge_is_due(const struct store *s, int64_t start_s);

/** Merges, in the open transaction. On ERR_IO it must be rolled back. */
int merge_all(struct store *s) must_check;

/** The same before reading, in a transaction of its own when none is open.
 * What fails is counted, and reading goes on with what there is. */
void merge_to_read(struct store *s);

#endif

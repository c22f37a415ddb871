// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_MERGE_H
#define STORE_MERGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * What is heard makes or raises rows all over the tables that it is read
 * from: of a busy home a window would change most pages of them. So what a
 * window brings waits (pending.h), stored in its transaction, and is merged
 * into name, question, service, server, clue, hello and http in the order of
 * their keys, what repeats as one: every five minutes, when there is much of
 * it, and before anything reads or removes their rows. A crash loses
 * nothing of it: what is found at the start is merged next.
 */

struct store;

/** The longer, the fewer pages are written; but nobody is answered while it
 * is done. */
#define MERGE_EVERY_S 300
/** Facts that wait, at most, before they are merged: done in a fraction of a
 * second by the smallest computer. */
#define MERGE_FACTS_MAX 16384u
/** Bytes of them at once in memory, of rows that the file has. */
#define MERGE_BYTES_MAX ((size_t)32 << 20)

/** Whether it is time, before a window of this start is written. */
bool merge_is_due(const struct store *s, int64_t start_s);

/** Merges, in the open transaction. On ERR_IO and ERR_NOMEM it must be rolled
 * back. A row of a damaged file that cannot be read is counted as a failure
 * and skipped. */
int merge_all(struct store *s) must_check;

/** The same before reading, in a transaction of its own when none is open.
 * What fails is counted, and reading goes on with what there is. */
void merge_to_read(struct store *s);

#endif

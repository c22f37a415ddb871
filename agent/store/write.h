// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_WRITE_H
#define STORE_WRITE_H

#include "record/record.h"
#include "store/store.h"

/**
 * No flow moves more in 5 s (that would be 1.7 Tbit/s): larger counts are cut
 * to this, so that no sum of them overflows.
 */
#define WRITE_BYTES_MAX ((uint64_t)1 << 40)

/**
 * Adds a window to the open transaction, beginning one when there is none. A
 * second window of the same device and time adds to the first. On failure
 * (ERR_IO) the transaction is rolled back and all its windows are counted as
 * lost. *id, which may be NULL, is the device's.
 */
int write_window(struct store *s, const struct record_window *window,
		 int64_t *id);

#endif

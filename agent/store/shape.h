// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_SHAPE_H
#define STORE_SHAPE_H

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

/** Room for a hello's lists; decode refuses hellos above 16 kB. */
#define SHAPE_MAX_BYTES 65536

/**
 * What all hellos of one client have in common: the hello without what is new
 * in each. GREASE values (RFC 8701) are all 0x0a0a; of extensions that carry
 * keys, tickets, padding, identifiers or the name asked for, and of those that
 * have a list of their own in the record, only the type is left. A client's
 * thousand hellos are stored once, and nothing that links its connections is.
 */
struct shape {
	struct record_hello hello; /* lists point into bytes or the original */
	struct buf bytes;
};

/** The original must outlive it. ERR_NOMEM, ERR_LIMIT. */
int shape_init(struct shape *s, const struct record_hello *hello) must_check;
void shape_done(struct shape *s);

#endif

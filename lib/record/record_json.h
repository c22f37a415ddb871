// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_RECORD_JSON_H
#define RECORD_RECORD_JSON_H

#include "base/buf.h"
#include "base/err.h"
#include "record/record.h"

/*
 * The JSON form of a window, described by api/window.schema.json. Texts from
 * the network are escaped as text_escape() does; times are epoch seconds with
 * nine decimals, as text, since no JSON number keeps them; lists that are
 * empty and fields that are absent are left out.
 */

/** Appends the window as one line, with its newline. ERR_NOMEM, ERR_LIMIT. */
int record_json(const struct record_window *window, struct buf *out) must_check;

/** The counters as one JSON object: {"frames": 1, …}, without a newline. */
int record_counters_json(const struct record_counters *counters,
			 struct buf *out) must_check;

#endif

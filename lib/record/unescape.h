// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_UNESCAPE_H
#define RECORD_UNESCAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/*
 * Texts of devices as who reads them would have them: an apostrophe in a
 * User-Agent is written %27, in what was XML &#39; or &apos;, in JSON \u2019,
 * in names of DNS \226\128\153. What may leave a home is judged by both.
 *
 *   %3A  \x3a  \u003a  \058  &#58;  &#x3a;  &apos;  and a backslash before a
 *   mark, which stands for the mark
 *
 * Of what is escaped twice (%253A) too. Nothing of it makes a text longer.
 */

/** Bytes of a text that are looked at. */
#define UNESCAPE_MAX 512
/** How often one may be escaped. */
#define UNESCAPE_TIMES 3

/** The text, made in out; as it was given where nothing is escaped. */
struct slice unescape(struct slice text, uint8_t out[UNESCAPE_MAX]);
/** Makes the text that one; false, and it stays, where nothing is escaped. */
bool unescape_any(struct slice *text, uint8_t out[UNESCAPE_MAX]);

#endif

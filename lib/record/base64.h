// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RECORD_BASE64_H
#define RECORD_BASE64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/slice.h"

/*
 * What base64 (RFC 4648, either alphabet) hides from who reads a text: for the
 * scrubber. Where in a blob a MAC begins says how its letters look, so a run
 * is read from each of its first four letters.
 */

/** Letters in a row that are looked at: six bytes are eight. */
#define BASE64_RUN_MIN 8
#define BASE64_RUN_MAX 256

bool base64_is(uint8_t c);
/** How many letters of base64 a text begins with. */
size_t base64_run(struct slice text);
/**
 * Whether one of the MACs is in what the letters stand for, as its six bytes,
 * or any MAC spelled as pairs joined by ':' or '-', or twelve hex digits in a
 * row.
 */
bool base64_says_mac(struct slice letters, const struct mac *macs,
		     size_t mac_count);

#endif

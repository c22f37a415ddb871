// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_GREETING_H
#define DECODE_GREETING_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Terminals, by a segment's first bytes: SSH by its version, telnet by the
 * options that both ends haggle over; and where in it somebody logs in,
 * unencrypted.
 */

/** Longest line that is looked for in a segment. */
#define GREETING_LINE_MAX_BYTES 255

enum greeting_kind {
	GREETING_SSH,	 /* RFC 4253 4.2 */
	GREETING_TELNET, /* RFC 854: IAC, and WILL, WONT, DO or DONT */
	GREETING_PROMPT, /* "login:" or "Password:" at the end */
};

struct greeting {
	enum greeting_kind kind;
	struct slice text; /* of a server that tells what it is; else absent */
	unsigned options;  /* that telnet haggles over, one after the other */
};

/** By the first byte: whether it may be anything but a prompt. */
static inline bool greeting_may_begin(struct slice bytes)
{
	uint8_t first = bytes.len ? bytes.data[0] : 0;

	return first == 'S' || first == 0xff;
}

/** What the beginning of a segment says, from whichever end. ERR_MALFORMED:
 * none. */
int greeting_decode(struct slice bytes, struct greeting *out) must_check;

#endif

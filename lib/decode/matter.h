// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_MATTER_H
#define DECODE_MATTER_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/** How a session of Matter begins (Matter Core 1.0, 4.4 and 4.10): all other
 * messages are encrypted and look like nothing. */
struct matter {
	uint8_t opcode; /* of the secure channel protocol */
};

/** ERR_TRUNCATED; ERR_MALFORMED: no message outside of a session. */
int matter_decode(struct slice bytes, struct matter *out) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_TUYA_H
#define DECODE_TUYA_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * What devices of the Tuya platform broadcast every few seconds: on UDP port
 * 6666 in clear, on 6667 encrypted. The format is not published; this is what
 * can be seen of it: a prefix, sequence number, command and length of four
 * bytes each, the content, a checksum or tag, a suffix.
 */
struct tuya {
	bool encrypted;
	struct slice product_key; /* views; absent when not in clear */
	struct slice version;
};

/** ERR_TRUNCATED; ERR_MALFORMED: no such broadcast. */
int tuya_decode(struct slice bytes, struct tuya *out) must_check;

#endif

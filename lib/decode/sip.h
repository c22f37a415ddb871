// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_SIP_H
#define DECODE_SIP_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Calls (RFC 3261): requests and answers, over UDP or TCP, on any port. Who
 * calls whom is not read.
 */

/** Longest head that is looked through. */
#define SIP_HEAD_MAX_BYTES 8192

struct sip {
	bool request;
	/* whoever sends it says who he is (22.2): by whatever scheme, the name
	 * stands there to be read */
	bool credentials;
	struct slice user_agent; /* or Server; absent when not sent */
};

/** By the first byte: a letter, of which all methods are made. */
static inline bool sip_may_begin(struct slice bytes)
{
	return bytes.len && bytes.data[0] >= 'A' && bytes.data[0] <= 'Z';
}

/** A head, as far as it came: its first line is whole. ERR_MALFORMED: none. */
int sip_decode(struct slice bytes, struct sip *out) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_STUN_H
#define DECODE_STUN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/** Most attributes read of a message; TURN's have a dozen. */
#define STUN_ATTRIBUTES_MAX 64

#define STUN_SUCCESS 2

/** A message over UDP (RFC 8489 5), known by its magic cookie. */
struct stun {
	uint16_t method;       /* 1 is Binding */
	uint8_t class;	       /* request, indication, success, error */
	struct slice software; /* a view; absent when not said */
	/* whom the other end saw: MAPPED-ADDRESS or XOR-MAPPED-ADDRESS;
	 * family 0 when not said */
	struct addr mapped;
};

/** Whether a datagram may be one: bits, cookie and length fit. */
bool stun_may_be(struct slice bytes);

/**
 * ERR_MALFORMED: no STUN, or an attribute reaches past its end; ERR_LIMIT: too
 * many attributes.
 */
int stun_decode(struct slice bytes, struct stun *out) must_check;

#endif

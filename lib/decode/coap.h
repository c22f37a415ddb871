// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_COAP_H
#define DECODE_COAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/** Most options of a message; RFC 7252 5.10 has fifteen kinds. */
#define COAP_OPTIONS_MAX 64

enum coap_class {
	COAP_REQUEST = 0,
	COAP_SUCCESS = 2,
	COAP_CLIENT_ERROR = 4,
	COAP_SERVER_ERROR = 5,
};

/** A message over UDP (RFC 7252 3): never the path. */
struct coap {
	enum coap_class class;
	uint8_t code;	   /* in its class: 1 GET, 2 POST, … */
	bool empty;	   /* an acknowledgement or a reset alone */
	struct slice host; /* a view; absent when not said */
};

/** ERR_TRUNCATED; ERR_MALFORMED: no CoAP; ERR_LIMIT: too many options. */
int coap_decode(struct slice bytes, struct coap *out) must_check;

#endif

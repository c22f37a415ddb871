// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_DTLS_H
#define DECODE_DTLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * What DTLS 1.0 to 1.3 shows before its handshake hides everything: the
 * fragments of handshake messages in records of epoch 0 (RFC 6347 4.1, 4.2.2;
 * RFC 9147 4, 5.2). A message's body is decoded as TLS's (decode/tls.h), but
 * for the cookie of a ClientHello.
 */

#define DTLS_RECORD_HEADER_BYTES 13

enum {
	DTLS_CLIENT_HELLO = 1,
	DTLS_SERVER_HELLO = 2,
};

/** A piece of a handshake message. */
struct dtls_fragment {
	uint8_t type;
	uint16_t number; /* of the message */
	uint32_t length; /* of the whole message */
	uint32_t offset;
	struct slice data;
};

/** A datagram being walked. */
struct dtls_walk {
	struct cursor datagram, record;
};

/** Whether a datagram begins with a handshake record of epoch 0: nothing else
 * has those bytes. */
bool dtls_may_begin(struct slice datagram);

void dtls_walk(struct dtls_walk *w, struct slice datagram);
/**
 * The next fragment; records that are no handshake, or encrypted, are passed
 * over. 1, or 0 at the end. ERR_TRUNCATED, ERR_MALFORMED.
 */
int dtls_next(struct dtls_walk *w, struct dtls_fragment *out) must_check;

#endif

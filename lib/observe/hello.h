// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_HELLO_H
#define OBSERVE_HELLO_H

#include "observe/context.h"
#include "observe/flow.h"

/** Where a hello was found. */
struct hello_origin {
	enum record_transport transport;
	uint32_t quic_version; /* 0 of another transport */
	uint32_t segments;     /* or CRYPTO frames, that it was put together of
				*/
};

/** Longest subject of a certificate kept; what is longer is left out. */
#define HELLO_SUBJECT_MAX ((size_t)1024)

/**
 * A ClientHello in the packet at hand, which that side of the flow sent: a
 * fact, what the conversation is, and, of a device, a hello and a name in its
 * window.
 */
void hello_tell(const struct context *c, struct flow *flow, int side,
		const struct tls_client_hello *hello,
		const struct hello_origin *origin);

/**
 * A ServerHello in the packet at hand: a fact, and, to a device (else NULL),
 * what it got.
 */
void hello_answer(const struct context *c, struct device *device,
		  const struct tls_server_hello *hello,
		  const struct hello_origin *origin);
/** The certificate, in DER, that came behind an answer to the device. */
void hello_certificate(const struct context *c, struct device *device,
		       const struct tls_server_hello *hello,
		       struct slice certificate);

/**
 * A connection tried again, after a Retry, a cookie or a loss, is one hello:
 * its random tells. The last bit is the side of the client, the one before
 * makes it no 0.
 */
uint32_t hello_mark(const struct tls_client_hello *hello, int side);

#endif

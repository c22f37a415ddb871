// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_HELLO_H
#define OBSERVE_HELLO_H

#include "observe/context.h"

/** Where a ClientHello was found. */
struct hello_origin {
	enum record_transport transport;
	uint32_t quic_version; /* 0 of another transport */
	uint32_t segments;     /* or CRYPTO frames, that it was put together of
				*/
};

/**
 * A ClientHello in the packet at hand: a fact, and, of a device (else NULL),
 * a hello and a name in its window.
 */
void hello_tell(const struct context *c, struct device *device,
		const struct tls_client_hello *hello,
		const struct hello_origin *origin);

/**
 * A ServerHello in the packet at hand, over TCP: a fact, and, to a device (else
 * NULL), what it got.
 */
void hello_answer(const struct context *c, struct device *device,
		  const struct tls_server_hello *hello, uint32_t segments);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_DTLS_H
#define OBSERVE_DTLS_H

#include "observe/context.h"
#include "observe/flow.h"

/**
 * A datagram that dtls_may_begin() lets pass: hellos of DTLS, out of their
 * fragments. One that is not whole waits as a stream of its lane does, within
 * the same limits. The hello that brings a cookie back is the same hello.
 */
void dtls_hear(const struct context *c, struct flow *flow, int side);

/** Fragments of a datagram that are looked at; a hello has a few. */
#define DTLS_FRAGMENTS_MAX 32u

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef OBSERVE_INITIAL_H
#define OBSERVE_INITIAL_H

#include "observe/context.h"
#include "observe/flow.h"

/*
 * The beginnings of QUIC connections: their Initial packets opened, CRYPTO
 * frames put in order, until the ClientHello is whole, and then the ServerHello
 * that answers it: the keys of both are made of what the client's first packet
 * is sent to, and of the version that each is in: a server may answer in
 * another that the client knows (RFC 9368 2.3). What is behind them is
 * encrypted for these two alone. One that is not whole waits as a stream of its
 * lane does, within the same limits.
 */

/**
 * Most packets tried to be opened in a window; each costs some three
 * microseconds, so that a flood of made-up ones costs no more than a twentieth
 * of a processor. A home opens a few hundred connections.
 */
#define INITIAL_TRIES_MAX 20000u

struct initials {
	uint64_t window; /* that the tries are of */
	uint32_t tries;
};

/** A datagram that quic_may_begin() lets pass; most are no QUIC. */
void initial_hear(const struct context *c, struct flow *flow, int side);

#endif

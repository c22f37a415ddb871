// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_LISTEN_H
#define COLLECTOR_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/** Connections that may wait to be accepted: many come again at once. */
#define LISTEN_BACKLOG 4096
/** "[address]:port", terminated. */
#define LISTEN_NAME_BYTES 64

/**
 * A listening socket. at: "ADDRESS:PORT", "[ADDRESS]:PORT" or "PORT" (all
 * addresses, or 127.0.0.1 if loopback); port 0 for any. loopback: no other
 * address is taken. name tells what it came to. ERR_INVALID; ERR_DENIED: not
 * on the loopback; ERR_IO.
 */
int listen_open(const char *at, bool loopback, int *fd,
		char name[LISTEN_NAME_BYTES]) must_check;

#endif

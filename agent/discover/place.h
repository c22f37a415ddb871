// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DISCOVER_PLACE_H
#define DISCOVER_PLACE_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "base/addr.h"

/** An address and port as the kernel takes them. */
struct place {
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
	socklen_t len;
};

/** The index is of the interface that an address of a link is behind. */
struct place place_of(const struct addr *addr, uint32_t index, uint16_t port);

/** The address in one; family 0 when it is of neither kind. */
struct addr place_addr(const struct sockaddr *any);

#endif

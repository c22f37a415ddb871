// SPDX-License-Identifier: GPL-3.0-or-later
#include "discover/place.h"

#include <string.h>

struct place place_of(const struct addr *addr, uint32_t index, uint16_t port)
{
	struct place p = { .len = sizeof(p.v4) };

	if (addr->family == 4) {
		p.v4 = (struct sockaddr_in){ .sin_family = AF_INET,
					     .sin_port = htons(port) };
		memcpy(&p.v4.sin_addr, addr->b, 4);
		return p;
	}
	p.v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6,
				      .sin6_port = htons(port) };
	memcpy(&p.v6.sin6_addr, addr->b, 16);
	if (addr_is_link_local(addr))
		p.v6.sin6_scope_id = index;
	p.len = sizeof(p.v6);
	return p;
}

struct addr place_addr(const struct sockaddr *any)
{
	struct addr addr = { .family = 0 };
	struct sockaddr_in6 v6;
	struct sockaddr_in v4;

	if (any->sa_family == AF_INET) {
		memcpy(&v4, any, sizeof(v4));
		addr.family = 4;
		memcpy(addr.b, &v4.sin_addr, 4);
	} else if (any->sa_family == AF_INET6) {
		memcpy(&v6, any, sizeof(v6));
		addr.family = 6;
		memcpy(addr.b, &v6.sin6_addr, 16);
	}
	return addr;
}

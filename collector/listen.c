// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/text.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static int parse(const char *at, bool loopback, struct addr *addr,
		 uint16_t *port)
{
	const char *colon = strrchr(at, ':');
	const char *digits = colon ? colon + 1 : at;
	char host[ADDR_TEXT_BYTES + 2], *start = host;
	uint64_t number;
	size_t len;

	if (text_number(digits, 0, UINT16_MAX, &number))
		return ERR_INVALID;
	*port = (uint16_t)number;
	if (!colon)
		return addr_parse(loopback ? "127.0.0.1" : "::", addr);
	len = (size_t)(colon - at);
	if (len >= sizeof(host))
		return ERR_INVALID;
	memcpy(host, at, len);
	host[len] = '\0';
	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		start++;
	}
	return addr_parse(start, addr) ? ERR_INVALID : 0;
}

static socklen_t make(const struct addr *addr, uint16_t port,
		      union address *out)
{
	*out = (union address){ 0 };
	if (addr->family == 4) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		memcpy(&out->v4.sin_addr, addr->b, 4);
		return sizeof(out->v4);
	}
	out->v6.sin6_family = AF_INET6;
	out->v6.sin6_port = htons(port);
	memcpy(&out->v6.sin6_addr, addr->b, 16);
	return sizeof(out->v6);
}

static int bind_to(const struct addr *addr, uint16_t port)
{
	const int on = 1, off = 0;
	union address address;
	socklen_t len = make(addr, port, &address);
	int fd = socket(address.any.sa_family,
			SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (addr->family == 6) /* IPv4 comes to it, too */
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (!bind(fd, &address.any, len) && !listen(fd, LISTEN_BACKLOG))
		return fd;
	close(fd);
	return -1;
}

int listen_open(const char *at, bool loopback, int *fd,
		char name[LISTEN_NAME_BYTES])
{
	union address address;
	socklen_t len = sizeof(address);
	char text[ADDR_TEXT_BYTES];
	struct addr addr;
	uint16_t port;

	if (parse(at, loopback, &addr, &port))
		return ERR_INVALID;
	if (loopback && !addr_is_loopback(&addr))
		return ERR_DENIED;
	*fd = bind_to(&addr, port);
	if (*fd < 0 && errno == EAFNOSUPPORT && !strchr(at, ':')) {
		/* a machine without IPv6 */
		if (addr_parse("0.0.0.0", &addr))
			return ERR_INVALID;
		*fd = bind_to(&addr, port);
	}
	if (*fd < 0)
		return ERR_IO;
	if (getsockname(*fd, &address.any, &len)) {
		close(*fd);
		return ERR_IO;
	}
	port = ntohs(addr.family == 4 ? address.v4.sin_port
				      : address.v6.sin6_port);
	snprintf(name, LISTEN_NAME_BYTES,
		 addr.family == 4 ? "%s:%u" : "[%s]:%u",
		 addr_format(&addr, text), port);
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef FUZZ_DATAGRAMS_H
#define FUZZ_DATAGRAMS_H

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/cursor.h"

/*
 * Sockets that reach nobody, in the place of the kernel's: what is sent is
 * remembered, and what is received are the datagrams of the input, each after
 * two bytes of its length. One of an odd length has the id of what was sent,
 * the first and third or the second, in the place of its own: an answer. The
 * types of addresses are those that glibc declares these functions with.
 */

static struct cursor datagrams;
static uint8_t ids[2][2];
static unsigned int sends;

int socket(int domain, int type, int protocol)
{
	(void)domain;
	(void)type;
	(void)protocol;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

int bind(int fd, __CONST_SOCKADDR_ARG at, socklen_t len)
{
	(void)at;
	(void)len;
	return fd < 0 ? -1 : 0;
}

int connect(int fd, __CONST_SOCKADDR_ARG to, socklen_t len)
{
	return bind(fd, to, len);
}

ssize_t sendto(int fd, const void *data, size_t size, int flags,
	       __CONST_SOCKADDR_ARG to, socklen_t len)
{
	(void)fd;
	(void)flags;
	(void)to;
	(void)len;
	if (size >= sizeof(ids[0]))
		memcpy(ids[sends++ & 1], data, sizeof(ids[0]));
	return (ssize_t)size;
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
	struct sockaddr *nobody = NULL;

	return sendto(fd, data, size, flags, nobody, 0);
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
	size_t length = cursor_u16(&datagrams) % 1500;
	struct slice bytes = cursor_take(&datagrams, length);

	(void)fd;
	(void)flags;
	if (!bytes.data || bytes.len > size) {
		errno = EAGAIN;
		return -1;
	}
	memcpy(data, bytes.data, bytes.len);
	if ((length & 1) && length > sizeof(ids[0]))
		memcpy(data, ids[length >> 1 & 1], sizeof(ids[0]));
	return (ssize_t)bytes.len;
}

#endif

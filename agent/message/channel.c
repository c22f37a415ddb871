// SPDX-License-Identifier: GPL-3.0-or-later

#include "message/channel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* First room for a message; windows grow past it. */
#define SMALL_BYTES 4096

static void enlarge(int end)
{
	int bytes = CHANNEL_QUEUE_BYTES;

	/* past net.core.wmem_max only with CAP_NET_ADMIN; else what it gives */
	if (setsockopt(end, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)))
		(void)!setsockopt(end, SOL_SOCKET, SO_SNDBUF, &bytes,
				  sizeof(bytes));
}

int channel_pair(int ends[2])
{
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       0, pair))
		return ERR_IO;
	enlarge(pair[0]);
	enlarge(pair[1]);
	ends[0] = pair[0];
	ends[1] = pair[1];
	return 0;
}

static bool takes_descriptor(enum message_type type)
{
	return type == MESSAGE_PEER || type == MESSAGE_CAPTURE ||
	       type == MESSAGE_SEND;
}

static ssize_t send_with_descriptor(int end, struct slice bytes, int fd)
{
	union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part;
	struct msghdr packet = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
	uint8_t copy[SMALL_BYTES];

	if (bytes.len > sizeof(copy)) {
		errno = EMSGSIZE;
		return -1;
	}
	memcpy(copy, bytes.data, bytes.len);
	part = (struct iovec){ .iov_base = copy, .iov_len = bytes.len };
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	return sendmsg(end, &packet, 0);
}

int channel_send(int end, const struct message *message)
{
	struct buf bytes;
	ssize_t sent;
	int err;

	if (takes_descriptor(message->type) != (message->fd >= 0))
		return ERR_INVALID;
	buf_init(&bytes, MESSAGE_MAX_BYTES);
	err = message_encode(message, &bytes);
	if (err)
		goto out;
	do {
		sent = message->fd >= 0
			       ? send_with_descriptor(end, buf_slice(&bytes),
						      message->fd)
			       : write(end, bytes.data, bytes.len);
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		err = 0;
	else if (errno == EAGAIN || errno == ENOBUFS)
		err = ERR_AGAIN;
	else if (errno == EPIPE || errno == ECONNRESET)
		err = ERR_CLOSED;
	else
		err = ERR_IO;
out:
	buf_done(&bytes);
	return err;
}

int channel_send_plain(int end, enum message_type type)
{
	struct message message = { .type = type, .fd = -1 };

	return channel_send(end, &message);
}

/* The one descriptor of a packet, or -1. */
static int descriptor_of(struct msghdr *packet)
{
	struct cmsghdr *header = CMSG_FIRSTHDR(packet);
	int fd;

	if (!header || header->cmsg_level != SOL_SOCKET ||
	    header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(fd)))
		return -1;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

int channel_receive(int end, struct channel_inbox *inbox, struct message *out)
{
	union {
		struct cmsghdr header;
		uint8_t bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { .iov_base = inbox->bytes,
			      .iov_len = sizeof(inbox->bytes) };
	struct msghdr packet = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		/* without the padding, in which a second one would fit: the
		 * kernel keeps what is past it */
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	ssize_t length;
	int err, fd;

	do {
		length = recvmsg(end, &packet, MSG_CMSG_CLOEXEC);
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return errno == EAGAIN	     ? ERR_AGAIN
		       : errno == ECONNRESET ? ERR_CLOSED
					     : ERR_IO;
	if (length == 0)
		return ERR_CLOSED;
	fd = descriptor_of(&packet);
	err = packet.msg_flags & MSG_TRUNC
		      ? ERR_LIMIT
		      : message_decode(slice_of(inbox->bytes, (size_t)length),
				       out);
	if (!err && takes_descriptor(out->type) != (fd >= 0))
		err = ERR_MALFORMED;
	if (err) {
		if (fd >= 0)
			close(fd);
		return err;
	}
	out->fd = fd;
	return 0;
}

int channel_read(int end, struct channel_inbox *inbox,
		 const struct channel_reader *reader)
{
	struct message m;

	for (int n = 0; n < CHANNEL_AT_ONCE; n++) {
		int err = channel_receive(end, inbox, &m);

		if (err == ERR_AGAIN)
			return err;
		if (err == ERR_CLOSED || err == ERR_IO)
			return ERR_CLOSED;
		if (err) {
			if (reader->refused)
				++*reader->refused;
			continue;
		}
		if (m.fd >= 0 &&
		    !(reader->keeps_peers && m.type == MESSAGE_PEER))
			close(m.fd);
		reader->take(reader->user, &m);
	}
	return ERR_AGAIN;
}

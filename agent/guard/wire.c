// SPDX-License-Identifier: GPL-3.0-or-later

#include "guard/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cursor.h"
#include "guard/filter.h"

#define HEADER_BYTES 14
/* The least that Ethernet carries, without its checksum. */
#define FRAME_LEAST 60

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

const struct mac wire_broadcast = { { 255, 255, 255, 255, 255, 255 } };

int wire_open_by(int interface_index, const struct mac *own, uint16_t type,
		 const struct filter *filter, struct wire *out)
{
	/* protocol 0: nothing is heard before the filter is there */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(type),
		.sll_ifindex = interface_index,
	};
	int one = 1;

	if (fd < 0)
		return ERR_IO;
	(void)!setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
			  sizeof(one));
	if (filter_attach(fd, filter) ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return ERR_IO;
	}
	*out = (struct wire){ fd, interface_index, *own };
	return 0;
}

int wire_open(int interface_index, const struct mac *own, uint16_t type,
	      struct wire *out)
{
	static struct filter filter;

	filter_type(type, WIRE_FRAME_MAX, &filter);
	return wire_open_by(interface_index, own, type, &filter, out);
}

void wire_close(struct wire *wire)
{
	if (wire->socket >= 0)
		close(wire->socket);
	wire->socket = -1;
}

int wire_send_frame(const struct wire *wire, const uint8_t *frame,
		    size_t length)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_ifindex = wire->interface_index,
		.sll_halen = sizeof(struct mac),
	};
	ssize_t sent;

	memcpy(address.sll_addr, frame, sizeof(struct mac));
	memcpy(&address.sll_protocol, frame + 12, 2);
	do {
		sent = sendto(wire->socket, frame, length, 0,
			      (struct sockaddr *)&address, sizeof(address));
	} while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return 0;
	return errno == EAGAIN || errno == ENOBUFS ? ERR_AGAIN : ERR_IO;
}

int wire_send(const struct wire *wire, const struct mac *to, uint16_t type,
	      struct slice payload)
{
	uint8_t frame[WIRE_FRAME_MAX] = { 0 };
	size_t length = HEADER_BYTES + payload.len;

	if (length > sizeof(frame))
		return ERR_LIMIT;
	memcpy(frame, to->b, sizeof(to->b));
	memcpy(frame + 6, wire->own.b, sizeof(wire->own.b));
	frame[12] = (uint8_t)(type >> 8);
	frame[13] = (uint8_t)type;
	memcpy(frame + HEADER_BYTES, payload.data, payload.len);
	if (length < FRAME_LEAST)
		length = FRAME_LEAST;
	return wire_send_frame(wire, frame, length);
}

int wire_send_arp(const struct wire *wire, const struct mac *to,
		  const struct arp *arp)
{
	uint8_t bytes[ARP_BYTES];

	arp_encode(arp, bytes);
	return wire_send(wire, to, WIRE_TYPE_ARP,
			 slice_of(bytes, sizeof(bytes)));
}

int wire_receive(const struct wire *wire, uint8_t buffer[WIRE_FRAME_MAX],
		 struct wire_frame *out)
{
	struct wire_frame frame = { .type = 0 };
	struct cursor c;
	ssize_t length;

	do {
		length = recv(wire->socket, buffer, WIRE_FRAME_MAX, 0);
	} while (length < 0 && errno == EINTR);
	if (length < 0)
		return errno == EAGAIN ? ERR_AGAIN : ERR_IO;
	c = cursor_of(buffer, (size_t)length);
	cursor_copy(&c, frame.destination.b, sizeof(frame.destination.b));
	cursor_copy(&c, frame.source.b, sizeof(frame.source.b));
	frame.type = cursor_u16(&c);
	if (!cursor_ok(&c))
		return ERR_TRUNCATED;
	frame.payload = cursor_rest(&c);
	frame.whole = slice_of(buffer, (size_t)length);
	*out = frame;
	return 0;
}

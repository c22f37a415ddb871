// SPDX-License-Identifier: GPL-3.0-or-later
#include "wire.h"

#include <string.h>

#define ETHERNET_BYTES 14
#define IPV4_BYTES     20
#define IPV6_BYTES     40
#define UDP_BYTES      8
#define TCP_BYTES      32 /* with the timestamps option */
#define FRAME_MIN      60
#define OUT_BUFFER     (1 << 20)

#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

/* A frame in the making; bytes go to its end. */
struct frame {
	uint8_t bytes[WIRE_FRAME_MAX];
	size_t size;
};

static void put8(struct frame *frame, uint8_t value)
{
	frame->bytes[frame->size++] = value;
}

static void put16(struct frame *frame, uint16_t value)
{
	put8(frame, (uint8_t)(value >> 8));
	put8(frame, (uint8_t)value);
}

static void put32(struct frame *frame, uint32_t value)
{
	put16(frame, (uint16_t)(value >> 16));
	put16(frame, (uint16_t)value);
}

static void put(struct frame *frame, const void *bytes, size_t size)
{
	memcpy(frame->bytes + frame->size, bytes, size);
	frame->size += size;
}

/* RFC 1071: the one's complement sum, added to what was summed before. */
static uint32_t sum_of(const uint8_t *bytes, size_t size, uint32_t sum)
{
	uint64_t total = sum;

	for (; size > 1; bytes += 2, size -= 2)
		total += (uint32_t)(bytes[0] << 8 | bytes[1]);
	if (size)
		total += (uint32_t)(bytes[0] << 8);
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint32_t)total;
}

static void set_checksum(struct frame *frame, size_t at, uint32_t sum)
{
	uint16_t checksum = (uint16_t)~sum;

	frame->bytes[at] = (uint8_t)(checksum >> 8);
	frame->bytes[at + 1] = (uint8_t)checksum;
}

uint32_t wire_random(struct wire *wire)
{
	/* xorshift128, Marsaglia 2003 */
	uint32_t *state = wire->random;
	uint32_t t = state[3] ^ state[3] << 11;

	memmove(state + 1, state, 3 * sizeof(*state));
	state[0] = state[1] ^ state[1] >> 19 ^ t ^ t >> 8;
	return state[0];
}

uint32_t wire_below(struct wire *wire, uint32_t limit)
{
	return (uint32_t)((uint64_t)wire_random(wire) * limit >> 32);
}

void wire_fill(struct wire *wire, uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		data[i] = (uint8_t)wire_random(wire);
}

static void write_number(struct wire *wire, uint32_t value)
{
	fwrite(&value, sizeof(value), 1, wire->out);
}

int wire_open(struct wire *wire, const char *path, uint32_t seed)
{
	memset(wire, 0, sizeof(*wire));
	wire->out = fopen(path, "wb");
	if (!wire->out)
		return -1;
	setvbuf(wire->out, NULL, _IOFBF, OUT_BUFFER);
	for (uint32_t i = 0; i < 4; i++)
		wire->random[i] = seed * 2654435761u + i + 1;
	wire->time_us = 1700000000 * 1000000ull;
	/* pcap: magic, version 2.4, zone, accuracy, snap length, Ethernet */
	write_number(wire, 0xa1b2c3d4);
	write_number(wire, 4 << 16 | 2);
	write_number(wire, 0);
	write_number(wire, 0);
	write_number(wire, 65535);
	write_number(wire, 1);
	return 0;
}

int wire_close(struct wire *wire)
{
	int failed = ferror(wire->out);

	return fclose(wire->out) || failed ? -1 : 0;
}

static void write_frame(struct wire *wire, struct frame *frame)
{
	while (frame->size < FRAME_MIN)
		put8(frame, 0);
	write_number(wire, (uint32_t)(wire->time_us / 1000000));
	write_number(wire, (uint32_t)(wire->time_us % 1000000));
	write_number(wire, (uint32_t)frame->size);
	write_number(wire, (uint32_t)frame->size);
	fwrite(frame->bytes, frame->size, 1, wire->out);
	wire->frames++;
	wire->bytes += frame->size;
}

static void put_ethernet(struct frame *frame, const uint8_t *to,
			 const uint8_t *from, uint16_t type)
{
	put(frame, to, 6);
	put(frame, from, 6);
	put16(frame, type);
}

static void put_ipv4(struct frame *frame, const struct wire_host *from,
		     const struct wire_host *to, uint8_t protocol, size_t size)
{
	size_t start = frame->size;

	put16(frame, 0x4500);
	put16(frame, (uint16_t)(IPV4_BYTES + size));
	put32(frame, 0x4000); /* don't fragment */
	put8(frame, 64);
	put8(frame, protocol);
	put16(frame, 0);
	put(frame, from->v4, 4);
	put(frame, to->v4, 4);
	set_checksum(frame, start + 10,
		     sum_of(frame->bytes + start, IPV4_BYTES, 0));
}

static void put_ipv6(struct frame *frame, const struct wire_host *from,
		     const struct wire_host *to, uint8_t protocol, size_t size)
{
	put32(frame, 0x60000000);
	put16(frame, (uint16_t)size);
	put8(frame, protocol);
	put8(frame, 64);
	put(frame, from->v6, 16);
	put(frame, to->v6, 16);
}

/* Both headers below the transport; gives the pseudo header's sum. */
static uint32_t put_network(struct frame *frame, const struct wire_path *path,
			    bool up, uint8_t protocol, size_t size)
{
	const struct wire_host *from = up ? path->near : path->far;
	const struct wire_host *to = up ? path->far : path->near;
	uint32_t sum = (uint32_t)(protocol + size);

	put_ethernet(frame, to->mac, from->mac, path->v6 ? 0x86dd : 0x0800);
	if (path->v6) {
		put_ipv6(frame, from, to, protocol, size);
		return sum_of(frame->bytes + frame->size - 32, 32, sum);
	}
	put_ipv4(frame, from, to, protocol, size);
	return sum_of(frame->bytes + frame->size - 8, 8, sum);
}

static void put_ports(struct frame *frame, const struct wire_path *path,
		      bool up)
{
	put16(frame, up ? path->near_port : path->far_port);
	put16(frame, up ? path->far_port : path->near_port);
}

void wire_udp(struct wire *wire, const struct wire_path *path, bool up,
	      const uint8_t *data, size_t size)
{
	struct frame frame = { .size = 0 };
	uint32_t sum =
		put_network(&frame, path, up, PROTOCOL_UDP, UDP_BYTES + size);
	size_t start = frame.size;

	put_ports(&frame, path, up);
	put16(&frame, (uint16_t)(UDP_BYTES + size));
	put16(&frame, 0);
	put(&frame, data, size);
	set_checksum(&frame, start + 6,
		     sum_of(frame.bytes + start, UDP_BYTES + size, sum));
	write_frame(wire, &frame);
}

void wire_tcp(struct wire *wire, const struct wire_path *path, bool up,
	      const struct wire_segment *segment)
{
	struct frame frame = { .size = 0 };
	uint32_t sum = put_network(&frame, path, up, PROTOCOL_TCP,
				   TCP_BYTES + segment->size);
	size_t start = frame.size;

	put_ports(&frame, path, up);
	put32(&frame, segment->seq);
	put32(&frame, segment->ack);
	put8(&frame, TCP_BYTES / 4 << 4);
	put8(&frame, segment->flags);
	put16(&frame, 64240);
	put32(&frame, 0);
	put32(&frame, 0x0101080a); /* two no-operations, timestamps */
	put32(&frame, (uint32_t)(wire->time_us / 1000));
	put32(&frame, (uint32_t)(wire->time_us / 1000) - 20);
	if (segment->size)
		put(&frame, segment->data, segment->size);
	set_checksum(&frame, start + 16,
		     sum_of(frame.bytes + start, TCP_BYTES + segment->size,
			    sum));
	write_frame(wire, &frame);
}

void wire_arp(struct wire *wire, const struct wire_host *who,
	      const struct wire_host *whom)
{
	static const uint8_t everyone[6] = { 255, 255, 255, 255, 255, 255 };
	struct frame frame = { .size = 0 };

	put_ethernet(&frame, everyone, who->mac, 0x0806);
	put32(&frame, 0x00010800);
	put32(&frame, 0x06040001);
	put(&frame, who->mac, 6);
	put(&frame, who->v4, 4);
	put(&frame, (const uint8_t[6]){ 0 }, 6);
	put(&frame, whom->v4, 4);
	write_frame(wire, &frame);
}

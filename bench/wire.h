// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/*
 * Writes frames into a pcap file, with true checksums. What is written
 * depends on nothing but what is asked for: the same calls make the same file.
 */

/** An Ethernet frame without tags or jumbo, checksum not included. */
#define WIRE_FRAME_MAX 1514
/** What a full TCP segment with timestamps carries over IPv6. */
#define WIRE_SEGMENT 1428

enum wire_tcp_flag {
	WIRE_FIN = 0x01,
	WIRE_SYN = 0x02,
	WIRE_PSH = 0x08,
	WIRE_ACK = 0x10,
};

struct wire {
	FILE *out;
	uint64_t time_us; /* since the epoch, of the next frame */
	uint64_t frames;
	uint64_t bytes; /* of frames, without the file's own */
	uint32_t random[4];
};

struct wire_host {
	uint8_t mac[6];
	uint8_t v4[4];
	uint8_t v6[16];
};

/** Two hosts and their ports; near is the one in the home. */
struct wire_path {
	const struct wire_host *near, *far;
	uint16_t near_port, far_port;
	bool v6;
};

/** One segment of TCP, its sequence numbers as the sender has them. */
struct wire_segment {
	uint32_t seq, ack;
	uint8_t flags;
	const uint8_t *data;
	size_t size; /* at most WIRE_SEGMENT */
};

/** -1 when the file cannot be made; errno tells. */
int wire_open(struct wire *wire, const char *path, uint32_t seed);
/** -1 when anything could not be written. */
int wire_close(struct wire *wire);

/** Numbers that depend on the seed alone. */
uint32_t wire_random(struct wire *wire);
/** From 0 up to, but not including, limit. */
uint32_t wire_below(struct wire *wire, uint32_t limit);
void wire_fill(struct wire *wire, uint8_t *data, size_t size);

/** up: from the near host to the far one. size: a datagram, unfragmented. */
void wire_udp(struct wire *wire, const struct wire_path *path, bool up,
	      const uint8_t *data, size_t size);
void wire_tcp(struct wire *wire, const struct wire_path *path, bool up,
	      const struct wire_segment *segment);
/** who asks everyone which MAC has the IPv4 address of whom. */
void wire_arp(struct wire *wire, const struct wire_host *who,
	      const struct wire_host *whom);

#endif

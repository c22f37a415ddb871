// SPDX-License-Identifier: GPL-3.0-or-later

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

/*
 * The hard case for a table of flows: frames as small as they get, each of
 * another flow than the one before.
 */

#define DEVICES 40

static void make_host(struct wire_host *host, uint32_t number, bool in_home)
{
	memset(host, 0, sizeof(*host));
	host->mac[0] = 0x02;
	host->mac[1] = in_home;
	/* what is far comes by way of the one router */
	host->mac[5] = in_home ? (uint8_t)number : 1;
	host->v4[0] = in_home ? 192 : 198;
	host->v4[1] = in_home ? 168 : 18;
	host->v4[2] = in_home ? 1 : (uint8_t)(number >> 8);
	host->v4[3] = (uint8_t)(in_home ? number + 10 : number);
}

static void write_frames(struct wire *wire, uint64_t frames, uint32_t tuples)
{
	struct wire_host devices[DEVICES], far;

	for (uint32_t i = 0; i < DEVICES; i++)
		make_host(&devices[i], i, true);
	for (uint64_t i = 0; i < frames; i++) {
		uint32_t tuple = wire_below(wire, tuples);
		struct wire_path path = {
			.near = &devices[tuple % DEVICES],
			.far = &far,
			.near_port = (uint16_t)(1024 + tuple),
			.far_port = 4433,
		};
		uint8_t data[18] = { 0x40 };

		make_host(&far, tuple / 8, false);
		wire_udp(wire, &path, wire_below(wire, 2), data, sizeof(data));
		wire->time_us += 20;
	}
}

int main(int argc, char **argv)
{
	struct wire wire;
	uint64_t frames;
	uint32_t tuples;

	if (argc != 4) {
		fprintf(stderr, "usage: %s FILE FRAMES TUPLES\n", argv[0]);
		return 2;
	}
	frames = strtoull(argv[2], NULL, 10);
	tuples = (uint32_t)strtoul(argv[3], NULL, 10);
	if (wire_open(&wire, argv[1], 1)) {
		perror(argv[1]);
		return 1;
	}
	write_frames(&wire, frames, tuples);
	if (wire_close(&wire)) {
		perror(argv[1]);
		return 1;
	}
	printf("%" PRIu64 " frames, %" PRIu64 " bytes\n", wire.frames,
	       wire.bytes);
	return 0;
}

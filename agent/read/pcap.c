// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/pcap.h"

#include <string.h>

#include "base/cursor.h"
#include "read/fault.h"

#define NS_PER_S	  UINT64_C(1000000000)
#define FILE_HEADER_BYTES 24u
/* Of the link type field: the rest says how long frame check sequences are. */
#define LINK_MASK 0x03ffffffu

static const struct {
	uint32_t magic;
	uint32_t unit_ns;
	uint32_t header_bytes;
} kinds[] = {
	{ 0xa1b2c3d4, 1000, 16 },
	{ 0xa1b23c4d, 1, 16 },
	{ 0xa1b2cd34, 1000, 24 }, /* Kuznetzov's: interface and packet type */
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static uint32_t read_u32(struct cursor *c, bool little_endian)
{
	return little_endian ? cursor_u32le(c) : cursor_u32(c);
}

/* The kind of file by its magic in either byte order, or KIND_COUNT. */
static size_t kind_of(const uint8_t magic[4], bool *little_endian)
{
	for (size_t i = 0; i < 2 * KIND_COUNT; i++) {
		struct cursor c = cursor_of(magic, 4);

		*little_endian = i >= KIND_COUNT;
		if (read_u32(&c, *little_endian) == kinds[i % KIND_COUNT].magic)
			return i % KIND_COUNT;
	}
	return KIND_COUNT;
}

bool pcap_knows(const uint8_t magic[4])
{
	bool little_endian;

	return kind_of(magic, &little_endian) < KIND_COUNT;
}

int pcap_start(struct pcap_reader *r, struct bytes *b,
	       struct capture_fault *fault)
{
	const uint8_t *data;
	struct cursor c;
	size_t kind;

	if (bytes_peek(b, FILE_HEADER_BYTES, &data) < FILE_HEADER_BYTES)
		return fault_of_the_end(fault, b, "its header");
	kind = kind_of(data, &r->little_endian);
	r->unit_ns = kinds[kind].unit_ns;
	r->header_bytes = kinds[kind].header_bytes;
	c = cursor_of(data, FILE_HEADER_BYTES);
	cursor_skip(&c, 20);
	r->link = read_u32(&c, r->little_endian) & LINK_MASK;
	bytes_skip(b, FILE_HEADER_BYTES);
	return 0;
}

int pcap_next(struct pcap_reader *r, struct bytes *b,
	      struct capture_frame *frame, size_t *used,
	      struct capture_fault *fault)
{
	uint32_t seconds, part, captured, wire;
	uint64_t part_ns;
	const uint8_t *data;
	size_t have = bytes_peek(b, r->header_bytes, &data);
	struct cursor c = cursor_of(data, have);

	if (!have && !bytes_fault(b))
		return 0;
	if (have < r->header_bytes)
		return fault_of_the_end(fault, b, "a frame's header");
	seconds = read_u32(&c, r->little_endian);
	part = read_u32(&c, r->little_endian);
	captured = read_u32(&c, r->little_endian);
	wire = read_u32(&c, r->little_endian);
	if (captured > CAPTURE_FRAME_MAX_BYTES)
		return fault_set(fault, b, ERR_MALFORMED,
				 "a frame of %u bytes, more than any link has",
				 captured);
	if (bytes_peek(b, r->header_bytes + captured, &data) <
	    r->header_bytes + captured)
		return fault_of_the_end(fault, b, "a frame");
	part_ns = (uint64_t)part * r->unit_ns;
	frame->time_s = seconds + part_ns / NS_PER_S;
	frame->time_ns = (uint32_t)(part_ns % NS_PER_S);
	frame->link = r->link;
	frame->wire_bytes = wire;
	frame->data = slice_of(data + r->header_bytes, captured);
	*used = r->header_bytes + captured;
	return 1;
}

bool pcap_at_hand(const struct pcap_reader *r, struct slice bytes)
{
	struct cursor c = cursor_of(bytes.data, bytes.len);
	uint32_t captured;

	cursor_skip(&c, 8);
	captured = read_u32(&c, r->little_endian);
	return cursor_ok(&c) && bytes.len >= r->header_bytes &&
	       captured <= bytes.len - r->header_bytes;
}

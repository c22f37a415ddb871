// SPDX-License-Identifier: GPL-3.0-or-later
#include "read/pcapng.h"

#include "base/cursor.h"
#include "read/fault.h"

#define NS_PER_S UINT64_C(1000000000)

/* The smallest block: type, length, length again. */
#define BLOCK_MIN_BYTES 12u
#define SECTION_MAGIC	0x1a2b3c4du
/* Units of 10^-19 s or 2^-63 s are the finest that 64 bits can hold. */
#define DECIMAL_EXPONENT_MAX 19
#define BINARY_EXPONENT_MAX  63
#define MICROSECONDS	     6 /* when an interface does not say */

enum block_type {
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET_OBSOLETE = 2,
	BLOCK_SIMPLE_PACKET = 3,
	BLOCK_ENHANCED_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a, /* the same in either byte order */
};

enum option_code {
	OPTION_END = 0,
	OPTION_TIME_RESOLUTION = 9,
	OPTION_TIME_OFFSET = 14,
};

static uint16_t read_u16(struct cursor *c, bool little_endian)
{
	return little_endian ? cursor_u16le(c) : cursor_u16(c);
}

static uint32_t read_u32(struct cursor *c, bool little_endian)
{
	return little_endian ? cursor_u32le(c) : cursor_u32(c);
}

static uint64_t read_u64(struct cursor *c, bool little_endian)
{
	uint64_t first = read_u32(c, little_endian);
	uint64_t second = read_u32(c, little_endian);

	return little_endian ? second << 32 | first : first << 32 | second;
}

bool pcapng_knows(const uint8_t magic[4])
{
	struct cursor c = cursor_of(magic, 4);

	return cursor_u32(&c) == BLOCK_SECTION;
}

static uint64_t units_per_second(const struct pcapng_interface *i)
{
	uint64_t units = 1;

	for (uint8_t e = 0; e < i->exponent; e++)
		units *= i->binary ? 2 : 10;
	return units;
}

static void note_time(struct pcapng_reader *r, const struct pcapng_interface *i,
		      uint64_t time)
{
	uint64_t rest = time % i->units;

	if (i->units <= NS_PER_S) {
		rest = rest * NS_PER_S / i->units;
	} else if (!i->binary) {
		rest /= i->units / NS_PER_S;
	} else {
		/* 30 bits of a second are as fine as nanoseconds get */
		rest = (rest >> (i->exponent - 30)) * NS_PER_S >> 30;
	}
	r->last_s = time / i->units + (uint64_t)i->offset_s;
	r->last_ns = (uint32_t)rest;
}

static void read_interface_options(struct pcapng_reader *r, struct cursor *c,
				   struct pcapng_interface *out)
{
	while (cursor_left(c) >= 4) {
		uint16_t code = read_u16(c, r->little_endian);
		uint16_t len = read_u16(c, r->little_endian);
		struct cursor value = cursor_sub(c, len);
		size_t padding = (4 - len % 4u) % 4u;

		if (code == OPTION_END)
			return;
		if (code == OPTION_TIME_RESOLUTION && len == 1) {
			uint8_t v = cursor_u8(&value);

			out->binary = v & 0x80;
			out->exponent = v & 0x7f;
		} else if (code == OPTION_TIME_OFFSET && len == 8) {
			out->offset_s =
				(int64_t)read_u64(&value, r->little_endian);
		}
		cursor_skip(c, padding);
	}
}

static int read_interface(struct pcapng_reader *r, struct bytes *b,
			  struct cursor *c, struct capture_fault *fault)
{
	struct pcapng_interface i = { .exponent = MICROSECONDS };

	i.link = read_u16(c, r->little_endian);
	cursor_skip(c, 2);
	i.snap_bytes = read_u32(c, r->little_endian);
	if (!cursor_ok(c))
		return fault_set(fault, b, ERR_MALFORMED,
				 "an interface block that is too short");
	read_interface_options(r, c, &i);
	if (i.exponent >
	    (i.binary ? BINARY_EXPONENT_MAX : DECIMAL_EXPONENT_MAX))
		return fault_set(fault, b, ERR_UNSUPPORTED,
				 "an interface with too fine a clock");
	if (r->interface_count == CAPTURE_INTERFACES_MAX)
		return fault_set(fault, b, ERR_LIMIT, "more than %u interfaces",
				 CAPTURE_INTERFACES_MAX);
	i.units = units_per_second(&i);
	r->interfaces[r->interface_count++] = i;
	return 0;
}

/* 1 and *frame, or negative. */
static int read_packet(struct pcapng_reader *r, struct bytes *b,
		       struct cursor *c, uint32_t type,
		       struct capture_frame *frame, struct capture_fault *fault)
{
	const struct pcapng_interface *interface;
	uint64_t high = 0, low = 0;
	uint32_t id = 0, captured, wire;

	if (type == BLOCK_SIMPLE_PACKET) {
		captured = wire = read_u32(c, r->little_endian);
	} else {
		if (type == BLOCK_ENHANCED_PACKET) {
			id = read_u32(c, r->little_endian);
		} else {
			id = read_u16(c, r->little_endian);
			cursor_skip(c, 2); /* drops */
		}
		high = read_u32(c, r->little_endian);
		low = read_u32(c, r->little_endian);
		captured = read_u32(c, r->little_endian);
		wire = read_u32(c, r->little_endian);
	}
	if (id >= r->interface_count)
		return fault_set(fault, b, ERR_MALFORMED,
				 "a frame of interface %u, which the file does "
				 "not describe",
				 id);
	interface = &r->interfaces[id];
	if (type == BLOCK_SIMPLE_PACKET) {
		if (interface->snap_bytes && captured > interface->snap_bytes)
			captured = interface->snap_bytes;
		if (captured > cursor_left(c))
			captured = (uint32_t)cursor_left(c);
	} else {
		note_time(r, interface, high << 32 | low);
	}
	if (captured > CAPTURE_FRAME_MAX_BYTES)
		return fault_set(fault, b, ERR_MALFORMED,
				 "a frame of %u bytes, more than any link has",
				 captured);
	frame->data = cursor_take(c, captured);
	if (!cursor_ok(c))
		return fault_set(fault, b, ERR_MALFORMED,
				 "a frame that does not fit its block");
	frame->time_s = r->last_s;
	frame->time_ns = r->last_ns;
	frame->link = interface->link;
	frame->wire_bytes = wire;
	return 1;
}

/* The length of the block that begins here; a section says its byte order. */
static int read_block_header(struct pcapng_reader *r, struct bytes *b,
			     uint32_t *type, uint32_t *len,
			     struct capture_fault *fault)
{
	const uint8_t *data;
	size_t have = bytes_peek(b, BLOCK_MIN_BYTES, &data);
	struct cursor c = cursor_of(data, have);

	if (!have && !bytes_fault(b))
		return 0;
	if (have < BLOCK_MIN_BYTES)
		return fault_of_the_end(fault, b, "a block");
	if (pcapng_knows(data)) {
		cursor_seek(&c, 8);
		r->little_endian = cursor_u32le(&c) == SECTION_MAGIC;
		cursor_seek(&c, 8);
		if (!r->little_endian && cursor_u32(&c) != SECTION_MAGIC)
			return fault_set(fault, b, ERR_MALFORMED,
					 "a section of unknown byte order");
		cursor_seek(&c, 0);
		r->interface_count = 0;
	}
	*type = read_u32(&c, r->little_endian);
	*len = read_u32(&c, r->little_endian);
	if (*len < BLOCK_MIN_BYTES || *len % 4)
		return fault_set(fault, b, ERR_MALFORMED,
				 "a block of impossible length %u", *len);
	return 1;
}

static bool is_read(uint32_t type)
{
	return type == BLOCK_INTERFACE || type == BLOCK_PACKET_OBSOLETE ||
	       type == BLOCK_SIMPLE_PACKET || type == BLOCK_ENHANCED_PACKET;
}

static int skip_block(struct bytes *b, uint32_t len,
		      struct capture_fault *fault)
{
	uint64_t start = bytes_offset(b);

	bytes_skip(b, len);
	if (bytes_offset(b) - start < len) {
		int code = fault_of_the_end(fault, b, "a block");

		fault->offset = start;
		return code;
	}
	return 0;
}

int pcapng_next(struct pcapng_reader *r, struct bytes *b,
		struct capture_frame *frame, size_t *used,
		struct capture_fault *fault)
{
	for (;;) {
		uint32_t type = 0, len = 0;
		const uint8_t *data;
		struct cursor body, tail;
		int got = read_block_header(r, b, &type, &len, fault);

		if (got <= 0)
			return got;
		if (!is_read(type)) {
			got = skip_block(b, len, fault);
			if (got)
				return got;
			continue;
		}
		if (len > BYTES_WINDOW_MAX)
			return fault_set(fault, b, ERR_LIMIT,
					 "a block of %u bytes", len);
		if (bytes_peek(b, len, &data) < len)
			return fault_of_the_end(fault, b, "a block");
		body = cursor_of(data + 8, len - BLOCK_MIN_BYTES);
		tail = cursor_of(data + len - 4, 4);
		if (read_u32(&tail, r->little_endian) != len)
			return fault_set(fault, b, ERR_MALFORMED,
					 "a block whose two lengths differ");
		if (type != BLOCK_INTERFACE) {
			*used = len;
			return read_packet(r, b, &body, type, frame, fault);
		}
		got = read_interface(r, b, &body, fault);
		if (got)
			return got;
		bytes_skip(b, len);
	}
}

bool pcapng_at_hand(const struct pcapng_reader *r, struct slice bytes)
{
	struct cursor c = cursor_of(bytes.data, bytes.len);
	uint32_t type = read_u32(&c, r->little_endian);
	uint32_t len = read_u32(&c, r->little_endian);

	return cursor_ok(&c) && is_read(type) && type != BLOCK_INTERFACE &&
	       len >= BLOCK_MIN_BYTES && len <= bytes.len;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/packed.h"

#define MS_PER_S 1000
/* A number of 64 bits, at seven bits a byte. */
#define NUMBER_BYTES 10

static size_t write_number(uint8_t *at, uint64_t number)
{
	size_t len = 0;

	for (; number >= 0x80; number >>= 7)
		at[len++] = (uint8_t)(number | 0x80);
	at[len++] = (uint8_t)number;
	return len;
}

static uint64_t zigzag(int64_t number)
{
	return (uint64_t)number << 1 ^ (number < 0 ? UINT64_MAX : 0);
}

void packed_put(struct buf *out, uint64_t number)
{
	uint8_t bytes[NUMBER_BYTES];

	buf_append(out, bytes, write_number(bytes, number));
}

void packed_put_signed(struct buf *out, int64_t number)
{
	packed_put(out, zigzag(number));
}

void packed_put_bytes(struct buf *out, struct slice bytes)
{
	packed_put(out, bytes.data ? (uint64_t)bytes.len + 1 : 0);
	if (bytes.len)
		buf_append(out, bytes.data, bytes.len);
}

uint64_t packed_take(struct cursor *c)
{
	uint64_t number = 0;
	uint8_t byte;

	for (int bit = 0; bit < 7 * NUMBER_BYTES; bit += 7) {
		byte = cursor_u8(c);
		number |= (uint64_t)(byte & 0x7f) << bit;
		if (byte < 0x80)
			return number;
	}
	cursor_fail(c);
	return 0;
}

int64_t packed_take_signed(struct cursor *c)
{
	uint64_t number = packed_take(c);

	return (int64_t)(number >> 1 ^ (number & 1 ? UINT64_MAX : 0));
}

struct slice packed_take_bytes(struct cursor *c)
{
	uint64_t len = packed_take(c);

	return len ? cursor_take(c, len - 1) : slice_of(NULL, 0);
}

/* Two's complement throughout: a damaged file's numbers may be any. */
static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t minus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t start_ms(int64_t start_s)
{
	return (int64_t)((uint64_t)start_s * MS_PER_S);
}

void packed_put_flow(struct buf *out, int64_t start_s,
		     const int64_t flow[PACKED_FLOW_COLUMNS])
{
	uint8_t bytes[PACKED_FLOW_COLUMNS * NUMBER_BYTES];
	size_t len = 0;

	for (int i = 0; i < PACKED_FLOW_COLUMNS; i++) {
		uint64_t number = (uint64_t)flow[i];

		if (i == PACKED_FIRST_MS || i == PACKED_LAST_MS)
			number = zigzag(minus(flow[i], start_ms(start_s)));
		len += write_number(bytes + len, number);
	}
	buf_append(out, bytes, len);
}

bool packed_take_flow(struct cursor *c, int64_t start_s,
		      int64_t flow[PACKED_FLOW_COLUMNS])
{
	if (!cursor_left(c))
		return false;
	for (int i = 0; i < PACKED_FLOW_COLUMNS; i++) {
		if (i == PACKED_FIRST_MS || i == PACKED_LAST_MS)
			flow[i] =
				plus(packed_take_signed(c), start_ms(start_s));
		else
			flow[i] = (int64_t)packed_take(c);
	}
	return cursor_ok(c);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/**
 * A growing byte buffer that takes its maximum at birth. Errors stick: the
 * first append that does not fit (ERR_LIMIT) or cannot be allocated
 * (ERR_NOMEM) leaves the contents as they were, and later appends do nothing;
 * check buf_check() once at the end. Always terminated by a zero byte that len
 * does not count, so text can be handed on.
 */
struct buf {
	uint8_t *data; /* NULL until the first append */
	size_t len;
	size_t cap;
	size_t max;
	int err;
};

/** max: most bytes it will ever hold. Never fails; allocates nothing. */
void buf_init(struct buf *b, size_t max);
/** Frees the memory; the buffer may be initialised again. */
void buf_done(struct buf *b);
/** Empties it and forgets the error; keeps the memory. */
void buf_clear(struct buf *b);

static inline must_check int buf_check(const struct buf *b)
{
	return b->err;
}

static inline struct slice buf_slice(const struct buf *b)
{
	return slice_of(b->data, b->len);
}

/** The contents as a C string; "" when empty. Valid until the next append. */
const char *buf_text(const struct buf *b);

/** Takes back what was appended since the buffer had len bytes. */
void buf_cut(struct buf *b, size_t len);

void buf_append(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *text);
void buf_printf(struct buf *b, const char *format, ...) printf_like(2, 3);

void buf_u8(struct buf *b, uint8_t v);
void buf_u16(struct buf *b, uint16_t v); /* big-endian, as cursor reads */
void buf_u32(struct buf *b, uint32_t v);
void buf_u64(struct buf *b, uint64_t v);

#endif

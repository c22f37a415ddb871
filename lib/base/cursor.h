// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/**
 * The one way to read bytes that came from outside. Every read is checked
 * against the end; the first that does not fit makes the cursor fail, and from
 * then on every read gives zero (or an empty slice) and moves nothing. So a
 * decoder reads straight through and asks cursor_ok() once, at the end.
 *
 * The cursor owns nothing: what it yields are views into the caller's bytes.
 * Numbers are big-endian (network order) unless the name says le.
 */
struct cursor {
	const uint8_t *start;
	const uint8_t *at;
	const uint8_t *end;
	bool failed;
};

static inline struct cursor cursor_of(const void *data, size_t len)
{
	const uint8_t *p = data;

	return (struct cursor){ .start = p, .at = p, .end = p ? p + len : p };
}

static inline struct cursor cursor_slice(struct slice s)
{
	return cursor_of(s.data, s.len);
}

static inline bool cursor_ok(const struct cursor *c)
{
	return !c->failed;
}

/** 0, or ERR_TRUNCATED when a read did not fit. */
static inline must_check int cursor_check(const struct cursor *c)
{
	return c->failed ? ERR_TRUNCATED : 0;
}

/** Bytes not read yet; 0 once failed. */
static inline size_t cursor_left(const struct cursor *c)
{
	return c->failed ? 0 : (size_t)(c->end - c->at);
}

/** Bytes read so far. */
static inline size_t cursor_offset(const struct cursor *c)
{
	return (size_t)(c->at - c->start);
}

static inline void cursor_fail(struct cursor *c)
{
	c->failed = true;
}

/** The next n bytes, consumed, or NULL (and failure) when there are fewer. */
static inline const uint8_t *cursor_bytes(struct cursor *c, size_t n)
{
	const uint8_t *p = c->at;

	if (c->failed || (size_t)(c->end - c->at) < n) {
		c->failed = true;
		return NULL;
	}
	if (n) /* to add nothing to NULL is undefined, too */
		c->at += n;
	return p;
}

static inline void cursor_skip(struct cursor *c, size_t n)
{
	(void)cursor_bytes(c, n);
}

/** A view of the next n bytes, consumed; absent on failure. */
static inline struct slice cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *p = cursor_bytes(c, n);

	return (struct slice){ .data = p, .len = p ? n : 0 };
}

/** A view of all that is left, consumed. */
static inline struct slice cursor_rest(struct cursor *c)
{
	return cursor_take(c, cursor_left(c));
}

/**
 * A cursor over the next n bytes, consumed here; failed when they do not
 * fit. A failure inside it does not reach the outer one.
 */
static inline struct cursor cursor_sub(struct cursor *c, size_t n)
{
	const uint8_t *p = cursor_bytes(c, n);
	struct cursor sub = cursor_of(p, p ? n : 0);

	sub.failed = !p;
	return sub;
}

/** Moves to an absolute offset from the start (as DNS pointers need). */
static inline void cursor_seek(struct cursor *c, size_t offset)
{
	if (c->failed || offset > (size_t)(c->end - c->start)) {
		c->failed = true;
		return;
	}
	c->at = offset ? c->start + offset : c->start;
}

static inline uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 1);

	return p ? p[0] : 0;
}

static inline uint16_t cursor_u16(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 2);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t cursor_u24(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 3);

	return p ? (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2] : 0;
}

static inline uint32_t cursor_u32(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 4);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
			       (uint32_t)p[2] << 8 | p[3]
		 : 0;
}

static inline uint64_t cursor_u64(struct cursor *c)
{
	struct cursor half = cursor_sub(c, 8);
	uint64_t high = cursor_u32(&half);

	return high << 32 | cursor_u32(&half);
}

static inline uint16_t cursor_u16le(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 2);

	return p ? (uint16_t)(p[1] << 8 | p[0]) : 0;
}

static inline uint32_t cursor_u32le(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 4);

	return p ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
			       (uint32_t)p[1] << 8 | p[0]
		 : 0;
}

/** Copies the next n bytes out; on failure out is zeroed. */
static inline void cursor_copy(struct cursor *c, void *out, size_t n)
{
	const uint8_t *p = cursor_bytes(c, n);

	if (p)
		memcpy(out, p, n);
	else
		memset(out, 0, n);
}

#endif

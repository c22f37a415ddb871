// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/**
 * A view of bytes that somebody else owns. Lives as long as they do. Absent is
 * data == NULL; present but empty is data != NULL with len == 0. Not
 * terminated, not necessarily text.
 */
struct slice {
	const uint8_t *data;
	size_t len;
};

static inline struct slice slice_of(const void *data, size_t len)
{
	return (struct slice){ .data = data, .len = len };
}

/** The bytes of a C string, without its terminator. */
static inline struct slice slice_text(const char *text)
{
	return (struct slice){ .data = (const uint8_t *)text,
			       .len = strlen(text) };
}

static inline bool slice_equal(struct slice a, struct slice b)
{
	return a.len == b.len && (!a.len || !memcmp(a.data, b.data, a.len));
}

#endif

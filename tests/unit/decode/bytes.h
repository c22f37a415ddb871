// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_DECODE_BYTES_H
#define TESTS_UNIT_DECODE_BYTES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/slice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*
 * Inputs for decoders, each in memory of exactly its length, so that the
 * sanitizer sees a read of one byte more. Give back by bytes_free().
 */

static inline struct slice bytes_copy(const void *data, size_t len)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	if (len)
		memcpy(copy, data, len);
	return slice_of(copy, len);
}

static inline void bytes_free(struct slice bytes)
{
	free((void *)(uintptr_t)bytes.data);
}

static inline struct slice bytes_of_text(const char *text)
{
	return bytes_copy(text, strlen(text));
}

static inline struct slice bytes_of_hex(const char *hex)
{
	size_t len = strlen(hex) / 2;
	uint8_t *data = malloc(len ? len : 1);

	assert_non_null(data);
	for (size_t i = 0; i < len; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], 0 };
		char *end;

		data[i] = (uint8_t)strtoul(pair, &end, 16);
		assert_ptr_equal(end, pair + 2);
	}
	return slice_of(data, len);
}

/* For changing a golden input in one place. */
static inline void bytes_set(struct slice bytes, size_t at, uint8_t value)
{
	assert_true(at < bytes.len);
	((uint8_t *)(uintptr_t)bytes.data)[at] = value;
}

static inline void assert_view(struct slice view, const char *text)
{
	assert_non_null(view.data);
	assert_int_equal(view.len, strlen(text));
	assert_memory_equal(view.data, text, view.len);
}

static inline void assert_absent(struct slice view)
{
	assert_null(view.data);
}

/* What a cut input still tells is what the whole one tells, or nothing. */
static inline void assert_view_or_absent(struct slice view, struct slice whole)
{
	if (view.data)
		assert_true(whole.data && slice_equal(view, whole));
}

#endif

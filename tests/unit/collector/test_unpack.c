// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/unpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

#define MOST 100000

struct fixture {
	struct unpacker *unpacker;
	struct buf out;
	uint8_t packed[MOST];
	size_t len;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	if (!f || unpacker_new(&f->unpacker))
		return -1;
	buf_init(&f->out, MOST);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	unpacker_free(f->unpacker);
	buf_done(&f->out);
	free(f);
	return 0;
}

static void pack(struct fixture *f, const void *data, size_t len)
{
	f->len = ZSTD_compress(f->packed, sizeof(f->packed), data, len, 3);
	assert_false(ZSTD_isError(f->len));
}

static int unpacked(struct fixture *f, size_t len)
{
	return unpack(f->unpacker, slice_of(f->packed, len), &f->out);
}

static void what_was_packed_comes_out(void **state)
{
	struct fixture *f = *state;
	char text[5000];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)('a' + i * i % 26);
	pack(f, text, sizeof(text));
	for (int round = 0; round < 2; round++) {
		assert_int_equal(unpacked(f, f->len), 0);
		assert_true(slice_equal(buf_slice(&f->out),
					slice_of(text, sizeof(text))));
	}
}

static void two_frames_are_one_text(void **state)
{
	struct fixture *f = *state;
	size_t first;

	pack(f, "one ", 4);
	first = f->len;
	f->len += ZSTD_compress(f->packed + first, sizeof(f->packed) - first,
				"two", 3, 3);
	assert_int_equal(unpacked(f, f->len), 0);
	assert_string_equal(buf_text(&f->out), "one two");
}

static void every_prefix_is_refused(void **state)
{
	struct fixture *f = *state;
	int err;

	pack(f, "what was observed", 17);
	for (size_t len = 0; len < f->len; len++) {
		err = unpacked(f, len);
		assert_true(err == ERR_TRUNCATED || err == ERR_MALFORMED);
	}
	/* and what came half-way leaves nothing behind */
	assert_int_equal(unpacked(f, f->len), 0);
	assert_string_equal(buf_text(&f->out), "what was observed");
}

static void more_than_the_limit_is_refused(void **state)
{
	struct fixture *f = *state;
	char *zeros = calloc(1, 50 * MOST);

	assert_non_null(zeros);
	pack(f, zeros, MOST);
	assert_int_equal(unpacked(f, f->len), 0);
	pack(f, zeros, MOST + 1);
	assert_int_equal(unpacked(f, f->len), ERR_LIMIT);
	pack(f, zeros, (size_t)50 * MOST);
	assert_int_equal(unpacked(f, f->len), ERR_LIMIT);
	free(zeros);
}

/* RFC 8878 3.1.1.1.2: one of 1 GiB, and an empty last block. */
static void a_large_window_is_refused(void **state)
{
	static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00,
					 0xa0, 0x01, 0x00, 0x00 };
	struct fixture *f = *state;

	memcpy(f->packed, frame, sizeof(frame));
	assert_int_equal(unpacked(f, sizeof(frame)), ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_out),
		cmocka_unit_test(two_frames_are_one_text),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(more_than_the_limit_is_refused),
		cmocka_unit_test(a_large_window_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

static void memory_is_zeroed_and_aligned_for_anything(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (int round = 0; round < 3; round++) {
		for (size_t size = 0; size < 300; size++) {
			uint8_t *p = arena_alloc(&a, size);

			assert_non_null(p);
			assert_int_equal((uintptr_t)p % alignof(max_align_t),
					 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xff, size);
		}
		arena_reset(&a);
		assert_int_equal(a.used, 0);
	}
	arena_done(&a);
}

static void pieces_do_not_overlap(void **state)
{
	enum {
		PIECES = 2000,
		BYTES = 37
	};
	static uint8_t *pieces[PIECES];
	struct arena a;

	(void)state;
	arena_init(&a, 1 << 20);
	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = arena_alloc(&a, BYTES);
		assert_non_null(pieces[i]);
		memset(pieces[i], (int)(i & 0xff), BYTES);
	}
	for (size_t i = 0; i < PIECES; i++) {
		for (size_t k = 0; k < BYTES; k++)
			assert_int_equal(pieces[i][k], i & 0xff);
	}
	arena_done(&a);
}

static void past_its_maximum_it_gives_nothing(void **state)
{
	struct arena a;
	void *none;

	(void)state;
	arena_init(&a, 100000);
	none = arena_alloc(&a, 100001);
	assert_null(none);
	none = arena_alloc(&a, SIZE_MAX);
	assert_null(none);
	assert_non_null(arena_alloc(&a, 60000));
	none = arena_alloc(&a, 60000);
	assert_null(none);
	assert_non_null(arena_alloc(&a, 40000));
	none = arena_alloc(&a, 1);
	assert_null(none);
	arena_reset(&a);
	assert_non_null(arena_alloc(&a, 100000));
	arena_done(&a);
}

static void copies_are_whole_and_texts_terminated(void **state)
{
	struct arena a;
	char *text, *empty;
	uint8_t *copy;

	(void)state;
	arena_init(&a, 1000);
	text = arena_text(&a, slice_of("abcdef", 3));
	empty = arena_text(&a, (struct slice){ 0 });
	copy = arena_copy(&a, "\0\1\2", 3);
	assert_string_equal(text, "abc");
	assert_string_equal(empty, "");
	assert_memory_equal(copy, "\0\1\2", 3);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned_for_anything),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(past_its_maximum_it_gives_nothing),
		cmocka_unit_test(copies_are_whole_and_texts_terminated),
	};

	return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "record/record_codec.h"
#include "record/record_json.h"
#include "sample.h"

#define ROOM ((size_t)1 << 22)

static void encode_whole(const struct record_window *w, struct buf *out)
{
	struct record_encoder e;

	record_encoder_init(&e, w);
	assert_int_equal(record_encode_part(&e, out, ROOM), 1);
	assert_int_equal(record_encode_part(&e, out, ROOM), 0);
}

/* Two windows are the same when their JSON and what it leaves out is. */
static void assert_same(const struct record_window *a,
			const struct record_window *b)
{
	struct buf x, y;

	buf_init(&x, ROOM);
	buf_init(&y, ROOM);
	assert_int_equal(record_json(a, &x), 0);
	assert_int_equal(record_json(b, &y), 0);
	assert_string_equal(buf_text(&x), buf_text(&y));
	assert_true(addr_equal(&a->seen_as, &b->seen_as));
	assert_int_equal(a->answered_past, b->answered_past);
	assert_int_equal(a->domain_count, b->domain_count);
	for (size_t i = 0; i < a->domain_count; i++)
		assert_true(slice_equal(a->domains[i], b->domains[i]));
	assert_int_equal(a->forward_in_frames, b->forward_in_frames);
	assert_int_equal(a->forward_out_frames, b->forward_out_frames);
	buf_done(&x);
	buf_done(&y);
}

static void a_window_comes_back_as_it_went(void **state)
{
	struct record_window back;
	struct arena arena;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, ROOM);
	arena_init(&arena, ROOM);
	encode_whole(&sample_window, &bytes);
	assert_int_equal(record_decode(buf_slice(&bytes), &arena, &back), 0);
	assert_same(&sample_window, &back);
	arena_done(&arena);
	buf_done(&bytes);
}

static void a_window_of_nothing_comes_back(void **state)
{
	const struct record_window empty = { .start_ns = 5000000000 };
	struct record_window back;
	struct arena arena;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, ROOM);
	arena_init(&arena, ROOM);
	encode_whole(&empty, &bytes);
	assert_int_equal(record_decode(buf_slice(&bytes), &arena, &back), 0);
	assert_same(&empty, &back);
	arena_done(&arena);
	buf_done(&bytes);
}

/* A prefix may end between two items: then it is a window with fewer. */
static void a_prefix_is_refused_or_holds_fewer_items(void **state)
{
	struct record_window back;
	struct arena arena;
	struct buf bytes;
	size_t accepted = 0;

	(void)state;
	buf_init(&bytes, ROOM);
	arena_init(&arena, ROOM);
	encode_whole(&sample_window, &bytes);
	for (size_t n = 0; n < bytes.len; n++) {
		uint8_t *copy = malloc(n + 1);
		int err;

		assert_non_null(copy);
		memcpy(copy, bytes.data, n);
		arena_reset(&arena);
		err = record_decode(slice_of(copy, n), &arena, &back);
		accepted += err == 0;
		if (err == 0)
			assert_true(back.service_count == 0);
		free(copy);
	}
	/* behind the head, and behind each item but the last */
	assert_int_equal(accepted, 10);
	arena_done(&arena);
	buf_done(&bytes);
}

static void a_large_window_goes_in_parts_that_add_up(void **state)
{
	enum {
		FLOWS = 5000
	};
	struct record_flow *flows = calloc(FLOWS, sizeof(*flows));
	struct record_window w = sample_window, back;
	struct record_encoder e;
	struct arena arena;
	struct buf bytes;
	size_t parts = 0, count = 0;
	uint64_t in = 0, forwarded = 0;

	(void)state;
	assert_non_null(flows);
	for (size_t i = 0; i < FLOWS; i++) {
		flows[i] = sample_flows[0];
		flows[i].in_bytes = i;
	}
	w.flows = flows;
	w.flow_count = FLOWS;
	buf_init(&bytes, ROOM);
	arena_init(&arena, ROOM);
	record_encoder_init(&e, &w);
	while (record_encode_part(&e, &bytes, RECORD_CODEC_PART_MIN) == 1) {
		assert_true(bytes.len <= RECORD_CODEC_PART_MIN);
		assert_int_equal(
			record_decode(buf_slice(&bytes), &arena, &back), 0);
		assert_true(mac_equal(&back.device, &w.device));
		for (size_t i = 0; i < back.flow_count; i++)
			in += back.flows[i].in_bytes;
		count += back.flow_count;
		forwarded += back.forward_in_frames;
		parts++;
		buf_clear(&bytes);
		arena_reset(&arena);
	}
	assert_true(parts > 5);
	assert_int_equal(count, FLOWS);
	assert_int_equal(in, (uint64_t)FLOWS * (FLOWS - 1) / 2);
	assert_int_equal(forwarded, w.forward_in_frames);
	arena_done(&arena);
	buf_done(&bytes);
	free(flows);
}

static void what_fits_in_no_part_is_passed_over(void **state)
{
	static const char long_text[RECORD_CODEC_PART_MIN];
	struct record_clue clues[2] = { sample_clues[0], sample_clues[0] };
	struct record_window w = { .clues = clues, .clue_count = 2 };
	struct record_encoder e;
	struct buf bytes;

	(void)state;
	clues[0].text = slice_of(long_text, sizeof(long_text));
	buf_init(&bytes, ROOM);
	record_encoder_init(&e, &w);
	assert_int_equal(record_encode_part(&e, &bytes, RECORD_CODEC_PART_MIN),
			 ERR_LIMIT);
	assert_int_equal(bytes.len, 0);
	assert_int_equal(record_encode_part(&e, &bytes, RECORD_CODEC_PART_MIN),
			 1);
	assert_int_equal(record_encode_part(&e, &bytes, RECORD_CODEC_PART_MIN),
			 0);
	buf_done(&bytes);
}

static void wrong_values_are_refused(void **state)
{
	struct record_window back;
	struct arena arena;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, ROOM);
	arena_init(&arena, ROOM);
	encode_whole(&sample_window, &bytes);
	bytes.data[0] = RECORD_CODEC_VERSION + 1;
	assert_int_equal(record_decode(buf_slice(&bytes), &arena, &back),
			 ERR_UNSUPPORTED);
	bytes.data[0] = RECORD_CODEC_VERSION;
	bytes.data[15] = 2; /* is_gateway */
	assert_int_equal(record_decode(buf_slice(&bytes), &arena, &back),
			 ERR_MALFORMED);
	arena_done(&arena);
	buf_done(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_comes_back_as_it_went),
		cmocka_unit_test(a_window_of_nothing_comes_back),
		cmocka_unit_test(a_prefix_is_refused_or_holds_fewer_items),
		cmocka_unit_test(a_large_window_goes_in_parts_that_add_up),
		cmocka_unit_test(what_fits_in_no_part_is_passed_over),
		cmocka_unit_test(wrong_values_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

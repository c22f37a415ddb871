// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define UPLOAD(columns, lines)                                   \
	"{\"upload\":1,\"client\":\"0.4.0\",\"consent\":\"" HASH \
	"\",\"utc_offset_min\":-300,\"columns\":" columns "}\n" lines
#define ID "000102030405060708090a0b0c0d0e0f"

static struct parser parser;
static struct arena arena;
static struct parse_upload upload;
static char why[PARSE_WHY_BYTES];

static int set_up(void **state)
{
	(void)state;
	parser_init(&parser);
	arena_init(&arena, (size_t)1 << 22);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	parser_done(&parser);
	arena_done(&arena);
	return 0;
}

static int parse(const char *text)
{
	arena_reset(&arena);
	return parse_upload(&parser, slice_text(text), &arena, &upload, why);
}

static const struct store_cell *cell(enum shape_table table, const char *column)
{
	int at = shape_find_column(table, slice_text(column));

	assert_true(at >= 0);
	return &upload.upload.segments[0].rows[table].cells[at];
}

static void columns_come_in_any_order(void **state)
{
	static const uint8_t id[] = { 0, 1, 2,	3,  4,	5,  6,	7,
				      8, 9, 10, 11, 12, 13, 14, 15 };
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 7 };

	(void)state;
	assert_int_equal(
		parse(UPLOAD(
			"{\"flow\":[\"opener\",\"remote\",\"device\"],"
			"\"device\":[\"watched\",\"id\"]}",
			"{\"flow\":[[2,\"2001:db8:0::7\",0]],\"segment\":9,"
			"\"end\":25,\"device\":[[1,\"" ID "\"]]}")),
		0);
	assert_int_equal(upload.upload.utc_offset_min, -300);
	assert_string_equal(upload.upload.client, "0.4.0");
	assert_int_equal(upload.consent[1], 0x11);
	assert_int_equal(upload.upload.segment_count, 1);
	assert_int_equal(upload.upload.segments[0].number, 9);
	assert_int_equal(upload.upload.segments[0].end_s, 25);
	assert_int_equal(upload.rows, 1);
	assert_int_equal(cell(SHAPE_FLOW, "opener")->number, 2);
	assert_int_equal(cell(SHAPE_FLOW, "remote")->len, 16);
	assert_memory_equal(cell(SHAPE_FLOW, "remote")->bytes, v6, 16);
	assert_int_equal(cell(SHAPE_FLOW, "in_bytes")->type, STORE_CELL_NONE);
	assert_memory_equal(cell(SHAPE_DEVICE, "id")->bytes, id, sizeof(id));
	assert_int_equal(cell(SHAPE_DEVICE, "oui")->type, STORE_CELL_NONE);
}

static void a_hashed_address_is_kept_as_it_is(void **state)
{
	(void)state;
	assert_int_equal(
		parse(UPLOAD(
			"{\"device\":[\"id\"],\"flow\":[\"device\","
			"\"remote\"]}",
			"{\"segment\":1,\"end\":5,\"device\":[[\"" ID
			"\"]],\"flow\":[[0,\"[address:0123456789abcdef]\"]]}")),
		0);
	assert_int_equal(cell(SHAPE_FLOW, "remote")->len, 26);
	assert_int_equal(cell(SHAPE_FLOW, "remote")->type, STORE_CELL_ADDRESS);
	/* too short to be told from an address' bytes */
	assert_int_equal(
		parse(UPLOAD("{\"device\":[\"id\"],\"flow\":[\"device\","
			     "\"remote\"]}",
			     "{\"segment\":1,\"end\":5,\"device\":[[\"" ID
			     "\"]],\"flow\":[[0,\"[address:012]\"]]}")),
		ERR_MALFORMED);
}

static void texts_with_escapes_are_read(void **state)
{
	(void)state;
	assert_int_equal(
		parse(UPLOAD(
			"{\"device\":[\"id\"],\"label\":[\"device\",\"name\","
			"\"vendor\"]}",
			"{\"segment\":1,\"end\":5,\"device\":[[\"" ID
			"\"]],\"label\":[[0,\"Caf\\u00e9 \\\"x\\\"\",null]]}")),
		0);
	assert_true(slice_equal(slice_of(cell(SHAPE_LABEL, "name")->bytes,
					 cell(SHAPE_LABEL, "name")->len),
				slice_text("Caf\xc3\xa9 \"x\"")));
	assert_int_equal(cell(SHAPE_LABEL, "vendor")->type, STORE_CELL_NONE);
	assert_int_equal(cell(SHAPE_LABEL, "source")->type, STORE_CELL_NONE);
}

/* What goes wrong in a line is named with the line. */
static void the_error_names_the_line(void **state)
{
	(void)state;
	assert_int_equal(
		parse(UPLOAD("{\"device\":[\"id\"]}",
			     "{\"segment\":1,\"end\":5}\n{\"segment\":2,"
			     "\"end\":6}\n")),
		ERR_MALFORMED);
	assert_string_equal(why, "line 3: \"end\" must be seconds since 1970, "
				 "a multiple of 5");
	assert_int_equal(parse(UPLOAD("{\"device\":[\"id\"]}", "")), ERR_LIMIT);
	assert_string_equal(why, "an upload has 1 to 4096 segments");
}

/* Whatever is cut off makes less of an upload, or none. */
static void no_prefix_is_taken_for_the_whole(void **state)
{
	static const char text[] =
		UPLOAD("{\"device\":[\"id\"],\"view\":[\"view\","
		       "\"seconds\"]}",
		       "{\"segment\":1,\"end\":5,\"view\":[[\"a\","
		       "1.25]]}\n{\"segment\":2,\"end\":10,\"view\":[[\"a\","
		       "1.25]]}");

	(void)state;
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		int err;

		arena_reset(&arena);
		err = parse_upload(&parser, slice_of(text, len), &arena,
				   &upload, why);
		if (!err)
			assert_int_equal(upload.upload.segment_count, 1);
		else
			assert_true(why[0]);
	}
	assert_int_equal(parse(text), 0);
	assert_int_equal(upload.upload.segment_count, 2);
	assert_int_equal(cell(SHAPE_VIEW, "seconds")->number, 1250);
}

static void memory_that_runs_out_is_told(void **state)
{
	static const char text[] =
		UPLOAD("{\"device\":[\"id\"]}",
		       "{\"segment\":1,\"end\":5,\"device\":[[\"" ID "\"]]}");
	struct arena small;
	int err = ERR_NOMEM;

	(void)state;
	for (size_t room = 0; err; room += 64) {
		arena_init(&small, room);
		err = parse_upload(&parser, slice_text(text), &small, &upload,
				   why);
		arena_done(&small);
		assert_true(err == 0 || err == ERR_NOMEM);
		assert_true(room < 4096);
	}
}

static void a_row_that_finds_no_memory_is_not_left_out(void **state)
{
	static const char text[] =
		UPLOAD("{\"device\":[\"id\"]}",
		       "{\"segment\":1,\"end\":5,\"device\":[[\"" ID "\"]]}");

	(void)state;
	parser_done(&parser);
	buf_init(&parser.cells, 8);
	assert_int_equal(parse(text), ERR_NOMEM);
	parser_done(&parser);
	parser_init(&parser);
	assert_int_equal(parse(text), 0);
	assert_int_equal(upload.upload.segments[0].rows[SHAPE_DEVICE].count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_come_in_any_order),
		cmocka_unit_test(a_hashed_address_is_kept_as_it_is),
		cmocka_unit_test(texts_with_escapes_are_read),
		cmocka_unit_test(the_error_names_the_line),
		cmocka_unit_test(no_prefix_is_taken_for_the_whole),
		cmocka_unit_test(memory_that_runs_out_is_told),
		cmocka_unit_test(a_row_that_finds_no_memory_is_not_left_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdlib.h>
#include <string.h>

#include "collector/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the shapes allow is what comes out: a store need not look again. */
static void check(const struct store_segment *s)
{
	for (int table = 0; table < SHAPE_TABLES; table++) {
		const struct shape *shape = &shapes[table];
		const size_t count =
			(size_t)s->rows[table].count * shape->column_count;

		for (size_t i = 0; i < count; i++) {
			const struct store_cell *cell =
				&s->rows[table].cells[i];
			const struct shape_column *column =
				&shape->columns[i % shape->column_count];

			if (cell->type == STORE_CELL_NUMBER &&
			    column->kind == SHAPE_ROW &&
			    cell->number >= s->rows[SHAPE_DEVICE].count)
				abort();
			if (cell->type == STORE_CELL_BYTES && cell->len &&
			    memchr(cell->bytes, '\n', cell->len) &&
			    column->kind != SHAPE_HEX)
				abort();
		}
	}
	if (!s->number || s->end_s % 5)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[PARSE_WHY_BYTES];
	struct parse_upload upload;
	struct parser parser;
	struct arena arena;
	int err;

	parser_init(&parser);
	arena_init(&arena, (size_t)1 << 24);
	err = parse_upload(&parser, slice_of(data, size), &arena, &upload, why);
	if (err == ERR_MALFORMED && !why[0])
		abort();
	for (uint32_t i = 0; !err && i < upload.upload.segment_count; i++)
		check(&upload.upload.segments[i]);
	arena_done(&arena);
	parser_done(&parser);
	return 0;
}

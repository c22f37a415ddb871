// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_PARSE_H
#define COLLECTOR_PARSE_H

#include "base/arena.h"
#include "base/buf.h"
#include "collector/store/store.h"

/*
 * The text of an upload (api/record.schema.json) into a struct store_upload,
 * with every value checked against the shapes.
 */

/** Segments of one upload: a day's outage of a home comes in five. */
#define PARSE_SEGMENTS_MAX 4096u
/** Of what one upload's text becomes, next to its text. */
#define PARSE_ARENA_BYTES ((size_t)96 << 20)
#define PARSE_WHY_BYTES	  160

struct parse_upload {
	struct store_upload upload; /* without account and consent */
	uint8_t consent[STORE_HASH_BYTES];
	uint64_t rows;
};

/**
 * Memory for the rows of a table while they are read; kept between uploads.
 * A thread has its own.
 */
struct parser {
	struct buf cells;
};

void parser_init(struct parser *p);
void parser_done(struct parser *p);

/**
 * text lives as long as the upload is used, as does the arena, which has the
 * rest of it. ERR_MALFORMED, with why: one line that names what is wrong, to
 * be sent to who wrote it. ERR_LIMIT, the same. ERR_UNSUPPORTED, the same: the
 * header has what a later version may have. ERR_NOMEM.
 */
int parse_upload(struct parser *p, struct slice text, struct arena *arena,
		 struct parse_upload *out,
		 char why[PARSE_WHY_BYTES]) must_check;

#endif

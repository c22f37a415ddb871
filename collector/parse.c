// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/parse.h"

#include <stdio.h>

#include "base/addr.h"
#include "base/text.h"
#include "collector/json.h"

#define FORMAT_VERSION	   1
#define UTC_OFFSET_MAX_MIN 1080
#define NUMBER_MAX	   9007199254740991
#define END_MAX_S	   UINT32_MAX
#define WINDOW_S	   5
/* Of what came, in an answer. */
#define QUOTED_BYTES_MAX 48

#define CELLS_BYTES_MAX \
	((size_t)STORE_ROWS_MAX * SHAPE_COLUMNS_MAX * sizeof(struct store_cell))

/* Which columns a table's rows have, in their order: what the header says. */
struct order {
	uint8_t columns[SHAPE_COLUMNS_MAX];
	uint8_t count; /* 0: the table is not shared */
};

struct parsing {
	struct parser *parser;
	struct json json;
	struct arena *arena;
	struct order orders[SHAPE_TABLES];
	char *why;
	int err; /* of limits, memory and versions */
};

void parser_init(struct parser *p)
{
	buf_init(&p->cells, CELLS_BYTES_MAX);
}

void parser_done(struct parser *p)
{
	buf_done(&p->cells);
}

/* Says what is wrong, once; what fails after it is its doing. */
static void printf_like(2, 3) wrong(struct parsing *p, const char *format, ...)
{
	va_list args;

	if (p->why[0])
		return;
	va_start(args, format);
	vsnprintf(p->why, PARSE_WHY_BYTES, format, args);
	va_end(args);
	cursor_fail(&p->json.in);
}

/* The same, and what it is quoted. */
static void wrong_name(struct parsing *p, const char *what, struct slice name)
{
	struct buf shown;

	if (name.len > QUOTED_BYTES_MAX)
		name.len = QUOTED_BYTES_MAX;
	buf_init(&shown, 4 * QUOTED_BYTES_MAX);
	text_escape(&shown, name);
	wrong(p, "%s \"%s\"", what, buf_text(&shown));
	buf_done(&shown);
}

/* What an inspector of a later version may have. */
static void unknown(struct parsing *p, const char *what, struct slice name)
{
	if (!p->why[0])
		p->err = ERR_UNSUPPORTED;
	wrong_name(p, what, name);
}

static bool is_ok(const struct parsing *p)
{
	return cursor_ok(&p->json.in);
}

/* The header */

static void parse_columns(struct parsing *p, enum shape_table table)
{
	struct order *order = &p->orders[table];
	struct json *j = &p->json;
	uint32_t count = 0;

	if (order->count)
		wrong(p, "\"%s\" has columns twice", shapes[table].name);
	json_enter(j, '[');
	while (json_more(j, ']', &count)) {
		struct slice name = json_text(j);
		int column;

		if (!is_ok(p))
			return;
		column = shape_find_column(table, name);
		if (column < 0) {
			char what[48];

			snprintf(what, sizeof(what), "\"%s\" has no column",
				 shapes[table].name);
			unknown(p, what, name);
			return;
		}
		if (memchr(order->columns, column, order->count)) {
			wrong(p, "column \"%s\" of \"%s\" comes twice",
			      shapes[table].columns[column].name,
			      shapes[table].name);
			return;
		}
		order->columns[order->count++] = (uint8_t)column;
	}
	/* rows without their device, and devices without their id, are nothing
	 */
	if (is_ok(p) && table != SHAPE_VIEW &&
	    !memchr(order->columns, 0, order->count))
		wrong(p, "\"%s\" needs its column \"%s\"", shapes[table].name,
		      shapes[table].columns[0].name);
}

static void parse_tables(struct parsing *p)
{
	struct json *j = &p->json;
	uint32_t count = 0;

	json_enter(j, '{');
	while (json_more(j, '}', &count)) {
		struct slice name = json_key(j);
		int table = is_ok(p) ? shape_find_table(name) : 0;

		if (table < 0)
			unknown(p, "there is no table", name);
		else if (is_ok(p))
			parse_columns(p, (enum shape_table)table);
	}
	if (is_ok(p) && !p->orders[SHAPE_DEVICE].count)
		wrong(p, "\"columns\" needs \"device\"");
}

static void parse_version(struct parsing *p)
{
	int64_t version = json_number(&p->json, INT32_MAX);

	if (is_ok(p) && version > FORMAT_VERSION)
		p->err = ERR_UNSUPPORTED;
	if (!is_ok(p) || version != FORMAT_VERSION)
		wrong(p, "\"upload\" must be %d", FORMAT_VERSION);
}

static void parse_client(struct parsing *p, struct store_upload *u)
{
	static const char marks[] = ".+~-";
	struct slice text = json_text(&p->json);
	bool good = is_ok(p) && text.len && text.len < STORE_CLIENT_BYTES;

	for (size_t i = 0; good && i < text.len; i++) {
		uint8_t c = text.data[i];

		good = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		       (c >= 'A' && c <= 'Z') || strchr(marks, c);
	}
	if (good)
		snprintf(u->client, sizeof(u->client), "%.*s", (int)text.len,
			 (const char *)text.data);
	else
		wrong(p, "\"client\" must be the version of an inspector");
}

static void parse_consent(struct parsing *p, struct parse_upload *out)
{
	struct slice text = json_text(&p->json);

	if (!is_ok(p) || text_unhex(text, out->consent, sizeof(out->consent)))
		wrong(p, "\"consent\" must be 64 hex digits");
}

enum header_member {
	HEADER_UPLOAD,
	HEADER_CONSENT,
	HEADER_COLUMNS,
	HEADER_NEEDED, /* the others the owner may leave out */
	HEADER_CLIENT = HEADER_NEEDED,
	HEADER_UTC_OFFSET,
	HEADER_MEMBERS,
};

static const char *const header_members[HEADER_MEMBERS] = {
	[HEADER_UPLOAD] = "upload",   [HEADER_CLIENT] = "client",
	[HEADER_CONSENT] = "consent", [HEADER_UTC_OFFSET] = "utc_offset_min",
	[HEADER_COLUMNS] = "columns",
};

static void parse_header_member(struct parsing *p, enum header_member member,
				struct parse_upload *out)
{
	switch (member) {
	case HEADER_UPLOAD:
		parse_version(p);
		break;
	case HEADER_CLIENT:
		parse_client(p, &out->upload);
		break;
	case HEADER_CONSENT:
		parse_consent(p, out);
		break;
	case HEADER_UTC_OFFSET:
		out->upload.utc_offset_min =
			(int32_t)json_signed(&p->json, UTC_OFFSET_MAX_MIN);
		if (!is_ok(p))
			wrong(p, "\"utc_offset_min\" must be an integer of "
				 "-1080 to 1080");
		break;
	case HEADER_COLUMNS:
		parse_tables(p);
		break;
	case HEADER_MEMBERS:
		break;
	}
}

static void parse_header(struct parsing *p, struct parse_upload *out)
{
	struct json *j = &p->json;
	unsigned seen = 0;
	uint32_t count = 0;

	out->upload.client[0] = '\0';
	out->upload.utc_offset_min = STORE_OFFSET_UNKNOWN;
	json_enter(j, '{');
	while (json_more(j, '}', &count)) {
		struct slice key = json_key(j);
		int member = 0;

		if (!is_ok(p))
			break;
		while (member < HEADER_MEMBERS &&
		       !slice_equal(key, slice_text(header_members[member])))
			member++;
		if (member == HEADER_MEMBERS) {
			unknown(p, "the header has no", key);
		} else if (seen & 1u << member) {
			wrong(p, "\"%s\" comes twice", header_members[member]);
		} else {
			seen |= 1u << member;
			parse_header_member(p, (enum header_member)member, out);
		}
	}
	json_end(j);
	for (int i = 0; i < HEADER_NEEDED && is_ok(p); i++)
		if (!(seen & 1u << i))
			wrong(p, "the header needs \"%s\"", header_members[i]);
	if (!is_ok(p))
		wrong(p, "the first line is not a header in JSON");
}

/* Rows */

static bool is_token(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((text.data[i] < 'a' || text.data[i] > 'z') &&
		    text.data[i] != '-')
			return false;
	return text.len;
}

/* Numbers of one to five digits, joined by '+'. */
static bool is_list(struct slice text)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] >= '0' && text.data[i] <= '9') {
			if (++digits > 5)
				return false;
		} else if (text.data[i] != '+' || !digits) {
			return false;
		} else {
			digits = 0;
		}
	}
	return !text.len || digits;
}

static bool is_word(struct slice text, const char *const *values)
{
	for (; *values; values++)
		if (slice_equal(text, slice_text(*values)))
			return true;
	return false;
}

static void set_bytes(struct store_cell *cell, enum store_cell_type type,
		      const uint8_t *bytes, size_t len)
{
	cell->type = type;
	cell->len = (uint32_t)len;
	cell->bytes = bytes;
}

static int parse_hex(struct parsing *p, struct slice text, size_t bytes,
		     struct store_cell *cell)
{
	uint8_t *value = arena_alloc(p->arena, bytes);

	if (!value) {
		p->err = ERR_NOMEM;
		return ERR_NOMEM;
	}
	set_bytes(cell, STORE_CELL_BYTES, value, bytes);
	return text_unhex(text, value, bytes);
}

/* An address as bytes; the hash of one as it is. */
static int parse_remote(struct parsing *p, struct slice text,
			struct store_cell *cell)
{
	static const char hashed[] = "[address:";
	char terminated[ADDR_TEXT_BYTES];
	struct addr addr;
	uint8_t *value;
	size_t len;

	if (text.len >= sizeof(terminated))
		return ERR_MALFORMED;
	/* longer than an address' bytes, for which it could be taken else */
	if (text.len > sizeof(addr.b) && text.data[text.len - 1] == ']' &&
	    !memcmp(text.data, hashed, sizeof(hashed) - 1)) {
		set_bytes(cell, STORE_CELL_ADDRESS, text.data, text.len);
		return 0;
	}
	memcpy(terminated, text.data, text.len);
	terminated[text.len] = '\0';
	if (strlen(terminated) != text.len || addr_parse(terminated, &addr))
		return ERR_MALFORMED;
	len = addr.family == 4 ? 4 : sizeof(addr.b);
	value = arena_copy(p->arena, addr.b, len);
	if (!value) {
		p->err = ERR_NOMEM;
		return ERR_NOMEM;
	}
	set_bytes(cell, STORE_CELL_ADDRESS, value, len);
	return 0;
}

static int parse_text_cell(struct parsing *p, const struct shape_column *column,
			   struct store_cell *cell)
{
	struct slice text = json_text(&p->json);
	bool good = is_ok(p);

	if (!good)
		return ERR_MALFORMED;
	if (column->kind == SHAPE_HEX)
		return parse_hex(p, text, (size_t)column->most, cell);
	if (column->kind == SHAPE_REMOTE)
		return parse_remote(p, text, cell);
	if (column->kind == SHAPE_WORD) {
		good = is_word(text, column->values);
		/* a later version may say more */
		if (!good)
			p->err = ERR_UNSUPPORTED;
	} else {
		good = text.len <= (size_t)column->most;
	}
	if (column->kind == SHAPE_TOKEN)
		good = good && is_token(text);
	if (column->kind == SHAPE_LIST)
		good = good && is_list(text);
	set_bytes(cell, STORE_CELL_BYTES, text.data, text.len);
	return good ? 0 : ERR_MALFORMED;
}

static int parse_cell(struct parsing *p, const struct shape_column *column,
		      struct store_cell *cell)
{
	struct json *j = &p->json;

	if (column->null && json_peek(j) == 'n') {
		json_skip_null(j);
		return is_ok(p) ? 0 : ERR_MALFORMED;
	}
	switch (column->kind) {
	case SHAPE_NUMBER:
	case SHAPE_TIME:
	case SHAPE_ROW:
		cell->type = STORE_CELL_NUMBER;
		cell->number = json_number(j, column->most);
		break;
	case SHAPE_SECONDS:
		cell->type = STORE_CELL_NUMBER;
		cell->number = json_thousandths(j, column->most);
		break;
	case SHAPE_HEX:
	case SHAPE_TEXT:
	case SHAPE_WORD:
	case SHAPE_TOKEN:
	case SHAPE_LIST:
	case SHAPE_REMOTE:
		return parse_text_cell(p, column, cell);
	}
	return is_ok(p) ? 0 : ERR_MALFORMED;
}

static void parse_row(struct parsing *p, enum shape_table table,
		      struct store_cell *cells)
{
	const struct order *order = &p->orders[table];
	struct json *j = &p->json;
	uint32_t count = 0;

	json_enter(j, '[');
	while (json_more(j, ']', &count)) {
		const struct shape_column *column;

		if (count > order->count) {
			wrong(p, "a row of \"%s\" is longer than its columns",
			      shapes[table].name);
			return;
		}
		column = &shapes[table].columns[order->columns[count - 1]];
		if (parse_cell(p, column, &cells[order->columns[count - 1]]))
			wrong(p, "\"%s\" has a wrong \"%s\"",
			      shapes[table].name, column->name);
	}
	if (is_ok(p) && count < order->count)
		wrong(p, "a row of \"%s\" is shorter than its columns",
		      shapes[table].name);
}

static void parse_rows(struct parsing *p, enum shape_table table,
		       struct store_rows *out)
{
	const uint32_t most = table == SHAPE_DEVICE ? STORE_SEGMENT_DEVICES_MAX
						    : STORE_ROWS_MAX;
	const size_t columns = shapes[table].column_count;
	struct buf *cells = &p->parser->cells;
	uint32_t count = 0;

	buf_clear(cells);
	json_enter(&p->json, '[');
	while (json_more(&p->json, ']', &count)) {
		struct store_cell row[SHAPE_COLUMNS_MAX] = { 0 };

		if (!p->orders[table].count) {
			wrong(p, "the header has no columns of \"%s\"",
			      shapes[table].name);
			return;
		}
		if (count > most) {
			wrong(p, "more than %u rows of \"%s\" in a segment",
			      most, shapes[table].name);
			return;
		}
		parse_row(p, table, row);
		buf_append(cells, row, columns * sizeof(*row));
	}
	if (!is_ok(p) || !count)
		return;
	/* what could not be kept is no table without rows */
	if (!buf_check(cells))
		out->cells = arena_copy(p->arena, cells->data, cells->len);
	out->count = count;
	if (!out->cells) {
		p->err = ERR_NOMEM;
		cursor_fail(&p->json.in);
	}
}

/* Each row's device is one of the segment's own. */
static void check_devices(struct parsing *p, const struct store_segment *s)
{
	const struct store_rows *devices = &s->rows[SHAPE_DEVICE];

	for (int table = SHAPE_FLOW; table < SHAPE_VIEW; table++)
		for (uint32_t i = 0; i < s->rows[table].count; i++) {
			size_t at = i * (size_t)shapes[table].column_count;

			if (s->rows[table].cells[at].number < devices->count)
				continue;
			wrong(p,
			      "a row of \"%s\" is of no device of its "
			      "segment",
			      shapes[table].name);
			return;
		}
}

static void parse_table(struct parsing *p, struct slice key, unsigned *seen,
			struct store_segment *s)
{
	const int table = shape_find_table(key);

	if (table < 0 || table >= SHAPE_TABLES) {
		wrong_name(p, "a segment has no", key);
	} else if (*seen & 1u << table) {
		wrong(p, "\"%s\" comes twice", shapes[table].name);
	} else {
		*seen |= 1u << table;
		parse_rows(p, (enum shape_table)table, &s->rows[table]);
	}
}

static void parse_segment(struct parsing *p, struct store_segment *s)
{
	struct json *j = &p->json;
	bool numbered = false, ended = false;
	unsigned seen = 0;
	uint32_t count = 0;

	json_enter(j, '{');
	while (json_more(j, '}', &count)) {
		struct slice key = json_key(j);

		if (!is_ok(p))
			return;
		if (slice_equal(key, slice_text("segment")) && !numbered) {
			s->number = (uint64_t)json_number(j, NUMBER_MAX);
			numbered = is_ok(p) && s->number;
			if (!numbered)
				wrong(p, "\"segment\" must be a number from 1");
		} else if (slice_equal(key, slice_text("end")) && !ended) {
			s->end_s = (uint32_t)json_number(j, END_MAX_S);
			ended = is_ok(p) && s->end_s % WINDOW_S == 0;
			if (!ended)
				wrong(p, "\"end\" must be seconds since 1970, "
					 "a multiple of 5");
		} else {
			parse_table(p, key, &seen, s);
		}
	}
	json_end(j);
	if (is_ok(p) && (!numbered || !ended))
		wrong(p, "a segment needs \"segment\" and \"end\"");
	if (is_ok(p))
		check_devices(p, s);
}

static uint32_t count_lines(struct slice text)
{
	struct slice line;
	uint32_t count = 0;

	while (text_next_line(&text, &line))
		count++;
	return count;
}

static uint64_t count_rows(const struct store_segment *s)
{
	uint64_t rows = 0;

	for (int i = SHAPE_FLOW; i < SHAPE_TABLES; i++)
		rows += s->rows[i].count;
	return rows;
}

static int parse_segments(struct parsing *p, struct slice text,
			  struct parse_upload *out)
{
	uint32_t count = count_lines(text), i = 0;
	struct store_segment *segments;
	struct slice line;

	if (!count || count > PARSE_SEGMENTS_MAX) {
		snprintf(p->why, PARSE_WHY_BYTES,
			 "an upload has 1 to %u segments", PARSE_SEGMENTS_MAX);
		return ERR_LIMIT;
	}
	segments = arena_alloc(p->arena, count * sizeof(*segments));
	if (!segments)
		return ERR_NOMEM;
	while (text_next_line(&text, &line)) {
		p->json.in = cursor_slice(line);
		parse_segment(p, &segments[i]);
		if (!is_ok(p)) {
			char said[PARSE_WHY_BYTES];

			snprintf(said, sizeof(said), "%s",
				 p->why[0] ? p->why : "not JSON");
			snprintf(p->why, PARSE_WHY_BYTES, "line %u: %.120s",
				 i + 2, said);
			return p->err ? p->err : ERR_MALFORMED;
		}
		out->rows += count_rows(&segments[i++]);
	}
	out->upload.segments = segments;
	out->upload.segment_count = count;
	return 0;
}

int parse_upload(struct parser *parser, struct slice text, struct arena *arena,
		 struct parse_upload *out, char why[PARSE_WHY_BYTES])
{
	struct parsing p = { .parser = parser, .arena = arena, .why = why };
	struct parse_upload read = { 0 };
	struct slice line = { 0 };
	int err;

	why[0] = '\0';
	(void)!text_next_line(&text, &line);
	p.json = (struct json){ cursor_slice(line), arena };
	parse_header(&p, &read);
	if (!is_ok(&p))
		return p.err ? p.err : ERR_MALFORMED;
	err = parse_segments(&p, text, &read);
	if (!err)
		*out = read;
	return err;
}

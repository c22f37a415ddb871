// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/held.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/text.h"

/** An answer on its way. */
struct held {
	struct store_reader *reader;
	struct store_walk *walk; /* of the table */
	int64_t account;
	int table; /* enum shape_table; SHAPE_DEVICE: before all rows */
	bool owner_told;
	int64_t device; /* the last that was told */
	struct buf *out;
};

static void close_held(void *user)
{
	struct held *h = user;

	store_walk_close(h->walk);
	store_reader_close(h->reader);
	free(h);
}

static int put_line(struct held *h, json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;

	json_decref(line);
	if (!text)
		return ERR_NOMEM;
	buf_puts(h->out, text);
	buf_puts(h->out, "\n");
	free(text);
	return buf_check(h->out);
}

static json_t *hex(const uint8_t *bytes, size_t len)
{
	char text[2 * STORE_HASH_BYTES + 1];

	return json_string(text_hex(bytes, len, text));
}

static int take_account(void *user, const struct store_account_row *row)
{
	struct held *h = user;

	return put_line(
		h, json_pack("{s:s, s:o, s:o, s:o, s:o, s:I}", "table",
			     "account", "account",
			     hex(row->name, sizeof(row->name)), "consent",
			     hex(row->consent_hash, sizeof(row->consent_hash)),
			     "client",
			     row->client[0] ? json_string(row->client)
					    : json_null(),
			     "utc_offset_min",
			     row->utc_offset_min == STORE_OFFSET_UNKNOWN
				     ? json_null()
				     : json_integer(row->utc_offset_min),
			     "made", (json_int_t)row->made_s));
}

static int take_device(void *user, const struct store_device_row *row)
{
	struct held *h = user;
	int err;

	err = put_line(h,
		       json_pack("{s:s, s:o, s:o, s:o, s:I, s:I}", "table",
				 "device", "id",
				 hex(row->key, sizeof(row->key)), "oui",
				 row->has_oui ? hex(row->oui, sizeof(row->oui))
					      : json_null(),
				 "watched",
				 row->watched < 0 ? json_null()
						  : json_integer(row->watched),
				 "first_seen", (json_int_t)row->first_s,
				 "last_seen", (json_int_t)row->last_s));
	return err ? err : h->out->len >= EXCHANGE_PIECE_BYTES;
}

static json_t *cell_value(const struct shape_column *column,
			  const struct store_cell *cell)
{
	char text[ADDR_TEXT_BYTES];
	struct addr addr;

	switch (cell->type) {
	case STORE_CELL_NONE:
		break;
	case STORE_CELL_NUMBER:
		return column->kind == SHAPE_SECONDS
			       ? json_real((double)cell->number / 1000)
			       : json_integer(cell->number);
	case STORE_CELL_BYTES:
		return json_stringn((const char *)cell->bytes, cell->len);
	case STORE_CELL_ADDRESS:
		addr = cell->len == 4 ? addr_v4(cell->bytes)
				      : addr_v6(cell->bytes);
		return json_string(addr_format(&addr, text));
	}
	return json_null();
}

static int put_row(struct held *h, const struct store_row *row)
{
	const struct shape *shape = &shapes[h->table];
	json_t *line = json_pack("{s:s, s:I, s:I}", "table", shape->name,
				 "segment", (json_int_t)row->segment, "end",
				 (json_int_t)row->end_s);

	for (unsigned i = 0; line && i < shape->column_count; i++) {
		json_t *value =
			shape->columns[i].kind == SHAPE_ROW
				? hex(row->device_key, sizeof(row->device_key))
				: cell_value(&shape->columns[i],
					     &row->cells[i]);

		if (json_object_set_new(line, shape->columns[i].name, value)) {
			json_decref(line);
			line = NULL;
		}
	}
	return put_line(h, line);
}

/* 1: the piece is full, and there may be more of it. */
static int put_owner(struct held *h)
{
	int64_t account = 0;
	int err = h->owner_told ? 0
				: store_accounts(h->reader, h->account,
						 &account, take_account, h);

	h->owner_told = true;
	return err ? err
		   : store_devices(h->reader, h->account, &h->device,
				   take_device, h);
}

/* The next table's walk; after the last the line that says it was. */
static int turn(struct held *h)
{
	store_walk_close(h->walk);
	h->walk = NULL;
	h->table++;
	if (h->table < SHAPE_TABLES)
		return store_walk_open(h->reader, (enum shape_table)h->table,
				       h->account, &h->walk);
	return put_line(h, json_pack("{s:b}", "end", 1));
}

static int more(void *user, struct buf *out)
{
	struct held *h = user;
	struct store_row row;
	int err = 0;

	h->out = out;
	if (h->table == SHAPE_DEVICE) {
		err = put_owner(h);
		if (err > 0)
			return 1;
		if (!err)
			err = turn(h);
	}
	while (!err && h->table < SHAPE_TABLES &&
	       out->len < EXCHANGE_PIECE_BYTES) {
		int got = store_walk_next(h->walk, &row);

		if (got > 0)
			err = put_row(h, &row);
		else
			err = got < 0 ? got : turn(h);
	}
	if (h->walk)
		store_walk_pause(h->walk);
	return err ? err : h->table < SHAPE_TABLES;
}

bool held_answer(struct collector *c, struct exchange *e)
{
	struct held *h = calloc(1, sizeof(*h));
	char why[STORE_WHY_BYTES];

	if (!h || store_reader_open(c->data_dir, &h->reader, why)) {
		free(h);
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the store cannot be read now");
		return true;
	}
	h->account = e->account.id;
	h->table = SHAPE_DEVICE;
	e->reply.status = 200;
	e->reply.type = "application/x-ndjson";
	e->reply.stream = (struct exchange_stream){ .more = more,
						    .close = close_held,
						    .user = h };
	return true;
}

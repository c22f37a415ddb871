// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/export.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "base/table.h"
#include "base/text.h"

/* Of an HMAC-SHA-256, this much is an identifier. */
#define ID_BYTES 16
/* Identifiers remembered: computing one costs more than a row. */
#define KNOWN_MAX 65536u

enum kind {
	KIND_ACCOUNTS,
	KIND_DEVICES,
	KIND_ROWS, /* of a table of segments */
	KIND_SUMS, /* of days */
};

/** What tells when a row was, besides its own columns. */
enum when {
	WHEN_OWN,
	WHEN_END,  /* "end": of its window */
	WHEN_TIME, /* the same, called "time" */
};

static const struct source {
	enum kind kind;
	enum shape_table table;
	enum when when;
	enum store_sums_of sums;
} sources[] = {
	{ KIND_ACCOUNTS, SHAPE_TABLES, WHEN_OWN, STORE_SUMS },
	{ KIND_DEVICES, SHAPE_DEVICE, WHEN_OWN, STORE_SUMS },
	{ KIND_ROWS, SHAPE_LABEL, WHEN_TIME, STORE_SUMS },
	{ KIND_ROWS, SHAPE_FLOW, WHEN_END, STORE_SUMS },
	{ KIND_ROWS, SHAPE_QUESTION, WHEN_OWN, STORE_SUMS },
	{ KIND_ROWS, SHAPE_NAME, WHEN_OWN, STORE_SUMS },
	{ KIND_ROWS, SHAPE_HTTP, WHEN_OWN, STORE_SUMS },
	{ KIND_ROWS, SHAPE_HELLO, WHEN_OWN, STORE_SUMS },
	{ KIND_ROWS, SHAPE_CLUE, WHEN_OWN, STORE_SUMS },
	{ KIND_ROWS, SHAPE_VIEW, WHEN_END, STORE_SUMS },
	{ KIND_SUMS, SHAPE_TABLES, WHEN_OWN, STORE_SUMS_ENDPOINT },
	{ KIND_SUMS, SHAPE_TABLES, WHEN_OWN, STORE_SUMS_NAME },
	{ KIND_SUMS, SHAPE_TABLES, WHEN_OWN, STORE_SUMS_HELLO },
	{ KIND_SUMS, SHAPE_TABLES, WHEN_OWN, STORE_SUMS_ACTIVITY },
};

const struct export_table export_tables[] = {
	{ "accounts", "who gave, from when, under which consent", false },
	{ "devices", "each device, its maker's prefix and when it was there",
	  false },
	{ "labels", "what owners call their devices", false },
	{ "flows", "bytes and packets of each conversation by 5 seconds",
	  false },
	{ "questions", "names asked for", false },
	{ "names", "names that devices connected with addresses", false },
	{ "http", "hosts and programs named in unencrypted requests", false },
	{ "hellos", "how devices offer to encrypt", false },
	{ "clues", "what devices say of themselves", false },
	{ "views", "how long views of the page were open", false },
	{ "daily_endpoints", "what went between a device and an endpoint",
	  true },
	{ "daily_names", "the names that a device had for addresses", true },
	{ "daily_hellos", "how often a device offered a fingerprint", true },
	{ "daily_activity", "how long accounts inspected, how many devices",
	  true },
	{ NULL, NULL, false },
};

struct export
{
	const struct source *source;
	struct store_reader *reader;
	struct store_walk *walk;
	struct store_sums *sums;
	uint8_t key[EXPORT_KEY_BYTES];
	struct table ids; /* of accounts and devices */
	struct buf *out;  /* of the reading under way */
	bool begun;
	size_t enough; /* bytes of out at which a piece ends */
	int64_t after; /* the account or device that was given last */
};

/** What an identifier is made of: a device's account goes before it. */
struct id_key {
	uint8_t account[STORE_ACCOUNT_BYTES];
	uint8_t device[STORE_DEVICE_BYTES]; /* zero: the account itself */
};

static const uint8_t *find_id(struct export *x, const struct id_key *key)
{
	unsigned char whole[EVP_MAX_MD_SIZE];
	unsigned int len = sizeof(whole);
	uint8_t *id = table_find(&x->ids, key);

	if (id)
		return id;
	if (x->ids.count == KNOWN_MAX)
		table_clear(&x->ids);
	if (!HMAC(EVP_sha256(), x->key, sizeof(x->key),
		  (const unsigned char *)key, sizeof(*key), whole, &len))
		return NULL;
	id = table_get(&x->ids, key, NULL);
	if (id)
		memcpy(id, whole, ID_BYTES);
	return id;
}

static int put_id(struct export *x, const uint8_t *account,
		  const uint8_t *device)
{
	char hex[2 * ID_BYTES + 1];
	struct id_key key = { 0 };
	const uint8_t *id;

	memcpy(key.account, account, sizeof(key.account));
	if (device)
		memcpy(key.device, device, sizeof(key.device));
	id = find_id(x, &key);
	if (!id)
		return ERR_NOMEM;
	buf_puts(x->out, text_hex(id, ID_BYTES, hex));
	return 0;
}

/* Quoted where RFC 4180 asks for it. */
static void put_text(struct buf *out, const uint8_t *text, size_t len)
{
	static const char special[] = ",\"\r\n";
	bool quoted = false;

	for (size_t i = 0; i < len && !quoted; i++)
		quoted = text[i] && strchr(special, text[i]);
	if (!quoted) {
		buf_append(out, text, len);
		return;
	}
	buf_puts(out, "\"");
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_puts(out, "\"");
		buf_append(out, &text[i], 1);
	}
	buf_puts(out, "\"");
}

static void put_address(struct buf *out, const struct store_cell *cell)
{
	char text[ADDR_TEXT_BYTES];
	struct addr addr =
		cell->len == 4 ? addr_v4(cell->bytes) : addr_v6(cell->bytes);

	buf_puts(out, addr_format(&addr, text));
}

static void put_number(struct buf *out, const struct shape_column *column,
		       int64_t number)
{
	if (column->kind == SHAPE_SECONDS)
		buf_printf(out, "%" PRId64 ".%03" PRId64, number / 1000,
			   number % 1000);
	else
		buf_printf(out, "%" PRId64, number);
}

static void put_cell(struct buf *out, const struct shape_column *column,
		     const struct store_cell *cell)
{
	switch (cell->type) {
	case STORE_CELL_NONE:
		break;
	case STORE_CELL_NUMBER:
		put_number(out, column, cell->number);
		break;
	case STORE_CELL_BYTES:
		put_text(out, cell->bytes, cell->len);
		break;
	case STORE_CELL_ADDRESS:
		put_address(out, cell);
		break;
	}
}

static void put_head(const struct source *source, struct buf *out)
{
	static const char *const when[] = {
		[WHEN_OWN] = "", [WHEN_END] = ",end", [WHEN_TIME] = ",time"
	};
	const struct shape *shape;
	bool has_device;

	if (source->kind == KIND_ACCOUNTS) {
		buf_puts(out, "account,utc_offset_min,created,consent,"
			      "client\r\n");
		return;
	}
	if (source->kind == KIND_SUMS) {
		shape = &store_sums_shapes[source->sums];
		buf_printf(out, "account%s,day",
			   source->sums == STORE_SUMS_ACTIVITY ? ""
							       : ",device");
		for (unsigned i = 0; i < shape->column_count; i++)
			buf_printf(out, ",%s", shape->columns[i].name);
		buf_puts(out, "\r\n");
		return;
	}
	if (source->kind == KIND_DEVICES) {
		buf_puts(out, "account,device,oui,first_seen,last_seen,"
			      "watched\r\n");
		return;
	}
	shape = &shapes[source->table];
	has_device = shape->columns[0].kind == SHAPE_ROW;
	buf_printf(out, "account%s%s", has_device ? ",device" : "",
		   when[source->when]);
	for (unsigned i = has_device; i < shape->column_count; i++)
		buf_printf(out, ",%s", shape->columns[i].name);
	buf_puts(out, "\r\n");
}

static int put_row(struct export *x, const struct store_row *row)
{
	const struct shape *shape = &shapes[x->source->table];
	bool has_device = shape->columns[0].kind == SHAPE_ROW;
	int err = put_id(x, row->account_name, NULL);

	if (!err && has_device) {
		buf_puts(x->out, ",");
		err = put_id(x, row->account_name, row->device_key);
	}
	if (x->source->when != WHEN_OWN)
		buf_printf(x->out, ",%" PRIu32, row->end_s);
	for (unsigned i = has_device; i < shape->column_count; i++) {
		buf_puts(x->out, ",");
		put_cell(x->out, &shape->columns[i], &row->cells[i]);
	}
	buf_puts(x->out, "\r\n");
	return err;
}

/* Days as dates: YYYY-MM-DD. */
static int put_sums(struct export *x, const struct store_sums_row *row)
{
	const struct shape *shape = &store_sums_shapes[x->source->sums];
	const time_t at = (time_t)row->day * STORE_DAY_S;
	char date[sizeof("-2147483648-01-01")] = "";
	struct tm tm;
	int err = put_id(x, row->account_name, NULL);

	if (!err && row->has_device) {
		buf_puts(x->out, ",");
		err = put_id(x, row->account_name, row->device_key);
	}
	if (gmtime_r(&at, &tm))
		(void)strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	buf_printf(x->out, ",%s", date);
	for (unsigned i = 0; i < shape->column_count; i++) {
		buf_puts(x->out, ",");
		put_cell(x->out, &shape->columns[i], &row->cells[i]);
	}
	buf_puts(x->out, "\r\n");
	return err;
}

/* 1: it is enough for now. */
static int end_row(struct export *x, int err)
{
	buf_puts(x->out, "\r\n");
	if (!err)
		err = buf_check(x->out);
	return err ? err : x->out->len >= x->enough;
}

static int take_account(void *user, const struct store_account_row *row)
{
	char hash[2 * STORE_HASH_BYTES + 1];
	struct export *x = user;
	int err = put_id(x, row->name, NULL);

	buf_puts(x->out, ",");
	if (row->utc_offset_min != STORE_OFFSET_UNKNOWN)
		buf_printf(x->out, "%" PRId32, row->utc_offset_min);
	buf_printf(x->out, ",%" PRIu32 ",%s,", row->made_s,
		   text_hex(row->consent_hash, sizeof(row->consent_hash),
			    hash));
	put_text(x->out, (const uint8_t *)row->client, strlen(row->client));
	return end_row(x, err);
}

static int take_device(void *user, const struct store_device_row *row)
{
	struct export *x = user;
	char oui[7] = "";
	int err = put_id(x, row->account_name, NULL);

	buf_puts(x->out, ",");
	if (!err)
		err = put_id(x, row->account_name, row->key);
	if (row->has_oui)
		(void)text_hex(row->oui, sizeof(row->oui), oui);
	buf_printf(x->out, ",%s,%" PRIu32 ",%" PRIu32 ",", oui, row->first_s,
		   row->last_s);
	if (row->watched >= 0)
		buf_printf(x->out, "%d", row->watched);
	return end_row(x, err);
}

int export_open(struct store_reader *reader, const char *table,
		const uint8_t key[EXPORT_KEY_BYTES], bool added_up,
		struct export **out)
{
	struct export *x;
	size_t at = 0;
	int err = 0;

	while (export_tables[at].name && strcmp(export_tables[at].name, table))
		at++;
	if (!export_tables[at].name)
		return ERR_NOTFOUND;
	x = calloc(1, sizeof(*x));
	if (!x)
		return ERR_NOMEM;
	x->source = &sources[at];
	x->reader = reader;
	memcpy(x->key, key, sizeof(x->key));
	table_init(&x->ids, sizeof(struct id_key), ID_BYTES, KNOWN_MAX, 0);
	if (x->source->kind == KIND_ROWS)
		err = store_walk_open(reader, x->source->table, 0, &x->walk);
	else if (x->source->kind == KIND_SUMS)
		err = store_sums_open(reader, x->source->sums, added_up,
				      &x->sums);
	if (err) {
		export_close(x);
		return err;
	}
	*out = x;
	return 0;
}

static int read_rows(struct export *x)
{
	struct store_row row;
	int more = 1;

	while (more > 0 && x->out->len < x->enough) {
		more = store_walk_next(x->walk, &row);
		if (more > 0) {
			int err = put_row(x, &row);

			if (!err)
				err = buf_check(x->out);
			if (err)
				return err;
		}
	}
	store_walk_pause(x->walk);
	return more;
}

static int read_sums(struct export *x)
{
	struct store_sums_row row;
	int more = 1;

	while (more > 0 && x->out->len < x->enough) {
		more = store_sums_next(x->sums, &row);
		if (more > 0) {
			int err = put_sums(x, &row);

			if (!err)
				err = buf_check(x->out);
			if (err)
				return err;
		}
	}
	store_sums_pause(x->sums);
	return more;
}

int export_read(struct export *x, size_t enough, struct buf *out)
{
	x->out = out;
	x->enough = out->len + enough;
	if (!x->begun) {
		x->begun = true;
		put_head(x->source, out);
	}
	if (x->source->kind == KIND_ACCOUNTS)
		return store_accounts(x->reader, 0, &x->after, take_account, x);
	if (x->source->kind == KIND_DEVICES)
		return store_devices(x->reader, 0, &x->after, take_device, x);
	if (x->source->kind == KIND_SUMS)
		return read_sums(x);
	return read_rows(x);
}

void export_close(struct export *x)
{
	if (!x)
		return;
	store_walk_close(x->walk);
	store_sums_close(x->sums);
	table_done(&x->ids);
	OPENSSL_cleanse(x->key, sizeof(x->key));
	free(x);
}

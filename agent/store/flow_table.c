// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/flow_table.h"

#include <string.h>

#include "store/packed.h"

/* Columns before those of packed.h. */
enum {
	DEVICE,
	START_S,
	FIRST_PACKED
};

/* What a search is limited to, as idxNum: a bit for each argument, in the
 * order in which they are bound. */
enum {
	BY_DEVICE = 1,
	FROM = 2,
	TO = 4
};

#define ROWS_ALL       1e6
#define ROWS_OF_DEVICE 1e5
#define ROWS_OF_RANGE  1e3
#define ROWS_OF_RANGES 1e2

struct flow_table {
	sqlite3_vtab base;
	sqlite3 *db;
	const struct source *source;
};

struct flow_cursor {
	sqlite3_vtab_cursor base;
	sqlite3_stmt *blobs[BY_DEVICE + 1]; /* those of all, of one device */
	sqlite3_stmt *blob;		    /* that is stepped; or NULL */
	struct cursor flows;		    /* left of the blob at hand */
	int64_t device, start_s;
	int64_t flow[PACKED_FLOW_COLUMNS];
	bool at_end;
};

/* Where the rows of each table are: of all devices, and of one. */
#define BLOBS_OF(name, condition)                                      \
	"SELECT w.device, w.start_s, p.flows FROM " name "_window w "  \
	"CROSS JOIN " name "_packed p ON p.id = w.id WHERE " condition \
	"w.start_s >= ?2 AND w.start_s <= ?3"
#define BLOBS(name)                                                      \
	{                                                                \
		BLOBS_OF(name, ""), BLOBS_OF(name, "w.device = ?1 AND ") \
	}

static const struct source {
	const char *name;
	const char *blobs[BY_DEVICE + 1];
} sources[] = {
	{ "flow", BLOBS("flow") },
	{ "minute", BLOBS("minute") },
};

/* By the name of its module. */
static const struct source *source_of(const char *name)
{
	return strcmp(name, sources[0].name) ? &sources[1] : &sources[0];
}

static int connect_table(sqlite3 *db, void *user, int argc,
			 const char *const *argv, sqlite3_vtab **out,
			 char **why)
{
	struct flow_table *table;
	int rc = sqlite3_declare_vtab(
		db, "CREATE TABLE flow(device INTEGER, start_s INTEGER, "
		    "remote INTEGER, protocol INTEGER, remote_port INTEGER, "
		    "device_port INTEGER, local INTEGER, opener INTEGER, "
		    "first_ms INTEGER, last_ms INTEGER, in_packets INTEGER, "
		    "out_packets INTEGER, in_bytes INTEGER, out_bytes INTEGER, "
		    "in_sequence_bytes INTEGER, out_sequence_bytes INTEGER, "
		    "in_missed_bytes INTEGER, out_missed_bytes INTEGER)");

	(void)user;
	(void)argc;
	(void)why;
	if (rc)
		return rc;
	table = sqlite3_malloc(sizeof(*table));
	if (!table)
		return SQLITE_NOMEM;
	*table = (struct flow_table){ .db = db, .source = source_of(argv[0]) };
	*out = &table->base;
	return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

/* What a constraint limits; 0: nothing that helps. */
static int limit_of(const struct sqlite3_index_constraint *constraint)
{
	if (!constraint->usable)
		return 0;
	if (constraint->iColumn == DEVICE)
		return constraint->op == SQLITE_INDEX_CONSTRAINT_EQ ? BY_DEVICE
								    : 0;
	if (constraint->iColumn != START_S)
		return 0;
	switch (constraint->op) {
	case SQLITE_INDEX_CONSTRAINT_GE:
	case SQLITE_INDEX_CONSTRAINT_GT:
		return FROM;
	case SQLITE_INDEX_CONSTRAINT_LE:
	case SQLITE_INDEX_CONSTRAINT_LT:
		return TO;
	default:
		return 0;
	}
}

/* Limits are only to find less: sqlite sees to each row itself. */
static int best_index(sqlite3_vtab *table, sqlite3_index_info *info)
{
	static const double rows[] = {
		ROWS_ALL,	ROWS_OF_DEVICE, ROWS_OF_DEVICE, ROWS_OF_RANGE,
		ROWS_OF_DEVICE, ROWS_OF_RANGE,	ROWS_OF_RANGE,	ROWS_OF_RANGES,
	};
	int found[TO + 1] = { 0 }, argument = 0;

	(void)table;
	for (int i = 0; i < info->nConstraint; i++) {
		int limit = limit_of(&info->aConstraint[i]);

		if (limit && !found[limit])
			found[limit] = i + 1;
	}
	for (int limit = BY_DEVICE; limit <= TO; limit <<= 1) {
		if (!found[limit])
			continue;
		info->aConstraintUsage[found[limit] - 1].argvIndex = ++argument;
		info->idxNum |= limit;
	}
	info->estimatedCost = rows[info->idxNum];
	info->estimatedRows = (sqlite3_int64)rows[info->idxNum];
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	struct flow_cursor *cursor = sqlite3_malloc(sizeof(*cursor));

	(void)table;
	if (!cursor)
		return SQLITE_NOMEM;
	memset(cursor, 0, sizeof(*cursor));
	*out = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct flow_cursor *cursor = (struct flow_cursor *)base;

	for (int i = 0; i <= BY_DEVICE; i++)
		sqlite3_finalize(cursor->blobs[i]);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static int next_flow(sqlite3_vtab_cursor *base)
{
	struct flow_cursor *cursor = (struct flow_cursor *)base;
	int rc;

	while (!packed_take_flow(&cursor->flows, cursor->start_s,
				 cursor->flow)) {
		if (!cursor_ok(&cursor->flows))
			return SQLITE_CORRUPT_VTAB;
		rc = sqlite3_step(cursor->blob);
		cursor->at_end = rc != SQLITE_ROW;
		if (cursor->at_end) {
			sqlite3_reset(cursor->blob);
			return rc == SQLITE_DONE ? SQLITE_OK : rc;
		}
		cursor->device = sqlite3_column_int64(cursor->blob, 0);
		cursor->start_s = sqlite3_column_int64(cursor->blob, 1);
		cursor->flows = cursor_of(
			sqlite3_column_blob(cursor->blob, 2),
			(size_t)sqlite3_column_bytes(cursor->blob, 2));
	}
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int limits, const char *text,
		  int argc, sqlite3_value **argv)
{
	struct flow_cursor *cursor = (struct flow_cursor *)base;
	struct flow_table *table = (struct flow_table *)base->pVtab;
	sqlite3_stmt **blob = &cursor->blobs[limits & BY_DEVICE];
	int64_t from_s = INT64_MIN, to_s = INT64_MAX;
	int rc = SQLITE_OK, argument = 0;

	(void)text;
	if (!*blob)
		rc = sqlite3_prepare_v2(
			table->db, table->source->blobs[limits & BY_DEVICE], -1,
			blob, NULL);
	if (rc)
		return rc;
	sqlite3_reset(*blob);
	if (limits & BY_DEVICE)
		rc = sqlite3_bind_value(*blob, 1, argv[argument++]);
	if (limits & FROM)
		from_s = sqlite3_value_int64(argv[argument++]);
	if (limits & TO)
		to_s = sqlite3_value_int64(argv[argument++]);
	if (!rc)
		rc = sqlite3_bind_int64(*blob, 2, from_s);
	if (!rc)
		rc = sqlite3_bind_int64(*blob, 3, to_s);
	if (rc || argument != argc)
		return rc ? rc : SQLITE_ERROR;
	cursor->blob = *blob;
	cursor->flows = cursor_of(NULL, 0);
	return next_flow(base);
}

static int is_at_end(sqlite3_vtab_cursor *base)
{
	return ((struct flow_cursor *)base)->at_end;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *out, int which)
{
	const struct flow_cursor *cursor = (struct flow_cursor *)base;

	if (which == DEVICE)
		sqlite3_result_int64(out, cursor->device);
	else if (which == START_S)
		sqlite3_result_int64(out, cursor->start_s);
	else
		sqlite3_result_int64(out, cursor->flow[which - FIRST_PACKED]);
	return SQLITE_OK;
}

/* No row has a number of its own; nobody asks. */
static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	(void)base;
	*out = 0;
	return SQLITE_OK;
}

/* No xCreate: the table is there without being made. */
static const sqlite3_module module = {
	.xConnect = connect_table,
	.xBestIndex = best_index,
	.xDisconnect = disconnect_table,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter,
	.xNext = next_flow,
	.xEof = is_at_end,
	.xColumn = column,
	.xRowid = row_id,
};

static void pack_one(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	struct buf *packed =
		sqlite3_aggregate_context(context, sizeof(*packed));
	int64_t flow[PACKED_FLOW_COLUMNS];

	(void)argc;
	if (!packed) {
		sqlite3_result_error_nomem(context);
		return;
	}
	if (!packed->max)
		buf_init(packed, PACKED_BYTES_MAX);
	for (int i = 0; i < PACKED_FLOW_COLUMNS; i++)
		flow[i] = sqlite3_value_int64(argv[i + 1]);
	packed_put_flow(packed, sqlite3_value_int64(argv[0]), flow);
}

static void pack_finish(sqlite3_context *context)
{
	struct buf *packed = sqlite3_aggregate_context(context, 0);

	if (!packed)
		sqlite3_result_zeroblob(context, 0);
	else if (buf_check(packed))
		sqlite3_result_error_toobig(context);
	else
		sqlite3_result_blob64(context, packed->data, packed->len,
				      SQLITE_TRANSIENT);
	if (packed)
		buf_done(packed);
}

int flow_table_register(sqlite3 *db)
{
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (sqlite3_create_module(db, sources[i].name, &module, NULL))
			return ERR_IO;
	return sqlite3_create_function(db, "flow_pack", PACKED_FLOW_COLUMNS + 1,
				       SQLITE_UTF8 | SQLITE_DIRECTONLY, NULL,
				       NULL, pack_one, pack_finish)
		       ? ERR_IO
		       : 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/query.h"

#include <string.h>

#include "store/database.h"
#include "store/merge.h"
#include "store/roll.h"

static int flows_of(struct store *s, const struct roll_span *span,
		    int64_t device,
		    bool (*visit)(void *user, const struct query_flow *flow),
		    void *user)
{
	static const enum statement which[] = { STATEMENT_FLOW_SUM,
						STATEMENT_MINUTE_SUM,
						STATEMENT_HOUR_SUM };
	sqlite3_stmt *stmt = database_bind(s, which[span->level], "iii", device,
					   span->from_s, span->to_s);
	struct query_flow flow;
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		flow = (struct query_flow){
			.remote_id = sqlite3_column_int64(stmt, 0),
			.remote = database_addr_column(stmt, 1),
			.protocol = (uint8_t)database_number(stmt, 2),
			.remote_port = (uint16_t)database_number(stmt, 3),
			.local = database_number(stmt, 4),
			.first_ms = database_number(stmt, 5),
			.last_ms = database_number(stmt, 6),
			.in_packets = database_number(stmt, 7),
			.out_packets = database_number(stmt, 8),
			.in_bytes = database_number(stmt, 9),
			.out_bytes = database_number(stmt, 10),
			.in_missed_bytes = database_number(stmt, 11),
			.out_missed_bytes = database_number(stmt, 12),
		};
		if (!visit(user, &flow))
			break;
	}
	return database_walked(s, stmt, rc);
}

int query_flows(struct store *s, int64_t device, int64_t from_s, int64_t to_s,
		bool (*visit)(void *user, const struct query_flow *flow),
		void *user)
{
	struct roll_span spans[ROLL_SPANS_MAX];
	size_t n = roll_cover(s, from_s, to_s, 0, spans);
	int err = 0;

	merge_to_read(s); /* it asks which remotes have several names */
	for (size_t i = 0; !err && i < n; i++)
		err = flows_of(s, &spans[i], device, visit, user);
	return err;
}

static int steps_of(struct store *s, const struct roll_span *span,
		    int64_t device, int64_t step_s,
		    bool (*visit)(void *user, const struct query_step *step),
		    void *user)
{
	static const enum statement which[] = { STATEMENT_FLOW_STEPS,
						STATEMENT_MINUTE_STEPS,
						STATEMENT_HOUR_STEPS };
	sqlite3_stmt *stmt =
		database_bind(s, which[span->level], "iiii", device,
			      span->from_s, span->to_s, step_s);
	struct query_step step;
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		step = (struct query_step){
			.remote_id = sqlite3_column_int64(stmt, 0),
			.remote = database_addr_column(stmt, 1),
			.start_s = sqlite3_column_int64(stmt, 2),
			.in_bytes = database_number(stmt, 3),
			.out_bytes = database_number(stmt, 4),
		};
		if (!visit(user, &step))
			break;
	}
	return database_walked(s, stmt, rc);
}

int query_steps(struct store *s, int64_t device, int64_t from_s, int64_t to_s,
		int64_t step_s,
		bool (*visit)(void *user, const struct query_step *step),
		void *user)
{
	struct roll_span spans[ROLL_SPANS_MAX];
	size_t n = roll_cover(s, from_s, to_s, step_s, spans);
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = steps_of(s, &spans[i], device, step_s, visit, user);
	return err;
}

int query_remote(struct store *s, const struct addr *remote, int64_t *id)
{
	sqlite3_stmt *stmt = database_bind(s, STATEMENT_REMOTE_FIND, "b",
					   database_addr(remote));
	int rc;

	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(stmt, 0);
	if (database_walked(s, stmt, rc))
		return ERR_IO;
	return rc == SQLITE_ROW ? 0 : ERR_NOTFOUND;
}

int query_name(struct store *s, int64_t device, int64_t remote_id,
	       struct query_name *out, uint8_t text[QUERY_NAME_BYTES])
{
	int rc, err = ERR_NOTFOUND;
	struct slice name;
	sqlite3_stmt *stmt;

	merge_to_read(s);
	stmt = database_bind(s, STATEMENT_NAME_BEST, "ii", device, remote_id);
	if (!stmt)
		return ERR_IO;
	rc = sqlite3_step(stmt);
	if (rc == SQLITE_ROW) {
		name = database_blob_column(stmt, 0);
		err = name.len > QUERY_NAME_BYTES ? ERR_LIMIT : 0;
	}
	if (!err) {
		memcpy(text, name.data, name.len);
		out->name = slice_of(text, name.len);
		out->source = (enum record_name_source)database_number(stmt, 1);
		out->resolver = database_addr_column(stmt, 2);
	}
	if (database_walked(s, stmt, rc))
		return ERR_IO;
	return err;
}

int query_remote_names(
	struct store *s, int64_t device, int64_t remote_id, size_t most,
	bool (*visit)(void *user, const struct query_named *name), void *user)
{
	sqlite3_stmt *stmt;
	int rc;

	merge_to_read(s);
	stmt = database_bind(s, STATEMENT_NAMES_OF_REMOTE, "iii", device,
			     remote_id, (int64_t)most);
	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		struct query_named name = {
			.name = database_blob_column(stmt, 0),
			.source = (enum record_name_source)database_number(stmt,
									   1),
			.resolver = database_addr_column(stmt, 2),
			.first_ms = database_number(stmt, 3),
			.last_ms = database_number(stmt, 4),
		};

		if (!visit(user, &name))
			break;
	}
	return database_walked(s, stmt, rc);
}

static int clues_of(struct store *s, sqlite3_stmt *stmt,
		    bool (*visit)(void *user, const struct query_clue *clue),
		    void *user)
{
	struct query_clue clue;
	int rc;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
		clue = (struct query_clue){
			.kind = (const char *)sqlite3_column_text(stmt, 0),
			.text = database_blob_column(stmt, 1),
			.first_ms = database_number(stmt, 2),
			.last_ms = database_number(stmt, 3),
		};
		if (!visit(user, &clue))
			break;
	}
	return database_walked(s, stmt, rc);
}

int query_clues(struct store *s, int64_t device, size_t most,
		bool (*visit)(void *user, const struct query_clue *clue),
		void *user)
{
	merge_to_read(s);
	return clues_of(s,
			database_bind(s, STATEMENT_CLUE_ALL, "ii", device,
				      (int64_t)most),
			visit, user);
}

int query_names(struct store *s, int64_t device,
		bool (*visit)(void *user, const struct query_clue *clue),
		void *user)
{
	merge_to_read(s);
	return clues_of(s, database_bind(s, STATEMENT_CLUE_NAMES, "i", device),
			visit, user);
}

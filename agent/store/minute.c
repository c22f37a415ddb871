// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/minute.h"

#include <stdlib.h>

#include "store/database.h"
#include "store/packed.h"

#define MINUTE_S 60

void minute_init(struct minutes *m)
{
	uint64_t seed;

	sqlite3_randomness(sizeof(seed), &seed);
	table_init(&m->sums, sizeof(struct minute_key),
		   sizeof(struct minute_sum), MINUTE_SUMS_MAX, seed);
}

void minute_done(struct minutes *m)
{
	table_done(&m->sums);
}

void minute_forget(struct store *s)
{
	int64_t newest_s = s->minutes.newest_s;

	if (s->newest_s > newest_s)
		newest_s = s->newest_s;
	table_clear(&s->minutes.sums);
	s->minutes.from_s = newest_s - newest_s % MINUTE_S + MINUTE_S;
}

bool minute_is_whole(const struct store *s, int64_t from_s)
{
	return from_s >= s->minutes.from_s;
}

void minute_add(struct store *s, const struct minute_key *key,
		const struct minute_sum *flow)
{
	struct minute_key its = *key;
	struct minute_sum *sum;
	bool fresh;

	its.start_s -= its.start_s % MINUTE_S;
	if (!minute_is_whole(s, its.start_s))
		return;
	sum = table_get(&s->minutes.sums, &its, &fresh);
	if (!sum) {
		minute_forget(s);
		return;
	}
	if (fresh) {
		*sum = *flow;
		return;
	}
	if (flow->local > sum->local)
		sum->local = flow->local;
	if (flow->first_ms < sum->first_ms)
		sum->first_ms = flow->first_ms;
	if (flow->last_ms > sum->last_ms)
		sum->last_ms = flow->last_ms;
	sum->in_packets += flow->in_packets;
	sum->out_packets += flow->out_packets;
	sum->in_bytes += flow->in_bytes;
	sum->out_bytes += flow->out_bytes;
	sum->in_missed_bytes += flow->in_missed_bytes;
	sum->out_missed_bytes += flow->out_missed_bytes;
}

struct row {
	struct minute_key key;
	const struct minute_sum *sum;
};

/* By device and minute, then as a reader would meet them. */
static int compare_rows(const void *a, const void *b)
{
	const struct minute_key *x = &((const struct row *)a)->key;
	const struct minute_key *y = &((const struct row *)b)->key;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->start_s != y->start_s)
		return x->start_s < y->start_s ? -1 : 1;
	if (x->remote != y->remote)
		return x->remote < y->remote ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	return (x->remote_port > y->remote_port) -
	       (x->remote_port < y->remote_port);
}

static size_t rows_before(const struct table *sums, int64_t to_s,
			  struct row *rows)
{
	const struct minute_sum *sum;
	const void *key;
	uint32_t at = 0;
	size_t count = 0;

	while ((sum = table_next(sums, &at, &key))) {
		struct minute_key its = *(const struct minute_key *)key;

		if (its.start_s < to_s)
			rows[count++] = (struct row){ its, sum };
	}
	return count;
}

/* A device's minute, while its sums are packed in the store's buffer. */
struct packing {
	struct store *store;
	int64_t device, start_s, flows;
};

static int store_packed(struct packing *p)
{
	struct store *s = p->store;

	if (!p->flows)
		return 0;
	if (buf_check(&s->packed) ||
	    database_run(s, STATEMENT_MINUTE_WINDOW_REMOVE, "ii", p->device,
			 p->start_s) < 0 ||
	    database_run(s, STATEMENT_MINUTE_WINDOW_ADD, "iii", p->device,
			 p->start_s, p->flows) < 0 ||
	    database_run(s, STATEMENT_MINUTE_ADD, "ib",
			 sqlite3_last_insert_rowid(s->db),
			 buf_slice(&s->packed)) < 0)
		return ERR_IO;
	return 0;
}

/* Sums come in the order of their devices and minutes. */
static int pack(struct packing *p, const struct minute_key *key,
		const struct minute_sum *sum)
{
	if (!p->flows || key->device != p->device ||
	    key->start_s != p->start_s) {
		if (store_packed(p))
			return ERR_IO;
		buf_clear(&p->store->packed);
		p->device = key->device;
		p->start_s = key->start_s;
		p->flows = 0;
	}
	p->flows++;
	packed_put_flow(&p->store->packed, key->start_s,
			(const int64_t[PACKED_FLOW_COLUMNS]){
				[PACKED_REMOTE] = key->remote,
				[PACKED_PROTOCOL] = key->protocol,
				[PACKED_REMOTE_PORT] = key->remote_port,
				[PACKED_LOCAL] = sum->local,
				[PACKED_FIRST_MS] = sum->first_ms,
				[PACKED_LAST_MS] = sum->last_ms,
				[PACKED_IN_PACKETS] = sum->in_packets,
				[PACKED_OUT_PACKETS] = sum->out_packets,
				[PACKED_IN_BYTES] = sum->in_bytes,
				[PACKED_OUT_BYTES] = sum->out_bytes,
				[PACKED_IN_MISSED_BYTES] = sum->in_missed_bytes,
				[PACKED_OUT_MISSED_BYTES] =
					sum->out_missed_bytes,
			});
	return 0;
}

/* They are stored. */
static void drop(struct store *s, int64_t to_s)
{
	struct table *sums = &s->minutes.sums;
	const void *key;
	uint32_t at = 0;

	while (table_next(sums, &at, &key)) {
		struct minute_key its = *(const struct minute_key *)key;

		if (its.start_s < to_s)
			table_remove(sums, &its);
	}
}

int minute_store(struct store *s, int64_t to_s)
{
	struct table *sums = &s->minutes.sums;
	struct row *rows = malloc((sums->count + 1) * sizeof(*rows));
	struct packing p = { .store = s };
	size_t count;
	int err = 0;

	if (!rows)
		return ERR_NOMEM;
	count = rows_before(sums, to_s, rows);
	qsort(rows, count, sizeof(*rows), compare_rows);
	for (size_t i = 0; !err && i < count; i++)
		err = pack(&p, &rows[i].key, rows[i].sum);
	if (!err)
		err = store_packed(&p);
	free(rows);
	if (!err)
		drop(s, to_s);
	return err;
}

int minute_store_flows(struct store *s, int64_t from_s, int64_t to_s)
{
	sqlite3_stmt *stmt =
		database_bind(s, STATEMENT_ROLL_MINUTE, "ii", from_s, to_s);
	struct packing p = { .store = s };
	int rc, err = 0;

	if (!stmt)
		return ERR_IO;
	while ((rc = sqlite3_step(stmt)) == SQLITE_ROW && !err) {
		struct minute_key key = {
			.device = sqlite3_column_int64(stmt, 0),
			.start_s = sqlite3_column_int64(stmt, 1),
			.remote = sqlite3_column_int64(stmt, 2),
			.protocol = (uint32_t)database_number(stmt, 3),
			.remote_port = (uint32_t)database_number(stmt, 4),
		};
		struct minute_sum sum = {
			.local = sqlite3_column_int64(stmt, 5),
			.first_ms = sqlite3_column_int64(stmt, 6),
			.last_ms = sqlite3_column_int64(stmt, 7),
			.in_packets = sqlite3_column_int64(stmt, 8),
			.out_packets = sqlite3_column_int64(stmt, 9),
			.in_bytes = sqlite3_column_int64(stmt, 10),
			.out_bytes = sqlite3_column_int64(stmt, 11),
			.in_missed_bytes = sqlite3_column_int64(stmt, 12),
			.out_missed_bytes = sqlite3_column_int64(stmt, 13),
		};

		err = pack(&p, &key, &sum);
	}
	if (database_walked(s, stmt, rc))
		return ERR_IO;
	if (!err)
		err = store_packed(&p);
	if (!err)
		drop(s, to_s);
	return err;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/minute.h"

#include <stdlib.h>

#include "store/database.h"

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

/* The order of the table's primary key: each row goes next to the last. */
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

static int store_row(struct store *s, const struct row *row)
{
	const struct minute_key *key = &row->key;
	const struct minute_sum *sum = row->sum;

	return database_run(s, STATEMENT_MINUTE_ADD, "iiiiiiiiiiiiii",
			    key->device, key->start_s, key->remote,
			    (int64_t)key->protocol, (int64_t)key->remote_port,
			    sum->local, sum->first_ms, sum->last_ms,
			    sum->in_packets, sum->out_packets, sum->in_bytes,
			    sum->out_bytes, sum->in_missed_bytes,
			    sum->out_missed_bytes) < 0
		       ? ERR_IO
		       : 0;
}

int minute_store(struct store *s, int64_t to_s)
{
	struct table *sums = &s->minutes.sums;
	struct row *rows = malloc((sums->count + 1) * sizeof(*rows));
	size_t count;
	int err = 0;

	if (!rows)
		return ERR_NOMEM;
	count = rows_before(sums, to_s, rows);
	qsort(rows, count, sizeof(*rows), compare_rows);
	for (size_t i = 0; !err && i < count; i++)
		err = store_row(s, &rows[i]);
	free(rows);
	if (!err)
		minute_drop(s, to_s);
	return err;
}

void minute_drop(struct store *s, int64_t to_s)
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

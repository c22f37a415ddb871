// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/ingest.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

#include "collector/clock.h"
#include "collector/store/ranges.h"

/* What waits in the writer's queue besides the arena. */
#define EXCHANGE_BYTES (sizeof(struct exchange) + 1024)

#define RETRY_QUEUE_S 5
#define RETRY_FULL_S  300

/* The text, unpacked, in the exchange's own memory. */
static int take_text(struct collector *c, struct exchange *e,
		     struct workbench *bench, struct slice *out)
{
	uint64_t began = clock_cpu_ns();
	int err = unpack(bench->unpacker, e->request.body, &bench->plain);
	const void *copy;

	counters_add(&c->counters, COUNTER_UNPACK_NS, clock_cpu_ns() - began);
	if (err == ERR_LIMIT)
		exchange_fail(e, 413,
			      "an upload has at most %zu bytes when "
			      "unpacked, and a window of at most %zu",
			      UNPACK_PLAIN_MAX, (size_t)1 << UNPACK_WINDOW_LOG);
	else if (err == ERR_NOMEM)
		exchange_busy(e, RETRY_QUEUE_S, "no memory");
	else if (err)
		exchange_fail(e, 400, "the body is not zstd, or not whole");
	if (err)
		return err;
	counters_add(&c->counters, COUNTER_PACKED_BYTES, e->request.body.len);
	counters_add(&c->counters, COUNTER_PLAIN_BYTES, bench->plain.len);
	copy = arena_copy(&e->arena, bench->plain.data, bench->plain.len);
	if (!copy) {
		exchange_busy(e, RETRY_QUEUE_S, "no memory");
		return ERR_NOMEM;
	}
	*out = slice_of(copy, bench->plain.len);
	return 0;
}

static int parse_text(struct collector *c, struct exchange *e,
		      struct workbench *bench, struct slice text)
{
	char why[PARSE_WHY_BYTES];
	uint64_t began = clock_cpu_ns();
	int err =
		parse_upload(&bench->parser, text, &e->arena, &e->parsed, why);

	counters_add(&c->counters, COUNTER_PARSE_NS, clock_cpu_ns() - began);
	if (err == ERR_NOMEM)
		exchange_busy(e, RETRY_QUEUE_S, "no memory");
	else if (err == ERR_UNSUPPORTED)
		/* not 400: it keeps its segments until we are newer, too */
		exchange_fail(e, 415, "%s", why);
	else if (err)
		exchange_fail(e, 400, "%s", why);
	return err;
}

/* The segments of this upload, which are all held now. */
static int accepted(struct crowd *crowd, const struct store_upload *u,
		    struct buf *out)
{
	struct ranges ranges = { 0 };
	int err = 0;

	for (uint32_t i = 0; i < u->segment_count && !err; i++)
		err = ranges_add(&ranges, u->segments[i].number,
				 u->segments[i].number, NULL);
	buf_puts(out, "{\"accepted\":[");
	for (uint32_t i = 0; i < ranges.count; i++)
		buf_printf(out, "%s[%" PRIu64 ",%" PRIu64 "]", i ? "," : "",
			   ranges.items[i].first, ranges.items[i].last);
	buf_puts(out, "],\"names\":");
	crowd_put_names(crowd, u, out);
	buf_puts(out, "}\n");
	ranges_done(&ranges);
	return err ? err : buf_check(out);
}

static int store_it(struct store *store, struct commit_job *job)
{
	return store_upload(store, &exchange_of(job)->parsed.upload);
}

static void answer(struct commit_job *job, int err)
{
	struct exchange *e = exchange_of(job);

	if (!err) {
		e->reply.status = 200;
		if (accepted(&e->collector->crowd, &e->parsed.upload,
			     &e->reply.body))
			exchange_busy(e, RETRY_QUEUE_S, "no memory");
	} else if (err == ERR_LIMIT) {
		exchange_fail(e, 403,
			      "an account has at most %u devices in %u days",
			      STORE_DEVICES_MAX, STORE_DEVICES_DAYS);
	} else if (err == ERR_NOTFOUND) {
		exchange_fail(e, 401, "the account was erased");
		e->reply.challenge = true;
	} else {
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the store cannot write now");
	}
	e->resume(e);
}

static bool is_what_is_sent(struct exchange *e)
{
	const char *type = e->request.content_type;
	const char *encoding = e->request.content_encoding;

	if (type && !strcasecmp(type, "application/x-ndjson") && encoding &&
	    !strcasecmp(encoding, "zstd"))
		return true;
	exchange_fail(e, 415,
		      "an upload is application/x-ndjson, encoded with zstd");
	return false;
}

/* Whether the upload is under the text that the account agreed to. */
static bool is_agreed(struct exchange *e)
{
	if (e->account.consent_withdrawn)
		exchange_fail(e, 412, "the text agreed to was withdrawn");
	else if (memcmp(e->parsed.consent, e->account.consent_hash,
			sizeof(e->parsed.consent)) != 0)
		exchange_fail(e, 412, "the account agreed to another text");
	else
		return true;
	return false;
}

static void count_ahead(struct collector *c, const struct store_upload *u)
{
	uint64_t now_s = clock_now_s(), ahead = 0;

	for (uint32_t i = 0; i < u->segment_count; i++)
		ahead += u->segments[i].end_s > now_s + 60;
	counters_add(&c->counters, COUNTER_CLOCK_AHEAD, ahead);
}

static bool read_upload(struct collector *c, struct exchange *e,
			struct workbench *bench)
{
	uint32_t retry_after_s;
	struct slice text;

	if (take_text(c, e, bench, &text) || parse_text(c, e, bench, text) ||
	    !is_agreed(e))
		return false;
	if (accounts_claim(c->accounts, e->account.name, ACCOUNT_BYTES,
			   text.len, &retry_after_s)) {
		exchange_limit(e, retry_after_s,
			       "too many bytes of this account today");
		return false;
	}
	count_ahead(c, &e->parsed.upload);
	return true;
}

bool ingest_upload(struct collector *c, struct exchange *e)
{
	struct workbench *bench;
	bool good;

	if (!is_what_is_sent(e))
		return true;
	bench = workbenches_take(&c->workbenches);
	if (!bench) {
		exchange_busy(e, RETRY_QUEUE_S, "no memory");
		return true;
	}
	good = read_upload(c, e, bench);
	workbenches_give(&c->workbenches, bench);
	if (!good)
		return true;
	e->parsed.upload.account = e->account.id;
	e->parsed.upload.consent = e->account.consent;
	e->job = (struct commit_job){
		.run = store_it,
		.done = answer,
		.bytes = e->arena.used + EXCHANGE_BYTES,
		.rows = e->parsed.rows,
	};
	if (!commit_put(c->commit, &e->job))
		return false;
	exchange_busy(e, RETRY_QUEUE_S, "too many uploads wait to be stored");
	return true;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/write.h"

#include <openssl/evp.h>

#include "store/database.h"
#include "store/device.h"
#include "store/merge.h"
#include "store/packed.h"
#include "store/pending.h"
#include "store/pool.h"
#include "store/roll.h"
#include "store/shape.h"

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull
#define S_PER_DAY 86400

/* What a window is written under. */
struct writer {
	struct store *store;
	const struct record_window *window;
	int64_t device;
};

static int64_t ms(uint64_t ns)
{
	return (int64_t)(ns / NS_PER_MS);
}

static int64_t amount(uint64_t value)
{
	return (int64_t)(value < WRITE_BYTES_MAX ? value : WRITE_BYTES_MAX);
}

static int64_t day_of(const struct writer *w)
{
	return (int64_t)(w->window->start_ns / NS_PER_S / S_PER_DAY);
}

/* What a column that is never NULL takes for it. */
static struct slice present(struct slice bytes)
{
	return bytes.data ? bytes : slice_text("");
}

static int remote_id(const struct writer *w, const struct addr *addr,
		     int64_t *id)
{
	return pool_get(w->store, POOL_REMOTE, present(database_addr(addr)),
			day_of(w), id);
}

static int host_id(const struct writer *w, struct slice name, int64_t *id)
{
	return pool_get(w->store, POOL_HOST, present(name), day_of(w), id);
}

static int64_t start_s(const struct writer *w)
{
	return (int64_t)(w->window->start_ns / NS_PER_S);
}

static int pack_flow(struct writer *w, const struct record_flow *f)
{
	struct minute_key key = {
		.device = w->device,
		.start_s = start_s(w),
		.protocol = f->protocol,
		.remote_port = f->remote_port,
	};
	struct minute_sum sum = {
		.local = f->local,
		.first_ms = ms(f->first_ns),
		.last_ms = ms(f->last_ns),
		.in_packets = amount(f->in_packets),
		.out_packets = amount(f->out_packets),
		.in_bytes = amount(f->in_bytes),
		.out_bytes = amount(f->out_bytes),
		.in_missed_bytes = amount(f->in_missed_bytes),
		.out_missed_bytes = amount(f->out_missed_bytes),
	};

	if (remote_id(w, &f->remote, &key.remote))
		return ERR_IO;
	packed_put_flow(&w->store->packed, key.start_s,
			(const int64_t[PACKED_FLOW_COLUMNS]){
				[PACKED_REMOTE] = key.remote,
				[PACKED_PROTOCOL] = f->protocol,
				[PACKED_REMOTE_PORT] = f->remote_port,
				[PACKED_DEVICE_PORT] = f->device_port,
				[PACKED_LOCAL] = sum.local,
				[PACKED_OPENER] = f->opener,
				[PACKED_FIRST_MS] = sum.first_ms,
				[PACKED_LAST_MS] = sum.last_ms,
				[PACKED_IN_PACKETS] = sum.in_packets,
				[PACKED_OUT_PACKETS] = sum.out_packets,
				[PACKED_IN_BYTES] = sum.in_bytes,
				[PACKED_OUT_BYTES] = sum.out_bytes,
				[PACKED_IN_SEQUENCE_BYTES] =
					amount(f->in_sequence_bytes),
				[PACKED_OUT_SEQUENCE_BYTES] =
					amount(f->out_sequence_bytes),
				[PACKED_IN_MISSED_BYTES] = sum.in_missed_bytes,
				[PACKED_OUT_MISSED_BYTES] =
					sum.out_missed_bytes,
			});
	minute_add(w->store, &key, &sum);
	return 0;
}

static int write_flows(struct writer *w)
{
	const struct record_window *window = w->window;
	struct store *s = w->store;

	if (!window->flow_count)
		return 0;
	buf_clear(&s->packed);
	for (size_t i = 0; i < window->flow_count; i++)
		if (pack_flow(w, &window->flows[i]))
			return ERR_IO;
	if (buf_check(&s->packed) ||
	    database_run(s, STATEMENT_FLOW_WINDOW_ADD, "iii", w->device,
			 start_s(w), (int64_t)window->flow_count) < 0 ||
	    database_run(s, STATEMENT_FLOW_ADD, "ib",
			 sqlite3_last_insert_rowid(s->db),
			 buf_slice(&s->packed)) < 0)
		return ERR_IO;
	return 0;
}

static int write_name(struct writer *w, const struct record_name *n)
{
	int64_t remote, host;

	if (remote_id(w, &n->addr, &remote) || host_id(w, n->name, &host))
		return ERR_IO;
	pending_add(w->store, PENDING_NAME, remote, (int64_t)n->source, host,
		    database_addr(&n->resolver), (int64_t)n->device_port,
		    ms(n->time_ns));
	return 0;
}

static int write_question(struct writer *w, const struct record_question *q)
{
	int64_t host;

	if (host_id(w, q->name, &host))
		return ERR_IO;
	pending_add(w->store, PENDING_QUESTION, host, (int64_t)q->type,
		    present(database_addr(&q->resolver)), ms(q->time_ns));
	return 0;
}

static const struct slice *shape_lists(const struct record_hello *h, size_t at)
{
	const struct slice *lists[] = {
		&h->cipher_suites,
		&h->compression_methods,
		&h->extensions,
		&h->supported_versions,
		&h->groups,
		&h->point_formats,
		&h->signature_algorithms,
		&h->alpn,
	};

	return at < sizeof(lists) / sizeof(lists[0]) ? lists[at] : NULL;
}

/* SHA-256 over every field of a shape, each list with its length. */
static int shape_digest(struct store *s, const struct record_hello *h,
			uint8_t out[32])
{
	uint32_t head[5] = { h->legacy_version, h->highest_version,
			     h->grease_cipher_suites, h->grease_extensions,
			     h->ech };
	const struct slice *list;
	struct buf *all = &s->packed;

	buf_clear(all);
	buf_append(all, head, sizeof(head));
	buf_append(all, h->ja3, sizeof(h->ja3));
	buf_append(all, h->ja4, sizeof(h->ja4));
	for (size_t i = 0; (list = shape_lists(h, i)); i++) {
		uint64_t size = list->data ? list->len : UINT64_MAX;

		buf_append(all, &size, sizeof(size));
		buf_append(all, list->data, list->len);
	}
	if (buf_check(all) || !EVP_DigestInit_ex(s->digest, NULL, NULL) ||
	    !EVP_DigestUpdate(s->digest, all->data, all->len) ||
	    !EVP_DigestFinal_ex(s->digest, out, NULL))
		return ERR_NOMEM;
	return 0;
}

static int find_shape(const struct writer *w, const struct record_hello *h,
		      int64_t *id)
{
	uint8_t bytes[32];
	struct slice digest = slice_of(bytes, sizeof(bytes));
	int err;

	if (shape_digest(w->store, h, bytes))
		return ERR_IO;
	err = pool_find(w->store, POOL_SHAPE, digest, day_of(w), id);
	if (err != ERR_NOTFOUND)
		return err;
	if (database_run(w->store, STATEMENT_SHAPE_ADD, "biiiibbbbbbbbitti",
			 digest, (int64_t)h->legacy_version,
			 (int64_t)h->highest_version,
			 (int64_t)h->grease_cipher_suites,
			 (int64_t)h->grease_extensions, h->cipher_suites,
			 h->compression_methods, h->extensions,
			 h->supported_versions, h->groups, h->point_formats,
			 h->signature_algorithms, h->alpn, day_of(w), h->ja3,
			 h->ja4, (int64_t)h->ech) < 0)
		return ERR_IO;
	*id = sqlite3_last_insert_rowid(w->store->db);
	pool_remember(w->store, POOL_SHAPE, digest, day_of(w), *id);
	return 0;
}

static int shape_id(const struct writer *w, const struct record_hello *h,
		    int64_t *id)
{
	struct shape shape;
	int err = shape_init(&shape, h);

	if (err)
		return err;
	err = find_shape(w, &shape.hello, id);
	shape_done(&shape);
	return err;
}

static int write_hello(struct writer *w, const struct record_hello *h)
{
	int64_t remote, shape, host = 0;

	if (remote_id(w, &h->remote, &remote) || shape_id(w, h, &shape) ||
	    (h->sni.data && host_id(w, h->sni, &host)))
		return ERR_IO;
	pending_add(w->store, PENDING_HELLO, ms(h->time_ns), remote,
		    (int64_t)h->device_port, (int64_t)h->remote_port,
		    (int64_t)h->transport, shape, host);
	return 0;
}

static int write_http(struct writer *w, const struct record_http *h)
{
	int64_t remote, host = 0;

	if (remote_id(w, &h->remote, &remote) ||
	    (h->host.data && host_id(w, h->host, &host)))
		return ERR_IO;
	pending_add(w->store, PENDING_HTTP, ms(h->time_ns), remote,
		    (int64_t)h->device_port, (int64_t)h->remote_port, h->method,
		    host, h->user_agent);
	return 0;
}

static int write_server(struct writer *w, const struct record_server *r)
{
	int64_t remote;

	if (remote_id(w, &r->remote, &remote))
		return ERR_IO;
	pending_add(w->store, PENDING_SERVER, remote, (int64_t)r->remote_port,
		    (int64_t)r->transport, (int64_t)r->version,
		    (int64_t)r->cipher_suite, slice_text(r->ja3s),
		    present(r->subject), ms(r->time_ns));
	return 0;
}

static int write_service(struct writer *w, const struct record_service *r)
{
	int64_t remote;

	if (remote_id(w, &r->remote, &remote))
		return ERR_IO;
	pending_add(w->store, PENDING_SERVICE, remote, (int64_t)r->protocol,
		    (int64_t)r->remote_port,
		    slice_text(record_application_name(r->application)),
		    r->detail, (int64_t)r->credentials_in_clear,
		    ms(r->time_ns));
	return 0;
}

static void write_clue(struct writer *w, const struct record_clue *c)
{
	pending_add(w->store, PENDING_CLUE,
		    slice_text(record_clue_name(c->kind)), present(c->text),
		    ms(c->time_ns));
}

/* When the device was heard: its window, or the last thing in it. */
static int64_t last_heard_ms(const struct record_window *window)
{
	uint64_t last = window->start_ns;

	for (size_t i = 0; i < window->flow_count; i++)
		if (window->flows[i].last_ns > last)
			last = window->flows[i].last_ns;
	for (size_t i = 0; i < window->clue_count; i++)
		if (window->clues[i].time_ns > last)
			last = window->clues[i].time_ns;
	return ms(last);
}

static int write_device(struct writer *w)
{
	const struct record_window *window = w->window;
	struct device_seen seen = {
		.mac = window->device,
		.first_ms = (uint64_t)ms(window->start_ns),
		.last_ms = (uint64_t)last_heard_ms(window),
		.gateway = window->is_gateway,
	};
	size_t n = window->addr_count;

	for (size_t i = 0; i < window->flow_count; i++) {
		seen.in_bytes += (uint64_t)amount(window->flows[i].in_bytes);
		seen.out_bytes += (uint64_t)amount(window->flows[i].out_bytes);
	}
	if (device_add(w->store, &seen, &w->device))
		return ERR_IO;
	for (size_t i = 0; i < n && i < STORE_ADDRS_MAX; i++)
		if (store_address_seen(w->store, w->device, &window->addrs[i],
				       seen.last_ms))
			return ERR_IO;
	return 0;
}

static int write_heard(struct writer *w)
{
	const struct record_window *window = w->window;
	int err = 0;

	for (size_t i = 0; !err && i < window->name_count; i++)
		err = write_name(w, &window->names[i]);
	for (size_t i = 0; !err && i < window->question_count; i++)
		err = write_question(w, &window->questions[i]);
	for (size_t i = 0; !err && i < window->hello_count; i++)
		err = write_hello(w, &window->hellos[i]);
	for (size_t i = 0; !err && i < window->http_count; i++)
		err = write_http(w, &window->http[i]);
	for (size_t i = 0; !err && i < window->server_count; i++)
		err = write_server(w, &window->servers[i]);
	for (size_t i = 0; !err && i < window->service_count; i++)
		err = write_service(w, &window->services[i]);
	for (size_t i = 0; !err && i < window->clue_count; i++)
		write_clue(w, &window->clues[i]);
	return err;
}

/* All that a window has, each of them one row or what becomes one. */
static int write_facts(struct writer *w)
{
	const struct record_window *window = w->window;
	struct store *s = w->store;
	int err;

	pending_clear(s);
	err = write_flows(w);
	if (!err)
		err = write_heard(w);
	s->transaction_rows += window->flow_count + s->pending_count;
	if (!err)
		err = pending_store(s, w->device);
	return err;
}

static int merge_if_due(struct store *s, int64_t at_s)
{
	int err;

	if (!merge_is_due(s, at_s))
		return 0;
	err = merge_all(s);
	if (!err)
		s->merged_s = at_s;
	return err;
}

int write_window(struct store *s, const struct record_window *window,
		 int64_t *id)
{
	struct writer w = { .store = s, .window = window };
	int64_t at_s = start_s(&w);

	if (database_begin(s)) {
		s->counters.windows_lost++;
		return ERR_IO;
	}
	s->transaction_windows++;
	if (at_s > s->newest_s)
		s->newest_s = at_s;
	roll_back_to(s, at_s);
	if (merge_if_due(s, at_s) || write_device(&w) || write_facts(&w) ||
	    roll_forward(s)) {
		s->counters.windows_lost += s->transaction_windows;
		database_rollback(s);
		return ERR_IO;
	}
	if (id)
		*id = w.device;
	return 0;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/write.h"

#include <openssl/evp.h>

#include "store/database.h"
#include "store/device.h"
#include "store/merge.h"
#include "store/pool.h"
#include "store/roll.h"
#include "store/shape.h"

#define NS_PER_MS 1000000ull
#define NS_PER_S  1000000000ull
#define S_PER_DAY 86400

/* A flow's number has its window's above these bits; a window with more
 * flows is several. */
#define FLOW_NUMBER_BITS 16
#define FLOW_NUMBER_MAX	 ((1 << FLOW_NUMBER_BITS) - 1)

/* What a window is written under. */
struct writer {
	struct store *store;
	const struct record_window *window;
	int64_t device;
	int64_t flow_id; /* of the next flow; 0: of a window not yet there */
	int64_t flows_left;
	bool has_new_clue;
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

static int remote_id(const struct writer *w, const struct addr *addr,
		     int64_t *id)
{
	struct slice bytes = database_addr(addr);

	if (!bytes.data)
		bytes = slice_text("");
	return pool_get(w->store, POOL_REMOTE, bytes, day_of(w), id);
}

static int host_id(const struct writer *w, struct slice name, int64_t *id)
{
	if (!name.data)
		name = slice_text("");
	return pool_get(w->store, POOL_HOST, name, day_of(w), id);
}

static int add(struct writer *w, int changed)
{
	if (changed < 0)
		return changed;
	w->store->transaction_rows++;
	return 0;
}

static int add_to_merge(struct writer *w, int changed)
{
	merge_note(w->store);
	return add(w, changed);
}

/* A number for a flow's row, under a new window when the last is full. */
static int flow_id(struct writer *w, int64_t *id)
{
	int64_t flows = w->flows_left--;

	if (w->flow_id & FLOW_NUMBER_MAX) {
		*id = w->flow_id++;
		return 0;
	}
	if (flows > FLOW_NUMBER_MAX + 1)
		flows = FLOW_NUMBER_MAX + 1;
	if (database_run(w->store, STATEMENT_FLOW_WINDOW_ADD, "iii", w->device,
			 (int64_t)(w->window->start_ns / NS_PER_S), flows) < 0)
		return ERR_IO;
	*id = sqlite3_last_insert_rowid(w->store->db) << FLOW_NUMBER_BITS;
	w->flow_id = *id + 1;
	return 0;
}

static int write_flow(struct writer *w, const struct record_flow *f)
{
	struct minute_key key = {
		.device = w->device,
		.start_s = (int64_t)(w->window->start_ns / NS_PER_S),
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
	int64_t id;
	int changed;

	if (remote_id(w, &f->remote, &key.remote) || flow_id(w, &id))
		return ERR_IO;
	changed = database_run(w->store, STATEMENT_FLOW_ADD,
			       "iiiiiiiiiiiiiiiii", id, key.remote,
			       (int64_t)f->protocol, (int64_t)f->remote_port,
			       (int64_t)f->device_port, sum.local,
			       (int64_t)f->opener, sum.first_ms, sum.last_ms,
			       sum.in_packets, sum.out_packets, sum.in_bytes,
			       sum.out_bytes, amount(f->in_sequence_bytes),
			       amount(f->out_sequence_bytes),
			       sum.in_missed_bytes, sum.out_missed_bytes);
	if (changed > 0)
		minute_add(w->store, &key, &sum);
	return add(w, changed);
}

static int write_name(struct writer *w, const struct record_name *n)
{
	int64_t remote, host;

	if (remote_id(w, &n->addr, &remote) || host_id(w, n->name, &host))
		return ERR_IO;
	return add_to_merge(
		w,
		database_run(w->store, STATEMENT_NAME_ADD, "iiiiaii", w->device,
			     remote, (int64_t)n->source, host, &n->resolver,
			     (int64_t)n->device_port, ms(n->time_ns)));
}

static int write_question(struct writer *w, const struct record_question *q)
{
	struct slice resolver = database_addr(&q->resolver);
	int64_t host;

	if (host_id(w, q->name, &host))
		return ERR_IO;
	return add_to_merge(
		w, database_run(w->store, STATEMENT_QUESTION_ADD, "iiibi",
				w->device, host, (int64_t)q->type,
				resolver.data ? resolver : slice_text(""),
				ms(q->time_ns)));
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
static int shape_digest(EVP_MD_CTX *context, const struct record_hello *h,
			uint8_t out[32])
{
	uint32_t head[5] = { h->legacy_version, h->highest_version,
			     h->grease_cipher_suites, h->grease_extensions,
			     h->ech };
	const struct slice *list;
	unsigned int len = 32;
	int ok = EVP_DigestInit_ex(context, NULL, NULL) &&
		 EVP_DigestUpdate(context, head, sizeof(head)) &&
		 EVP_DigestUpdate(context, h->ja3, sizeof(h->ja3)) &&
		 EVP_DigestUpdate(context, h->ja4, sizeof(h->ja4));

	for (size_t i = 0; ok && (list = shape_lists(h, i)); i++) {
		uint64_t size = list->data ? list->len : UINT64_MAX;

		ok = EVP_DigestUpdate(context, &size, sizeof(size)) &&
		     (!list->len ||
		      EVP_DigestUpdate(context, list->data, list->len));
	}
	ok = ok && EVP_DigestFinal_ex(context, out, &len);
	return ok ? 0 : ERR_NOMEM;
}

static int find_shape(const struct writer *w, const struct record_hello *h,
		      int64_t *id)
{
	uint8_t bytes[32];
	struct slice digest = slice_of(bytes, sizeof(bytes));
	int err;

	if (shape_digest(w->store->digest, h, bytes))
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
	return add(w, database_run(w->store, STATEMENT_HELLO_ADD, "iiiiiiir",
				   w->device, ms(h->time_ns), remote,
				   (int64_t)h->device_port,
				   (int64_t)h->remote_port,
				   (int64_t)h->transport, shape, host));
}

static int write_http(struct writer *w, const struct record_http *h)
{
	int64_t remote, host = 0;

	if (remote_id(w, &h->remote, &remote) ||
	    (h->host.data && host_id(w, h->host, &host)))
		return ERR_IO;
	return add(w, database_run(w->store, STATEMENT_HTTP_ADD, "iiiiibrb",
				   w->device, ms(h->time_ns), remote,
				   (int64_t)h->device_port,
				   (int64_t)h->remote_port, h->method, host,
				   h->user_agent));
}

static int write_server(struct writer *w, const struct record_server *r)
{
	int64_t remote;

	if (remote_id(w, &r->remote, &remote))
		return ERR_IO;
	return add(w,
		   database_run(w->store, STATEMENT_SERVER_ADD, "iiiiiitbi",
				w->device, remote, (int64_t)r->remote_port,
				(int64_t)r->transport, (int64_t)r->version,
				(int64_t)r->cipher_suite, r->ja3s,
				r->subject.data ? r->subject : slice_text(""),
				ms(r->time_ns)));
}

static int write_service(struct writer *w, const struct record_service *r)
{
	int64_t remote;

	if (remote_id(w, &r->remote, &remote))
		return ERR_IO;
	return add_to_merge(
		w,
		database_run(w->store, STATEMENT_SERVICE_ADD, "iiiitbii",
			     w->device, remote, (int64_t)r->protocol,
			     (int64_t)r->remote_port,
			     record_application_name(r->application), r->detail,
			     (int64_t)r->credentials_in_clear, ms(r->time_ns)));
}

static int write_clue(struct writer *w, const struct record_clue *c)
{
	const char *kind = record_clue_name(c->kind);
	struct slice text = c->text.data ? c->text : slice_text("");
	int known = database_run(w->store, STATEMENT_CLUE_SEEN, "itbi",
				 w->device, kind, text, ms(c->time_ns));

	if (known)
		return add(w, known);
	w->has_new_clue = true;
	return add(w, database_run(w->store, STATEMENT_CLUE_ADD, "itbi",
				   w->device, kind, text, ms(c->time_ns)));
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

static int write_facts(struct writer *w)
{
	const struct record_window *window = w->window;
	int err = 0;

	for (size_t i = 0; !err && i < window->flow_count; i++)
		err = write_flow(w, &window->flows[i]);
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
		err = write_clue(w, &window->clues[i]);
	if (!err && w->has_new_clue)
		err = add(w, database_run(w->store, STATEMENT_CLUE_TRIM, "ii",
					  w->device, (int64_t)STORE_CLUES_MAX));
	return err;
}

static int merge_if_due(struct store *s, int64_t start_s)
{
	int err;

	if (!merge_is_due(s, start_s))
		return 0;
	err = merge_all(s);
	if (!err)
		s->merged_s = start_s;
	return err;
}

int write_window(struct store *s, const struct record_window *window,
		 int64_t *id)
{
	struct writer w = { .store = s,
			    .window = window,
			    .flows_left = (int64_t)window->flow_count };
	int64_t start_s = (int64_t)(window->start_ns / NS_PER_S);

	if (database_begin(s)) {
		s->counters.windows_lost++;
		return ERR_IO;
	}
	s->transaction_windows++;
	if (start_s > s->newest_s)
		s->newest_s = start_s;
	roll_back_to(s, start_s);
	if (merge_if_due(s, start_s) || write_device(&w) || write_facts(&w) ||
	    roll_forward(s)) {
		s->counters.windows_lost += s->transaction_windows;
		database_rollback(s);
		return ERR_IO;
	}
	if (id)
		*id = w.device;
	return 0;
}

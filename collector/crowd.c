// SPDX-License-Identifier: GPL-3.0-or-later
#include "collector/crowd.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "collector/clock.h"
#include "collector/collector.h"
#include "collector/exchange.h"
#include "collector/told.h"

/* Of each list that is asked about. */
#define ASKED_MAX 64
/* Longer than a piece takes; past it, room is being made. Meanwhile the thread
 * that asks has other connections to serve. */
#define WAIT_MS 250
/* Between two pieces that are added. */
#define PAUSE_NS 1000000

void crowd_init(struct crowd *c, uint32_t least_accounts)
{
	*c = (struct crowd){ .stale = true, .least_accounts = least_accounts };
	pthread_mutex_init(&c->lock, NULL);
}

void crowd_done(struct crowd *c)
{
	store_crowd_free(c->now);
	pthread_mutex_destroy(&c->lock);
}

/* The lock is held. */
static void measure(struct crowd *c, uint64_t dropped_before)
{
	struct store_crowd_size size = { 0 };

	if (c->now)
		size = store_crowd_size(c->now);
	atomic_store(&c->bytes, size.bytes);
	atomic_fetch_add(&c->dropped, size.dropped - dropped_before);
}

void crowd_set(struct crowd *c, struct store_crowd *made)
{
	pthread_mutex_lock(&c->lock);
	if (!c->forgotten) {
		struct store_crowd *old = c->now;

		c->now = made;
		made = old;
		measure(c, 0);
	}
	pthread_mutex_unlock(&c->lock);
	store_crowd_free(made);
}

/* The lock is held, and there is one. */
static int renew(struct crowd *c, const char *folder)
{
	uint64_t before = store_crowd_size(c->now).dropped;
	int more = store_crowd_renew(c->now, folder);

	measure(c, before);
	return more;
}

int crowd_renew(struct crowd *c, const char *folder)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };
	int more = 1;

	while (more > 0) {
		pthread_mutex_lock(&c->lock);
		if (!c->now)
			more = ERR_NOTFOUND;
		else if (atomic_load(&c->stop))
			more = ERR_IO;
		else
			more = renew(c, folder);
		pthread_mutex_unlock(&c->lock);
		/* the lock goes to who waits for it, and not back at once */
		if (more > 0)
			(void)nanosleep(&pause, NULL);
	}
	return more;
}

/* Whoever holds the lock to read for it ends soon. */
static void lock_stopped(struct crowd *c)
{
	atomic_store(&c->stop, true);
	pthread_mutex_lock(&c->lock);
	atomic_store(&c->stop, true);
	c->stale = true;
}

void crowd_hold(struct crowd *c)
{
	lock_stopped(c);
	c->held = true;
	pthread_mutex_unlock(&c->lock);
}

void crowd_let_go(struct crowd *c)
{
	pthread_mutex_lock(&c->lock);
	c->held = false;
	pthread_mutex_unlock(&c->lock);
}

void crowd_forget(struct crowd *c)
{
	struct store_crowd *old;

	lock_stopped(c);
	old = c->now;
	c->now = NULL;
	atomic_store(&c->bytes, 0);
	c->forgotten = true;
	c->held = false;
	pthread_mutex_unlock(&c->lock);
	store_crowd_free(old);
}

bool crowd_begin(struct crowd *c, bool is_due)
{
	bool begins;

	pthread_mutex_lock(&c->lock);
	begins = !c->held && (is_due || c->stale);
	if (begins) {
		c->stale = c->forgotten = false;
		atomic_store(&c->stop, false);
	}
	pthread_mutex_unlock(&c->lock);
	return begins;
}

static bool is_same(const struct store_cell *a, const struct store_cell *b)
{
	return a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

static bool names_it(const struct store_upload *u,
		     const struct store_cell *address)
{
	const unsigned columns = shapes[SHAPE_NAME].column_count;

	for (uint32_t i = 0; i < u->segment_count; i++) {
		const struct store_rows *rows =
			&u->segments[i].rows[SHAPE_NAME];

		for (uint32_t j = 0; j < rows->count; j++)
			if (is_same(&rows->cells[j * columns + 2], address))
				return true;
	}
	return false;
}

/** Addresses that were looked up for an upload. */
struct asked {
	const struct store_cell *cells[CROWD_NAMES_MAX];
	size_t count;
};

static bool was_asked(struct asked *asked, const struct store_cell *address)
{
	for (size_t i = 0; i < asked->count; i++)
		if (is_same(asked->cells[i], address))
			return true;
	if (asked->count < CROWD_NAMES_MAX)
		asked->cells[asked->count++] = address;
	return false;
}

static void put_name(struct crowd *c, const struct store_cell *cell, bool first,
		     struct buf *out, bool *put)
{
	char name[STORE_NAME_BYTES], text[ADDR_TEXT_BYTES];
	uint32_t accounts;
	struct addr addr;

	*put = !store_crowd_name(c->now, cell->bytes, cell->len, name,
				 &accounts) &&
	       told_host(name);
	if (!*put)
		return;
	addr = cell->len == 4 ? addr_v4(cell->bytes) : addr_v6(cell->bytes);
	buf_printf(out, "%s{\"address\":\"%s\",\"name\":", first ? "" : ",",
		   addr_format(&addr, text));
	exchange_json_text(out, name);
	buf_printf(out, ",\"accounts\":%u}", accounts);
}

static void put_segment(struct crowd *c, const struct store_upload *u,
			const struct store_rows *flows, struct asked *asked,
			struct buf *out)
{
	const unsigned columns = shapes[SHAPE_FLOW].column_count;

	for (uint32_t i = 0; i < flows->count; i++) {
		const struct store_cell *cell = &flows->cells[i * columns + 2];
		size_t begin = out->len;
		bool put;

		if (cell->type != STORE_CELL_ADDRESS ||
		    asked->count == CROWD_NAMES_MAX || was_asked(asked, cell) ||
		    names_it(u, cell))
			continue;
		put_name(c, cell, out->data[begin - 1] == '[', out, &put);
	}
}

void crowd_put_names(struct crowd *c, const struct store_upload *u,
		     struct buf *out)
{
	struct asked asked = { .count = 0 };

	buf_puts(out, "[");
	/* whoever writes waits for no question of others */
	if (pthread_mutex_trylock(&c->lock)) {
		buf_puts(out, "]");
		return;
	}
	for (uint32_t i = 0; c->now && !buf_check(out) && i < u->segment_count;
	     i++)
		put_segment(c, u, &u->segments[i].rows[SHAPE_FLOW], &asked,
			    out);
	pthread_mutex_unlock(&c->lock);
	buf_puts(out, "]");
}

static void answer(struct exchange *e, json_t *body)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;

	json_decref(body);
	if (!text) {
		exchange_busy(e, EXCHANGE_RETRY_S,
			      "the crowd cannot be asked now");
		return;
	}
	buf_puts(&e->reply.body, text);
	buf_puts(&e->reply.body, "\n");
	free(text);
	e->reply.status = 200;
	if (buf_check(&e->reply.body))
		exchange_busy(e, EXCHANGE_RETRY_S, "no memory");
}

/* False: it was answered, to come again. */
static bool lock_soon(struct crowd *c, struct exchange *e)
{
	const struct timespec until = clock_steady_in(WAIT_MS);

	if (!pthread_mutex_clocklock(&c->lock, CLOCK_MONOTONIC, &until))
		return true;
	exchange_busy(e, EXCHANGE_RETRY_S, "what homes are told is being made");
	return false;
}

static int add_text(void *user, const char *text)
{
	if (!told_label(text))
		return 0;
	return json_array_append_new(user, json_string(text)) ? ERR_NOMEM : 0;
}

bool crowd_labels(struct collector *c, struct exchange *e)
{
	static const char *const names[] = {
		[STORE_LABEL_NAME] = "names",
		[STORE_LABEL_CATEGORY] = "categories",
		[STORE_LABEL_VENDOR] = "vendors",
	};
	json_t *body;
	int err = 0;

	if (!lock_soon(&c->crowd, e))
		return true;
	body = json_object();
	for (int i = 0; i < 3 && !err; i++) {
		json_t *list = json_array();

		if (json_object_set_new(body, names[i], list))
			err = ERR_NOMEM;
		else if (c->crowd.now)
			err = store_crowd_labels(c->crowd.now,
						 (enum store_label)i, add_text,
						 list);
	}
	pthread_mutex_unlock(&c->crowd.lock);
	if (err) {
		json_decref(body);
		body = NULL;
	}
	answer(e, body);
	return true;
}

/* A list of texts as C has it; false when it is something else. */
static bool take_list(json_t *list, const char *out[ASKED_MAX + 1])
{
	size_t count = json_array_size(list);

	if (!json_is_array(list) || count > ASKED_MAX)
		return false;
	for (size_t i = 0; i < count; i++) {
		out[i] = json_string_value(json_array_get(list, i));
		if (!out[i] || strlen(out[i]) >= STORE_NAME_BYTES)
			return false;
	}
	out[count] = NULL;
	return true;
}

static json_t *guesses_json(const struct store_crowd_guess *guesses, int count)
{
	json_t *list = json_array();

	for (int i = 0; i < count; i++) {
		if (!told_label(guesses[i].category) ||
		    !told_label(guesses[i].vendor))
			continue;
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:i, s:f}", "name",
				  told_label(guesses[i].name) ? guesses[i].name
							      : "",
				  "category", guesses[i].category, "vendor",
				  guesses[i].vendor, "homes",
				  (int)guesses[i].homes, "share",
				  guesses[i].share));
	}
	return json_pack("{s:o}", "guesses", list);
}

static json_t *read_body(const struct exchange *e)
{
	return json_loadb((const char *)e->request.body.data,
			  e->request.body.len, JSON_REJECT_DUPLICATES, NULL);
}

bool crowd_ask_device(struct collector *c, struct exchange *e)
{
	struct store_crowd_guess guesses[STORE_GUESSES_MAX];
	const char *hosts[ASKED_MAX + 1], *hellos[ASKED_MAX + 1];
	struct store_crowd_device device = { .hosts = hosts, .hellos = hellos };
	json_t *body = read_body(e), *names, *ja4, *oui = NULL;
	int count = 0;

	if (!body ||
	    json_unpack_ex(body, NULL, JSON_STRICT, "{s?o, s:o, s:o}", "oui",
			   &oui, "names", &names, "hellos", &ja4) ||
	    (oui && !json_is_string(oui) && !json_is_null(oui)) ||
	    !take_list(names, hosts) || !take_list(ja4, hellos)) {
		json_decref(body);
		exchange_fail(e, 400,
			      "the body must be {\"oui\":\"<6 hex>\" or null,"
			      "\"names\":[…],\"hellos\":[…]}, with at most %d "
			      "of each",
			      ASKED_MAX);
		return true;
	}
	device.oui = json_string_value(oui);
	if (!lock_soon(&c->crowd, e)) {
		json_decref(body);
		return true;
	}
	if (c->crowd.now)
		count = store_crowd_guess(c->crowd.now, &device, guesses);
	pthread_mutex_unlock(&c->crowd.lock);
	json_decref(body);
	answer(e, count < 0 ? NULL : guesses_json(guesses, count));
	return true;
}

/* Fewer homes than the floor are none: a share of two tells of each. */
static int put_shares(struct crowd *c, const char *vendor, const char *category,
		      const char *const *domains, json_t *body)
{
	json_t *shares = json_object();
	uint32_t homes = 0, with = 0;
	int err = 0;

	if (c->now)
		err = store_crowd_homes(c->now, vendor, category, &homes);
	if (homes < c->least_accounts)
		homes = 0;
	for (size_t i = 0; homes && domains[i] && !err; i++) {
		/* nor whether there is what nobody is told of */
		if (!told_host(domains[i]))
			continue;
		err = store_crowd_contacts(c->now, vendor, category, domains[i],
					   &with);
		if (!err && with >= c->least_accounts)
			json_object_set_new(shares, domains[i],
					    json_real((double)with / homes));
	}
	json_object_set_new(body, "homes", json_integer(homes));
	json_object_set_new(body, "domains", shares);
	return err;
}

bool crowd_ask_normal(struct collector *c, struct exchange *e)
{
	const char *vendor, *category, *domains[ASKED_MAX + 1];
	json_t *body = read_body(e), *reply, *list;
	int err;

	if (!body ||
	    json_unpack_ex(body, NULL, JSON_STRICT, "{s:s, s:s, s:o}", "vendor",
			   &vendor, "category", &category, "domains", &list) ||
	    !take_list(list, domains)) {
		json_decref(body);
		exchange_fail(e, 400,
			      "the body must be {\"vendor\":…,\"category\":…,"
			      "\"domains\":[…]}, with at most %d domains",
			      ASKED_MAX);
		return true;
	}
	if (!lock_soon(&c->crowd, e)) {
		json_decref(body);
		return true;
	}
	reply = json_object();
	err = put_shares(&c->crowd, vendor, category, domains, reply);
	pthread_mutex_unlock(&c->crowd.lock);
	json_decref(body);
	if (err) {
		json_decref(reply);
		reply = NULL;
	}
	answer(e, reply);
	return true;
}

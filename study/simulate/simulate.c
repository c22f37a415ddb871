// SPDX-License-Identifier: GPL-3.0-or-later
#include "study/simulate/simulate.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "study/fleet_rows.h"
#include "study/simulate/home.h"
#include "study/simulate/servers.h"
#include "study/simulate/traffic.h"

#define MEAN_VIEW 0.7 /* homes that ever look at another view */

enum rows {
	ROWS_USERS,
	ROWS_DEVICES,
	ROWS_LABELS,
	ROWS_CLUES,
	ROWS_ENDPOINTS,
	ROWS_FLOWS,
	ROWS_HELLOS,
	ROWS_VIEWS,
	ROWS_TRUTH,
	ROWS_COUNT,
};

static const char *const tables[ROWS_COUNT] = {
	[ROWS_USERS] = "users",		[ROWS_DEVICES] = "devices",
	[ROWS_LABELS] = "labels",	[ROWS_CLUES] = "clues",
	[ROWS_ENDPOINTS] = "endpoints", [ROWS_FLOWS] = "flows",
	[ROWS_HELLOS] = "hellos",	[ROWS_VIEWS] = "views",
	[ROWS_TRUTH] = "truth",
};

/** A fleet being written. */
struct simulation {
	const struct market *market;
	struct fleet_rows rows[ROWS_COUNT];
	struct servers servers;
	struct home home;
	int64_t user, device; /* numbers of the next */
	uint32_t router;      /* endpoint of every home's router */
	int err;	      /* of what is not rows */
};

static void write_router(struct simulation *s)
{
	struct fleet_rows *r = &s->rows[ROWS_ENDPOINTS];

	/* no server is met so late */
	s->router = SERVERS_MAX;
	fleet_rows_int(r, s->router);
	fleet_rows_text(r, "192.168.1.1");
	fleet_rows_null(r);
	fleet_rows_bool(r, false);
	fleet_rows_null(r);
	fleet_rows_null(r);
	fleet_rows_null(r);
	fleet_rows_next(r);
}

static void write_endpoint(struct simulation *s, uint32_t number,
			   const struct home_contact *contact)
{
	struct fleet_rows *r = &s->rows[ROWS_ENDPOINTS];
	char addr[ADDR_TEXT_BYTES];
	struct server server;

	servers_describe(&s->servers, contact, &server);
	fleet_rows_int(r, number);
	fleet_rows_text(r, addr_format(&server.addr, addr));
	fleet_rows_text(r, server.name[0] ? server.name : NULL);
	fleet_rows_bool(r, server.is_guessed);
	fleet_rows_null(r);
	fleet_rows_null(r);
	fleet_rows_null(r);
	fleet_rows_next(r);
}

static uint32_t endpoint_of(struct simulation *s,
			    const struct home_contact *contact)
{
	bool fresh = false;
	uint32_t number = s->router;
	int err;

	if (!contact || s->err)
		return number;
	err = servers_number(&s->servers, contact, &number, &fresh);
	if (err)
		s->err = err;
	else if (fresh)
		write_endpoint(s, number, contact);
	return number;
}

static void write_hello(struct simulation *s, const struct traffic_flow *flow,
			uint32_t endpoint)
{
	const struct market_hello *hello = flow->contact->contact->hello;
	struct fleet_rows *r = &s->rows[ROWS_HELLOS];

	fleet_rows_int(r, s->device + (int64_t)flow->device);
	fleet_rows_int(r, flow->first_ms);
	fleet_rows_int(r, endpoint);
	fleet_rows_int(r, flow->remote_port);
	fleet_rows_int(r, hello->version);
	fleet_rows_text(r, hello->cipher_suites);
	fleet_rows_text(r, hello->ja3);
	fleet_rows_text(r, hello->ja4);
	fleet_rows_next(r);
}

static void take_flow(void *user, const struct traffic_flow *flow)
{
	struct simulation *s = user;
	struct fleet_rows *r = &s->rows[ROWS_FLOWS];
	uint32_t endpoint = endpoint_of(s, flow->contact);

	fleet_rows_int(r, s->device + (int64_t)flow->device);
	fleet_rows_int(r, flow->end_s);
	fleet_rows_int(r, flow->first_ms);
	fleet_rows_int(r, endpoint);
	fleet_rows_int(r, flow->protocol);
	fleet_rows_int(r, flow->remote_port);
	fleet_rows_int(r, flow->device_port);
	fleet_rows_int(r, (int64_t)flow->in_bytes);
	fleet_rows_int(r, (int64_t)flow->out_bytes);
	fleet_rows_int(r, (int64_t)flow->in_packets);
	fleet_rows_int(r, (int64_t)flow->out_packets);
	fleet_rows_bool(r, !flow->contact);
	fleet_rows_next(r);
	if (flow->has_hello)
		write_hello(s, flow, endpoint);
}

static void write_truth(struct simulation *s, int64_t number,
			const struct home_device *device)
{
	struct fleet_rows *r = &s->rows[ROWS_TRUTH];
	const struct market_computer *computer = device->computer;

	fleet_rows_int(r, number);
	fleet_rows_text(r, computer ? computer->name : device->model->name);
	fleet_rows_text(r, computer ? computer->category
				    : device->model->category);
	fleet_rows_text(r, computer ? computer->vendor : device->vendor->name);
	fleet_rows_bool(r, computer != NULL);
	fleet_rows_next(r);
}

static void write_label(struct simulation *s, int64_t number,
			const struct mislabel *label)
{
	struct fleet_rows *r = &s->rows[ROWS_LABELS];

	fleet_rows_int(r, number);
	fleet_rows_text(r, label->name);
	fleet_rows_text(r, label->category);
	fleet_rows_text(r, label->vendor);
	fleet_rows_next(r);
}

static void write_clues(struct simulation *s, int64_t number,
			const struct market_model *model)
{
	struct fleet_rows *r = &s->rows[ROWS_CLUES];

	for (size_t i = 0; i < model->clue_count; i++) {
		fleet_rows_int(r, number);
		fleet_rows_text(r, model->clues[i].kind);
		fleet_rows_text(r, model->clues[i].text);
		fleet_rows_next(r);
	}
}

static void write_device(struct simulation *s, int64_t number,
			 const struct home_device *device)
{
	struct fleet_rows *r = &s->rows[ROWS_DEVICES];

	fleet_rows_int(r, number);
	fleet_rows_text(r, device->id);
	fleet_rows_int(r, s->user);
	fleet_rows_text(r, device->oui);
	fleet_rows_null(r);
	fleet_rows_next(r);
	write_truth(s, number, device);
	if (device->is_labelled)
		write_label(s, number, &device->label);
	if (device->announces && device->model)
		write_clues(s, number, device->model);
}

static void write_view(struct simulation *s, const char *view, double seconds)
{
	struct fleet_rows *r = &s->rows[ROWS_VIEWS];

	fleet_rows_int(r, s->user);
	fleet_rows_text(r, view);
	fleet_rows_double(r, seconds);
	fleet_rows_next(r);
}

static void write_views(struct simulation *s)
{
	const struct market_choices *views = &s->market->people.views;
	struct home *h = &s->home;
	double seconds = 0;

	for (size_t i = 0; i < h->session_count; i++)
		seconds +=
			(double)(h->sessions[i].end_s - h->sessions[i].begin_s);
	if (seconds > 0)
		write_view(s, "default", seconds);
	for (size_t i = 0; i < views->count && seconds > 0; i++)
		if (draw_chance(&h->draw, MEAN_VIEW))
			write_view(s, views->items[i].text,
				   draw_exponential(&h->draw,
						    views->items[i].share /
							    MEAN_VIEW) *
					   seconds);
}

static void write_home(struct simulation *s)
{
	struct traffic_sink sink = { take_flow, s };
	struct fleet_rows *r = &s->rows[ROWS_USERS];
	struct home *h = &s->home;

	fleet_rows_int(r, s->user);
	fleet_rows_text(r, h->account);
	fleet_rows_int(r, h->offset_min);
	fleet_rows_next(r);
	for (size_t i = 0; i < h->device_count; i++)
		write_device(s, s->device + (int64_t)i, &h->devices[i]);
	traffic_draw(h, &sink);
	write_views(s);
	s->user++;
	s->device += (int64_t)h->device_count;
}

static void write_homes(struct simulation *s, const struct home_plan *plan,
			const struct simulate_options *options)
{
	uint64_t idle = (uint64_t)((double)options->homes *
				   s->market->people.idle_accounts);

	for (uint64_t i = 0; i < options->homes && !s->err; i++) {
		home_draw(plan, i, false, &s->home);
		write_home(s);
		for (size_t j = 0; j < ROWS_COUNT && !s->err; j++)
			s->err = s->rows[j].err;
		if (options->progress)
			options->progress(options->user, i + 1);
	}
	for (uint64_t i = 0; i < idle && !s->err; i++) {
		home_draw(plan, i, true, &s->home);
		write_home(s);
	}
}

static int write_meta(struct fleet *f, const struct simulate_options *options)
{
	char text[64];
	int err = fleet_meta_set(f, "source", "simulation");

	(void)snprintf(text, sizeof(text), "%" PRIu64, options->seed);
	if (!err)
		err = fleet_meta_set(f, "seed", text);
	(void)snprintf(text, sizeof(text), "%" PRIu64, options->homes);
	if (!err)
		err = fleet_meta_set(f, "homes", text);
	(void)snprintf(text, sizeof(text), "%u", options->days);
	if (!err)
		err = fleet_meta_set(f, "days", text);
	return err;
}

int simulate_fleet(struct fleet *f, const struct market *m,
		   const struct simulate_options *options)
{
	double *arrivals = calloc(options->days, sizeof(*arrivals));
	struct simulation *s = calloc(1, sizeof(*s));
	struct home_plan plan = {
		.market = m,
		.seed = options->seed,
		.begin_s = SIMULATE_BEGIN_S,
		.days = options->days,
		.arrivals = arrivals,
	};
	size_t begun = 0;
	int err = ERR_NOMEM;

	if (!arrivals || !s || servers_init(&s->servers, m))
		goto out;
	s->market = m;
	home_arrivals(m, plan.begin_s, plan.days, arrivals);
	for (err = 0; begun < ROWS_COUNT && !err; begun += !err)
		err = fleet_rows_begin(&s->rows[begun], f, tables[begun]);
	if (!err) {
		write_router(s);
		write_homes(s, &plan, options);
		err = s->err;
	}
	while (begun--) {
		int end = fleet_rows_end(&s->rows[begun]);

		err = err ? err : end;
	}
	servers_done(&s->servers);
	if (!err)
		err = write_meta(f, options);
out:
	free(arrivals);
	free(s);
	return err;
}

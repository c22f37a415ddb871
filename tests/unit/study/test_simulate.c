// SPDX-License-Identifier: GPL-3.0-or-later
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "study/simulate/home.h"
#include "study/simulate/servers.h"
#include "study/simulate/simulate.h"
#include "study/simulate/traffic.h"

#define DRAWS 20000
#define DAYS  60

struct fixture {
	struct market *market;
	double arrivals[DAYS];
	struct home_plan plan;
	struct home a, b; /* large */
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char why[MARKET_WHY_BYTES] = "";

	assert_non_null(f);
	if (market_parse(market_builtin(), &f->market, why))
		fail_msg("%s", why);
	home_arrivals(f->market, SIMULATE_BEGIN_S, DAYS, f->arrivals);
	f->plan = (struct home_plan){ .market = f->market,
				      .seed = 7,
				      .begin_s = SIMULATE_BEGIN_S,
				      .days = DAYS,
				      .arrivals = f->arrivals };
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	market_free(f->market);
	free(f);
	return 0;
}

static void half_of_the_lognormal_draws_lie_below_the_median(void **state)
{
	struct draw d;
	int below = 0;

	(void)state;
	draw_init(&d, 1, 0);
	for (int i = 0; i < DRAWS; i++)
		below += draw_lognormal(&d, 30, 2) < 30;
	/* 5 standard deviations of a fair coin */
	assert_true(abs(below - DRAWS / 2) < 5 * sqrt(DRAWS) / 2);
}

static void weights_say_how_often(void **state)
{
	static const double weights[] = { 1, 0, 3 };
	int drawn[3] = { 0, 0, 0 };
	struct draw d;

	(void)state;
	draw_init(&d, 2, 0);
	for (int i = 0; i < DRAWS; i++)
		drawn[draw_weighted(&d, weights, 3, sizeof(weights[0]))]++;
	assert_int_equal(drawn[1], 0);
	assert_true(abs(drawn[0] - DRAWS / 4) < 5 * sqrt(DRAWS * 3 / 16.0));
}

static void streams_of_a_seed_differ_and_come_again(void **state)
{
	struct draw a, b, again;

	(void)state;
	draw_init(&a, 9, 1);
	draw_init(&b, 9, 2);
	draw_init(&again, 9, 1);
	assert_true(draw_u64(&a) != draw_u64(&b));
	(void)draw_u64(&again);
	assert_true(draw_u64(&a) == draw_u64(&again));
}

static void a_broken_market_says_where(void **state)
{
	static const struct {
		const char *from, *to, *why;
	} cases[] = {
		{ "\"api.xbcs.net\", \"aws-us\"", "\"api.xbcs.net\", \"mars\"",
		  "there is no place \"mars\"" },
		{ "\"94103E\"", "\"94103g\"", "\"94103g\" is no OUI" },
		{ "[\"ssdp_server\", \"Roku", "[\"ssdp_servant\", \"Roku",
		  "there is no clue \"ssdp_servant\"" },
		{ "[\"tv-apps\", 8, 18]", "[\"tv-apps\", 8, 99]",
		  "8 to 99 of \"tv-apps\"" },
		{ "\"people\": {", "\"people\": {{", "line " },
	};
	struct slice builtin = market_builtin();
	char why[MARKET_WHY_BYTES];
	struct market *market;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = calloc(1, builtin.len + 64), *at;
		size_t rest;

		assert_non_null(text);
		memcpy(text, builtin.data, builtin.len);
		at = strstr(text, cases[i].from);
		assert_non_null(at);
		rest = strlen(at + strlen(cases[i].from)) + 1;
		memmove(at + strlen(cases[i].to), at + strlen(cases[i].from),
			rest);
		memcpy(at, cases[i].to, strlen(cases[i].to));
		assert_int_equal(market_parse(slice_text(text), &market, why),
				 ERR_MALFORMED);
		if (!strstr(why, cases[i].why))
			fail_msg("\"%s\" and not \"%s\"", why, cases[i].why);
		free(text);
	}
}

static void a_home_is_the_same_whatever_the_others_are(void **state)
{
	struct fixture *f = *state;

	home_draw(&f->plan, 3, false, &f->a);
	home_draw(&f->plan, 4, false, &f->b);
	assert_string_not_equal(f->a.account, f->b.account);
	home_draw(&f->plan, 3, false, &f->b);
	assert_memory_equal(&f->a, &f->b, offsetof(struct home, sessions));
	assert_int_equal(f->a.device_count, f->b.device_count);
	assert_memory_equal(f->a.devices, f->b.devices,
			    f->a.device_count * sizeof(f->a.devices[0]));
}

static void an_idle_account_has_devices_and_no_traffic(void **state)
{
	struct fixture *f = *state;

	home_draw(&f->plan, 3, true, &f->a);
	assert_true(f->a.device_count > 0);
	assert_int_equal(f->a.session_count, 0);
	for (size_t i = 0; i < f->a.device_count; i++) {
		assert_false(f->a.devices[i].is_watched);
		assert_false(f->a.devices[i].is_labelled);
	}
}

/** What was taken of a home's traffic. */
struct taken {
	const struct home *home;
	size_t flows;
	const struct home_contact *contact; /* of the last */
	size_t device;
	int64_t end_s;
};

static void check_flow(void *user, const struct traffic_flow *flow)
{
	struct taken *t = user;
	bool is_inside = false;

	for (size_t i = 0; i < t->home->session_count; i++)
		is_inside |=
			flow->first_ms >= t->home->sessions[i].begin_s * 1000 &&
			flow->end_s <= t->home->sessions[i].end_s;
	assert_true(is_inside);
	assert_true(t->home->devices[flow->device].is_watched);
	assert_int_equal(flow->end_s % 5, 0);
	assert_in_range(flow->end_s * 1000 - flow->first_ms, 1, 5000);
	assert_true(flow->out_bytes && flow->in_packets);
	if (flow->has_hello)
		assert_non_null(flow->contact->contact->hello);
	if (t->flows && t->contact == flow->contact &&
	    t->device == flow->device)
		assert_true(flow->end_s > t->end_s);
	t->contact = flow->contact;
	t->device = flow->device;
	t->end_s = flow->end_s;
	t->flows++;
}

static void a_window_has_one_flow_of_a_contact_inside_a_session(void **state)
{
	struct fixture *f = *state;
	size_t flows = 0;

	for (uint64_t i = 0; i < 20; i++) {
		struct taken taken = { .home = &f->a };
		struct traffic_sink sink = { check_flow, &taken };

		home_draw(&f->plan, i, false, &f->a);
		traffic_draw(&f->a, &sink);
		flows += taken.flows;
	}
	assert_true(flows > 100);
}

static bool is_in_place(const struct market_place *place,
			const struct addr *addr)
{
	for (size_t i = 0; i < place->block_count; i++)
		if (cidr_contains(&place->blocks[i], addr))
			return true;
	return false;
}

static void a_server_stands_where_its_place_is(void **state)
{
	struct fixture *f = *state;
	size_t seen[3] = { 0, 0, 0 };
	struct servers servers;

	assert_int_equal(servers_init(&servers, f->market), 0);
	for (uint64_t i = 0; i < 50; i++) {
		home_draw(&f->plan, i, false, &f->a);
		for (size_t j = 0; j < f->a.devices[0].contact_count; j++) {
			const struct home_contact *c =
				&f->a.devices[0].contacts[j];
			struct server server;

			servers_describe(&servers, c, &server);
			assert_true(is_in_place(&f->market->places[c->place],
						&server.addr));
			assert_int_equal(!server.name[0],
					 c->naming == HOME_NAMELESS);
			assert_int_equal(server.is_guessed,
					 c->naming == HOME_GUESSED);
			seen[c->naming]++;
		}
	}
	servers_done(&servers);
	assert_true(seen[0] && seen[1] && seen[2]);
}

static void one_server_has_one_number_in_all_homes(void **state)
{
	struct fixture *f = *state;
	struct home_contact one = { 0 }, other;
	uint32_t first, second, third;
	struct servers servers;
	bool fresh;

	home_draw(&f->plan, 3, false, &f->a);
	one = f->a.devices[0].contacts[0];
	one.naming = HOME_NAMED;
	other = one;
	other.server ^= 1;
	assert_int_equal(servers_init(&servers, f->market), 0);
	assert_int_equal(servers_number(&servers, &one, &first, &fresh), 0);
	assert_true(fresh);
	assert_int_equal(servers_number(&servers, &other, &second, &fresh), 0);
	assert_true(fresh);
	assert_int_equal(servers_number(&servers, &one, &third, &fresh), 0);
	assert_false(fresh);
	assert_int_equal(first, third);
	assert_true(first != second);
	servers_done(&servers);
}

static void people_who_make_no_error_label_by_the_truth(void **state)
{
	struct fixture *f = *state;
	struct market_people *p = &f->market->people;
	struct market_people kept = *p;
	struct mislabel_truth truth = { "hue bridge", "hub", "philips", NULL,
					NULL };
	struct mislabel label;
	int wrong = 0;
	struct draw d;

	draw_init(&d, 5, 0);
	for (int i = 0; i < 1000; i++) {
		mislabel_draw(&d, f->market, &truth, &label);
		wrong += strcasecmp(label.vendor, "philips") != 0;
	}
	assert_in_range(wrong, 30, 300);
	p->typo = p->sub_brand = p->wrong_vendor = 0;
	p->generic_name = p->decorated = p->reversed = 0;
	for (int i = 0; i < 1000; i++) {
		mislabel_draw(&d, f->market, &truth, &label);
		assert_int_equal(strcasecmp(label.vendor, "philips"), 0);
		assert_int_equal(strcasecmp(label.name, "hue bridge"), 0);
		assert_int_equal(strcasecmp(label.category, "hub"), 0);
	}
	*p = kept;
}

static int64_t make(struct fixture *f, const char *path, uint64_t seed,
		    const char *sql)
{
	struct simulate_options options = { .seed = seed,
					    .homes = 8,
					    .days = DAYS };
	struct fleet fleet;
	int64_t out = -1;

	assert_int_equal(fleet_create(&fleet, path, true), 0);
	assert_int_equal(simulate_fleet(&fleet, f->market, &options), 0);
	assert_int_equal(fleet_number(&fleet, sql, &out), 0);
	fleet_close(&fleet);
	return out;
}

static void a_seed_gives_the_same_fleet_again(void **state)
{
	static const char hash[] =
		"SELECT CAST(bit_xor(hash(flows)) >> 1 AS BIGINT) FROM flows";
	static const char joined[] =
		"SELECT count(*) FROM flows LEFT JOIN endpoints USING"
		" (endpoint) LEFT JOIN devices USING (device) WHERE addr IS"
		" NULL OR id IS NULL";
	struct fixture *f = *state;
	char path[] = "simulated.XXXXXX";
	int fd = mkstemp(path);
	int64_t first;

	assert_return_code(fd, 0);
	close(fd);
	first = make(f, path, 1, hash);
	assert_true(first == make(f, path, 1, hash));
	assert_true(first != make(f, path, 2, hash));
	assert_int_equal(make(f, path, 1, joined), 0);
	assert_true(make(f, path, 1, "SELECT count(*) FROM flows") > 1000);
	assert_return_code(unlink(path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			half_of_the_lognormal_draws_lie_below_the_median),
		cmocka_unit_test(weights_say_how_often),
		cmocka_unit_test(streams_of_a_seed_differ_and_come_again),
		cmocka_unit_test(a_broken_market_says_where),
		cmocka_unit_test(a_home_is_the_same_whatever_the_others_are),
		cmocka_unit_test(an_idle_account_has_devices_and_no_traffic),
		cmocka_unit_test(
			a_window_has_one_flow_of_a_contact_inside_a_session),
		cmocka_unit_test(a_server_stands_where_its_place_is),
		cmocka_unit_test(one_server_has_one_number_in_all_homes),
		cmocka_unit_test(people_who_make_no_error_label_by_the_truth),
		cmocka_unit_test(a_seed_gives_the_same_fleet_again),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "judge/traffic.h"
#include "window.h"

static struct made made;
static struct traffic traffic;
static struct finding_list found;
static struct traffic_world world;

static int set_up(void **state)
{
	(void)state;
	memset(&traffic, 0, sizeof(traffic));
	memset(&world, 0, sizeof(world));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	finding_done(&found);
	return 0;
}

static void add(void)
{
	traffic_add(&traffic, &made.w, &world, &found);
}

static const char *host(char out[ADDR_TEXT_BYTES], const char *net,
			unsigned int n)
{
	snprintf(out, ADDR_TEXT_BYTES, "%s.%u.%u", net, n / 250, n % 250 + 1);
	return out;
}

/* n different hosts, spread over windows of a span. */
static void try_hosts(unsigned int n, uint16_t port)
{
	char text[ADDR_TEXT_BYTES];

	for (unsigned int i = 0; i < n; i++) {
		if (i % 5 == 0)
			made_begin(&made, i / 5);
		made_failed(&made, host(text, "192.168", i), port);
		if (i % 5 == 4 || i == n - 1)
			add();
	}
}

static void trying_one_host_after_the_other_is_a_scan(void **state)
{
	const struct finding *f;

	(void)state;
	try_hosts(40, 80);
	f = made_found(&found, RULE_HOST_SCAN);
	assert_non_null(f);
	assert_non_null(strstr(f->evidence[0].text, "port 80"));
	assert_int_equal(found.count, 1);
}

static void a_few_that_do_not_answer_are_no_scan(void **state)
{
	(void)state;
	try_hosts(20, 8008);
	assert_int_equal(found.count, 0);
}

static void the_same_hosts_again_and_again_are_no_scan(void **state)
{
	char text[ADDR_TEXT_BYTES];

	(void)state;
	for (unsigned int i = 0; i < 60; i++) {
		made_begin(&made, i);
		for (unsigned int k = 0; k < 10; k++)
			made_failed(&made, host(text, "203.0", k), 443);
		add();
	}
	assert_int_equal(found.count, 0);
}

static void connections_kept_alive_or_closed_late_are_no_attempts(void **state)
{
	char text[ADDR_TEXT_BYTES];

	(void)state;
	made_begin(&made, 0);
	for (unsigned int i = 0; i < 60; i++)
		made_good(&made, host(text, "203.0", i), 443, 500);
	add();
	/* a minute later each is closed: FIN and its answers */
	made_begin(&made, 12);
	for (unsigned int i = 0; i < 60; i++) {
		struct record_flow *f =
			made_flow(&made, 6, host(text, "203.0", i), 443);

		f->out_packets = 2;
		f->in_packets = 1;
		f->out_bytes = 132;
		f->in_bytes = 66;
	}
	add();
	assert_int_equal(found.count, 0);
}

static void many_ports_of_one_host_are_a_scan(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		made_begin(&made, i);
		for (uint16_t k = 0; k < 5; k++)
			made_failed(&made, "192.168.1.1",
				    (uint16_t)(1000 + i * 5 + k));
		add();
	}
	assert_non_null(made_found(&found, RULE_PORT_SCAN));
	assert_null(made_found(&found, RULE_HOST_SCAN));
}

static void a_scan_of_ports_is_seen_beside_one_of_hosts(void **state)
{
	(void)state;
	try_hosts(100, 80);
	for (unsigned int i = 20; i < 24; i++) {
		made_begin(&made, i);
		for (uint16_t k = 0; k < 5; k++)
			made_failed(&made, "192.168.9.9",
				    (uint16_t)(1000 + i * 5 + k));
		add();
	}
	assert_non_null(made_found(&found, RULE_PORT_SCAN));
}

static void telnet_to_strangers_is_an_infection(void **state)
{
	static const uint16_t ports[] = { 23, 2323, 7547, 5555, 37215, 23 };
	char text[ADDR_TEXT_BYTES];

	(void)state;
	made_begin(&made, 0);
	for (unsigned int i = 0; i < 6; i++)
		made_failed(&made, host(text, "203.0", i), ports[i]);
	add();
	assert_non_null(made_found(&found, RULE_INFECTION_PORTS));
	assert_int_equal(found.count, 1);
}

static void telnet_to_ones_own_box_is_none(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 60; i++) {
		made_begin(&made, i);
		made_good(&made, "192.168.1.7", 23, 100);
		made_good(&made, "203.0.113.7", 23, 100);
		add();
	}
	assert_int_equal(found.count, 0);
}

static void half_open_connections_by_the_hundred_are_a_flood(void **state)
{
	const struct finding *f;

	(void)state;
	made_begin(&made, 0);
	for (unsigned int i = 0; i < 600; i++)
		made_failed(&made, "203.0.113.9", 80);
	add();
	f = made_found(&found, RULE_SYN_FLOOD);
	assert_non_null(f);
	assert_non_null(strstr(f->evidence[0].text, "600 TCP"));
	assert_non_null(strstr(f->evidence[0].text, "203.0.113.9"));
}

static void busy_uploads_are_no_flood(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 60; i++) {
		struct record_flow *f;

		made_begin(&made, i);
		made_good(&made, "203.0.113.9", 443, 6000000);
		/* video by UDP, with reports coming back */
		f = made_flow(&made, 17, "203.0.113.10", 5004);
		f->out_packets = 12000;
		f->out_bytes = 12000 * 1300;
		f->in_packets = 250;
		f->in_bytes = 250 * 120;
		add();
	}
	assert_null(made_found(&found, RULE_UDP_FLOOD));
	assert_null(made_found(&found, RULE_SYN_FLOOD));
}

static void udp_that_nobody_answers_is_a_flood_when_it_lasts(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		struct record_flow *f;

		assert_null(made_found(&found, RULE_UDP_FLOOD));
		made_begin(&made, i);
		f = made_flow(&made, 17, "203.0.113.10", 53);
		f->out_packets = 20000;
		f->out_bytes = 20000 * 60;
		add();
	}
	assert_non_null(made_found(&found, RULE_UDP_FLOOD));
}

static void contact(uint64_t window, unsigned int hosts)
{
	char text[ADDR_TEXT_BYTES];

	made_begin(&made, window);
	for (unsigned int i = 0; i < hosts; i++)
		made_good(&made, host(text, "198.18", i), 443, 100);
	add();
}

static void far_more_hosts_than_ever_are_told_after_a_day(void **state)
{
	(void)state;
	for (unsigned int hour = 0; hour < 25; hour++)
		contact(hour * 720, 12);
	contact(25 * 720, 60);
	assert_int_equal(found.count, 0);
	contact(26 * 720, 600);
	assert_non_null(made_found(&found, RULE_FAN_OUT));
}

static void many_hosts_on_the_first_day_are_its_habit(void **state)
{
	(void)state;
	contact(0, 600);
	contact(30 * 720, 600);
	assert_int_equal(found.count, 0);
}

static void upload(unsigned int windows, uint64_t bytes)
{
	for (unsigned int i = 0; i < windows; i++) {
		made_begin(&made, i);
		made_good(&made, "203.0.113.9", 443, bytes);
		add();
	}
}

static void half_the_upload_for_ten_minutes_slows_the_home(void **state)
{
	(void)state;
	upload(60, 7000000); /* 11 Mbit/s, but for 5 minutes only */
	assert_int_equal(found.count, 0);
	finding_done(&found);
	memset(&traffic, 0, sizeof(traffic));
	upload(122, 7000000);
	assert_non_null(made_found(&found, RULE_SLOWS_HOME));
}

static void a_fast_line_is_not_slowed_by_it(void **state)
{
	(void)state;
	world.uplink_bps = 100000000;
	upload(122, 7000000);
	assert_int_equal(found.count, 0);
}

static void content_sent_while_away_is_told_and_signs_of_life_not(void **state)
{
	(void)state;
	world.away = true;
	upload(61, 300);
	assert_int_equal(found.count, 0);
	upload(61, 30000);
	upload(121, 30000);
	assert_non_null(made_found(&found, RULE_WHILE_AWAY));
}

static void an_estimate_of_distinct_things_is_close(void **state)
{
	static const uint32_t counts[] = { 1, 10, 25, 100, 500, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct distinct d = { 0 };
		uint32_t n;

		for (uint64_t k = 0; k < counts[i]; k++) {
			uint64_t hash = (k + 1) * 0x9e3779b97f4a7c15ull;

			distinct_add(&d, hash ^ hash >> 29);
			distinct_add(&d, hash ^ hash >> 29);
		}
		n = distinct_count(&d);
		assert_in_range(n, counts[i] - counts[i] / 10,
				counts[i] + counts[i] / 10);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(trying_one_host_after_the_other_is_a_scan),
		TEST(a_few_that_do_not_answer_are_no_scan),
		TEST(the_same_hosts_again_and_again_are_no_scan),
		TEST(connections_kept_alive_or_closed_late_are_no_attempts),
		TEST(many_ports_of_one_host_are_a_scan),
		TEST(a_scan_of_ports_is_seen_beside_one_of_hosts),
		TEST(telnet_to_strangers_is_an_infection),
		TEST(telnet_to_ones_own_box_is_none),
		TEST(half_open_connections_by_the_hundred_are_a_flood),
		TEST(busy_uploads_are_no_flood),
		TEST(udp_that_nobody_answers_is_a_flood_when_it_lasts),
		TEST(far_more_hosts_than_ever_are_told_after_a_day),
		TEST(many_hosts_on_the_first_day_are_its_habit),
		TEST(half_the_upload_for_ten_minutes_slows_the_home),
		TEST(a_fast_line_is_not_slowed_by_it),
		TEST(content_sent_while_away_is_told_and_signs_of_life_not),
		TEST(an_estimate_of_distinct_things_is_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "study/basis.h"
#include "study/fleet_rows.h"
#include "study/label_score.h"
#include "study/score.h"
#include "study/simulate/draw.h"
#include "study/standardise.h"

/* Devices of one label, and what becomes of them by each rule: "vendor name",
 * or "" when they go. */
struct given {
	unsigned devices;
	const char *vendor, *name, *category;
	const char *paper, *improved;
};

static const struct given home[] = {
	{ 30, "Philips", "Hue Bridge", "Hub", "philips hue hub",
	  "philips hue hub" },
	{ 9, "Phillips", "Hue Bridge", "Hub", "philips hue hub",
	  "philips hue hub" },
	{ 2, "philip's", "Hue  bridge", "Smart Hub", "philips hue hub",
	  "philips hue hub" },
	{ 12, "Logitech", "Harmony", "Remote", "logitech harmony remote",
	  "logitech harmony remote" },
	{ 5, "Logitech Harmony", "Harmony", "Remote", "logitech harmony remote",
	  "logitech harmony remote" },
	{ 8, "Ring", "Doorbell", "Camera", "amazon doorbell camera",
	  "amazon doorbell camera" },
	{ 20, "Amazon", "Echo", "Voice Assistant", "amazon echo speaker",
	  "amazon echo speaker" },
	{ 3, "Amazon", "Kitchen Echo", "Voice Assistant", "amazon echo speaker",
	  "amazon echo speaker" },
	{ 10, "Google", "Google Home", "Speaker", "google google home speaker",
	  "google home speaker" },
	/* two models, each a smart speaker or a voice assistant (paper 5.1) */
	{ 4, "Google", "Google Home Mini", "Smart Speaker",
	  "google google home speaker", "google home speaker" },
	{ 3, "Google", "Google Home", "Voice Assistant",
	  "google google home speaker", "google home speaker" },
	{ 2, "Google", "Google Home Mini", "voice assistant",
	  "google google home speaker", "google home speaker" },
	/* a hub's software, not a home's voice assistant */
	{ 2, "Nabu Casa", "Home Assistant", "Hub",
	  "nabu casa home-assistant hub", "nabu casa home-assistant hub" },
	/* an assistant called "Home" is not that software */
	{ 2, "Bose", "Home", "Assistant", "bose home speaker",
	  "bose home speaker" },
	{ 4, "Belkin", "The Outlet", "Smart Outlet", "belkin switch",
	  "belkin switch" },
	{ 6, "Asus", "Router", "Network", "", "" },
	{ 3, "Lenovo", "Laptop", "Computer", "", "" },
	{ 2, "Apple", "John's iPhone", "Phone", "", "" },
	{ 3, "Bose", "Headphone 700", "Speaker", "",
	  "bose headphone 700 speaker" },
	{ 2, "\xe4\xb8\xad\xe5\x9b\xbd", "Plug", "Switch", "", "" },
	{ 1, "Amazon", "Smart Device", "Device", "", "" },
	{ 5, "Sony", "Android TV", "Television", "sony android tv",
	  "sony android tv" },
	{ 5, "Plex", "Media Server", "Streamer", "plex media server streamer",
	  "plex media server streamer" },
	{ 5, "Google", "Pixel Buds", "Audio", "google pixel buds audio",
	  "google pixel buds audio" },
	{ 2, "Chamberlain", "Garage", "Garage", "chamberlain garage",
	  "chamberlain garage" },
	{ 0 },
};

struct bench {
	struct fleet fleet;
	struct label_tables tables;
};

static void put_label(struct fleet_rows *labels, int device,
		      const struct given *g)
{
	fleet_rows_int(labels, device);
	fleet_rows_text(labels, g->name);
	fleet_rows_text(labels, g->category);
	fleet_rows_text(labels, g->vendor);
	fleet_rows_next(labels);
}

static void fill(struct fleet *f)
{
	struct fleet_rows labels;
	int device = 0;

	assert_int_equal(fleet_rows_begin(&labels, f, "labels"), 0);
	for (const struct given *g = home; g->devices; g++)
		for (unsigned i = 0; i < g->devices; i++)
			put_label(&labels, device++, g);
	assert_int_equal(fleet_rows_end(&labels), 0);
	assert_int_equal(fleet_run(f, "INSERT INTO devices(device)"
				      " SELECT device FROM labels;"
				      "INSERT INTO flows(device)"
				      " SELECT device FROM labels"),
			 0);
	assert_int_equal(basis_monitored(f), 0);
}

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));
	char why[LABEL_WHY_BYTES];

	assert_non_null(b);
	assert_int_equal(fleet_create(&b->fleet, "standardise.fleet", true), 0);
	assert_int_equal(label_tables_open(&b->tables, NULL, why), 0);
	fill(&b->fleet);
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;

	label_tables_close(&b->tables);
	fleet_close(&b->fleet);
	free(b);
	return 0;
}

static void run(struct bench *b, enum standardise_method method,
		struct standardised *done)
{
	struct standardised own;

	assert_int_equal(basis_monitored(&b->fleet), 0);
	if (standardise(&b->fleet, method, &b->tables, NULL, 3,
			done ? done : &own))
		fail_msg("%s", b->fleet.error);
}

static int64_t number(struct bench *b, const char *sql)
{
	int64_t n;

	if (fleet_number(&b->fleet, sql, &n))
		fail_msg("%s: %s", sql, b->fleet.error);
	return n;
}

/* What a device became; "" when it went. */
static void expect_device(struct bench *b, int device, const char *method,
			  const char *wanted)
{
	struct fleet_cursor c;
	char sql[160];

	snprintf(sql, sizeof(sql),
		 "SELECT vendor || ' ' || name FROM standard"
		 " WHERE device = %d AND method = '%s'",
		 device, method);
	assert_int_equal(fleet_cursor_begin(&c, &b->fleet, sql), 0);
	if (fleet_cursor_next(&c)) {
		struct slice found = fleet_cursor_text(&c, 0);

		if (!slice_equal(found, slice_text(wanted)))
			fail_msg("device %d by %s: %.*s, not %s", device,
				 method, (int)found.len, found.data, wanted);
		assert_false(fleet_cursor_next(&c));
	} else if (*wanted) {
		fail_msg("device %d by %s is gone", device, method);
	}
	fleet_cursor_end(&c);
}

static void labels_become_what_the_rules_say(void **state)
{
	struct bench *b = *state;
	int device = 0;

	run(b, STANDARDISE_PAPER, NULL);
	run(b, STANDARDISE_IMPROVED, NULL);
	for (const struct given *g = home; g->devices; g++) {
		expect_device(b, device, "paper", g->paper);
		expect_device(b, device, "improved", g->improved);
		device += (int)g->devices;
	}
}

static void every_change_is_kept_with_its_rule(void **state)
{
	struct bench *b = *state;

	run(b, STANDARDISE_PAPER, NULL);
	assert_int_equal(number(b, "SELECT devices FROM label_changes"
				   " WHERE kind = 'vendor'"
				   " AND before = 'phillips'"
				   " AND after = 'philips'"
				   " AND rule = 'spelling'"),
			 9);
	assert_int_equal(number(b, "SELECT devices FROM label_changes"
				   " WHERE before = 'logitech harmony'"
				   " AND after = 'logitech'"
				   " AND rule = 'part'"),
			 5);
	assert_int_equal(number(b, "SELECT devices FROM label_changes"
				   " WHERE before = 'ring' AND after = 'amazon'"
				   " AND rule = 'equivalent'"),
			 8);
	assert_int_equal(number(b, "SELECT devices FROM label_changes"
				   " WHERE before = 'asus' AND after IS NULL"
				   " AND rule = 'no vendor'"),
			 6);
	assert_int_equal(number(b,
				"SELECT devices FROM label_changes"
				" WHERE kind = 'name' AND vendor = 'amazon'"
				" AND before = 'Kitchen Echo Voice Assistant'"
				" AND rule = 'clean'"),
			 3);
	/* as many went by the changes as are missing */
	assert_int_equal(number(b, "SELECT sum(devices) FROM label_changes"
				   " WHERE after IS NULL"),
			 number(b, "SELECT count(*) FROM labels") -
				 number(b, "SELECT count(*) FROM standard"));
}

static void once_more_gives_the_same(void **state)
{
	struct bench *b = *state;
	struct standardised first, again;

	run(b, STANDARDISE_PAPER, &first);
	assert_int_equal(
		fleet_run(&b->fleet, "CREATE TABLE kept AS FROM standard"), 0);
	run(b, STANDARDISE_PAPER, &again);
	assert_memory_equal(&first, &again, sizeof(first));
	assert_int_equal(number(b, "SELECT count(*) FROM (FROM kept EXCEPT"
				   " FROM standard)"),
			 0);
	assert_int_equal(number(b, "SELECT count(*) FROM standard"),
			 (int64_t)first.standard);
}

/* Labels that are standard stay: what was merged by words is not merged
 * further, on what the rule leaves. */
static void the_improved_rule_leaves_its_own_results_alone(void **state)
{
	struct bench *b = *state;

	run(b, STANDARDISE_IMPROVED, NULL);
	assert_int_equal(
		fleet_run(&b->fleet,
			  "CREATE TABLE kept AS FROM standard;"
			  "DELETE FROM labels;"
			  "INSERT INTO labels SELECT device, name, name, vendor"
			  " FROM kept"),
		0);
	run(b, STANDARDISE_IMPROVED, NULL);
	assert_int_equal(number(b, "SELECT count(*) FROM (FROM kept EXCEPT"
				   " FROM standard)"),
			 0);
}

static void a_device_without_traffic_or_label_is_not_labelled(void **state)
{
	struct bench *b = *state;
	struct standardised done;

	assert_int_equal(
		fleet_run(&b->fleet,
			  "DELETE FROM flows WHERE device IN (SELECT"
			  " device FROM labels WHERE vendor = 'Asus');"
			  "UPDATE labels SET name = '  ' WHERE device = 30;"
			  "UPDATE labels SET vendor = NULL WHERE device = 31;"
			  "UPDATE labels SET name = NULL WHERE device = 32"),
		0);
	run(b, STANDARDISE_PAPER, &done);
	assert_int_equal(done.labelled,
			 number(b, "SELECT count(*) FROM labels") - 8);
	expect_device(b, 32, "paper", "philips hub");
}

/* By the fleet's own truth, which is of nobody's simulation. */
static int score(struct bench *b, struct label_score *out)
{
	static const struct score_options none = { 0 };
	bool has_truth;
	int err = score_take_truth(&b->fleet, &b->tables, &none, &has_truth);

	return err ? err
		   : label_score(&b->fleet, STANDARDISE_PAPER, "real",
				 &b->tables, out);
}

static void a_score_counts_right_vendors_and_pairs(void **state)
{
	struct bench *b = *state;
	struct label_score s;

	assert_int_equal(score(b, &s), ERR_NOTFOUND);
	assert_int_equal(
		fleet_run(&b->fleet,
			  "INSERT INTO truth SELECT device, name, category,"
			  " CASE WHEN vendor LIKE 'Ph%' OR vendor LIKE 'ph%'"
			  "  THEN 'Philips'"
			  "  WHEN vendor = 'Logitech' THEN 'Sonos'"
			  "  ELSE vendor END, vendor IN ('Lenovo', 'Apple')"
			  " FROM labels WHERE device < 58 OR vendor IN"
			  " ('Ring', 'Lenovo')"),
		0);
	run(b, STANDARDISE_PAPER, NULL);
	assert_int_equal(score(b, &s), 0);
	/* 41 of Philips, 8 of Ring, which is Amazon; not 12 of Logitech, nor 5
	 * whose truth is "logitech harmony", which no table knows */
	assert_int_equal(s.devices, 41 + 12 + 5 + 8);
	assert_int_equal(s.right, 41 + 8);
	assert_int_equal(s.lost, 0);
	assert_int_equal(s.computers, 3);
	assert_int_equal(s.computers_in, 0);
	assert_int_equal(s.vendor_pairs, 41 * 40 / 2 + 17 * 16 / 2 + 8 * 7 / 2);
	assert_int_equal(s.vendor_both,
			 41 * 40 / 2 + 12 * 11 / 2 + 5 * 4 / 2 + 8 * 7 / 2);
	assert_int_equal(s.vendor_true, s.vendor_both);
}

/* -- properties, on labels that nobody chose */

#define RANDOM_FLEETS  4
#define RANDOM_DEVICES 160

/* A text with at most two slips of the finger. */
static void slip(struct draw *d, const char *text, char out[64])
{
	size_t length = strlen(text), slips = draw_below(d, 6);

	memcpy(out, text, length + 1);
	for (slips = slips < 3 ? 0 : slips - 3; slips && length > 2; slips--) {
		size_t at = draw_below(d, length - 1);
		char c = out[at];

		switch (draw_below(d, 4)) {
		case 0: /* one too few */
			memmove(out + at, out + at + 1, length - at);
			length--;
			break;
		case 1: /* one twice */
			memmove(out + at + 1, out + at, length - at + 1);
			length++;
			break;
		case 2: /* two the wrong way round */
			out[at] = out[at + 1];
			out[at + 1] = c;
			break;
		default:
			out[at] = (char)('A' + draw_below(d, 26));
		}
	}
}

static void fill_randomly(struct fleet *f, uint64_t seed)
{
	static const char *const words[] = {
		"Philips", "LG",    "Belkin",	 "Hue",	   "Amazon", "Ring",
		"TP-Link", "Smart", "Plug",	 "Camera", "Lamp",   "Google",
		"Home",	   "Wyze",  "Phone",	 "Mini",   "Tv",     "my",
		"Switch",  "Sonos", "Kitchen's", "Pc",	   "Speaker"
	};
	const size_t count = sizeof(words) / sizeof(words[0]);
	struct fleet_rows rows;
	struct draw d;

	draw_init(&d, seed, 7);
	assert_int_equal(fleet_run(f, "DELETE FROM labels; DELETE FROM devices;"
				      "DELETE FROM flows"),
			 0);
	assert_int_equal(fleet_rows_begin(&rows, f, "labels"), 0);
	for (int device = 0; device < RANDOM_DEVICES; device++) {
		fleet_rows_int(&rows, device);
		for (int column = 0; column < 3; column++) {
			char first[64], second[64], text[130];
			/* few are common, most are not */
			size_t n = draw_below(&d, 1 + draw_below(&d, count));

			slip(&d, words[n], first);
			slip(&d, words[draw_below(&d, count)], second);
			snprintf(text, sizeof(text), "%s%s%s", first,
				 draw_below(&d, 2) ? " " : "",
				 draw_below(&d, 3) ? "" : second);
			fleet_rows_text(&rows, text);
		}
		fleet_rows_next(&rows);
	}
	assert_int_equal(fleet_rows_end(&rows), 0);
	assert_int_equal(fleet_run(f, "INSERT INTO devices(device)"
				      " SELECT device FROM labels;"
				      "INSERT INTO flows(device)"
				      " SELECT device FROM labels"),
			 0);
}

static void run_seeded(struct bench *b, enum standardise_method method,
		       uint64_t seed, struct standardised *done)
{
	/* as many flows as before are not always the same ones */
	assert_int_equal(basis_keep_sums(&b->fleet, BASIS_FLOWS_AT_ONCE), 0);
	assert_int_equal(basis_monitored(&b->fleet), 0);
	if (standardise(&b->fleet, method, &b->tables, NULL, seed, done))
		fail_msg("%s", b->fleet.error);
}

static void must_run(struct bench *b, const char *sql)
{
	if (fleet_run(&b->fleet, sql))
		fail_msg("%s: %s", sql, b->fleet.error);
}

/* Neither the order of rows, nor the numbers of devices, nor the seed of hash
 * tables decides anything, by either rule: ties go by bytes. And once more
 * gives the same. */
static void no_order_decides_on_random_labels(void **state)
{
	static const char differing[] =
		"SELECT (SELECT count(*) FROM (FROM standard EXCEPT FROM kept))"
		" + (SELECT count(*) FROM (FROM kept EXCEPT FROM standard))"
		" + (SELECT count(*) FROM (FROM label_changes EXCEPT"
		" FROM kept_changes))";
	struct bench *b = *state;
	struct standardised first, again;

	for (uint64_t seed = 1; seed <= RANDOM_FLEETS; seed++) {
		enum standardise_method method =
			(enum standardise_method)(seed % STANDARDISE_METHODS);

		fill_randomly(&b->fleet, seed);
		run_seeded(b, method, 1, &first);
		assert_int_not_equal(first.vendors_typed, first.vendors);
		must_run(b, "CREATE OR REPLACE TABLE kept AS FROM standard;"
			    "CREATE OR REPLACE TABLE kept_changes AS"
			    " FROM label_changes");
		run_seeded(b, method, 2, &again);
		assert_memory_equal(&first, &again, sizeof(first));
		assert_int_equal(number(b, differing), 0);
		must_run(b, "CREATE OR REPLACE TEMP TABLE turned AS"
			    " FROM labels;"
			    "DELETE FROM labels; INSERT INTO labels SELECT"
			    " 1000 - device, name, category, vendor"
			    " FROM turned ORDER BY hash(device);"
			    "UPDATE devices SET device = 1000 - device;"
			    "UPDATE flows SET device = 1000 - device;"
			    "UPDATE kept SET device = 1000 - device");
		run_seeded(b, method, 3, &again);
		assert_memory_equal(&first, &again, sizeof(first));
		assert_int_equal(number(b, differing), 0);
		must_run(b, "DELETE FROM standard; DELETE FROM label_changes");
	}
}

/* Standard labels, typed again, part no more: there are never more vendors of
 * them, and after some rounds nothing changes. (One round is not always enough:
 * what was merged is counted with it the next time.) */
static void random_labels_come_to_rest(void **state)
{
	struct bench *b = *state;
	struct standardised done;

	for (uint64_t seed = 1; seed <= RANDOM_FLEETS; seed++) {
		enum standardise_method method =
			(enum standardise_method)(seed % STANDARDISE_METHODS);
		size_t vendors = SIZE_MAX;
		int rounds = 0;

		fill_randomly(&b->fleet, seed);
		do {
			run_seeded(b, method, 1, &done);
			assert_true(done.vendors <= vendors);
			vendors = done.vendors;
			must_run(b, "CREATE OR REPLACE TABLE kept AS"
				    " SELECT device, vendor, name"
				    " FROM labels;"
				    "DELETE FROM labels; INSERT INTO labels"
				    " SELECT device, name, name, vendor"
				    " FROM standard;"
				    "DELETE FROM standard;"
				    "DELETE FROM label_changes");
			assert_true(++rounds < 10);
		} while (number(b, "SELECT count(*) FROM (FROM kept EXCEPT"
				   " SELECT device, vendor, name"
				   " FROM labels)"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(labels_become_what_the_rules_say),
		TEST(every_change_is_kept_with_its_rule),
		TEST(once_more_gives_the_same),
		TEST(the_improved_rule_leaves_its_own_results_alone),
		TEST(no_order_decides_on_random_labels),
		TEST(random_labels_come_to_rest),
		TEST(a_device_without_traffic_or_label_is_not_labelled),
		TEST(a_score_counts_right_vendors_and_pairs),
	};

	return cmocka_run_group_tests_name("standardise", tests, NULL, NULL);
}

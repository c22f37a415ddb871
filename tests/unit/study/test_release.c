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

#include "fixture.h"
#include "study/basis.h"
#include "study/release.h"
#include "study/report.h"
#include "study/sheet.h"
#include "study/validate.h"

#define TEXT_BYTES_MAX ((size_t)1 << 20)

static struct output output; /* too large for a stack */

static void write_release(struct fixture *x, const struct release_options *o)
{
	char folder[64];

	snprintf(folder, sizeof(folder), "%s/out", x->folder);
	if (output_begin(&output, folder))
		fail_msg("%s", output.error);
	if (release_write(&x->fleet, o, &output))
		fail_msg("%s%s", output.error, x->fleet.error);
	output_done(&output);
}

static void read_out(const struct fixture *x, const char *name, struct buf *out)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/out/%s", x->folder, name);
	read_path(path, out);
}

/* The lines of a released file that have the text. */
static size_t lines_with(const struct fixture *x, const char *name,
			 const char *text)
{
	struct buf file;
	size_t n = 0;

	read_out(x, name, &file);
	for (const char *at = buf_text(&file); (at = strstr(at, text)); n++) {
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
	buf_done(&file);
	return n;
}

static void the_papers_three_files_have_its_columns(void **state)
{
	static const struct {
		const char *name, *head;
	} files[] = {
		{ "Device_labels.csv", "device_id,category,vendor\n" },
		{ "Network_flows.csv",
		  "device_id,timestamp,remote_ip,remote_hostname,remote_port,"
		  "protocol,bytes_sent,bytes_received\n" },
		{ "TLS_client_hello.csv",
		  "device_id,timestamp,tls_version,cipher_suites,ja3,ja4\n" },
	};
	static const struct release_options o = { .k = 1 };
	struct fixture *x = *state;
	char path[64];
	struct buf text;

	write_release(x, &o);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		read_out(x, files[i].name, &text);
		assert_memory_equal(buf_text(&text), files[i].head,
				    strlen(files[i].head));
		buf_done(&text);
	}
	assert_int_equal(lines_with(x, "Device_labels.csv", ",switch,Belkin"),
			 10);
	assert_int_equal(lines_with(x, "TLS_client_hello.csv", ",4+5,j1,"), 1);
	/* traffic within the home is not there; a guessed name is marked */
	assert_int_equal(lines_with(x, "Network_flows.csv", "192.168."), 0);
	assert_int_equal(
		lines_with(x, "Network_flows.csv",
			   ",192.0.2.2,nat.xbcs.net?,443,tcp,500,1000"),
		1);
	snprintf(path, sizeof(path), "%s/out/users.csv", x->folder);
	assert_int_equal(access(path, F_OK), -1);
}

static void names_and_numbers_are_new_in_each_release(void **state)
{
	static const char *const names[] = { "devices.csv", "endpoints.csv" };
	static const struct release_options o = { .k = 1, .is_full = true };
	struct fixture *x = *state;
	struct buf first[2], second;

	write_release(x, &o);
	for (int i = 0; i < 2; i++)
		read_out(x, names[i], &first[i]);
	assert_null(strstr(buf_text(&first[0]), ",d1,"));
	assert_int_equal(lines_with(x, "users.csv", ",a1,"), 0);
	write_release(x, &o);
	for (int i = 0; i < 2; i++) {
		read_out(x, names[i], &second);
		assert_string_not_equal(buf_text(&first[i]), buf_text(&second));
		buf_done(&first[i]);
		buf_done(&second);
	}
}

static void personal_names_are_left_out(void **state)
{
	static const struct release_options o = { .k = 1, .is_full = true };
	struct fixture *x = *state;

	must(&x->fleet,
	     fleet_run(&x->fleet,
		       "UPDATE labels SET name = 'Danny''s Chromecast'"
		       " WHERE device = 12;"
		       "UPDATE labels SET category = 'Anna''s iPhone'"
		       " WHERE device = 13;"
		       "INSERT INTO clues VALUES (12, 'mdns_instance',"
		       " 'Danny''s Chromecast')"));
	write_release(x, &o);
	assert_int_equal(lines_with(x, "labels.csv", "Danny"), 0);
	assert_int_equal(lines_with(x, "clues.csv", "Danny"), 0);
	/* that there was a reply is not personal */
	assert_int_equal(lines_with(x, "clues.csv", ",mdns_instance,?\n"), 1);
	assert_int_equal(lines_with(x, "Device_labels.csv", "Anna"), 0);
	/* the category of the first is left */
	assert_int_equal(lines_with(x, "Device_labels.csv", ",hue,Philips"), 1);
}

/* What a home says for a device's address is the same in every release. */
static void what_tells_a_device_for_ever_is_left_out(void **state)
{
	static const struct release_options o = { .k = 1, .is_full = true };
	static const char *const files[] = { "labels.csv", "clues.csv",
					     "standard.csv",
					     "label_changes.csv",
					     "Device_labels.csv" };
	struct fixture *x = *state;

	must(&x->fleet,
	     fleet_run(&x->fleet,
		       "UPDATE labels SET name = 'cam [mac:0123456789abcdef"
		       "0123456789abcdef]', vendor = 'Wyze"
		       " [serial:0123456789abcdef]' WHERE device = 15;"
		       "INSERT INTO clues VALUES (15, 'mdns_instance',"
		       " 'Wyze [uuid:0123456789abcdef] and"
		       " [eui64:0123456789abcdef')"));
	write_release(x, &o);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_int_equal(lines_with(x, files[i], "0123456789abcdef"),
				 0);
	assert_int_equal(lines_with(x, "labels.csv",
				    ",cam [mac],camera,Wyze [serial]\n"),
			 1);
	assert_int_equal(lines_with(x, "clues.csv", ",Wyze [uuid] and [eui64]"),
			 1);
}

/* The cleaned label of a person's, into which another's was merged. */
static void a_near_spelling_of_anothers_does_not_tell_a_person(void **state)
{
	static const struct release_options o = { .k = 1, .is_full = true };
	struct fixture *x = *state;
	int64_t merged;

	must(&x->fleet,
	     fleet_run(&x->fleet,
		       "UPDATE labels SET name = CASE device WHEN 12"
		       " THEN 'Danny''s Chromecast' ELSE 'dannys chromecast'"
		       " END WHERE device IN (12, 13)"));
	write_release(x, &o);
	must(&x->fleet,
	     fleet_number(&x->fleet,
			  "SELECT count(*) FROM label_changes WHERE rule ="
			  " 'spelling' AND after LIKE 'danny''s%'",
			  &merged));
	assert_int_not_equal(merged, 0);
	assert_int_equal(lines_with(x, "standard.csv", "danny's"), 0);
	assert_int_equal(lines_with(x, "label_changes.csv", "danny's"), 0);
	assert_int_not_equal(lines_with(x, "standard.csv", ",withheld"), 0);
}

/* A hello does not say whether it went to a thing in the home. */
static void a_hello_within_a_home_stays_there(void **state)
{
	static const struct release_options o = { .k = 1,
						  .is_full = true,
						  .is_withheld = true };
	struct fixture *x = *state;

	must(&x->fleet,
	     fleet_run(
		     &x->fleet,
		     "INSERT INTO endpoints(endpoint, addr) VALUES"
		     " (17, '[address:0123456789abcdef]'), (18, '10.0.0.7');"
		     "INSERT INTO hellos SELECT 1, 1554854404000, e, 443,"
		     " 771, '4', 'j', 'j' FROM (VALUES (15), (17), (18)) AS n(e)"));
	write_release(x, &o);
	assert_int_equal(lines_with(x, "endpoints.csv", "192.168.0.1"), 0);
	assert_int_equal(lines_with(x, "endpoints.csv", "[address"), 0);
	assert_int_equal(lines_with(x, "endpoints.csv", "10.0.0.7"), 0);
	assert_int_equal(lines_with(x, "endpoints.csv", "192.0.2.1,"), 1);
	/* it is no contact that was withheld */
	assert_int_equal(lines_with(x, "meta.csv", "withheld"), 0);
	assert_int_equal(lines_with(x, "hellos.csv", ",443,771,4,j,j"), 3);
}

/* xbcs.net is contacted from one home by Belkin devices, meethue.com from two
 * by Philips. */
static void what_few_homes_contact_is_withheld(void **state)
{
	struct release_options o = { .k = 2, .is_withheld = true };
	struct fixture *x = *state;

	write_release(x, &o);
	assert_int_equal(lines_with(x, "Network_flows.csv", "xbcs.net"), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", "192.0.2.1,"), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", "192.0.2.6,"), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", "ws.meethue.com"),
			 2);
	assert_int_equal(lines_with(x, "README.md", "| of them rare | 16 |"),
			 1);
	o.is_withheld = false;
	write_release(x, &o);
	assert_int_not_equal(lines_with(x, "Network_flows.csv", "xbcs.net"), 0);
	assert_int_equal(lines_with(x, "README.md", "| of them rare | 16 |"),
			 1);
}

/* Six homes with a device of one vendor; each meets its own host and address
 * of two domains, and all meet three hosts. */
static void make_six_homes(struct fleet *f)
{
	must(f,
	     fleet_run(
		     f,
		     "DELETE FROM flows; DELETE FROM hellos;"
		     "UPDATE devices SET \"user\" = device WHERE device <= 6;"
		     "INSERT INTO endpoints SELECT 100 + d, '198.51.100.' || d,"
		     " 'smith' || d || '-home.ddns.net', false, 'ddns.net',"
		     " 'US', false FROM range(1, 7) AS n(d);"
		     "INSERT INTO endpoints SELECT 200 + d, '203.0.113.' || d,"
		     " 'c-203-0-113-' || d || '.hsd1.ma.comcast.net', false,"
		     " 'comcast.net', 'US', false FROM range(1, 7) AS n(d);"
		     "INSERT INTO endpoints VALUES"
		     " (300, '198.51.100.30', 'annas-iphone.no-ip.org', false,"
		     "  'no-ip.org', 'US', false),"
		     " (301, '198.51.100.31', 'ip-198-51-100-31.isp.net', false,"
		     "  'isp.net', 'US', false),"
		     " (302, '198.51.100.32', 'api.cloud.com', false,"
		     "  'cloud.com', 'US', false);"
		     "INSERT INTO flows SELECT d, 1554854405, 1554854401000,"
		     " e.endpoint, 6, 443, 40000, 1, 1, 1, 1, false"
		     " FROM range(1, 7) AS n(d) JOIN endpoints e ON"
		     " e.endpoint IN (100 + d, 200 + d, 300, 301, 302)"));
}

static void
a_host_that_one_home_contacted_is_not_told_for_its_domain(void **state)
{
	struct release_options o = { .k = 5, .is_withheld = true };
	static const char *const personal[] = { "smith",     "198.51.100.1,",
						"203.0.113", "203-0-113",
						"annas",     "ip-198-51" };
	struct fixture *x = *state;

	make_six_homes(&x->fleet);
	write_release(x, &o);
	for (size_t i = 0; i < sizeof(personal) / sizeof(*personal); i++)
		assert_int_equal(
			lines_with(x, "Network_flows.csv", personal[i]), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", ",,ddns.net,"), 6);
	assert_int_equal(lines_with(x, "Network_flows.csv", ",,comcast.net,"),
			 6);
	assert_int_equal(lines_with(x, "Network_flows.csv", ",,no-ip.org,"), 6);
	assert_int_equal(lines_with(x, "Network_flows.csv", ",,isp.net,"), 6);
	assert_int_equal(lines_with(x, "Network_flows.csv",
				    ",198.51.100.32,api.cloud.com,"),
			 6);
	assert_int_equal(
		lines_with(x, "README.md",
			   "| pairs of which only the registered domain is "
			   "told | 24 |"),
		1);
	/* nor where the address is that is not told */
	o.is_full = true;
	write_release(x, &o);
	assert_int_equal(lines_with(x, "endpoints.csv",
				    ",,ddns.net,false,ddns.net,,false\n"),
			 6);
}

static void a_host_named_for_a_person_is_in_no_release(void **state)
{
	static const struct release_options o = { .k = 5, .is_full = true };
	struct fixture *x = *state;

	make_six_homes(&x->fleet);
	write_release(x, &o);
	assert_int_equal(lines_with(x, "endpoints.csv", "annas"), 0);
	assert_int_equal(lines_with(x, "endpoints.csv", "ip-198-51"), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", "annas"), 0);
	assert_int_equal(lines_with(x, "endpoints.csv",
				    ",198.51.100.30,no-ip.org,false,no-ip.org"),
			 1);
	assert_int_equal(lines_with(x, "endpoints.csv", "api.cloud.com"), 1);
}

static void devices_of_no_known_home_are_of_one(void **state)
{
	struct release_options o = { .k = 2, .is_withheld = true };
	struct fixture *x = *state;

	make_six_homes(&x->fleet);
	must(&x->fleet, fleet_run(&x->fleet, "UPDATE devices SET \"user\" ="
					     " NULL; DELETE FROM users;"
					     "UPDATE labels SET category ="
					     " 'Anna''s iPhone'"));
	write_release(x, &o);
	assert_int_equal(lines_with(x, "README.md",
				    "whose contact is "
				    "withheld as rare | 30 |"),
			 1);
	assert_int_equal(lines_with(x, "Network_flows.csv", ".net,"), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", "cloud.com"), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", "198.51.100"), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", ",,,443,"), 30);
	assert_int_equal(lines_with(x, "Device_labels.csv", "Anna"), 0);
	o.k = 1;
	write_release(x, &o);
	assert_int_equal(lines_with(x, "README.md", "**Read again"), 0);
	assert_int_equal(lines_with(x, "Network_flows.csv", "api.cloud.com"),
			 6);
}

static void times_are_cut_as_asked(void **state)
{
	static const struct release_options o = { .k = 1,
						  .coarsen_minutes = 60 };
	struct fixture *x = *state;

	write_release(x, &o);
	/* all of user 2's six minutes on the first day */
	assert_int_equal(lines_with(x, "Network_flows.csv",
				    ",1554854400.0,192.0.2.10,"),
			 72);
	assert_int_equal(
		lines_with(x, "TLS_client_hello.csv", ",1554854400.0,769,"), 1);
}

/* How many rows of one of the files stand before one that is less. */
static int64_t misplaced(struct fixture *x, const char *name, const char *row,
			 const char *where)
{
	int64_t found;
	char sql[512];

	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM (SELECT %s AS this, lag(this) OVER"
		 " (ORDER BY file_row_number) AS last FROM read_parquet("
		 "'%s/out/%s.parquet', file_row_number = true) WHERE %s)"
		 " WHERE this < last",
		 row, x->folder, name, where);
	must(&x->fleet, fleet_number(&x->fleet, sql, &found));
	return found;
}

/* Of a connection, whose bytes grow less in each window of the hour. */
static void no_order_tells_what_cut_times_do_not(void **state)
{
	static const struct release_options o = { .k = 1,
						  .is_full = true,
						  .coarsen_minutes = 60 };
	struct fixture *x = *state;

	must(&x->fleet,
	     fleet_run(
		     &x->fleet,
		     "INSERT INTO flows SELECT device, \"end\" + 5 * n,"
		     " first_ms + 5000 * n, endpoint, 6, 4711, 50000 - n,"
		     " 900 - n, 900 - n, 9, 9, false FROM (FROM flows"
		     " WHERE NOT local ORDER BY ALL LIMIT 1)"
		     " CROSS JOIN (SELECT unnest(range(300)) AS n);"
		     "UPDATE flows SET device_port = 50000"
		     " WHERE remote_port = 4711 AND in_bytes % 2 = 0;"
		     "INSERT INTO hellos SELECT device, time_ms + n, endpoint,"
		     " 4711, 771, (900 - n)::VARCHAR, NULL, NULL FROM (FROM"
		     " hellos ORDER BY ALL LIMIT 1)"
		     " CROSS JOIN (SELECT unnest(range(300)) AS n)"));
	write_release(x, &o);
	assert_int_equal(misplaced(x, "Network_flows",
				   "(timestamp, bytes_sent, bytes_received)",
				   "remote_port = 4711"),
			 0);
	assert_int_equal(
		misplaced(x, "flows",
			  "(\"end\", device_port, in_bytes, out_bytes)",
			  "remote_port = 4711"),
		0);
	assert_int_equal(misplaced(x, "hellos",
				   "(time_ms, endpoint, cipher_suites)",
				   "remote_port = 4711"),
			 0);
	assert_int_equal(misplaced(x, "TLS_client_hello",
				   "(timestamp, cipher_suites)",
				   "ja3 IS NULL AND tls_version = 771"),
			 0);
}

/* Windows are cut by their start: one that ends at midnight is of the day
 * before, and the first of a day is of that day. */
static void cut_windows_stay_in_their_day(void **state)
{
	static const struct release_options o = { .k = 1,
						  .is_full = true,
						  .coarsen_minutes = 60 };
	struct fixture *x = *state;
	int64_t found;
	char sql[256];

	write_release(x, &o);
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM '%s/out/flows.parquet'"
		 " WHERE \"end\" = 1554937200 + 5 AND device ="
		 " (SELECT device FROM new_device WHERE old = 1)",
		 x->folder);
	must(&x->fleet, fleet_number(&x->fleet, sql, &found));
	assert_int_equal(found, 1);
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM '%s/out/flows.parquet'"
		 " WHERE \"end\" %% 3600 <> 5",
		 x->folder);
	must(&x->fleet, fleet_number(&x->fleet, sql, &found));
	assert_int_equal(found, 0);
	assert_int_equal(lines_with(x, "meta.csv", "lacks,times"), 1);
}

static void what_is_withheld_is_lacking_and_not_0(void **state)
{
	static const char *const lacking[] = { "domains", "domain_counts" };
	static const struct release_options o = { .k = 2,
						  .is_full = true,
						  .is_withheld = true };
	struct fixture *x = *state;
	char why[SHEET_LACKS_BYTES], sql[256];
	int64_t found;

	write_release(x, &o);
	assert_int_equal(
		lines_with(x, "meta.csv", "lacks,\"countries, withheld\""), 1);
	for (size_t i = 0; i < sizeof(lacking) / sizeof(*lacking); i++) {
		sheet_lacks(sheet_find(lacking[i]), "withheld", why);
		assert_string_equal(why, "withheld");
	}
	sheet_lacks(sheet_find("figure4"), "times", why);
	assert_string_equal(why, "times");
	/* each has an endpoint still */
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM '%s/out/flows.parquet'"
		 " WHERE endpoint IS NULL",
		 x->folder);
	must(&x->fleet, fleet_number(&x->fleet, sql, &found));
	assert_int_equal(found, 0);
}

/* A full release that was imported may say anything there. */
static void no_column_of_a_full_release_is_a_formula(void **state)
{
	static const struct release_options o = { .k = 1, .is_full = true };
	struct fixture *x = *state;

	must(&x->fleet,
	     fleet_run(&x->fleet,
		       "INSERT INTO clues VALUES (14, '=kind', '=text');"
		       "UPDATE endpoints SET addr = '=addr' WHERE endpoint = 1;"
		       "INSERT INTO label_changes(method, kind, vendor, before,"
		       " after, rule, devices) VALUES"
		       " ('=m', '=k', '=v', '=b', '=a', '=r', 1);"
		       "INSERT INTO standard(device, method, vendor, name)"
		       " VALUES (14, '=m', '=v', '=n')"));
	write_release(x, &o);
	assert_int_equal(lines_with(x, "clues.csv", ",'=kind,'=text\n"), 1);
	assert_int_equal(lines_with(x, "endpoints.csv", ",'=addr,"), 1);
	assert_int_not_equal(lines_with(x, "Network_flows.csv", ",'=addr,"), 0);
	assert_int_equal(lines_with(x, "label_changes.csv",
				    "'=m,'=k,'=v,'=b,'=a,'=r,1\n"),
			 1);
	assert_int_equal(lines_with(x, "standard.csv", ",'=m,'=v,'=n\n"), 1);
}

static int64_t count(struct fleet *f, const char *sql)
{
	int64_t found = -1;

	must(f, fleet_number(f, sql, &found));
	return found;
}

/* What a release has a label of was monitored, if only within its home. */
static void a_release_has_the_labelled_devices_that_there_were(void **state)
{
	static const struct release_options o = { .k = 1 };
	static const struct basis_options options = { .standard = "paper" };
	static const char labelled[] = "SELECT count(*) FROM labelled";
	struct fixture *x = *state;

	must(&x->fleet,
	     fleet_run(&x->fleet,
		       "UPDATE flows SET local = true WHERE device = 17;"
		       "INSERT INTO labels VALUES (20, 'x', 'x', 'Nobody')"));
	write_release(x, &o);
	assert_int_equal(lines_with(x, "Device_labels.csv", ",TP Link"), 1);
	assert_int_equal(lines_with(x, "Device_labels.csv", ",Nobody"), 0);
	assert_int_equal(
		lines_with(x, "README.md",
			   "of them without any traffic, left out | 1 |"),
		1);
	must(&x->fleet, basis_options(&x->fleet, &options));
	must(&x->fleet, basis_traffic(&x->fleet));
	assert_int_equal(count(&x->fleet, labelled), 18);
	/* as it is read again: without that traffic, and that label */
	must(&x->fleet,
	     fleet_run(&x->fleet, "DELETE FROM flows WHERE local;"
				  "DELETE FROM labels WHERE device = 20"));
	must(&x->fleet, fleet_meta_set(&x->fleet, "source", "a release"));
	must(&x->fleet, basis_traffic(&x->fleet));
	assert_int_equal(count(&x->fleet, labelled), 18);
	must(&x->fleet, basis_monitored(&x->fleet));
	assert_int_equal(count(&x->fleet,
			       "SELECT count(*) FROM labels"
			       " SEMI JOIN monitored USING (device)"),
			 18);
}

static void a_label_that_is_a_formula_is_none_in_csv(void **state)
{
	static const struct release_options o = { .k = 1 };
	struct fixture *x = *state;
	int64_t found;
	char sql[256];

	must(&x->fleet,
	     fleet_run(&x->fleet, "UPDATE labels SET category = '=cmd|1'"
				  " WHERE device = 14"));
	write_release(x, &o);
	assert_int_equal(lines_with(x, "Device_labels.csv", ",'=cmd|1,"), 1);
	snprintf(sql, sizeof(sql),
		 "SELECT count(*) FROM '%s/out/Device_labels.parquet'"
		 " WHERE category = '=cmd|1'",
		 x->folder);
	must(&x->fleet, fleet_number(&x->fleet, sql, &found));
	assert_int_equal(found, 1);
}

/* All tables of a fleet, one after the other. */
static void tabulate(struct fleet *f, struct buf *out)
{
	char why[LABEL_WHY_BYTES];
	struct label_tables tables;
	struct score_options o = { .seed = 1 };
	struct grid grid;
	bool has_truth;

	buf_init(out, TEXT_BYTES_MAX);
	assert_int_equal(label_tables_open(&tables, NULL, why), 0);
	must(f, basis_monitored(f));
	must(f, report_standardise(f, &tables, false));
	prepare(f, &every_vendor);
	must(f, score_take_truth(f, &tables, &o, &has_truth));
	assert_true(has_truth);
	must(f, score_make(f, &tables, &o));
	for (size_t i = 0; i < sheet_count; i++) {
		must(f, sheet_run(&sheets[i], f, &grid));
		buf_printf(out, "%s\n", sheets[i].name);
		grid_csv(&grid, out);
		grid_done(&grid);
	}
	label_tables_close(&tables);
}

static void load_release(const struct fixture *x, struct fleet *f)
{
	static const char *const tables[] = { "users",	"devices",   "labels",
					      "clues",	"endpoints", "flows",
					      "hellos", "views",     "truth" };

	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		must(f, fleet_runf(f,
				   "INSERT INTO %s BY NAME"
				   " SELECT * FROM '%s/out/%s.parquet'",
				   tables[i], x->folder, tables[i]));
	must(f, fleet_meta_set(f, "source", "simulation"));
}

static void a_full_release_gives_every_table_again(void **state)
{
	static const struct release_options o = { .k = RELEASE_K,
						  .is_full = true };
	struct fixture *x = *state;
	struct buf before, after;
	struct fleet again;
	char path[64];

	must(&x->fleet, fleet_meta_set(&x->fleet, "source", "simulation"));
	write_release(x, &o);
	tabulate(&x->fleet, &before);
	snprintf(path, sizeof(path), "%s/b.fleet", x->folder);
	must(&again, fleet_create(&again, path, false));
	load_release(x, &again);
	tabulate(&again, &after);
	fleet_close(&again);
	assert_string_equal(buf_text(&before), buf_text(&after));
	assert_true(before.len > 3000);
	buf_done(&before);
	buf_done(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FLEET(the_papers_three_files_have_its_columns),
		WITH_FLEET(names_and_numbers_are_new_in_each_release),
		WITH_FLEET(personal_names_are_left_out),
		WITH_FLEET(what_tells_a_device_for_ever_is_left_out),
		WITH_FLEET(a_near_spelling_of_anothers_does_not_tell_a_person),
		WITH_FLEET(a_hello_within_a_home_stays_there),
		WITH_FLEET(what_few_homes_contact_is_withheld),
		WITH_FLEET(a_host_named_for_a_person_is_in_no_release),
		WITH_FLEET(
			a_host_that_one_home_contacted_is_not_told_for_its_domain),
		WITH_FLEET(devices_of_no_known_home_are_of_one),
		WITH_FLEET(times_are_cut_as_asked),
		WITH_FLEET(no_order_tells_what_cut_times_do_not),
		WITH_FLEET(cut_windows_stay_in_their_day),
		WITH_FLEET(what_is_withheld_is_lacking_and_not_0),
		WITH_FLEET(no_column_of_a_full_release_is_a_formula),
		WITH_FLEET(a_release_has_the_labelled_devices_that_there_were),
		WITH_FLEET(a_label_that_is_a_formula_is_none_in_csv),
		WITH_FLEET(a_full_release_gives_every_table_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

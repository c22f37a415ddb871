// SPDX-License-Identifier: GPL-3.0-or-later
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "study/fleet_rows.h"
#include "study/import/import.h"

struct bench {
	char folder[32];
	struct fleet fleet;
	struct raw_log log;
	struct buf told;
};

static void tell(void *user, const char *line)
{
	struct bench *b = user;

	buf_printf(&b->told, "%s\n", line);
}

static int begin(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	assert_non_null(b);
	snprintf(b->folder, sizeof(b->folder), "import.XXXXXX");
	assert_non_null(mkdtemp(b->folder));
	assert_int_equal(fleet_create(&b->fleet, "import.fleet", true), 0);
	buf_init(&b->told, 1 << 20);
	b->log = (struct raw_log){ .tell = tell, .user = b };
	*state = b;
	return 0;
}

static int end(void **state)
{
	struct bench *b = *state;
	DIR *dir = opendir(b->folder);
	struct dirent *entry;
	char path[320];

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/%s", b->folder, entry->d_name);
		if (entry->d_name[0] != '.')
			assert_return_code(unlink(path), 0);
	}
	closedir(dir);
	assert_return_code(rmdir(b->folder), 0);
	fleet_close(&b->fleet);
	buf_done(&b->told);
	free(b);
	return 0;
}

static void put(struct bench *b, const char *name, const char *text)
{
	char path[320];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", b->folder, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static int import_all(struct bench *b)
{
	/* who knows no lists names endpoints the faster */
	struct know know = { .file_count = 0 };

	return import_source(&b->fleet, b->folder, &know, &b->log);
}

static void import_well(struct bench *b)
{
	if (import_all(b))
		fail_msg("%s%s", buf_text(&b->told), b->fleet.error);
}

static void expect_told(struct bench *b, const char *what)
{
	if (!strstr(buf_text(&b->told), what))
		fail_msg("\"%s\" is not in:\n%s", what, buf_text(&b->told));
}

/* All rows of a query as text, columns with '|', rows with '\n'. */
static void expect(struct bench *b, const char *sql, const char *wanted)
{
	struct fleet_cursor c;
	struct buf query, found;

	buf_init(&query, 4096);
	buf_init(&found, 65536);
	buf_printf(&query,
		   "SELECT concat_ws('|', *COLUMNS(*)) FROM"
		   " (SELECT coalesce(COLUMNS(*)::VARCHAR, '-') FROM"
		   " (%s))",
		   sql);
	if (fleet_cursor_begin(&c, &b->fleet, buf_text(&query)))
		fail_msg("%s: %s", sql, b->fleet.error);
	while (fleet_cursor_next(&c)) {
		struct slice row = fleet_cursor_text(&c, 0);

		buf_append(&found, row.data, row.len);
		buf_puts(&found, "\n");
	}
	fleet_cursor_end(&c);
	if (strcmp(buf_text(&found), wanted))
		fail_msg("%s gives:\n%snot:\n%s", sql, buf_text(&found),
			 wanted);
	buf_done(&found);
	buf_done(&query);
}

/* -- a collector's export */

#define ACCOUNTS                                   \
	"account,utc_offset_min,created,consent\n" \
	"aa,-300,1700000000,c\nbb,,1700000000,c\n"
#define DEVICES                                             \
	"account,device,oui,first_seen,last_seen,watched\n" \
	"aa,d1,001788,1,2,1\naa,d2,,1,2,0\nbb,d1,B0:C5:54,1,2,1\n"
#define FLOWS                                                      \
	"account,device,first_ms,end,protocol,remote,remote_port," \
	"device_port,out_bytes,out_packets,in_bytes,in_packets,opener\n"
#define FLOW(account, device, end, remote, port)                    \
	account "," device "," end "001," end ",6," remote "," port \
		",50000,100,2,300,3,1\n"
#define NAMES \
	"account,device,time_ms,address,name,source,resolver,device_port\n"

static void put_export(struct bench *b)
{
	put(b, "accounts.csv", ACCOUNTS);
	put(b, "devices.csv", DEVICES);
	put(b, "labels.csv",
	    "account,device,time,name,category,vendor,source\n"
	    "aa,d1,10,Old,Hub,Philips,typed\n"
	    "aa,d1,20,\"Hue, Bridge\",Hub,Philips,confirmed\n"
	    "aa,d1,30,Guess,TV,Sony,rejected\n"
	    "bb,d1,5,,Plug,=cmd|' /C calc'!A0,typed\n");
	put(b, "flows.csv",
	    FLOWS FLOW("aa", "d1", "1000", "192.0.2.1",
		       "443") FLOW("aa", "d1", "2000", "192.0.2.1", "443")
		    FLOW("aa", "d1", "2000", "192.168.1.9", "80")
			    FLOW("bb", "d1", "3000", "192.0.2.1", "80"));
	put(b, "names.csv",
	    NAMES "aa,d1,999000,192.0.2.1,Api.MeetHue.com.,dns,192.0.2.53,\n"
		  "aa,d1,1999000,192.0.2.1,ws.meethue.com,sni,,50000\n"
		  "aa,d1,1999500,192.0.2.1,www.meethue.com,dns,192.0.2.53,\n");
	put(b, "hellos.csv",
	    "account,device,time_ms,transport,remote,remote_port,device_port,"
	    "version,supported_versions,cipher_suites,compression_methods,"
	    "extensions,groups,point_formats,signature_algorithms,alpn,sni,"
	    "ech,grease_cipher_suites,grease_extensions,ja3,ja4\n"
	    "aa,d1,1999000,tcp,192.0.2.1,443,50000,771,2570+772+771,4865+53,0,"
	    "0+43,29,0,1027,\"h2,http/1.1\",WS.meethue.com,0,0,1,j3,j4\n"
	    "bb,d1,3000000,tcp,192.0.2.1,443,50000,769,,47,0,,,,,,,0,0,0,,\n");
	put(b, "clues.csv",
	    "account,device,kind,text\n"
	    "aa,d1,mdns_instance,Philips Hue\n"
	    "aa,d1,mdns_instance,Philips Hue\n"
	    "zz,d1,mdns_instance,nobody\n");
	put(b, "views.csv",
	    "account,end,view,seconds\n"
	    "aa,100,default,10\naa,200,default,5.5\n");
}

/* An export whose views are so, for what is told. */
static void expect_refused(struct bench *b, const char *views, const char *what)
{
	put(b, "views.csv", views);
	buf_clear(&b->told);
	assert_int_equal(import_all(b), ERR_MALFORMED);
	expect_told(b, what);
}

static void an_export_becomes_a_fleet(void **state)
{
	struct bench *b = *state;

	put_export(b);
	import_well(b);
	expect(b, "FROM users ORDER BY 1", "1|aa|-300\n2|bb|-\n");
	expect(b,
	       "SELECT device, id, \"user\", oui FROM devices ORDER BY device",
	       "1|d1|1|001788\n2|d2|1|-\n3|d1|2|b0c554\n");
	expect(b, "FROM labels ORDER BY device",
	       "1|Hue, Bridge|Hub|Philips\n3||Plug|=cmd|' /C calc'!A0\n");
	expect(b, "FROM clues", "1|mdns_instance|Philips Hue\n");
	expect(b, "FROM views", "1|default|15.5\n");
	expect(b, "SELECT value FROM meta WHERE key = 'lacks'", "\n");
	expect_told(b, "clues: left out 1 rows of a device that devices does"
		       " not have");
}

static void a_flow_is_named_by_the_best_evidence_at_its_time(void **state)
{
	struct bench *b = *state;

	put_export(b);
	import_well(b);
	/* the DNS before the hello, what was known then before what came
	 * later; another's knowledge is a guess */
	expect(b,
	       "SELECT f.device, \"end\", host, inferred, domain, local,"
	       " in_bytes, out_bytes, in_packets, out_packets, first_ms"
	       " FROM flows f JOIN endpoints USING (endpoint)"
	       " ORDER BY f.device, \"end\", addr",
	       "1|1000|api.meethue.com|false|meethue.com|false|300|100|3|2|"
	       "1000001\n"
	       "1|2000|www.meethue.com|false|meethue.com|false|300|100|3|2|"
	       "2000001\n"
	       "1|2000|-|false|-|true|300|100|3|2|2000001\n"
	       "3|3000|api.meethue.com|true|meethue.com|false|300|100|3|2|"
	       "3000001\n");
}

static void a_hello_offers_its_highest_version(void **state)
{
	struct bench *b = *state;

	put_export(b);
	import_well(b);
	expect(b,
	       "SELECT h.device, host, version, cipher_suites, ja3, ja4"
	       " FROM hellos h JOIN endpoints USING (endpoint)"
	       " ORDER BY h.device",
	       "1|ws.meethue.com|772|4865+53|j3|j4\n3|-|769|47|-|-\n");
}

static void what_an_export_has_not_is_lacking(void **state)
{
	struct bench *b = *state;

	put(b, "accounts.csv", ACCOUNTS);
	put(b, "devices.csv", DEVICES);
	put(b, "flows.csv", FLOWS FLOW("aa", "d1", "10", "192.0.2.1", "80"));
	import_well(b);
	expect(b, "SELECT value FROM meta WHERE key = 'lacks'",
	       "labels, domains, hellos, clues, views\n");
	expect(b, "SELECT count(*) FROM flows", "1\n");
}

static void what_no_row_tells_is_lacking(void **state)
{
	struct bench *b = *state;

	put(b, "accounts.csv", "account,utc_offset_min\naa,\n");
	put(b, "devices.csv", "account,device\naa,d1\n");
	put(b, "flows.csv",
	    "account,device,end,protocol,remote,remote_port,device_port,"
	    "out_bytes,in_bytes\naa,d1,10,6,192.0.2.1,80,5,1,1\n");
	put(b, "hellos.csv",
	    "account,device,time_ms,remote,remote_port,version,cipher_suites\n"
	    "aa,d1,9000,192.0.2.1,443,771,47\n");
	import_well(b);
	expect(b, "SELECT value FROM meta WHERE key = 'lacks'",
	       "labels, domains, clues, views, zones, oui, packets,"
	       " fingerprints\n");
}

static void a_window_without_a_time_is_left_out_and_told(void **state)
{
	struct bench *b = *state;

	put_export(b);
	put(b, "flows.csv",
	    FLOWS "aa,d1,,,6,192.0.2.1,443,5,1,1,1,1,0\n"
		  "aa,d1,,4,6,192.0.2.1,443,5,1,1,1,1,0\n"
		  "aa,d1,,-2147483648,6,192.0.2.1,443,5,1,1,1,1,0\n"
		  "aa,d1,,2147483647,6,192.0.2.1,443,5,1,1,1,1,0\n"
		  "aa,d1,9223372036854775807,1000,6,192.0.2.1,443,5,1,1,1,1,0"
		  "\n");
	import_well(b);
	expect_told(b, "flows: left out 4 rows without an address or a time");
	expect(b, "SELECT \"end\", first_ms FROM flows", "1000|-\n");
}

/* Whatever order they are in. */
static void of_two_names_at_once_one_is_always_taken(void **state)
{
	struct bench *b = *state;

	put_export(b);
	put(b, "flows.csv",
	    FLOWS FLOW("aa", "d1", "1000", "192.0.2.1", "443")
		    FLOW("aa", "d1", "1000", "192.0.2.2", "443"));
	put(b, "names.csv",
	    NAMES "aa,d1,999000,192.0.2.1,a.example.com,dns,192.0.2.53,\n"
		  "aa,d1,999000,192.0.2.1,b.example.com,dns,192.0.2.53,\n"
		  "aa,d1,999000,192.0.2.2,b.example.com,dns,192.0.2.53,\n"
		  "aa,d1,999000,192.0.2.2,a.example.com,dns,192.0.2.53,\n");
	import_well(b);
	expect(b,
	       "SELECT host, count(*) FROM flows JOIN endpoints"
	       " USING (endpoint) GROUP BY host",
	       "a.example.com|2\n");
}

static void a_home_keeps_its_own_addresses(void **state)
{
	struct bench *b = *state;

	put(b, "accounts.csv",
	    "account,utc_offset_min,created,consent,client\n"
	    "aa,-300,1700000000,c,0.4.0\nbb,0,1700000000,c,0.4.0\n");
	put(b, "devices.csv", DEVICES);
	put(b, "flows.csv",
	    FLOWS FLOW("aa", "d1", "10", "[address:0123456789abcdef]", "80")
		    FLOW("aa", "d1", "10", "[host:0123456789abcdef]", "80"));
	import_well(b);
	expect(b,
	       "SELECT addr, country, local FROM flows"
	       " JOIN endpoints USING (endpoint)",
	       "[address:0123456789abcdef]|-|true\n");
	assert_null(strstr(buf_text(&b->told), "accounts"));
	expect_told(b, "flows: left out 1 rows without an address");
}

/* -- what is wrong */

static void a_missing_column_is_named_and_nothing_is_made(void **state)
{
	struct bench *b = *state;

	put_export(b);
	put(b, "flows.csv", "account,device,end\naa,d1,5\n");
	put(b, "clues.csv", "account,kind,text\naa,x,y\n");
	assert_int_equal(import_all(b), ERR_MALFORMED);
	expect_told(b, "flows.csv:1: there is no column protocol");
	expect_told(b, "flows.csv:1: there is no column remote");
	expect_told(b, "clues.csv:1: there is no column device");
}

static void an_unknown_column_is_told_and_left_out(void **state)
{
	struct bench *b = *state;

	put_export(b);
	put(b, "views.csv",
	    "surprise,seconds,view,account\n\"a\"\"b\",1,default,aa\n");
	import_well(b);
	expect_told(b, "views.csv:1: the column surprise is not known");
	expect(b, "FROM views", "1|default|1.0\n");
}

static void put_broken(struct bench *b)
{
	put_export(b);
	put(b, "flows.csv",
	    FLOWS FLOW("aa", "d1", "1000", "192.0.2.1",
		       "443") FLOW("aa", "d1", "1000", "192.0.2.1", "70000")
		    FLOW("aa", "d1", "1000", "caf\xe9", "80") FLOW(
			    "aa", "d1", "1000", "2001:DB8::1",
			    "80") "aa,d1\n" FLOW("aa", "no device", "1000",
						 "192.0.2.1", "80")
			    FLOW("aa", "d1", "1000", "999.0.2.1",
				 "80") "aa,d1,1,1000,6,192.0.2.1,80,1,-5,1,1,1,"
				       "0\n");
}

static void broken_rows_are_named_by_line_and_the_rest_goes_on(void **state)
{
	struct bench *b = *state;

	put_broken(b);
	import_well(b);
	expect_told(b, "flows.csv:3: ");
	expect_told(b, "remote_port");
	expect_told(b, "flows.csv:4: ");
	expect_told(b, "utf-8");
	expect_told(b, "flows.csv:6: ");
	expect_told(b, "flows: left out 1 rows of a device");
	expect_told(b, "flows: left out 2 rows without an address or a time, or"
		       " with negative bytes");
	assert_int_equal(b->log.rows_left_out, 3 + 3 + 1);
	expect(b,
	       "SELECT addr FROM flows JOIN endpoints USING (endpoint)"
	       " ORDER BY addr",
	       "192.0.2.1\n2001:db8::1\n");
}

static void a_broken_row_ends_a_strict_import(void **state)
{
	struct bench *b = *state;

	put_broken(b);
	b->log.is_strict = true;
	assert_int_equal(import_all(b), ERR_MALFORMED);
	expect_told(b, "flows.csv:3: ");
}

static void a_quote_that_is_not_closed_ends_an_import(void **state)
{
	static const char *const wrong[] = {
		"aa,1,\"x,1\naa,2,y,2\naa,3,z,3\n",
		"aa,1,\"x,1\naa,2,\"y\",2\naa,3,z,3\n",
		"aa,1,\"x\"\",1\naa,2,y,2\n",
	};
	struct bench *b = *state;
	char text[256];

	put_export(b);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		snprintf(text, sizeof(text),
			 "account,end,view,seconds\naa,0,\"a\nb\",1\n%s",
			 wrong[i]);
		expect_refused(b, text, "views.csv:4: a quote is opened here");
	}
}

static void a_line_that_is_no_names_is_told(void **state)
{
	static const char *const wrong[] = {
		"",
		"a,a\n",
		"a,,b\n",
		"\"a\nb\n",
		"a\x80"
		"b\n",
		"a\"b,\"c\"d\n",
	};
	struct bench *b = *state;

	put_export(b);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		expect_refused(b, wrong[i], "views.csv:1: ");
	}
}

static void what_is_no_source_is_told(void **state)
{
	struct bench *b = *state;

	assert_int_equal(import_all(b), ERR_NOTFOUND);
	expect_told(b, "accounts.csv");
	put(b, "accounts.csv", ACCOUNTS);
	buf_clear(&b->told);
	assert_int_equal(import_all(b), ERR_NOTFOUND);
	expect_told(b, "there is no devices.csv");
}

static void lines_may_end_like_windows_and_begin_with_a_mark(void **state)
{
	struct bench *b = *state;

	put_export(b);
	put(b, "views.csv",
	    "\xef\xbb\xbf"
	    "account,end,view,seconds\r\n"
	    "aa,1,\"two\r\nlines, \"\"quoted\"\"\",2\r\n");
	import_well(b);
	expect(b, "SELECT seconds, length(view) FROM views", "2.0|20\n");
}

static void lines_that_end_otherwise_than_the_first_are_named(void **state)
{
	static const char *const wrong[] = {
		"account,end,view,seconds\r\naa,1,x,1\r\naa,2,y,2\n",
		"account,end,view,seconds\naa,1,x,1\naa,2,\"y\",2\r\n",
		"account,end,view,seconds\r\naa,1,x,1\r\naa,2,y,2\r\r\n",
	};
	struct bench *b = *state;

	put_export(b);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		expect_refused(b, wrong[i],
			       "views.csv:3: the line does not end as");
	}
}

static void a_pipe_is_no_file_to_wait_for(void **state)
{
	struct bench *b = *state;
	char path[64];

	put_export(b);
	snprintf(path, sizeof(path), "%s/views.csv", b->folder);
	assert_return_code(unlink(path), errno);
	assert_return_code(mkfifo(path, 0600), errno);
	assert_int_equal(import_all(b), ERR_MALFORMED);
	expect_told(b, "views.csv: is no file");
}

/* -- the original's sample files */

static void put_sample(struct bench *b, const char *prefix)
{
	static const struct {
		const char *name, *text;
	} files[] = {
		{ "devices.csv",
		  "device_id,user_key,device_ip,device_oui,device_name,"
		  "device_type,device_vendor,netdisco_name,fb_name,"
		  "dhcp_hostname\n"
		  "s1,u1,10.0.0.2,001788,Hue,Hub,Philips,\"{\"\"name\"\": "
		  "\"\"Philips hue\"\"}\",,hue\n"
		  "s2,u2,10.0.0.3,50c7bf,,,,,,\n" },
		{ "dns.csv",
		  "user_key,device_id,ts,ip,hostname,data_source,device_port\n"
		  "u1,s1,99.5,192.0.2.1,ws.meethue.com,sni,4000\n"
		  "u1,s1,99.5,192.0.2.1,x.meethue.com,192.0.2.53,\n" },
		{ "flows.csv",
		  "user_key,device_id,ts,protocol,remote_ip,remote_port,"
		  "device_port,in_byte_count,out_byte_count,remote_hostname,"
		  "remote_reg_domain,remote_web_xray\n"
		  "u1,s1,100,tcp,192.0.2.1,443,4000,10,20,ws.meethue.com,"
		  "meethue.com,\n"
		  "u2,s2,100.25,udp,192.0.2.7,123,123,48,48,"
		  "time.example.org?,example.org,\n"
		  "u2,s2,nan,udp,192.0.2.7,123,123,48,48,,,\n" },
		{ "client_hello.csv",
		  "user_key,device_id,ts,device_port,remote_port,device_ip,"
		  "remote_ip,version,cipher_suites,compression_methods,"
		  "extension_details,extension_uses_grease,"
		  "cipher_suite_uses_grease,extension_types\n"
		  "u1,s1,100,4000,443,10.0.0.2,192.0.2.1,771,47+53,0,AAA=,"
		  "False,False,0+10\n" },
	};
	char name[64];

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", prefix, files[i].name);
		put(b, name, files[i].text);
	}
}

static void sample_files_become_a_fleet(void **state)
{
	struct bench *b = *state;

	put_sample(b, "sample.");
	import_well(b);
	expect(b, "FROM labels", "1|Hue|Hub|Philips\n");
	expect(b, "SELECT kind, text FROM clues ORDER BY kind",
	       "dhcp_hostname|hue\n"
	       "ssdp_netdisco|{\"name\": \"Philips hue\"}\n");
	expect(b,
	       "SELECT f.device, \"end\", first_ms, protocol, host, inferred,"
	       " domain, in_bytes, out_bytes, in_packets FROM flows f"
	       " JOIN endpoints USING (endpoint) ORDER BY f.device",
	       "1|100|95000|6|ws.meethue.com|false|meethue.com|10|20|-\n"
	       "2|105|100000|17|time.example.org|true|example.org|48|48|-\n");
	expect(b,
	       "SELECT host, version, cipher_suites, ja3 FROM hellos"
	       " JOIN endpoints USING (endpoint)",
	       "ws.meethue.com|771|47+53|-\n");
	expect_told(b, "flows: left out 1 rows whose time");
	expect(b, "SELECT value FROM meta WHERE key = 'lacks'",
	       "zones, packets, views, fingerprints\n");
	expect_told(b, "client_hello: of 1 hellos 1 have no JA3 and 1 no JA4");
}

#define HELLOS                                            \
	"user_key,device_id,ts,device_port,remote_port,"  \
	"device_ip,remote_ip,version,cipher_suites,"      \
	"compression_methods,extension_details,"          \
	"extension_uses_grease,cipher_suite_uses_grease," \
	"extension_types\n"
#define HELLO(ts, version, suites, details, types)                     \
	"u1,s1," ts ",4000,443,10.0.0.2,192.0.2.1," version "," suites \
	",0," details ",0,0," types "\n"
/* GREASE; server name a.meethue.co; groups GREASE, 29, 23; point format 0;
 * ALPN h2; signature schemes 0403, 0804; versions 0304, 0303 */
#define DETAILS                                                    \
	"CgoAAAAAABEADwAADGEubWVldGh1ZS5jbwAKAAgABhoaAB0AFwALAAIB" \
	"AAAQAAUAAwJoMgANAAYABAQDCAQAKwAFBAMEAwM"

/* JA3 is the MD5 of 771,4865-47,0-10-11-16-13-43,29-23,0 in the first, of
 * 769,47-53,,, in the fourth. */
static void a_sample_hello_has_the_fingerprints_its_columns_allow(void **state)
{
	struct bench *b = *state;

	put_sample(b, "");
	put(b, "client_hello.csv",
	    HELLOS HELLO("101", "772", "2570+4865+47", DETAILS "=",
			 "2570+0+10+11+16+13+43")
		    HELLO("102", "772", "4865+47", DETAILS "=",
			  "0+10+11+16+13+43")
	    /* QUIC's transport parameters, and no column of types */
	    HELLO("103", "772", "4865+47", DETAILS "AOQAA", "")
		    HELLO("104", "769", "47+53", "", "")
	    /* types alone: what they say is not asked, or by JA3 alone */
	    HELLO("105", "771", "47+53", "", "0+23")
		    HELLO("106", "771", "47+53", "", "0+10")
	    /* others than are named, not base64, suites that are none */
	    HELLO("107", "772", "4865+47", DETAILS "=", "0+10+11+16+13")
		    HELLO("108", "771", "47+53", "AAA", "0")
			    HELLO("109", "771", "47+x", "", "0")
	    /* DTLS */
	    "u2,s2,110,123,123,10.0.0.3,192.0.2.7,771,47+53,0,,0,0,0+23\n");
	import_well(b);
	expect(b, "SELECT version, ja3, ja4 FROM hellos ORDER BY time_ms",
	       "772|5bb6436461ed8cacf5f84f25f4cafa4f|"
	       "t13d0206h2_84cdcbea686c_fb71836bce29\n"
	       "772|5bb6436461ed8cacf5f84f25f4cafa4f|"
	       "t13d0206h2_84cdcbea686c_fb71836bce29\n"
	       "772|a95769d29a3257cb2fe2ba9dfdb5a0fc|"
	       "q13d0207h2_84cdcbea686c_90812eca6c7b\n"
	       "769|dac4920d4335e769327dbf4e1b759e15|"
	       "t10i020000_f54dd463d39b_000000000000\n"
	       "771|156102986843f89c5efc7acae68efe6d|"
	       "t12d020200_f54dd463d39b_1ca028f07214\n"
	       "771|-|t12d020200_f54dd463d39b_a8f3e973773c\n"
	       "772|-|-\n771|-|-\n771|-|-\n771|-|-\n");
	expect_told(b, "client_hello: of 10 hellos 5 have no JA3 and 4 no JA4");
	expect(b, "SELECT value FROM meta WHERE key = 'fingerprints'",
	       "of 10 hellos 5 have no JA3 and 4 no JA4: their columns do not"
	       " give one\n");
	expect(b, "SELECT value FROM meta WHERE key = 'lacks'",
	       "zones, packets, views\n");
	assert_int_equal(b->log.rows_left_out, 1); /* a flow */
}

static void a_file_without_extensions_gives_no_fingerprint(void **state)
{
	struct bench *b = *state;

	put_sample(b, "");
	put(b, "client_hello.csv",
	    "user_key,device_id,ts,device_port,remote_port,remote_ip,version,"
	    "cipher_suites\nu1,s1,100,4000,443,192.0.2.1,769,47+53\n");
	import_well(b);
	expect(b, "SELECT version, ja3, ja4 FROM hellos", "769|-|-\n");
	expect(b, "SELECT value FROM meta WHERE key = 'lacks'",
	       "zones, packets, views, fingerprints\n");
}

/* -- releases */

static void a_release_lacks_what_it_does_not_have(void **state)
{
	struct bench *b = *state;

	put(b, "Device_labels.csv",
	    "device_id,category,vendor\nr1,Hub,Philips\n");
	put(b, "Network_flows.csv",
	    "device_id,timestamp,remote_ip,remote_hostname,remote_port,"
	    "protocol,bytes_sent,bytes_received\n"
	    "r1,1000.5,192.0.2.1,x.meethue.com?,443,tcp,20,10\n"
	    "r2,1004.6,,,80,udp,1,2\n");
	put(b, "TLS_client_hello.csv",
	    "device_id,timestamp,tls_version,cipher_suites,ja3,ja4\n"
	    "r1,1000.5,771,47+53,j3,j4\n");
	import_well(b);
	expect(b, "SELECT device, id, \"user\", oui FROM devices ORDER BY id",
	       "1|r1|-|-\n2|r2|-|-\n");
	expect(b, "FROM labels", "1|-|Hub|Philips\n");
	expect(b,
	       "SELECT f.device, \"end\", first_ms, addr, host, inferred,"
	       " device_port, out_bytes, in_bytes FROM flows f JOIN endpoints"
	       " USING (endpoint) ORDER BY f.device",
	       "1|1005|1000500|192.0.2.1|x.meethue.com|true|-|20|10\n"
	       "2|1005|1004600|-|-|false|-|1|2\n");
	expect(b, "SELECT version, ja4 FROM hellos", "771|j4\n");
	expect(b, "SELECT value FROM meta WHERE key = 'lacks'",
	       "users, names, oui, zones, clues, packets, views, countries, withheld\n");
	/* by this its labelled devices count as monitored */
	expect(b, "SELECT value FROM meta WHERE key = 'source'", "a release\n");
}

/* Every table of one fleet in Parquet, and as CSV, gives that fleet again. */
static void a_full_release_is_the_fleet_again(void **state)
{
	static const char *const tables[] = {
		"users", "devices", "labels", "clues", "endpoints",
		"flows", "hellos",  "views",  "truth", "meta",
	};
	struct bench *b = *state;
	struct fleet first;

	put_export(b);
	import_well(b);
	first = b->fleet;
	assert_int_equal(fleet_run(&first, "INSERT INTO truth VALUES"
					   " (1, 'hue', 'hub', 'philips',"
					   " false)"),
			 0);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		assert_int_equal(fleet_runf(&first,
					    "COPY %s TO '%s/%s.%s' (%s)",
					    tables[i], b->folder, tables[i],
					    i % 2 ? "parquet" : "csv",
					    i % 2 ? "FORMAT parquet"
						  : "FORMAT csv, HEADER"),
				 0);
	{
		char path[64];

		snprintf(path, sizeof(path), "%s/accounts.csv", b->folder);
		assert_return_code(unlink(path), 0);
	}
	assert_int_equal(fleet_create(&b->fleet, "import-2.fleet", true), 0);
	buf_clear(&b->told);
	import_well(b);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]) - 1; i++) {
		int64_t n = -1, m = -2;
		char sql[160];

		snprintf(
			sql, sizeof(sql),
			"SELECT hash(list(t ORDER BY t))::HUGEINT %% 1000000007"
			" FROM %s t",
			tables[i]);
		if (fleet_number(&first, sql, &n) ||
		    fleet_number(&b->fleet, sql, &m))
			fail_msg("%s: %s%s", tables[i], first.error,
				 b->fleet.error);
		if (n != m)
			fail_msg("%s is another", tables[i]);
	}
	fleet_close(&first);
}

/* -- the later database */

static void the_later_database_becomes_a_home(void **state)
{
	static const char sql[] =
		"CREATE TABLE devices(mac_address TEXT PRIMARY KEY,"
		" ip_address TEXT NOT NULL, is_inspected INTEGER,"
		" is_gateway INTEGER, updated_ts INTEGER,"
		" metadata_json TEXT);"
		"CREATE TABLE hostnames(ip_address TEXT,"
		" hostname TEXT NOT NULL, updated_ts INTEGER,"
		" data_source TEXT NOT NULL, metadata_json TEXT);"
		"CREATE TABLE network_flows(timestamp INTEGER,"
		" src_ip_address TEXT, dest_ip_address TEXT,"
		" src_hostname TEXT, dest_hostname TEXT,"
		" src_mac_address TEXT, dest_mac_address TEXT,"
		" src_port TEXT, dest_port TEXT, protocol TEXT,"
		" byte_count INTEGER, packet_count INTEGER,"
		" metadata_json TEXT);"
		"INSERT INTO devices VALUES('00:17:88:AA:BB:CC','10.0.0.2',1,"
		" 0,0,'{}'),('00:00:5e:00:01:01','10.0.0.1',0,1,0,'{}');"
		"INSERT INTO hostnames VALUES('192.0.2.1','x.meethue.com',5,"
		" 'dns','{}'),('192.0.2.1','old.meethue.com',0,'sni','{}');"
		"INSERT INTO network_flows VALUES"
		" (1001,'10.0.0.2','192.0.2.1','','','00:17:88:aa:bb:cc',"
		"  '00:00:5e:00:01:01','4000','443','TCP',100,2,'{}'),"
		" (1004,'10.0.0.2','192.0.2.1','','','00:17:88:aa:bb:cc',"
		"  '00:00:5e:00:01:01','4000','443','TCP',50,1,'{}'),"
		" (1003,'192.0.2.1','10.0.0.2','','','00:00:5e:00:01:01',"
		"  '00:17:88:aa:bb:cc','443','4000','TCP',900,3,'{}'),"
		" (1005,'192.0.2.1','10.0.0.2','','','00:00:5e:00:01:01',"
		"  '00:17:88:aa:bb:cc','443','4000','TCP',7,1,'{}'),"
		" ('x','192.0.2.1','10.0.0.2','','','00:00:5e:00:01:01',"
		"  '00:17:88:aa:bb:cc','443','4000','TCP',7,1,'{}'),"
		" (1005,'192.0.2.1','10.0.0.9','','','00:00:5e:00:01:01',"
		"  '00:11:11:11:11:11','443','4000','TCP',7,1,'{}');";
	struct bench *b = *state;
	struct know know = { .file_count = 0 };
	sqlite3 *db;
	char path[64];

	snprintf(path, sizeof(path), "%s/inspector.db", b->folder);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	if (import_source(&b->fleet, path, &know, &b->log))
		fail_msg("%s%s", buf_text(&b->told), b->fleet.error);
	expect(b, "SELECT device, \"user\", oui FROM devices", "1|1|001788\n");
	expect(b, "SELECT count(*) FROM devices WHERE id LIKE '%17:88%'",
	       "0\n");
	expect(b,
	       "SELECT \"end\", host, remote_port, device_port, in_bytes,"
	       " out_bytes, in_packets, out_packets FROM flows JOIN endpoints"
	       " USING (endpoint) ORDER BY \"end\"",
	       "1005|x.meethue.com|443|4000|900|150|3|3\n"
	       "1010|x.meethue.com|443|4000|7|0|1|0\n");
	expect_told(b, "network_flows: row 5: ");
	expect_told(b, "network_flows: left out 1 rows");
	put(b, "inspector.db", "SQLite format 3");
	assert_true(import_source(&b->fleet, path, &know, &b->log) < 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_export_becomes_a_fleet),
		TEST(a_flow_is_named_by_the_best_evidence_at_its_time),
		TEST(a_hello_offers_its_highest_version),
		TEST(what_an_export_has_not_is_lacking),
		TEST(what_no_row_tells_is_lacking),
		TEST(a_window_without_a_time_is_left_out_and_told),
		TEST(of_two_names_at_once_one_is_always_taken),
		TEST(a_home_keeps_its_own_addresses),
		TEST(a_missing_column_is_named_and_nothing_is_made),
		TEST(an_unknown_column_is_told_and_left_out),
		TEST(broken_rows_are_named_by_line_and_the_rest_goes_on),
		TEST(a_broken_row_ends_a_strict_import),
		TEST(a_quote_that_is_not_closed_ends_an_import),
		TEST(a_line_that_is_no_names_is_told),
		TEST(what_is_no_source_is_told),
		TEST(lines_may_end_like_windows_and_begin_with_a_mark),
		TEST(lines_that_end_otherwise_than_the_first_are_named),
		TEST(a_pipe_is_no_file_to_wait_for),
		TEST(sample_files_become_a_fleet),
		TEST(a_sample_hello_has_the_fingerprints_its_columns_allow),
		TEST(a_file_without_extensions_gives_no_fingerprint),
		TEST(a_release_lacks_what_it_does_not_have),
		TEST(a_full_release_is_the_fleet_again),
		TEST(the_later_database_becomes_a_home),
	};

	return cmocka_run_group_tests_name("import", tests, NULL, NULL);
}

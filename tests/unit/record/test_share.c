// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/share_json.h"
#include "rules.h"
#include "sample.h"

#define NS    1000000000ull
#define START (UINT64_C(1500000000) * NS)

static struct slice text(const char *s)
{
	return slice_text(s);
}

static char *segment_line(const struct share *share)
{
	struct buf b;
	char *line;

	buf_init(&b, SHARE_LINE_MAX);
	assert_int_equal(share_json_segment(share, 7, &b), 0);
	line = strdup(buf_text(&b));
	buf_done(&b);
	return line;
}

/* The line of a window, to be freed. */
static char *line_of(const struct share_rules *rules,
		     const struct record_window *w, bool watched)
{
	struct share *share;
	char *line;

	assert_int_equal(share_new(w->start_ns + RECORD_WINDOW_NS,
				   rules->fields, &share),
			 0);
	assert_int_equal(share_window(share, rules, w, watched), 0);
	line = segment_line(share);
	share_free(share);
	return line;
}

/* A window in which every free text is this one. */
struct planted {
	struct record_flow flow;
	struct record_name names[3];
	struct record_question question;
	struct record_http http;
	struct record_hello hello;
	struct record_clue clues[RECORD_CLUE_KINDS];
	struct record_window window;
	char host[128], txt[128];
	uint8_t alpn[128];
	struct share_label label;
};

static const struct addr server = { .family = 4, .b = { 93, 184, 216, 34 } };

static void plant(struct planted *p, const char *what)
{
	memset(p, 0, sizeof(*p));
	snprintf(p->host, sizeof(p->host), "x-%s.example.org", what);
	snprintf(p->txt, sizeof(p->txt), "md=%s", what);
	p->alpn[0] = (uint8_t)strlen(what);
	memcpy(p->alpn + 1, what, strlen(what));
	p->flow = (struct record_flow){ .protocol = 6,
					.remote = server,
					.first_ns = START + 1 };
	for (int i = 0; i < 3; i++)
		p->names[i] = (struct record_name){
			.time_ns = START,
			.addr = server,
			.name = text(p->host),
			.source = (enum record_name_source)i,
		};
	p->question = (struct record_question){ .time_ns = START,
						.name = text(p->host),
						.type = 1 };
	p->http = (struct record_http){ .time_ns = START,
					.remote = server,
					.host = text(p->host),
					.user_agent = text(what) };
	p->hello = (struct record_hello){ .time_ns = START,
					  .remote = server,
					  .sni = text(p->host),
					  .alpn = slice_of(p->alpn,
							   1 + strlen(what)) };
	for (int i = 0; i < RECORD_CLUE_KINDS; i++)
		p->clues[i] = (struct record_clue){
			.time_ns = START,
			.kind = (enum record_clue_kind)i,
			.text = i == RECORD_CLUE_MDNS_TXT ? text(p->txt)
							  : text(what),
		};
	p->label = (struct share_label){ what, what, what, SHARE_LABEL_TYPED };
	p->window = (struct record_window){
		.start_ns = START,
		.device = rules_own,
		.flows = &p->flow,
		.flow_count = 1,
		.names = p->names,
		.name_count = 3,
		.questions = &p->question,
		.question_count = 1,
		.hellos = &p->hello,
		.hello_count = 1,
		.http = &p->http,
		.http_count = 1,
		.clues = p->clues,
		.clue_count = RECORD_CLUE_KINDS,
	};
}

/* How many fields of free text a line can have one in. */
static size_t count_of(const char *line, const char *what)
{
	size_t n = 0;

	for (; (line = strcasestr(line, what)); line++)
		n++;
	return n;
}

/* The line of what was planted: of the window, and of the label. */
static char *planted_line(const struct share_rules *rules,
			  const struct planted *p)
{
	struct share *share;
	char *line;

	assert_int_equal(
		share_new(START + RECORD_WINDOW_NS, rules->fields, &share), 0);
	assert_int_equal(share_window(share, rules, &p->window, true), 0);
	assert_int_equal(share_label(share, rules, &p->window.device, true,
				     &p->label),
			 0);
	line = segment_line(share);
	share_free(share);
	return line;
}

static void what_is_planted_in_any_field_leaves_in_none(void **state)
{
	static const char *const plants[] = {
		"3c:22:fb:0a:1b:2c",
		"3c22fb0a1b2c",
		"3C-22-FB-0A-1B-2C",
		"3c22.fb0a.1b2c",
		"00:17:88:a1:b2:c3",
		"001788a1b2c3",
		"1001788a1b2c3",
		"73c:22:fb:0a:1b:2c9",
		"PCL7Chss",
		"a1b2c3",
		"3c22fb-0a1b2c",
		"0A1B2C",
		"60.34.251.10.27.44",
		"60-34-251-10-27-44",
		"3c%253a22%253afb%253a0a%253a1b%253a2c",
		"3e22-fbff-fe0a-1b2c",
		"{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}",
		"fe80::3e22:fbff:fe0a:1b2c%25wlan0",
		"[fe80::1%eth0]",
		"192_168_1_20",
		"3c22fbfffe0a1b2c",
		"192.168.1.20",
		"10-0-0-7",
		"fe80::3e22:fbff:fe0a:1b2c",
		"2001:db8:1::5",
		"f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
		"f81d4fae7dec11d0a76500a0c91e6bf6",
		"352099001761481",
		"203.0.113.77",
		"123456789012",
	};
	struct share_rules rules = rules_of_home();
	struct planted p;
	char *line;

	(void)state;
	/* the test itself: what is harmless comes out of every field */
	plant(&p, "harmless");
	line = planted_line(&rules, &p);
	assert_int_equal(count_of(line, "harmless"),
			 3 /* names */ + 1 + 2 /* http */ + 2 /* hello */ +
				 15 /* kinds of clues */ + 3 /* label */);
	free(line);
	for (size_t i = 0; i < sizeof(plants) / sizeof(*plants); i++) {
		plant(&p, plants[i]);
		line = planted_line(&rules, &p);
		if (strcasestr(line, plants[i]))
			fail_msg("%s in %s", plants[i], line);
		free(line);
	}
}

static void a_window_is_a_segment(void **state)
{
	struct share_rules rules = rules_of_home();
	struct record_window w = sample_window;
	char *line;

	(void)state;
	w.device = rules_own;
	line = line_of(&rules, &w, true);
	assert_non_null(strstr(line, "{\"segment\":7,\"end\":1500000005,"
				     "\"device\":[[\""));
	assert_non_null(strstr(line, "\",\"001788\",1]]"));
	assert_non_null(strstr(line, "\"flow\":[[0,6,\"93.184.216.34\",443,"
				     "40000,1500000001000,400,4,5000000000,3,"
				     "1],[0,47,\"[address:"));
	assert_non_null(strstr(line, "\"question\":[[0,1500000001400,"
				     "\"example.org\",28,\"[address:"));
	/* GREASE was all of its extensions */
	assert_non_null(strstr(line, ",\"4865+4866\",\"0\",\"\",\"29\",null,"
				     "\"1027\",\"h2,http/1.1\","
				     "\"www.example.org\",1,0,1,"));
	free(line);
}

static void of_extensions_only_the_numbers_leave(void **state)
{
	/* session_ticket, pre_shared_key and key_share with what links */
	static const uint8_t block[] = { 0, 35, 0, 4, 't', 'i', 'c', 'k',
					 0, 41, 0, 4, 'p', 's', 'k', '!',
					 0, 51, 0, 4, 's', 'h', 'r', 'e' };
	struct share_rules rules = rules_of_home();
	struct planted p;
	char *line;

	(void)state;
	plant(&p, "x");
	p.hello.extensions = slice_of(block, sizeof(block));
	line = line_of(&rules, &p.window, true);
	assert_non_null(strstr(line, "\"35+41+51\""));
	assert_null(strstr(line, "tick"));
	assert_null(strstr(line, "psk!"));
	assert_null(strstr(line, "7469636b"));
	free(line);
}

static void a_hello_says_what_it_came_by(void **state)
{
	static const char *const names[] = {
		[RECORD_TRANSPORT_TCP] = ",\"tcp\",\"93.184.216.34\"",
		[RECORD_TRANSPORT_QUIC] = ",\"quic\",\"93.184.216.34\"",
		[RECORD_TRANSPORT_DTLS] = ",\"dtls\",\"93.184.216.34\"",
	};
	struct share_rules rules = rules_of_home();
	struct planted p;

	(void)state;
	for (int i = 0; i < 3; i++) {
		char *line;

		plant(&p, "x");
		p.hello.transport = (enum record_transport)i;
		line = line_of(&rules, &p.window, true);
		assert_non_null(strstr(line, names[i]));
		free(line);
	}
}

static void of_an_unwatched_device_only_oui_and_clues_leave(void **state)
{
	struct share_rules rules = rules_of_home();
	struct planted p;
	char *line;

	(void)state;
	plant(&p, "harmless");
	line = line_of(&rules, &p.window, false);
	assert_non_null(strstr(line, "\"001788\",0]]"));
	assert_null(strstr(line, "\"flow\""));
	assert_null(strstr(line, "\"question\""));
	assert_null(strstr(line, "\"hello\""));
	assert_non_null(strstr(line, "\"clue\""));
	free(line);
}

static void names_that_the_owner_removed_are_nowhere(void **state)
{
	struct slice removed = text("example.org");
	struct share_rules rules = rules_of_home();
	struct planted p;
	char *line;

	(void)state;
	rules.removed = &removed;
	rules.removed_count = 1;
	plant(&p, "via example.org");
	line = line_of(&rules, &p.window, true);
	assert_null(strstr(line, "example.org"));
	assert_non_null(strstr(line, "\"flow\""));
	free(line);
}

static void names_of_hosts_at_home_are_nowhere(void **state)
{
	static const char *const names[] = { "tv.local", "nas.lan", "annas-pc",
					     "9.1.168.192.in-addr.arpa" };
	struct share_rules rules = rules_of_home();
	struct planted p;
	char *line;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		plant(&p, "x");
		for (int k = 0; k < 3; k++)
			p.names[k].name = text(names[i]);
		p.question.name = p.http.host = p.hello.sni = text(names[i]);
		line = line_of(&rules, &p.window, true);
		assert_null(strstr(line, names[i]));
		free(line);
	}
}

static void rows_with_the_homes_public_address_are_left_out(void **state)
{
	struct share_rules rules = rules_of_home();
	struct planted p;
	char *line;

	(void)state;
	plant(&p, "x");
	p.flow.remote = p.http.remote = p.hello.remote = rules_wan[0];
	for (int k = 0; k < 3; k++)
		p.names[k].addr = rules_wan[0];
	line = line_of(&rules, &p.window, true);
	assert_null(strstr(line, "203.0.113.77"));
	assert_null(strstr(line, "\"flow\""));
	assert_null(strstr(line, "\"name\""));
	free(line);
}

static bool yes(void *user, const struct mac *device,
		enum record_clue_kind kind, struct slice name)
{
	(void)device;
	(void)kind;
	++*(int *)user;
	return slice_equal(name, text("Anna's iPhone"));
}

static void a_persons_name_waits_for_a_yes(void **state)
{
	struct share_rules rules = rules_of_home();
	struct planted p;
	int asked = 0;
	char *line;

	(void)state;
	plant(&p, "Anna's iPhone");
	p.window.clue_count = RECORD_CLUE_DHCP_HOSTNAME + 1;
	p.http.user_agent = text("x");
	p.hello.alpn = text("");
	line = line_of(&rules, &p.window, true);
	assert_null(strstr(line, "\"clue\""));
	free(line);
	rules.is_approved = yes;
	rules.user = &asked;
	line = line_of(&rules, &p.window, true);
	assert_non_null(strstr(line, "\"clue\":[[0,\"dhcp_hostname\","
				     "\"Anna's iPhone\"]]"));
	assert_int_equal(asked, 1);
	free(line);
}

/* Programs put it into their User-Agents, and devices into what they are. */
static void whose_it_is_waits_for_a_yes_in_any_text(void **state)
{
	struct share_rules rules = rules_of_home();
	struct slice name = text("Anna's iPhone");
	struct planted p;
	int asked = 0;
	char *line;

	(void)state;
	plant(&p, "x");
	for (int i = 0; i < RECORD_CLUE_KINDS; i++)
		if (i != RECORD_CLUE_MDNS_TXT)
			p.clues[i].text = name;
	p.http.user_agent = name;
	line = line_of(&rules, &p.window, true);
	assert_null(strstr(line, "Anna"));
	assert_non_null(strstr(line, ",0,\"x-x.example.org\",null]"));
	free(line);
	rules.is_approved = yes;
	rules.user = &asked;
	line = line_of(&rules, &p.window, true);
	assert_int_equal(count_of(line, "Anna's iPhone"), 14 + 1);
	assert_int_equal(asked, 14 + 1);
	free(line);
	/* what only looks like a name to who knows that people type it */
	p.clues[RECORD_CLUE_USER_AGENT].text = text("Foo/1 (Gus TV; don't)");
	rules.is_approved = NULL;
	line = line_of(&rules, &p.window, true);
	assert_non_null(strstr(line, "\"Foo/1 (Gus TV; don't)\""));
	free(line);
}

static void a_products_key_is_no_serial_number(void **state)
{
	struct share_rules rules = rules_of_home();
	struct planted p;
	char *line;

	(void)state;
	plant(&p, "x");
	p.clues[RECORD_CLUE_TUYA_PRODUCT].text = text("x5pj7ahpqrtyajm9");
	p.clues[RECORD_CLUE_UPNP_MODEL].text = text("x5pj7ahpqrtyajm9");
	line = line_of(&rules, &p.window, true);
	assert_int_equal(count_of(line, "\"x5pj7ahpqrtyajm9\""), 1);
	free(line);
	p.clues[RECORD_CLUE_TUYA_PRODUCT].text = text("3c22fb0a1b2c");
	line = line_of(&rules, &p.window, true);
	assert_null(strstr(line, "3c22fb0a1b2c"));
	free(line);
}

/* The line of a window, a label and a view, with something for each switch. */
static char *line_of_everything(const struct share_rules *rules)
{
	static const enum record_clue_kind kinds[] = {
		RECORD_CLUE_DHCP_HOSTNAME, RECORD_CLUE_MDNS_SERVICE,
		RECORD_CLUE_SSDP_SERVER,   RECORD_CLUE_UPNP_MODEL,
		RECORD_CLUE_TUYA_PRODUCT,
	};
	struct share_label label = { "Lamp", "light", NULL, SHARE_LABEL_TYPED };
	struct record_clue clues[sizeof(kinds) / sizeof(*kinds)];
	struct record_window w = sample_window;
	struct record_http http = sample_http[0];
	struct share *share;
	char *line;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		clues[i] = (struct record_clue){ .time_ns = w.start_ns,
						 .kind = kinds[i],
						 .text = text("x") };
	http.user_agent = text("Viewer");
	http.host = text("example.org");
	w.device = rules_own;
	w.http = &http;
	w.clues = clues;
	w.clue_count = sizeof(kinds) / sizeof(*kinds);
	assert_int_equal(share_new(w.start_ns + RECORD_WINDOW_NS, rules->fields,
				   &share),
			 0);
	assert_int_equal(share_window(share, rules, &w, true), 0);
	assert_int_equal(share_label(share, rules, &rules_own, true, &label),
			 0);
	assert_int_equal(share_view(share, "devices", 2), 0);
	line = segment_line(share);
	share_free(share);
	return line;
}

/* Each switch, and what must not be in a line that it is off for. */
static void a_switch_that_is_off_takes_its_field(void **state)
{
	static const struct {
		enum share_field field;
		const char *absent;
	} cases[] = {
		{ SHARE_FIELD_OUI, "\"001788\"" },
		{ SHARE_FIELD_PROTOCOL, "[0,6,\"93." },
		{ SHARE_FIELD_REMOTE, "\"93.184.216.34\",443" },
		{ SHARE_FIELD_DEVICE_PORT, "40000" },
		{ SHARE_FIELD_FIRST_PACKET, "1500000001000" },
		{ SHARE_FIELD_BYTES, "5000000000" },
		{ SHARE_FIELD_PACKETS, ",400,4," },
		{ SHARE_FIELD_QUESTIONS, "\"question\"" },
		{ SHARE_FIELD_ANSWERS, "\"dns\"" },
		{ SHARE_FIELD_HTTP_HOST, "80,\"example.org\"" },
		{ SHARE_FIELD_CLIENT_HELLO, "\"hello\"" },
		{ SHARE_FIELD_SERVER_NAME, "\"sni\"" },
		{ SHARE_FIELD_DHCP, "dhcp_hostname" },
		{ SHARE_FIELD_OPENER, "5000000000,3,1]" },
		{ SHARE_FIELD_RESOLVER, "28,\"[address:" },
		{ SHARE_FIELD_USER_AGENT, "Viewer" },
		{ SHARE_FIELD_MDNS, "mdns_service" },
		{ SHARE_FIELD_SSDP, "ssdp_server" },
		{ SHARE_FIELD_UPNP, "upnp_model" },
		{ SHARE_FIELD_TUYA, "tuya_product" },
		{ SHARE_FIELD_LABELS, "\"label\"" },
		{ SHARE_FIELD_INTERACTION, "\"view\"" },
	};
	struct share_rules rules = rules_of_home();
	char *line;

	(void)state;
	/* the others are of the header, and of how ids are made */
	assert_int_equal(sizeof(cases) / sizeof(*cases),
			 SHARE_FIELD_IDENTIFIER);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct share_edit edit = { .fields = SHARE_ALL };
		struct buf edited;

		rules.fields = SHARE_ALL;
		line = line_of_everything(&rules);
		if (!strstr(line, cases[i].absent))
			fail_msg("no %s in %s", cases[i].absent, line);
		/* what is off from now on goes out of what waits, too */
		edit.keep = SHARE_ALL & ~(UINT32_C(1) << cases[i].field);
		buf_init(&edited, SHARE_LINE_MAX);
		assert_int_equal(
			share_json_edit(slice_text(line), &edit, &edited), 0);
		free(line);
		rules.fields = edit.keep;
		line = line_of_everything(&rules);
		if (strstr(line, cases[i].absent))
			fail_msg("%s in %s", cases[i].absent, line);
		assert_string_equal(buf_text(&edited), line);
		buf_done(&edited);
		free(line);
	}
}

static void the_header_names_the_columns_that_there_are(void **state)
{
	struct share_header h = { "0.1", "c0", -300,
				  SHARE_BIT(OUI) | SHARE_BIT(BYTES) |
					  SHARE_BIT(CLIENT) |
					  SHARE_BIT(UTC_OFFSET) };
	struct buf b;

	(void)state;
	buf_init(&b, SHARE_LINE_MAX);
	assert_int_equal(share_json_header(&h, &b), 0);
	assert_string_equal(
		buf_text(&b),
		"{\"upload\":1,\"client\":\"0.1\",\"consent\":\"c0\","
		"\"utc_offset_min\":-300,\"columns\":{\"device\":[\"id\","
		"\"oui\",\"watched\"],\"flow\":[\"device\",\"out_bytes\","
		"\"in_bytes\"]}}\n");
	buf_clear(&b);
	h.fields = SHARE_BIT(OUI);
	assert_int_equal(share_json_header(&h, &b), 0);
	assert_string_equal(buf_text(&b),
			    "{\"upload\":1,\"consent\":\"c0\",\"columns\":{"
			    "\"device\":[\"id\",\"oui\",\"watched\"]}}\n");
	buf_done(&b);
}

static void a_label_is_told_without_a_name_that_looks_personal(void **state)
{
	struct share_rules rules = rules_of_home();
	struct share_label label = { "Anna's lamp", "light", "Philips",
				     SHARE_LABEL_TYPED };
	struct mac other = { { 0x00, 0x17, 0x88, 0, 0, 9 } };
	struct share *share;
	char *line;

	(void)state;
	assert_int_equal(share_new(START + RECORD_WINDOW_NS, SHARE_ALL, &share),
			 0);
	assert_int_equal(share_label(share, &rules, &other, true, &label), 0);
	line = segment_line(share);
	assert_non_null(strstr(line, "\"label\":[[0,null,\"light\","
				     "\"Philips\",\"typed\"]]"));
	free(line);
	share_free(share);
}

/* By the id of its day, as well as by the one that it has. */
static const char *ids_of_own(void *user, uint64_t end_s, size_t n)
{
	assert_int_equal(end_s, START / 1000000000 + 5);
	return n == 0	? "00000000000000000000000000000000"
	       : n == 1 ? user
			: NULL;
}

static void a_device_goes_out_of_a_line(void **state)
{
	struct share_rules rules = rules_of_home();
	struct share_label label = { "Lamp", "light", NULL, SHARE_LABEL_TYPED };
	struct mac other = { { 0x00, 0x17, 0x88, 0, 0, 9 } };
	struct share_edit edit = { .fields = SHARE_ALL, .keep = SHARE_ALL };
	struct planted p;
	struct share *share;
	char *both, *alone, id[65], hex[65];
	uint8_t digest[32];
	struct buf b;

	(void)state;
	plant(&p, "harmless");
	assert_int_equal(share_new(START + RECORD_WINDOW_NS, SHARE_ALL, &share),
			 0);
	assert_int_equal(share_window(share, &rules, &p.window, true), 0);
	assert_int_equal(share_label(share, &rules, &other, true, &label), 0);
	both = segment_line(share);
	share_free(share);
	assert_int_equal(share_new(START + RECORD_WINDOW_NS, SHARE_ALL, &share),
			 0);
	assert_int_equal(share_label(share, &rules, &other, true, &label), 0);
	alone = segment_line(share);
	share_free(share);
	rules_hash(NULL, rules_own.b, 6, digest);
	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	memcpy(id, hex, 32);
	id[32] = '\0';
	edit.device = ids_of_own;
	edit.user = id;
	buf_init(&b, SHARE_LINE_MAX);
	assert_int_equal(share_json_edit(slice_text(both), &edit, &b), 0);
	assert_string_equal(buf_text(&b), alone);
	buf_clear(&b);
	edit.device = NULL;
	edit.names = true;
	assert_int_equal(share_json_edit(slice_text(both), &edit, &b), 0);
	assert_null(strstr(buf_text(&b), "example.org"));
	assert_null(strstr(buf_text(&b), "Lamp"));
	assert_non_null(strstr(buf_text(&b), "\"flow\""));
	buf_done(&b);
	free(both);
	free(alone);
}

static void a_made_up_mac_has_no_maker(void **state)
{
	struct share_rules rules = rules_of_home();
	struct planted p;
	char *line;

	(void)state;
	plant(&p, "x");
	p.window.device.b[0] = 0x02;
	line = line_of(&rules, &p.window, true);
	assert_non_null(strstr(line, "\",null,1]]"));
	free(line);
}

static void rows_past_the_limit_are_counted(void **state)
{
	struct share_rules rules = rules_of_home();
	struct planted p;
	struct share *share;
	size_t rows = 0;

	(void)state;
	plant(&p, "x");
	assert_int_equal(share_new(START + RECORD_WINDOW_NS, SHARE_ALL, &share),
			 0);
	while (!share_refused(share) && rows++ < 100000)
		assert_int_equal(share_window(share, &rules, &p.window, true),
				 0);
	assert_true(share_refused(share) > 0);
	assert_true(share_rows(share, SHARE_FLOW) > 1000);
	share_free(share);
}

static void a_broken_line_is_not_edited(void **state)
{
	struct share_edit edit = { .fields = SHARE_ALL, .keep = SHARE_ALL };
	struct buf b;

	(void)state;
	buf_init(&b, SHARE_LINE_MAX);
	assert_int_equal(share_json_edit(text("{\"segment\":"), &edit, &b),
			 ERR_MALFORMED);
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_products_key_is_no_serial_number),
		cmocka_unit_test(what_is_planted_in_any_field_leaves_in_none),
		cmocka_unit_test(a_window_is_a_segment),
		cmocka_unit_test(of_extensions_only_the_numbers_leave),
		cmocka_unit_test(a_hello_says_what_it_came_by),
		cmocka_unit_test(
			of_an_unwatched_device_only_oui_and_clues_leave),
		cmocka_unit_test(names_that_the_owner_removed_are_nowhere),
		cmocka_unit_test(names_of_hosts_at_home_are_nowhere),
		cmocka_unit_test(
			rows_with_the_homes_public_address_are_left_out),
		cmocka_unit_test(a_persons_name_waits_for_a_yes),
		cmocka_unit_test(whose_it_is_waits_for_a_yes_in_any_text),
		cmocka_unit_test(a_switch_that_is_off_takes_its_field),
		cmocka_unit_test(the_header_names_the_columns_that_there_are),
		cmocka_unit_test(
			a_label_is_told_without_a_name_that_looks_personal),
		cmocka_unit_test(a_device_goes_out_of_a_line),
		cmocka_unit_test(a_made_up_mac_has_no_maker),
		cmocka_unit_test(rows_past_the_limit_are_counted),
		cmocka_unit_test(a_broken_line_is_not_edited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "judge/judge.h"
#include "judge/secrecy.h"
#include "window.h"

#define DAY 17280 /* windows */

static struct made made;
static struct judge judge;
static struct lan lan;
static struct finding_list home;
static struct judge_world world;
static struct party somebody;

static void find_party(void *user, const struct record_window *w,
		       const struct addr *remote, struct party *out)
{
	struct slice name = out->name;

	(void)user;
	(void)w;
	(void)remote;
	*out = somebody;
	if (name.data)
		out->name = name;
}

static const struct party_source source = { NULL, find_party };

static int set_up(void **state)
{
	(void)state;
	memset(&judge, 0, sizeof(judge));
	memset(&lan, 0, sizeof(lan));
	memset(&somebody, 0, sizeof(somebody));
	world = (struct judge_world){
		.lan = &lan,
		.gateway = made_addr("192.168.1.1"),
	};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	judge_done(&judge);
	finding_done(&home);
	return 0;
}

static void add(void)
{
	lan_hear(&lan, &made.w, &home);
	lan_hear_questions(&lan, &made.w);
	judge_add(&judge, &made.w, &world);
}

static struct slice text(const char *s)
{
	return slice_text(s);
}

static void hello(const char *name, uint16_t version, struct slice suites,
		  const char *ja4)
{
	struct record_hello *h = &made.hellos[made.w.hello_count++];

	*h = (struct record_hello){
		.remote = made_addr("203.0.113.5"),
		.remote_port = 443,
		.highest_version = version,
		.sni = name ? text(name) : (struct slice){ 0 },
		.cipher_suites = suites,
	};
	snprintf(h->ja4, sizeof(h->ja4), "%s", ja4);
}

static const uint8_t good[] = { 0x13, 0x01, 0xc0, 0x2f };
static const uint8_t triple[] = { 0x00, 0x0a };
static const uint8_t rc4[] = { 0x00, 0x05 };

static void the_two_sets_of_rules_are_counted_apart(void **state)
{
	const struct posture_sums *s = &judge.posture.sums;

	(void)state;
	made_begin(&made, 0);
	hello("new.example", 0x0304, slice_of(good, sizeof(good)), "a");
	hello("mid.example", 0x0302, slice_of(triple, 2), "b");
	hello("old.example", 0x0301, slice_of(rc4, 2), "c");
	hello(NULL, 0x0300, slice_of(rc4, 2), "c");
	add();
	assert_int_equal(s->hellos, 4);
	assert_int_equal(s->no_sni, 1);
	assert_int_equal(s->by[OFFER_PAPER].offered_outdated, 2);
	assert_int_equal(s->by[OFFER_CURRENT].offered_outdated, 3);
	assert_int_equal(s->by[OFFER_PAPER].offered_weak, 2);
	assert_int_equal(s->by[OFFER_CURRENT].offered_weak, 3);
	assert_int_equal(s->offered_no_secrecy, 3);
	assert_int_equal(s->offered_ssl, 1);
	assert_int_equal(s->offered_13, 1);
	assert_int_equal(judge.posture.lists[POSTURE_FINGERPRINTS].count, 3);
	assert_non_null(made_found(&judge.findings, RULE_OUTDATED_TLS));
	assert_string_equal(
		made_found(&judge.findings, RULE_OUTDATED_TLS)->subject,
		"mid.example");
}

static void a_version_that_is_not_known_is_not_outdated(void **state)
{
	const struct posture_sums *s = &judge.posture.sums;

	(void)state;
	made_begin(&made, 0);
	hello("draft.example", 0, slice_of(good, sizeof(good)), "a");
	add();
	assert_int_equal(s->hellos, 1);
	assert_int_equal(s->offered_ssl, 0);
	assert_int_equal(s->by[OFFER_PAPER].offered_outdated, 0);
	assert_int_equal(s->by[OFFER_CURRENT].offered_outdated, 0);
	assert_null(made_found(&judge.findings, RULE_OUTDATED_TLS));
}

static void what_it_got_is_not_what_it_offered(void **state)
{
	const struct posture_sums *s = &judge.posture.sums;

	(void)state;
	made_begin(&made, 0);
	hello("host.example", 0x0304, slice_of(good, sizeof(good)), "a");
	made.servers[0] = (struct record_server){
		.remote = made_addr("203.0.113.5"),
		.version = 0x0301,
		.cipher_suite = 0x0005,
	};
	made.w.server_count = 1;
	add();
	assert_int_equal(s->by[OFFER_CURRENT].offered_outdated, 0);
	assert_int_equal(s->by[OFFER_CURRENT].got_outdated, 1);
	assert_int_equal(s->by[OFFER_PAPER].got_weak, 1);
	assert_int_equal(s->got_no_secrecy, 1);
	assert_int_equal(s->offered_no_secrecy, 0);
	assert_int_equal(s->got_10, 1);
}

static void request(const char *remote, const char *host)
{
	made.http[made.w.http_count++] = (struct record_http){
		.remote = made_addr(remote),
		.remote_port = 80,
		.method = text("GET"),
		.host = text(host),
	};
}

static void requests_in_clear_are_found_but_not_those_at_home(void **state)
{
	(void)state;
	made_begin(&made, 0);
	request("192.168.1.9", "printer.local");
	add();
	assert_int_equal(judge.findings.count, 0);
	made_begin(&made, 1);
	request("203.0.113.9", "image.example");
	add();
	assert_string_equal(
		made_found(&judge.findings, RULE_PLAINTEXT_HTTP)->subject,
		"image.example");
	assert_int_equal(judge.posture.sums.http_requests, 1);
	assert_int_equal(judge.posture.lists[POSTURE_CLEAR].count, 1);
}

static void a_hosts_name_cannot_break_out_of_the_text(void **state)
{
	(void)state;
	made_begin(&made, 0);
	request("203.0.113.9", "evil\x1b[2J\n.example");
	add();
	assert_string_equal(
		made_found(&judge.findings, RULE_PLAINTEXT_HTTP)->subject,
		"evil\\x1b[2J\\x0a.example");
}

static void service(const char *remote, enum record_application application,
		    bool credentials)
{
	made.services[made.w.service_count++] = (struct record_service){
		.protocol = 6,
		.remote = made_addr(remote),
		.remote_port = 1900,
		.application = application,
		.credentials_in_clear = credentials,
	};
}

static void
names_are_asked_in_clear_and_whom_the_network_named_is_no_fault(void **state)
{
	struct posture_rules *by = judge.posture.sums.by;

	(void)state;
	made_begin(&made, 0);
	service("203.0.113.53", RECORD_APPLICATION_DNS, false);
	made_good(&made, "203.0.113.53", 1900, 100);
	made_good(&made, "203.0.113.54", 53, 100);
	add();
	assert_int_equal(by[OFFER_CURRENT].unencrypted_bytes,
			 judge.posture.sums.internet_bytes);
	assert_int_equal(by[OFFER_PAPER].unencrypted_bytes, 0);
	assert_int_equal(judge.posture.sums.encrypted_bytes, 0);
	assert_int_equal(judge.posture.lists[POSTURE_CLEAR].count, 1);
	assert_int_equal(judge.findings.count, 0);
}

static void bytes_are_clear_or_encrypted_by_what_was_said(void **state)
{
	struct posture_rules *by = judge.posture.sums.by;

	(void)state;
	made_begin(&made, 0);
	service("203.0.113.9", RECORD_APPLICATION_MQTT, true);
	made_good(&made, "203.0.113.9", 1900, 1000);
	made_good(&made, "203.0.113.9", 443, 1000);
	made_good(&made, "203.0.113.9", 80, 1000);
	add();
	/* remembered when the conversation goes on */
	made_begin(&made, 1);
	made_good(&made, "203.0.113.9", 1900, 1000);
	add();
	assert_int_equal(by[OFFER_PAPER].unencrypted_bytes, 1000 + 324 + 3000);
	assert_int_equal(by[OFFER_CURRENT].unencrypted_bytes,
			 3 * (1000 + 324 + 3000));
	assert_int_equal(judge.posture.sums.encrypted_bytes, 1000 + 324 + 3000);
	assert_int_equal(judge.posture.sums.credentials, 1);
	assert_non_null(made_found(&judge.findings, RULE_CREDENTIALS_IN_CLEAR));
	assert_non_null(made_found(&judge.findings, RULE_CLEAR_PROTOCOL));
}

static void calls_in_clear_are_found_by_their_port(void **state)
{
	const struct finding *found;
	struct record_flow *sip;

	(void)state;
	for (uint64_t window = 0; window < 2; window++) {
		made_begin(&made, window);
		made_good(&made, "203.0.113.23", 23, 1000);
		made_good(&made, "203.0.113.93", 993, 1000);
		made_good(&made, "192.168.1.9", 23, 1000);
		made_failed(&made, "203.0.113.43", 5672);
		sip = made_flow(&made, 17, "203.0.113.60", 5060);
		sip->in_packets = sip->out_packets = 2;
		sip->in_bytes = sip->out_bytes = 500;
		add();
	}
	assert_int_equal(judge.posture.lists[POSTURE_CLEAR].count, 2);
	assert_string_equal(judge.posture.lists[POSTURE_CLEAR].items[0].note,
			    "Telnet");
	assert_string_equal(judge.posture.lists[POSTURE_CLEAR].items[1].note,
			    "SIP");
	assert_int_equal(judge.posture.lists[POSTURE_CLEAR].items[0].count, 1);
	found = made_found(&judge.findings, RULE_CLEAR_PROTOCOL);
	assert_non_null(found);
	assert_string_equal(found->subject, "203.0.113.23");
}

/* Mail on port 25 may be encrypted by then: only what was said tells. */
static void mail_is_judged_by_what_was_said(void **state)
{
	(void)state;
	made_begin(&made, 0);
	made_good(&made, "203.0.113.25", 25, 1000);
	add();
	assert_int_equal(judge.posture.lists[POSTURE_CLEAR].count, 0);
	assert_int_equal(judge.posture.sums.by[OFFER_CURRENT].unencrypted_bytes,
			 0);
	made_begin(&made, 1);
	made_good(&made, "203.0.113.25", 1900, 1000);
	service("203.0.113.25", RECORD_APPLICATION_SMTP, true);
	add();
	assert_string_equal(judge.posture.lists[POSTURE_CLEAR].items[0].note,
			    "SMTP");
	assert_true(judge.posture.sums.by[OFFER_CURRENT].unencrypted_bytes >
		    1000);
	assert_int_equal(judge.posture.sums.credentials, 1);
	made_begin(&made, 2);
	made_good(&made, "203.0.113.26", 1900, 1000);
	service("203.0.113.26", RECORD_APPLICATION_TLS, false);
	add();
	assert_int_equal(judge.posture.lists[POSTURE_CLEAR].count, 1);
	assert_true(judge.posture.sums.encrypted_bytes > 1000);
}

static void ask(const char *resolver)
{
	made.questions[made.w.question_count++] = (struct record_question){
		.name = text("host.example"),
		.type = 1,
		.resolver = made_addr(resolver),
	};
}

static void a_resolver_past_the_networks_own_is_told(void **state)
{
	(void)state;
	made_begin(&made, 0);
	ask("8.8.8.8");
	add(); /* as far as is known, the network named it */
	assert_int_equal(judge.findings.count, 0);
	made_begin(&made, 1);
	ask("192.168.1.1");
	ask("224.0.0.251");
	add();
	assert_int_equal(judge.findings.count, 0);
	made_begin(&made, 2);
	ask("8.8.8.8");
	service("9.9.9.9", RECORD_APPLICATION_DOT, false);
	add();
	assert_int_equal(judge.findings.count, 2);
	assert_non_null(made_found(&judge.findings, RULE_HARD_CODED_DNS));
}

static void clue(const char *words)
{
	made.clues[made.w.clue_count++] = (struct record_clue){
		.kind = RECORD_CLUE_DHCP_SERVER,
		.text = text(words),
	};
}

static void a_public_resolver_that_the_network_names_is_fine(void **state)
{
	(void)state;
	made_begin(&made, 0);
	clue("192.168.1.1 8.8.8.8 1.1.1.1");
	add();
	made_begin(&made, 1);
	ask("1.1.1.1");
	ask("192.168.1.1");
	add();
	assert_int_equal(judge.findings.count, 0);
	made_begin(&made, 2);
	ask("9.9.9.9");
	add();
	assert_string_equal(
		made_found(&judge.findings, RULE_HARD_CODED_DNS)->subject,
		"9.9.9.9");
}

static void clue6(const char *words)
{
	made.clues[made.w.clue_count++] = (struct record_clue){
		.kind = RECORD_CLUE_IPV6_RESOLVERS,
		.text = text(words),
	};
}

static void a_resolver_that_ipv6_names_is_fine(void **state)
{
	(void)state;
	/* before it is heard what is named, a provider's may be */
	made_begin(&made, 0);
	ask("192.168.1.1");
	ask("2001:db8::53");
	add();
	assert_int_equal(judge.findings.count, 0);
	made_begin(&made, 1);
	clue6("2001:db8::53 fe80::1");
	clue6("2001:4860:4860::8888");
	clue6("");
	add();
	made_begin(&made, 2);
	ask("2001:db8::53");
	ask("2001:4860:4860::8888");
	ask("fe80::1");
	add();
	assert_int_equal(judge.findings.count, 0);
	made_begin(&made, 3);
	ask("2620:fe::fe");
	add();
	assert_string_equal(
		made_found(&judge.findings, RULE_HARD_CODED_DNS)->subject,
		"2620:fe::fe");
	assert_int_equal(judge.findings.count, 1);
	/* one of the home, whoever named it */
	lan.link6 = (struct cidr){ made_addr("2001:db8:1::7"), 64 };
	made_begin(&made, 4);
	ask("2001:db8:1::1");
	add();
	assert_int_equal(judge.findings.count, 1);
	/* what IPv6 names says nothing of IPv4's */
	assert_int_equal(lan.resolver_count, 0);
}

static void a_known_public_resolver_was_not_named_unheard(void **state)
{
	(void)state;
	made_begin(&made, 0);
	ask("2001:4860:4860::8888");
	add();
	assert_int_equal(judge.findings.count, 0);
	made_begin(&made, 1);
	ask("192.168.1.1");
	ask("2001:4860:4860::8888");
	add();
	assert_non_null(made_found(&judge.findings, RULE_HARD_CODED_DNS));
}

static void of_too_many_resolvers_the_oldest_goes(void **state)
{
	(void)state;
	for (unsigned int i = 0; i <= LAN_RESOLVERS_MAX; i++) {
		struct addr addr = made_addr("2001:db8::");

		addr.b[15] = (uint8_t)(i + 1);
		lan_name_resolver6(&lan, &addr);
		lan_name_resolver6(&lan, &addr);
	}
	assert_int_equal(lan.resolver6_count, LAN_RESOLVERS_MAX);
	assert_int_equal(lan.resolvers_refused, 1);
	assert_int_equal(lan_names(&lan, &lan.resolvers6[0]), LAN_NAMED);
	assert_int_equal(lan.resolvers6[0].b[15], 2);
	assert_int_equal(lan.resolvers6[LAN_RESOLVERS_MAX - 1].b[15],
			 LAN_RESOLVERS_MAX + 1);
}

static void a_second_dhcp_server_is_found_and_the_first_stays_it(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		made_begin(&made, i);
		clue("192.168.1.1");
		clue("192.168.1.1 192.168.1.1");
		add();
	}
	assert_int_equal(home.count, 0);
	made_begin(&made, 10);
	clue("192.168.1.66 192.168.1.66");
	add();
	made_begin(&made, 11);
	clue("192.168.1.1 192.168.1.1");
	add();
	assert_int_equal(home.count, 1);
	assert_string_equal(home.items[0].subject, "192.168.1.66");
	/* and it names no resolvers */
	assert_int_equal(lan.resolver_count, 1);
	assert_string_equal(home.items[0].evidence[0].text,
			    "192.168.1.66 hands out addresses beside "
			    "192.168.1.1");
}

static void the_router_is_no_second_server_though_heard_later(void **state)
{
	(void)state;
	lan.gateway = made_addr("192.168.1.1");
	made_begin(&made, 0);
	clue("192.168.1.66 192.168.1.66");
	clue("192.168.1.1 192.168.1.1");
	add();
	assert_int_equal(home.count, 1);
	assert_string_equal(home.items[0].subject, "192.168.1.66");
	assert_true(addr_equal(&lan.servers[0].addr, &lan.gateway));
}

static void a_server_that_was_replaced_is_no_second_one(void **state)
{
	(void)state;
	made_begin(&made, 0);
	clue("192.168.1.1");
	add();
	made_begin(&made, 2 * DAY);
	clue("192.168.1.2");
	add();
	assert_int_equal(home.count, 0);
	assert_int_equal(lan.server_count, 1);
}

static void talk(uint64_t at)
{
	made_begin(&made, at);
	made_good(&made, "203.0.113.7", 443, 100);
	add();
}

static void what_is_new_is_dated_and_told_once_habits_are_known(void **state)
{
	(void)state;
	world.party = &source;
	somebody = (struct party){ .name = text("t.example"),
				   .company = "Example",
				   .tracker = "advertising",
				   .country = "US",
				   .third = true };
	talk(0);
	assert_int_equal(judge.findings.count, 0);
	assert_int_equal(judge.posture.changes.count, 0);
	assert_int_equal(judge.posture.lists[POSTURE_COUNTRIES].count, 1);
	talk(1);
	memcpy(somebody.country, "DE", 3);
	talk(DAY + 1);
	assert_int_equal(judge.findings.count, 1);
	assert_int_equal(judge.posture.changes.count, 1);
	assert_int_equal(change_at(&judge.posture.changes, 0)->at_ms,
			 WINDOW_NOON_MS + (DAY + 1) * 5000ull);
	assert_string_equal(
		made_found(&judge.findings, RULE_FIRST_COUNTRY)->subject, "DE");
	assert_string_equal(
		judge.posture.lists[POSTURE_COMPANIES].items[0].text,
		"Example");
	assert_string_equal(judge.posture.lists[POSTURE_TRACKERS].items[0].note,
			    "advertising");
}

static void a_new_fingerprint_is_told_after_a_day(void **state)
{
	(void)state;
	made_begin(&made, 0);
	hello("a.example", 0x0304, slice_of(good, sizeof(good)), "one");
	add();
	made_begin(&made, DAY);
	hello("a.example", 0x0304, slice_of(good, sizeof(good)), "one");
	hello("a.example", 0x0304, slice_of(good, sizeof(good)), "two");
	add();
	assert_int_equal(judge.findings.count, 1);
	assert_string_equal(
		made_found(&judge.findings, RULE_NEW_FINGERPRINT)->subject,
		"two");
}

static void a_host_of_a_bad_list_is_an_alarm(void **state)
{
	(void)state;
	world.party = &source;
	somebody = (struct party){ .bad_list = "a list" };
	talk(0);
	assert_string_equal(
		made_found(&judge.findings, RULE_KNOWN_BAD)->subject,
		"203.0.113.7");
}

/* As a version before this one had it: with fewer of the 15 numbers of those
 * kept. */
static struct slice before(const struct buf *bytes, uint8_t version,
			   struct buf *out)
{
	static const size_t numbers[] = { 0, 10, 13, 14 };
	size_t kept = 1 + numbers[version] * 8, now = 1 + 15 * 8;

	buf_clear(out);
	buf_u8(out, version);
	buf_append(out, bytes->data + 1, kept - 1);
	buf_append(out, bytes->data + now, bytes->len - now);
	return buf_slice(out);
}

static void a_restart_forgets_nothing(void **state)
{
	struct judge again = { 0 };
	struct buf bytes, second;

	(void)state;
	world.party = &source;
	somebody = (struct party){ .country = "US", .third = true };
	made_begin(&made, 0);
	hello("old.example", 0x0301, slice_of(rc4, 2), "one");
	request("203.0.113.9", "image.example");
	ask("8.8.8.8");
	made_good(&made, "203.0.113.7", 443, 100)->in_missed_bytes = 77;
	add();
	judge.traffic.most_hosts = 12;
	coverage_state(&judge.coverage, true, true, 1000);
	coverage_state(&judge.coverage, true, true, 6000);
	coverage_released(&judge.coverage);
	coverage_released(&judge.coverage);
	judge.coverage.resisted_ms = 7000;
	judge.coverage.accepted_ms = 8000;

	buf_init(&bytes, JUDGE_BYTES_MAX);
	buf_init(&second, JUDGE_BYTES_MAX);
	assert_int_equal(judge_write(&judge, &bytes), 0);
	assert_int_equal(judge_read(buf_slice(&bytes), &again), 0);
	assert_int_equal(judge_write(&again, &second), 0);
	assert_true(slice_equal(buf_slice(&bytes), buf_slice(&second)));
	assert_memory_equal(&again.posture.sums, &judge.posture.sums,
			    sizeof(judge.posture.sums));
	assert_memory_equal(&again.posture.changes, &judge.posture.changes,
			    sizeof(judge.posture.changes));
	assert_int_equal(again.traffic.most_hosts, 12);
	assert_int_equal(again.coverage.missed_bytes, 77);
	assert_int_equal(again.coverage.intercepted_ms, 5000);

	assert_int_equal(again.coverage.releases, 2);
	assert_int_equal(again.coverage.resisted_ms, 7000);
	assert_int_equal(again.coverage.accepted_ms, 8000);

	/* the versions before this one have less, and are read; the first two
	 * counted as releases what was none, and none knew when */
	for (uint8_t version = 1; version < 4; version++) {
		assert_int_equal(judge_read(before(&bytes, version, &second),
					    &again),
				 0);
		assert_int_equal(again.coverage.missed_bytes, 77);
		assert_int_equal(again.coverage.releases, version < 3 ? 0 : 2);
		assert_int_equal(again.coverage.resisted_ms, 0);
		assert_int_equal(again.coverage.accepted_ms, 0);
		assert_int_equal(again.traffic.most_hosts, 12);
	}
	assert_int_equal(judge_read(buf_slice(&bytes), &again), 0);

	/* what was cut off, or is of another version, changes nothing */
	for (size_t n = 0; n < bytes.len; n++)
		assert_int_not_equal(
			judge_read(slice_of(bytes.data, n), &again), 0);
	bytes.data[0]++;
	assert_int_equal(judge_read(buf_slice(&bytes), &again),
			 ERR_UNSUPPORTED);
	assert_int_equal(again.traffic.most_hosts, 12);
	buf_done(&bytes);
	buf_done(&second);
}

static void coverage_is_of_the_time_that_was_watched(void **state)
{
	struct coverage c = { 0 };

	(void)state;
	coverage_state(&c, false, false, 1000);
	coverage_state(&c, true, false, 2000);	/* not watched before */
	coverage_state(&c, true, true, 3000);	/* 1 s until it began */
	coverage_state(&c, true, true, 6000);	/* 3 s of it */
	coverage_state(&c, false, false, 6000); /* switched off */
	coverage_state(&c, true, true, 60000);
	coverage_state(&c, true, true, 3600000); /* the computer slept */
	assert_int_equal(c.watched_ms, 4000);
	assert_int_equal(c.intercepted_ms, 3000);
	assert_int_equal(coverage_share(c.intercepted_ms, c.watched_ms),
			 750000);
	assert_int_equal(coverage_share(0, 0), -1);
	assert_int_equal(coverage_share(1ull << 62, 1ull << 63), 500000);
}

/* A window of a connection to the Internet, so many ms after noon. */
static void window_of(struct coverage *c, const char *remote, uint64_t after_ms,
		      uint64_t in_missed_bytes, uint64_t in_packets)
{
	struct record_window window = {
		.start_ns = (WINDOW_NOON_MS + after_ms) * 1000000u,
		.flow_count = 1,
	};
	struct record_flow flow = {
		.protocol = 6,
		.remote = made_addr(remote),
		.out_packets = 40,
		.in_packets = in_packets,
		.in_missed_bytes = in_missed_bytes,
	};

	window.flows = &flow;
	coverage_add(c, &window, &world.gateway, &world.own);
}

static void window_at(struct coverage *c, uint64_t after_ms,
		      uint64_t in_missed_bytes, uint64_t in_packets)
{
	window_of(c, "203.0.113.7", after_ms, in_missed_bytes, in_packets);
}

static void what_nobody_answers_is_not_the_routers_doing(void **state)
{
	struct coverage c = { 0 };

	(void)state;
	window_at(&c, 0, 0, 0);
	coverage_unanswered(&c, 4, WINDOW_NOON_MS + 4000);
	assert_false(coverage_is_resisted(&c));
	/* lost on the way here, beside what came */
	window_at(&c, 2000, 500, 3);
	assert_false(coverage_is_resisted(&c));
	/* answers went past at another time */
	window_at(&c, 4000 + COVERAGE_LATE_MS + 1000, 500, 0);
	assert_false(coverage_is_resisted(&c));
	coverage_unanswered(&c, 4,
			    WINDOW_NOON_MS + 4000 + COVERAGE_LATE_MS + 2000 +
				    COVERAGE_PROOF_MS);
	assert_false(coverage_is_resisted(&c));
	assert_int_equal(c.resisted_ms, 0);
}

static void answers_past_us_are_until_they_come_through_us_again(void **state)
{
	struct coverage c = { 0 };

	(void)state;
	/* the window ends after the device was given back */
	coverage_unanswered(&c, 4, WINDOW_NOON_MS + 4000);
	window_at(&c, 2000, 500, 0);
	assert_true(coverage_is_resisted(&c));
	assert_int_equal(c.resisted_ms, WINDOW_NOON_MS + 4000);
	/* tried again, and the Internet is down */
	coverage_unanswered(&c, 4, WINDOW_NOON_MS + 600000);
	assert_true(coverage_is_resisted(&c));
	assert_int_equal(c.resisted_ms, WINDOW_NOON_MS + 4000);
	/* answers come through us, for a while */
	window_at(&c, 700000, 0, 9);
	window_at(&c, 700000 + COVERAGE_ACCEPTED_MS - 5000, 0, 9);
	assert_true(coverage_is_resisted(&c));
	window_at(&c, 700000 + COVERAGE_ACCEPTED_MS, 0, 0);
	assert_true(coverage_is_resisted(&c));
	window_at(&c, 700000 + COVERAGE_ACCEPTED_MS + 5000, 0, 9);
	assert_false(coverage_is_resisted(&c));
	assert_int_equal(c.resisted_ms, WINDOW_NOON_MS + 4000);
	/* and it begins anew */
	window_at(&c, 800000, 500, 0);
	coverage_unanswered(&c, 4, WINDOW_NOON_MS + 804000);
	assert_true(coverage_is_resisted(&c));
	window_at(&c, 810000, 0, 9);
	assert_true(coverage_is_resisted(&c));
}

static void answers_by_quic_past_us_are_as_good_a_proof(void **state)
{
	struct record_window window = {
		.start_ns = (WINDOW_NOON_MS + 2000) * 1000000u,
		.answered_past = RECORD_PAST_IPV6,
	};
	struct coverage c = { 0 };

	(void)state;
	coverage_unanswered(&c, 4, WINDOW_NOON_MS + 4000);
	coverage_add(&c, &window, &world.gateway, &world.own);
	assert_false(coverage_is_resisted(&c));
	window.answered_past = RECORD_PAST_IPV4;
	coverage_add(&c, &window, &world.gateway, &world.own);
	assert_true(coverage_is_resisted(&c));
}

/* A router may accept one and not the other, and of one the Internet may be
 * down alone. */
static void answers_of_one_family_say_nothing_of_the_other(void **state)
{
	static const char six[] = "2001:db8::7";
	struct coverage c = { 0 };

	(void)state;
	window_at(&c, 0, 500, 0);
	coverage_unanswered(&c, 6, WINDOW_NOON_MS + 4000);
	assert_false(coverage_is_resisted(&c));
	coverage_unanswered(&c, 4, WINDOW_NOON_MS + 5000);
	assert_true(coverage_is_resisted(&c));
	window_of(&c, six, 20000, 0, 9);
	window_of(&c, six, 20000 + COVERAGE_ACCEPTED_MS, 0, 9);
	assert_true(coverage_is_resisted(&c));
	/* both: until both do */
	window_of(&c, six, 100000, 500, 0);
	coverage_unanswered(&c, 6, WINDOW_NOON_MS + 101000);
	window_at(&c, 110000, 0, 9);
	window_at(&c, 110000 + COVERAGE_ACCEPTED_MS, 0, 9);
	assert_true(coverage_is_resisted(&c));
	window_of(&c, six, 200000, 0, 9);
	window_of(&c, six, 200000 + COVERAGE_ACCEPTED_MS, 0, 9);
	assert_false(coverage_is_resisted(&c));
	assert_int_equal(c.resisted_ms, WINDOW_NOON_MS + 101000);
	/* stored by an earlier run, which does not tell of which it was */
	c = (struct coverage){ .resisted_ms = WINDOW_NOON_MS };
	window_of(&c, six, 5000, 0, 9);
	window_of(&c, six, 5000 + COVERAGE_ACCEPTED_MS, 0, 9);
	assert_false(coverage_is_resisted(&c));
}

static void what_goes_round_is_told(void **state)
{
	uint64_t now = WINDOW_NOON_MS;
	struct coverage c = { 0 };

	(void)state;
	assert_int_equal(coverage_round(&c, false, false, now), COVERAGE_LOCAL);
	assert_int_equal(coverage_round(&c, true, true, now),
			 COVERAGE_LOCAL | COVERAGE_IPV6 | COVERAGE_SUBNET);
	c.v6_at_ms = c.local_at_ms = now;
	assert_int_equal(coverage_round(&c, true, true, now), COVERAGE_SUBNET);
	assert_int_equal(coverage_round(&c, true, false, now), 0);
	/* and not for ever */
	now += COVERAGE_SPAN_MS;
	assert_int_equal(coverage_round(&c, true, false, now),
			 COVERAGE_LOCAL | COVERAGE_IPV6);
}

static void
what_is_said_to_the_router_and_to_us_is_not_between_devices(void **state)
{
	struct coverage *c = &judge.coverage;

	(void)state;
	world.gateway = made_addr("192.168.1.1");
	world.own = made_addr("192.168.1.2");
	made_begin(&made, 0);
	made_flow(&made, 17, "192.168.1.1", 53)->local = true;
	made_flow(&made, 17, "192.168.1.2", 5353)->local = true;
	made_flow(&made, 17, "fe80::1", 53)->local = true;
	made_flow(&made, 17, "203.0.113.9", 443)->out_bytes = 700;
	for (size_t i = 0; i < 3; i++)
		made.flows[i].out_bytes = 100;
	add();
	assert_int_equal(c->seen_local_bytes, 0);
	assert_int_equal(c->local_at_ms, 0);
	assert_int_equal(c->seen_udp_bytes, 700);
	made_begin(&made, 1);
	made_flow(&made, 17, "192.168.1.9", 53)->local = true;
	made.flows[0].out_bytes = 100;
	add();
	assert_int_equal(c->seen_local_bytes, 100);
	assert_int_equal(c->local_at_ms, WINDOW_NOON_MS + 5000);
}

static void an_address_does_not_tell_a_neighbours_mac(void **state)
{
	static const char *const addrs[][2] = {
		{ "fe80::211:22ff:fe33:4455", "fe80::211:22ff:fe\u2026" },
		{ "fd00::211:22ff:fe00:4455", "fd00::211:22ff:fe\u2026" },
		{ "2001:db8::211:22ff:fe33:4455",
		  "2001:db8::211:22ff:fe33:4455" },
		{ "192.168.1.7", "192.168.1.7" },
	};
	char text[PARTY_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(addrs) / sizeof(addrs[0]); i++) {
		struct addr addr = made_addr(addrs[i][0]);

		assert_string_equal(party_addr(&addr, text), addrs[i][1]);
		assert_string_equal(party_text((struct slice){ 0 }, &addr,
					       text),
				    addrs[i][1]);
	}
}

static void forward_secrecy_is_of_the_key_exchange(void **state)
{
	static const struct {
		uint16_t suite;
		bool has;
	} suites[] = {
		{ 0x1301, true },  { 0x1305, true },  { 0xc02f, true },
		{ 0xcca8, true },  { 0x009e, true },  { 0x0033, true },
		{ 0x002f, false }, { 0x009c, false }, { 0x0005, false },
		{ 0x000a, false }, { 0x0018, false }, { 0xc031, false },
		{ 0xc09c, false }, { 0xc004, false }, { 0xc00e, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(suites) / sizeof(suites[0]); i++)
		assert_int_equal(secrecy_of(suites[i].suite), suites[i].has);
}

static void the_routers_own_traffic_is_not_judged(void **state)
{
	(void)state;
	made_begin(&made, 0);
	made.w.is_gateway = true;
	request("203.0.113.9", "image.example");
	add();
	assert_int_equal(judge.findings.count, 0);
	assert_int_equal(judge.posture.sums.windows, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_two_sets_of_rules_are_counted_apart),
		TEST(a_version_that_is_not_known_is_not_outdated),
		TEST(what_it_got_is_not_what_it_offered),
		TEST(requests_in_clear_are_found_but_not_those_at_home),
		TEST(calls_in_clear_are_found_by_their_port),
		TEST(mail_is_judged_by_what_was_said),
		TEST(names_are_asked_in_clear_and_whom_the_network_named_is_no_fault),
		TEST(a_hosts_name_cannot_break_out_of_the_text),
		TEST(bytes_are_clear_or_encrypted_by_what_was_said),
		TEST(a_resolver_past_the_networks_own_is_told),
		TEST(a_public_resolver_that_the_network_names_is_fine),
		TEST(a_resolver_that_ipv6_names_is_fine),
		TEST(a_known_public_resolver_was_not_named_unheard),
		TEST(of_too_many_resolvers_the_oldest_goes),
		TEST(a_second_dhcp_server_is_found_and_the_first_stays_it),
		TEST(the_router_is_no_second_server_though_heard_later),
		TEST(a_server_that_was_replaced_is_no_second_one),
		TEST(what_is_new_is_dated_and_told_once_habits_are_known),
		TEST(a_new_fingerprint_is_told_after_a_day),
		TEST(a_host_of_a_bad_list_is_an_alarm),
		TEST(a_restart_forgets_nothing),
		TEST(what_is_said_to_the_router_and_to_us_is_not_between_devices),
		TEST(coverage_is_of_the_time_that_was_watched),
		TEST(what_nobody_answers_is_not_the_routers_doing),
		TEST(answers_past_us_are_until_they_come_through_us_again),
		TEST(answers_by_quic_past_us_are_as_good_a_proof),
		TEST(answers_of_one_family_say_nothing_of_the_other),
		TEST(what_goes_round_is_told),
		TEST(an_address_does_not_tell_a_neighbours_mac),
		TEST(forward_secrecy_is_of_the_key_exchange),
		TEST(the_routers_own_traffic_is_not_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

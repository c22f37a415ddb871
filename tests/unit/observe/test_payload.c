// SPDX-License-Identifier: GPL-3.0-or-later

/* Hellos, requests, names and clues: where they are found, and whose. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "observe/dtls.h"
#include "observe/name.h"
#include "observe/window.h"
#include "seen.h"

static struct seen s;
static struct buf hello; /* a record that asks for tv.example */
static unsigned ms;

static void begin(void)
{
	seen_begin(&s, &home);
	buf_init(&hello, 1 << 16);
	hello_record(&hello, "TV.example", 0);
	ms = 0;
}

static void end(void)
{
	buf_done(&hello);
	seen_end(&s);
}

static void tcp(const struct end *from, const struct end *to, unsigned flags,
		uint32_t seq, const void *data, size_t len)
{
	struct frame f;

	frame_tcp(&f, from, to, flags, seq, data, len);
	seen_frame(&s, ms++, &f);
}

static void text(const struct end *from, const struct end *to, uint32_t seq,
		 const char *data)
{
	tcp(from, to, ACK, seq, data, strlen(data));
}

static void udp(const struct end *from, const struct end *to,
		const struct buf *b)
{
	struct frame f;

	frame_udp(&f, from, to, b->data, b->len);
	seen_frame(&s, ms++, &f);
}

/* The facts so far, and forgets them. */
static void assert_facts(const char *expected)
{
	assert_string_equal(buf_text(&s.facts), expected);
	buf_clear(&s.facts);
}

static void a_hello_gives_a_record_and_a_name(void **state)
{
	const struct record_window *w;

	(void)state;
	begin();
	tcp(&tv, &server, SYN, 100, NULL, 0);
	tcp(&tv, &server, ACK, 101, hello.data, hello.len);
	assert_facts("hello frame=2 sni=TV.example segments=1\n");
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(w->hello_count, 1);
	assert_int_equal(w->hellos[0].remote_port, 443);
	assert_int_equal(w->hellos[0].highest_version, 0x0303);
	assert_int_equal(w->hellos[0].cipher_suites.len, 2);
	assert_int_equal(w->name_count, 1);
	assert_true(slice_equal(w->names[0].name, slice_text("tv.example")));
	assert_int_equal(w->names[0].source, RECORD_NAME_SNI);
	assert_int_equal(w->names[0].device_port, tv.port);
	assert_true(addr_equal(&w->names[0].addr, &server.addr));
	end();
}

static void a_hello_split_anywhere_is_one_hello(void **state)
{
	(void)state;
	begin();
	for (size_t at = 1; at < hello.len; at++) {
		struct end from = tv;

		from.port = (uint16_t)(1024 + at);
		ms = 0;
		tcp(&from, &server, SYN, 100, NULL, 0);
		tcp(&from, &server, ACK, 101, hello.data, at);
		assert_facts("");
		tcp(&from, &server, ACK, (uint32_t)(101 + at), hello.data + at,
		    hello.len - at);
		assert_non_null(strstr(buf_text(&s.facts), "segments=2\n"));
		buf_clear(&s.facts);
	}
	end();
}

static void a_hello_out_of_order_is_one_hello(void **state)
{
	(void)state;
	for (int last_first = 0; last_first < 2; last_first++) {
		begin();
		tcp(&tv, &server, SYN, 100, NULL, 0);
		if (last_first)
			tcp(&tv, &server, ACK, 131, hello.data + 30,
			    hello.len - 30);
		tcp(&tv, &server, ACK, 111, hello.data + 10, 20);
		if (!last_first)
			tcp(&tv, &server, ACK, 131, hello.data + 30,
			    hello.len - 30);
		assert_facts("");
		tcp(&tv, &server, ACK, 101, hello.data, 10);
		assert_facts("hello frame=4 sni=TV.example segments=3\n");
		/* and all of it again */
		tcp(&tv, &server, ACK, 101, hello.data, hello.len);
		assert_facts("");
		end();
	}
}

static void a_hello_in_one_byte_segments_is_one_hello(void **state)
{
	(void)state;
	begin();
	tcp(&tv, &server, SYN, UINT32_MAX - 9, NULL, 0);
	for (size_t i = 0; i < hello.len; i++)
		tcp(&tv, &server, ACK, (uint32_t)(UINT32_MAX - 8 + i),
		    hello.data + i, 1);
	assert_non_null(strstr(buf_text(&s.facts), "sni=TV.example"));
	assert_int_equal(observe_counters(s.observe)->streams_abandoned, 0);
	end();
}

static void a_hello_in_the_syn_is_seen(void **state)
{
	(void)state;
	begin();
	tcp(&tv, &server, SYN, 100, hello.data, hello.len);
	assert_facts("hello frame=1 sni=TV.example segments=1\n");
	/* a server that does not know of it makes the client send it again */
	tcp(&tv, &server, ACK, 101, hello.data, hello.len);
	assert_facts("");
	end();
}

static void a_hello_later_in_the_stream_is_seen_on_any_port(void **state)
{
	const struct end mail = { server.mac, server.addr, 587 };

	(void)state;
	begin();
	tcp(&tv, &mail, SYN, 100, NULL, 0);
	text(&tv, &mail, 101, "EHLO tv\r\n");
	text(&tv, &mail, 110, "STARTTLS\r\n");
	tcp(&tv, &mail, ACK, 120, hello.data, hello.len);
	assert_facts("hello frame=4 sni=TV.example segments=1\n");
	end();
}

/* As PostgreSQL answers: one letter that might begin a method, then TLS. */
static void a_server_hello_behind_a_letter_is_seen(void **state)
{
	static const uint8_t record[] = {
		0x16, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, 0, 0,    0,    0, 0,
		0,    0, 0, 0, 0,  0, 0, 0, 0,	0, 0, 0, 0,    0,    0, 0,
		0,    0, 0, 0, 0,  0, 0, 0, 0,	0, 0, 0, 0xc0, 0x2f, 0,
	};

	(void)state;
	begin();
	text(&tv, &server, 10, "\x01");
	text(&server, &tv, 100, "S");
	tcp(&server, &tv, ACK, 101, record, sizeof(record));
	assert_facts("server frame=3\n");
	end();
}

static void a_second_hello_is_a_second_fact(void **state)
{
	static const uint8_t change[] = { 20, 3, 3, 0, 1, 1 };

	(void)state;
	begin();
	tcp(&tv, &server, SYN, 100, NULL, 0);
	tcp(&tv, &server, ACK, 101, hello.data, hello.len);
	/* behind a change_cipher_spec, as RFC 8446 D.4 has it */
	tcp(&tv, &server, ACK, (uint32_t)(101 + hello.len), change,
	    sizeof(change));
	tcp(&tv, &server, ACK, (uint32_t)(107 + hello.len), hello.data,
	    hello.len);
	assert_facts("hello frame=2 sni=TV.example segments=1\n"
		     "hello frame=4 sni=TV.example segments=1\n");
	end();
}

static void another_connection_on_the_same_ports_starts_anew(void **state)
{
	(void)state;
	begin();
	tcp(&tv, &server, SYN, 100, NULL, 0);
	tcp(&tv, &server, ACK, 101, hello.data, 40);
	tcp(&tv, &server, SYN, 50, NULL, 0);
	tcp(&tv, &server, ACK, 51, hello.data, hello.len);
	assert_facts("hello frame=4 sni=TV.example segments=1\n");
	end();
}

static void what_only_begins_like_a_hello_is_none(void **state)
{
	static const uint8_t data[1400] = { 23, 3, 3 };
	static const uint8_t finished[64] = { 22, 3, 3, 0, 40, 0x5a };

	(void)state;
	begin();
	tcp(&tv, &server, SYN, 100, NULL, 0);
	for (uint32_t i = 0; i < 100; i++)
		tcp(&tv, &server, ACK, 101 + 1400 * i, data, 1400);
	tcp(&tv, &server, ACK, 101 + 140000, finished, sizeof(finished));
	assert_facts("");
	assert_int_equal(observe_counters(s.observe)->streams_refused, 0);
	assert_int_equal(observe_counters(s.observe)->streams_abandoned, 0);
	end();
}

static void a_hello_of_a_stranger_is_no_record_of_the_device(void **state)
{
	const struct end client = { server.mac, server.addr, 50000 };
	const struct end service = { tv.mac, tv.addr, 8443 };
	const struct record_window *w;

	(void)state;
	begin();
	tcp(&client, &service, SYN, 100, NULL, 0);
	tcp(&client, &service, ACK, 101, hello.data, hello.len);
	tcp(&service, &client, SYN | ACK, 100, NULL, 0);
	assert_facts("hello frame=2 sni=TV.example segments=1\n");
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(w->hello_count, 0);
	assert_int_equal(w->name_count, 0);
	end();
}

static void a_request_gives_a_record_a_name_and_a_clue(void **state)
{
	const struct end web = { server.mac, server.addr, 8000 };
	const struct record_window *w;

	(void)state;
	begin();
	tcp(&tv, &web, SYN, 100, NULL, 0);
	text(&tv, &web, 101, "GET /secret HTTP/1.1\r\nHost: Ads.Exam");
	assert_facts("");
	text(&tv, &web, 137, "ple:8000\r\nUser-Agent: tv/1\r\n\r\n");
	assert_facts("http frame=3 host=Ads.Example:8000\n");
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(w->http_count, 1);
	assert_true(slice_equal(w->http[0].method, slice_text("GET")));
	assert_int_equal(w->name_count, 1);
	assert_true(slice_equal(w->names[0].name, slice_text("ads.example")));
	assert_int_equal(w->names[0].source, RECORD_NAME_HTTP_HOST);
	assert_int_equal(w->clue_count, 1);
	assert_int_equal(w->clues[0].kind, RECORD_CLUE_USER_AGENT);
	assert_true(slice_equal(w->clues[0].text, slice_text("tv/1")));
	end();
}

static void requests_that_follow_each_other_are_all_seen(void **state)
{
	const struct end web = { server.mac, server.addr, 80 };
	const char *two = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
			  "GET / HTTP/1.1\r\nHost: b\r\n\r\n"
			  "GET / HTTP/1.1\r\nHo";

	(void)state;
	begin();
	text(&tv, &web, 1, two);
	assert_facts("http frame=1 host=a\nhttp frame=1 host=b\n");
	text(&tv, &web, (uint32_t)(1 + strlen(two)), "st: c\r\n\r\n");
	assert_facts("http frame=2 host=c\n");
	end();
}

static void a_host_that_is_an_address_is_no_name(void **state)
{
	const struct end web = { server.mac, server.addr, 80 };

	(void)state;
	begin();
	text(&tv, &web, 1, "GET / HTTP/1.1\r\nHost: 93.184.216.34\r\n\r\n");
	observe_finish(s.observe);
	assert_int_equal(seen_window_of(&s, &tv.mac, 0)->name_count, 0);
	end();
}

static void a_head_that_never_ends_is_given_up(void **state)
{
	static char line[1000];
	uint32_t seq = 1;

	(void)state;
	begin();
	memset(line, 'a', sizeof(line));
	text(&tv, &server, seq, "GET / HTTP/1.1\r\n");
	for (seq = 17; seq < 20000; seq += sizeof(line))
		tcp(&tv, &server, ACK, seq, line, sizeof(line));
	assert_facts("");
	assert_int_equal(observe_counters(s.observe)->streams_abandoned, 1);
	end();
}

static void put_answer(struct buf *out)
{
	static const uint8_t first[] = { 93, 184, 216, 34 };
	static const uint8_t other[] = { 1, 2, 3, 4 };
	struct buf target;

	buf_init(&target, 256);
	dns_put_name(&target, "edge.cdn.example");
	dns_put_head(out, true, 1, 4);
	dns_put_question(out, "www.TV.example", 1);
	/* the address comes before the link that leads to it */
	dns_put_record(out, "EDGE.cdn.example", 1, first, 4);
	dns_put_record(out, "alias.example", 5, target.data, target.len);
	buf_clear(&target);
	dns_put_name(&target, "alias.example");
	dns_put_record(out, "www.tv.example", 5, target.data, target.len);
	/* nobody asked for that one */
	dns_put_record(out, "bank.example", 1, other, 4);
	buf_done(&target);
}

static void assert_answer(void)
{
	const struct record_window *w = seen_window_of(&s, &tv.mac, 0);

	assert_int_equal(w->name_count, 1);
	assert_true(
		slice_equal(w->names[0].name, slice_text("www.tv.example")));
	assert_true(addr_equal(&w->names[0].addr, &server.addr));
	assert_true(addr_equal(&w->names[0].resolver, &router.addr));
	assert_int_equal(w->names[0].source, RECORD_NAME_DNS);
}

static void an_answer_names_the_address_as_it_was_asked(void **state)
{
	const struct record_window *w;
	struct buf query, answer;

	(void)state;
	begin();
	buf_init(&query, 512);
	buf_init(&answer, 512);
	dns_put_head(&query, false, 1, 0);
	dns_put_question(&query, "www.TV.example", 1);
	put_answer(&answer);
	udp(&tv, &router, &query);
	udp(&router, &tv, &answer);
	udp(&router, &tv, &answer); /* once a window is enough */
	observe_finish(s.observe);
	assert_answer();
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(w->question_count, 1);
	assert_true(slice_equal(w->questions[0].name,
				slice_text("www.tv.example")));
	assert_int_equal(w->questions[0].type, 1);
	/* it is nothing that the router asked for */
	assert_int_equal(seen_window_of(&s, &router_mac, 0)->name_count, 0);
	buf_done(&query);
	buf_done(&answer);
	end();
}

/* A chain of links from "a" on, one letter to the next, to server's address. */
static void put_chain(struct buf *out, unsigned links)
{
	char name[] = "?.example";
	struct buf target;

	buf_init(&target, 256);
	dns_put_head(out, true, 1, (uint16_t)(links + 1));
	dns_put_question(out, "a.example", 1);
	for (unsigned i = 0; i < links; i++) {
		buf_clear(&target);
		name[0] = (char)('b' + i);
		dns_put_name(&target, name);
		name[0]--;
		dns_put_record(out, name, 5, target.data, target.len);
	}
	name[0] = (char)('a' + links);
	dns_put_record(out, name, 1, server.addr.b, 4);
	buf_done(&target);
}

static void a_chain_of_names_past_the_limit_is_counted(void **state)
{
	struct buf answer;

	(void)state;
	begin();
	buf_init(&answer, 4096);
	put_chain(&answer, NAME_CHAIN_MAX - 1);
	udp(&router, &tv, &answer);
	assert_int_equal(observe_counters(s.observe)->names_refused, 0);
	buf_clear(&answer);
	put_chain(&answer, NAME_CHAIN_MAX);
	udp(&router, &tv, &answer);
	observe_finish(s.observe);
	assert_int_equal(seen_window_of(&s, &tv.mac, 0)->name_count, 1);
	assert_int_equal(observe_counters(s.observe)->names_refused, 1);
	buf_done(&answer);
	end();
}

static void fragments_of_dtls_past_the_limit_are_counted(void **state)
{
	struct buf b;

	(void)state;
	begin();
	buf_init(&b, 4096);
	for (unsigned i = 0; i <= DTLS_FRAGMENTS_MAX; i++) {
		/* a record of a handshake (RFC 6347 4.1) with one byte, the
		 * i-th, of a hello of 100 (4.2.2) */
		buf_append(&b, "\x16\xfe\xfd\0\0\0\0\0\0\0", 10);
		buf_u8(&b, (uint8_t)i);
		buf_append(&b, "\0\x0d\1\0\0\x64\0\0\0\0", 10);
		buf_u8(&b, (uint8_t)i);
		buf_append(&b, "\0\0\1\xfe", 4);
	}
	udp(&tv, &server, &b);
	assert_int_equal(observe_counters(s.observe)->stream_bytes_refused, 1);
	buf_done(&b);
	end();
}

static void dns_over_tcp_is_read_however_it_is_cut(void **state)
{
	struct buf answer, stream;

	(void)state;
	buf_init(&answer, 512);
	buf_init(&stream, 2048);
	put_answer(&answer);
	for (int i = 0; i < 2; i++) {
		buf_u16(&stream, (uint16_t)answer.len);
		buf_append(&stream, answer.data, answer.len);
	}
	for (size_t at = 0; at < stream.len; at++) {
		begin();
		tcp(&router, &tv, SYN | ACK, 100, NULL, 0);
		tcp(&router, &tv, ACK, 101, stream.data, at);
		tcp(&router, &tv, ACK, (uint32_t)(101 + at), stream.data + at,
		    stream.len - at);
		observe_finish(s.observe);
		assert_answer();
		end();
	}
	buf_done(&answer);
	buf_done(&stream);
}

static const struct record_clue *clue_of(const struct mac *device,
					 enum record_clue_kind kind)
{
	const struct record_window *w = seen_window_of(&s, device, 0);

	for (size_t i = 0; i < w->clue_count; i++) {
		if (w->clues[i].kind == kind)
			return &w->clues[i];
	}
	fail_msg("no %s", record_clue_name(kind));
	return NULL;
}

static void assert_clue(const struct mac *device, enum record_clue_kind kind,
			const char *expected)
{
	assert_true(
		slice_equal(clue_of(device, kind)->text, slice_text(expected)));
}

static void put_mdns(struct buf *out)
{
	static const uint8_t address[] = { 192, 168, 1, 20 };
	static const uint8_t other[] = { 192, 168, 1, 77 };
	struct buf name;

	buf_init(&name, 256);
	dns_put_name(&name, "Living room._airplay._tcp.local");
	dns_put_head(out, true, 0, 4);
	dns_put_record(out, "_airplay._tcp.local", 12, name.data, name.len);
	dns_put_record(out, "Living room._airplay._tcp.local", 16,
		       "\x0amodel=TV,2\x03"
		       "a=b",
		       15);
	dns_put_record(out, "tv-5.local", 1, address, 4);
	/* of another, for whom it speaks */
	dns_put_record(out, "sleeper.local", 1, other, 4);
	buf_done(&name);
}

static const struct end mdns_group = { { { 1, 0, 0x5e, 0, 0, 0xfb } },
				       V4(224, 0, 0, 251),
				       5353 };

static void mdns_tells_what_its_sender_is(void **state)
{
	struct end from = tv;
	struct buf b;

	(void)state;
	from.port = 5353;
	begin();
	buf_init(&b, 1024);
	put_mdns(&b);
	udp(&from, &mdns_group, &b);
	assert_facts("dns frame=1 tcp=0 mdns=1\n");
	observe_finish(s.observe);
	assert_clue(&tv.mac, RECORD_CLUE_MDNS_HOST, "tv-5.local");
	assert_clue(&tv.mac, RECORD_CLUE_MDNS_SERVICE, "_airplay._tcp.local");
	assert_clue(&tv.mac, RECORD_CLUE_MDNS_INSTANCE,
		    "Living\\032room._airplay._tcp.local");
	assert_clue(&tv.mac, RECORD_CLUE_MDNS_TXT, "model=TV,2");
	assert_int_equal(seen_window_of(&s, &tv.mac, 0)->clue_count, 5);
	assert_int_equal(seen_window_of(&s, &tv.mac, 0)->name_count, 0);
	buf_done(&b);
	end();
}

static void put_dhcp(struct buf *out)
{
	buf_u32(out, 0x01010600);
	for (int i = 0; i < 24; i++)
		buf_u8(out, 0);
	buf_append(out, bulb.mac.b, 6);
	for (int i = 0; i < 10 + 192; i++)
		buf_u8(out, 0);
	buf_u32(out, 0x63825363);
	buf_append(out,
		   "\x35\x01\x03\x0c\x04"
		   "bulb\x3c\x05"
		   "udhcp\x37\x03\x01\x03\x06\xff",
		   22);
}

static void dhcp_tells_of_the_client(void **state)
{
	const struct end from = { bulb.mac, V4(0, 0, 0, 0), 68 };
	const struct end to = { broadcast, V4(255, 255, 255, 255), 67 };
	struct buf b;

	(void)state;
	begin();
	buf_init(&b, 1024);
	put_dhcp(&b);
	udp(&from, &to, &b);
	assert_facts("dhcp frame=1\n");
	observe_finish(s.observe);
	assert_clue(&bulb.mac, RECORD_CLUE_DHCP_HOSTNAME, "bulb");
	assert_clue(&bulb.mac, RECORD_CLUE_DHCP_VENDOR_CLASS, "udhcp");
	assert_clue(&bulb.mac, RECORD_CLUE_DHCP_PARAMETERS, "1,3,6");
	assert_int_equal(seen_window_of(&s, &bulb.mac, 0)->addr_count, 0);
	buf_done(&b);
	end();
}

static size_t clues_of(const struct mac *device)
{
	size_t count = 0;

	for (size_t i = 0; i < s.count; i++)
		if (mac_equal(&s.windows[i].device, device))
			count += s.windows[i].clue_count;
	return count;
}

static void nobody_speaks_for_another(void **state)
{
	const struct end asks = { tv.mac, V4(0, 0, 0, 0), 68 };
	const struct end to = { broadcast, V4(255, 255, 255, 255), 67 };
	const struct end proxy = { bulb.mac, V4(192, 168, 1, 78), 5353 };
	struct buf b;

	(void)state;
	begin();
	buf_init(&b, 1024);
	put_dhcp(&b); /* of the bulb, by the TV */
	udp(&asks, &to, &b);
	buf_clear(&b);
	put_mdns(&b); /* of the TV, by the bulb */
	udp(&proxy, &mdns_group, &b);
	observe_finish(s.observe);
	assert_int_equal(clues_of(&bulb.mac), 0);
	assert_int_equal(clues_of(&tv.mac), 0);
	buf_done(&b);
	end();
}

static void ssdp_tells_what_its_sender_offers(void **state)
{
	static const char notify[] =
		"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
		"NT: upnp:rootdevice\r\nNTS: ssdp:alive\r\n"
		"USN: uuid:1::upnp:rootdevice\r\nSERVER: Linux UPnP/1.0 TV\r\n"
		"LOCATION: http://192.168.1.20:80/d.xml\r\n\r\n";
	static const char search[] =
		"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
		"MAN: \"ssdp:discover\"\r\nST: ssdp:all\r\n\r\n";
	const struct end group = { { { 1, 0, 0x5e, 0x7f, 0xff, 0xfa } },
				   V4(239, 255, 255, 250),
				   1900 };
	struct buf b;

	(void)state;
	begin();
	buf_init(&b, 1024);
	buf_puts(&b, notify);
	udp(&tv, &group, &b);
	buf_clear(&b);
	buf_puts(&b, search);
	udp(&bulb, &group, &b);
	assert_facts("ssdp frame=1\nssdp frame=2\n");
	observe_finish(s.observe);
	assert_clue(&tv.mac, RECORD_CLUE_SSDP_SERVER, "Linux UPnP/1.0 TV");
	assert_clue(&tv.mac, RECORD_CLUE_SSDP_TYPE, "upnp:rootdevice");
	assert_clue(&tv.mac, RECORD_CLUE_SSDP_LOCATION,
		    "http://192.168.1.20:80/d.xml");
	/* who searches says nothing of itself */
	assert_int_equal(seen_window_of(&s, &bulb.mac, 0)->clue_count, 0);
	buf_done(&b);
	end();
}

static void what_is_past_a_limit_is_counted(void **state)
{
	const struct record_window *w;

	(void)state;
	begin();
	for (unsigned i = 0; i < 300; i++) {
		struct end from = tv;

		from.port = (uint16_t)(1000 + i);
		ms = 0;
		tcp(&from, &server, ACK, 1, hello.data, hello.len);
	}
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(w->flow_count, 300);
	assert_int_equal(w->hello_count, 256);
	assert_int_equal(observe_counters(s.observe)->hellos_refused, 44);
	end();
}

/* With the domain smith.example and the list of RFC 3397 2, in two parts. */
static void put_dhcp_ack(struct buf *out)
{
	buf_u32(out, 0x02010600);
	for (int i = 0; i < 24; i++)
		buf_u8(out, 0);
	buf_append(out, bulb.mac.b, 6);
	for (int i = 0; i < 10 + 192; i++)
		buf_u8(out, 0);
	buf_u32(out, 0x63825363);
	buf_append(out,
		   "\x35\1\5\x0f\x15smith.example fritz.x"
		   "\x77\x09\3eng\5appl"
		   "\x77\x12"
		   "e\3com\0\x09marketing\xc0\4\xff",
		   3 + 2 + 21 + 11 + 20 + 1);
}

static void the_answer_of_dhcp_tells_what_the_home_is_called(void **state)
{
	static const char *const domains[] = { "smith.example", "fritz.x",
					       "eng.apple.com",
					       "marketing.apple.com" };
	const struct end from = { router_mac, V4(192, 168, 1, 1), 67 };
	const struct end to = { broadcast, V4(255, 255, 255, 255), 68 };
	const struct record_window *w;
	struct buf b;

	(void)state;
	begin();
	buf_init(&b, 1024);
	put_dhcp_ack(&b);
	udp(&from, &to, &b);
	udp(&from, &to, &b); /* once a window is enough */
	buf_clear(&b);
	put_dhcp(&b); /* what a client asks with says nothing of the home */
	udp(&(struct end){ bulb.mac, V4(0, 0, 0, 0), 68 },
	    &(struct end){ broadcast, V4(255, 255, 255, 255), 67 }, &b);
	observe_finish(s.observe);
	w = seen_window_of(&s, &bulb.mac, 0);
	assert_int_equal(w->domain_count, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(slice_equal(w->domains[i], slice_text(domains[i])));
	assert_int_equal(observe_counters(s.observe)->malformed, 0);
	buf_done(&b);
	end();
}

static void more_domains_than_any_home_has_are_refused(void **state)
{
	const struct end from = { router_mac, V4(192, 168, 1, 1), 547 };
	const struct end to = { tv.mac, V4(192, 168, 1, 20), 546 };
	struct buf b;

	(void)state;
	begin();
	buf_init(&b, 1024);
	/* DHCPv6: a reply with ten of them, and half of one */
	buf_append(&b, "\7\0\0\7\0\x18\0\x20", 8);
	for (uint8_t c = 'a'; c < 'a' + 10; c++) {
		buf_u8(&b, 1);
		buf_u8(&b, c);
		buf_u8(&b, 0);
	}
	buf_append(&b, "\5x", 2);
	udp(&from, &to, &b);
	observe_finish(s.observe);
	assert_int_equal(seen_window_of(&s, &tv.mac, 0)->domain_count,
			 WINDOW_DOMAINS_MAX);
	assert_int_equal(observe_counters(s.observe)->names_refused, 2);
	assert_int_equal(observe_counters(s.observe)->malformed, 1);
	buf_done(&b);
	end();
}

/* What goes on in clear behind EHLO, and what changes to TLS behind it. */
static void mail_is_in_clear_only_if_it_goes_on_so(void **state)
{
	const struct end mail = { server.mac, server.addr, 2525 };
	const char *const asks[] = { "EHLO tv\r\n", "STARTTLS\r\n" };
	const struct record_window *w;
	struct end again = tv;

	(void)state;
	begin();
	tcp(&tv, &mail, SYN, 100, NULL, 0);
	text(&mail, &tv, 900, "220 mail.example ESMTP\r\n");
	text(&tv, &mail, 101, asks[0]);
	text(&tv, &mail, 110, asks[1]);
	text(&mail, &tv, 924, "220 go ahead\r\n");
	tcp(&tv, &mail, ACK, 120, hello.data, hello.len);
	ms += 5000;
	again.port++;
	tcp(&again, &mail, SYN, 100, NULL, 0);
	text(&mail, &again, 900, "220 mail.example ESMTP\r\n");
	text(&again, &mail, 101, asks[0]);
	text(&again, &mail, 110, "AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n");
	observe_finish(s.observe);
	w = seen_window_of(&s, &tv.mac, 0);
	assert_int_equal(w->service_count, 1);
	assert_int_equal(w->services[0].application, RECORD_APPLICATION_TLS);
	assert_true(
		slice_equal(w->services[0].detail, slice_text("after SMTP")));
	assert_false(w->services[0].credentials_in_clear);
	w = seen_window_of(&s, &tv.mac, 1);
	assert_int_equal(w->service_count, 1);
	assert_int_equal(w->services[0].application, RECORD_APPLICATION_SMTP);
	assert_true(w->services[0].credentials_in_clear);
	assert_null(w->services[0].detail.data);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_gives_a_record_and_a_name),
		cmocka_unit_test(mail_is_in_clear_only_if_it_goes_on_so),
		cmocka_unit_test(a_hello_split_anywhere_is_one_hello),
		cmocka_unit_test(a_hello_out_of_order_is_one_hello),
		cmocka_unit_test(a_hello_in_one_byte_segments_is_one_hello),
		cmocka_unit_test(a_hello_in_the_syn_is_seen),
		cmocka_unit_test(
			a_hello_later_in_the_stream_is_seen_on_any_port),
		cmocka_unit_test(a_server_hello_behind_a_letter_is_seen),
		cmocka_unit_test(a_second_hello_is_a_second_fact),
		cmocka_unit_test(
			another_connection_on_the_same_ports_starts_anew),
		cmocka_unit_test(what_only_begins_like_a_hello_is_none),
		cmocka_unit_test(
			a_hello_of_a_stranger_is_no_record_of_the_device),
		cmocka_unit_test(a_request_gives_a_record_a_name_and_a_clue),
		cmocka_unit_test(requests_that_follow_each_other_are_all_seen),
		cmocka_unit_test(a_host_that_is_an_address_is_no_name),
		cmocka_unit_test(a_head_that_never_ends_is_given_up),
		cmocka_unit_test(an_answer_names_the_address_as_it_was_asked),
		cmocka_unit_test(dns_over_tcp_is_read_however_it_is_cut),
		cmocka_unit_test(mdns_tells_what_its_sender_is),
		cmocka_unit_test(dhcp_tells_of_the_client),
		cmocka_unit_test(more_domains_than_any_home_has_are_refused),
		cmocka_unit_test(
			the_answer_of_dhcp_tells_what_the_home_is_called),
		cmocka_unit_test(nobody_speaks_for_another),
		cmocka_unit_test(ssdp_tells_what_its_sender_offers),
		cmocka_unit_test(what_is_past_a_limit_is_counted),
		cmocka_unit_test(a_chain_of_names_past_the_limit_is_counted),
		cmocka_unit_test(fragments_of_dtls_past_the_limit_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

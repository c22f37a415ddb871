// SPDX-License-Identifier: GPL-3.0-or-later

/* Hellos out of QUIC's Initial packets. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../decode/seal.h"
#include "../decode/with_crypto.h"
#include "observe/initial.h"
#include "seen.h"

static struct seen s;
static unsigned now_ms;

/* A hello that asks for a name, some 1500 bytes long. */
#define HELLO_PADDING 1400
static struct buf hello;

static const uint8_t first_id[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static const uint8_t retry_id[] = { 9, 10, 11, 12, 13, 14, 15, 16, 17 };
#define ID(bytes) slice_of(bytes, sizeof(bytes))

/* A piece of the hello. */
struct piece {
	size_t from, to;
};

static void begin(const struct observe_config *config)
{
	seen_begin(&s, config);
	now_ms = 0;
	buf_init(&hello, 4096);
	hello_record(&hello, "quic.example.com", HELLO_PADDING);
}

static void end(void)
{
	seen_end(&s);
	buf_done(&hello);
}

static struct slice handshake(void)
{
	/* without the record's header */
	return slice_of(hello.data + 5, hello.len - 5);
}

static void datagram(const struct end *from, const struct end *to,
		     struct slice bytes)
{
	struct frame f;

	frame_udp(&f, from, to, bytes.data, bytes.len);
	seen_frame(&s, ++now_ms, &f);
}

/* The device sends an Initial with pieces of the hello, in this order. */
static void initial(struct slice keys_of, struct slice to, uint32_t version,
		    const struct piece *pieces, size_t count)
{
	static uint32_t number;
	const struct seal seal = { .crypto = crypto,
				   .version = version,
				   .first_id = keys_of,
				   .destination_id = to,
				   .number = number++ };
	struct buf frames, out;

	buf_init(&frames, SEAL_MAX_BYTES);
	buf_init(&out, SEAL_MAX_BYTES);
	for (size_t i = 0; i < count; i++)
		seal_crypto(&frames, handshake(), pieces[i].from, pieces[i].to);
	seal_pad(&frames, 32);
	seal_initial(&seal, buf_slice(&frames), &out);
	datagram(&tv, &server, buf_slice(&out));
	buf_done(&frames);
	buf_done(&out);
}

static void whole_initial(uint32_t version)
{
	const struct piece all_of_it = { 0, handshake().len };

	initial(ID(first_id), ID(first_id), version, &all_of_it, 1);
}

static size_t hellos_told(void)
{
	const char *at = buf_text(&s.facts);
	size_t n = 0;

	while ((at = strstr(at, "hello frame="))) {
		at++;
		n++;
	}
	return n;
}

static void a_hello_over_quic_names_its_server(void **state)
{
	static const uint32_t versions[] = { QUIC_VERSION_1, QUIC_VERSION_2,
					     0xff000017, 0xff00001d,
					     0xff000022 };

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		const struct record_window *w;

		begin(&home);
		whole_initial(versions[i]);
		observe_finish(s.observe);
		w = seen_window_of(&s, &tv.mac, 0);
		assert_int_equal(w->hello_count, 1);
		assert_int_equal(w->hellos[0].transport, RECORD_TRANSPORT_QUIC);
		assert_int_equal(w->hellos[0].remote_port, 443);
		assert_true(slice_equal(w->hellos[0].sni,
					slice_text("quic.example.com")));
		assert_int_equal(w->name_count, 1);
		assert_int_equal(w->names[0].source, RECORD_NAME_SNI);
		assert_true(addr_equal(&w->names[0].addr, &server.addr));
		assert_int_equal(hellos_told(), 1);
		end();
	}
}

static void pieces_come_in_any_order_over_any_packets(void **state)
{
	struct piece pieces[28];
	size_t count = sizeof(pieces) / sizeof(*pieces), len;

	(void)state;
	begin(&home);
	len = handshake().len;
	/* every third piece first, so that there are holes all over */
	for (size_t i = 0; i < count; i++) {
		size_t at = i * 3 % count;

		pieces[i] = (struct piece){ len * at / count,
					    len * (at + 1) / count };
	}
	for (size_t i = 0; i < count; i += 7) {
		assert_int_equal(hellos_told(), 0);
		initial(ID(first_id), ID(first_id), QUIC_VERSION_1, pieces + i,
			7);
	}
	assert_non_null(strstr(buf_text(&s.facts),
			       "hello frame=4 sni=quic.example.com "
			       "segments=28\n"));
	end();
}

static void later_pieces_are_sent_to_the_id_that_the_server_chose(void **state)
{
	const struct piece first = { 0, 700 };
	struct piece rest = { 600, 0 };

	(void)state;
	begin(&home);
	rest.to = handshake().len;
	initial(ID(first_id), ID(first_id), QUIC_VERSION_1, &first, 1);
	initial(ID(first_id), ID(retry_id), QUIC_VERSION_1, &rest, 1);
	assert_int_equal(hellos_told(), 1);
	end();
}

static void a_connection_tried_again_is_one_hello(void **state)
{
	const struct piece first = { 0, 700 };
	const struct piece whole = { 0, 0 };
	struct piece again = whole;

	(void)state;
	begin(&home);
	again.to = handshake().len;
	/* cut short by a Retry: from then on the keys are of its id */
	initial(ID(first_id), ID(first_id), QUIC_VERSION_1, &first, 1);
	initial(ID(retry_id), ID(retry_id), QUIC_VERSION_1, &again, 1);
	assert_int_equal(hellos_told(), 1);
	initial(ID(retry_id), ID(retry_id), QUIC_VERSION_1, &again, 1);
	assert_int_equal(hellos_told(), 1);
	/* another connection on the same ports has another random */
	hello.data[5 + 4 + 2] ^= 0xff;
	whole_initial(QUIC_VERSION_1);
	assert_int_equal(hellos_told(), 2);
	end();
}

static void what_is_lost_makes_no_hello(void **state)
{
	struct piece pieces[] = { { 0, 500 }, { 501, 0 } };

	(void)state;
	begin(&home);
	pieces[1].to = handshake().len;
	initial(ID(first_id), ID(first_id), QUIC_VERSION_1, pieces, 2);
	now_ms += 60000;
	datagram(&tv, &server, slice_text("\x40 later"));
	observe_finish(s.observe);
	assert_int_equal(hellos_told(), 0);
	assert_int_equal(observe_counters(s.observe)->streams_abandoned, 1);
	end();
}

/* A ServerHello of TLS 1.3 with a suite, or what asks for another hello. */
static void put_answer(struct buf *out, uint16_t suite, bool retry)
{
	static const uint8_t asks_again[] = {
		0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11,
		0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
		0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e,
		0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
	};

	buf_append(out, "\2\0\0\x2e\3\3", 6);
	for (size_t i = 0; i < sizeof(asks_again); i++)
		buf_u8(out, retry ? asks_again[i] : 5);
	buf_u8(out, 0); /* session id */
	buf_u16(out, suite);
	buf_append(out, "\0\0\6\0\x2b\0\2\3\4", 9);
}

/* The server sends an Initial with a piece of what it answers. */
static void answer_in(uint32_t version, struct slice keys_of, struct slice text,
		      size_t from, size_t to)
{
	static const uint8_t of_client[] = { 7 };
	static uint32_t number;
	const struct seal seal = { .crypto = crypto,
				   .version = version,
				   .first_id = keys_of,
				   .destination_id = ID(of_client),
				   .number = number++,
				   .server = true };
	struct buf frames, out;

	buf_init(&frames, SEAL_MAX_BYTES);
	buf_init(&out, SEAL_MAX_BYTES);
	buf_append(&frames, "\2\0\0\0\0", 5); /* ACK */
	seal_crypto(&frames, text, from, to);
	seal_pad(&frames, 32);
	seal_initial(&seal, buf_slice(&frames), &out);
	datagram(&server, &tv, buf_slice(&out));
	buf_done(&frames);
	buf_done(&out);
}

static void answer(struct slice keys_of, struct slice text, size_t from,
		   size_t to)
{
	answer_in(QUIC_VERSION_1, keys_of, text, from, to);
}

static size_t answers_told(void)
{
	const char *at = buf_text(&s.facts);
	size_t n = 0;

	while ((at = strstr(at, "server frame="))) {
		at++;
		n++;
	}
	return n;
}

static void the_server_answers_under_keys_of_the_same_connection(void **state)
{
	struct buf text;

	(void)state;
	begin(&home);
	buf_init(&text, 256);
	put_answer(&text, 0x1301, false);
	/* before the hello, and under the keys of another */
	answer(ID(first_id), buf_slice(&text), 0, text.len);
	whole_initial(QUIC_VERSION_1);
	answer(ID(retry_id), buf_slice(&text), 0, text.len);
	assert_int_equal(answers_told(), 0);
	/* in two, the second first; what the client sends between changes
	 * nothing */
	answer(ID(first_id), buf_slice(&text), 20, text.len);
	whole_initial(QUIC_VERSION_1);
	answer(ID(first_id), buf_slice(&text), 0, 20);
	assert_int_equal(answers_told(), 1);
	/* once more is once */
	answer(ID(first_id), buf_slice(&text), 0, text.len);
	whole_initial(QUIC_VERSION_1);
	answer(ID(first_id), buf_slice(&text), 0, text.len);
	assert_int_equal(answers_told(), 1);
	assert_int_equal(hellos_told(), 1);
	observe_finish(s.observe);
	assert_int_equal(observe_counters(s.observe)->streams_abandoned, 0);
	buf_done(&text);
	end();
}

/* RFC 9368 2.3: the client's hello said that it knows the other, too. */
static void a_server_may_answer_in_another_version(void **state)
{
	static const uint32_t versions[][2] = {
		{ QUIC_VERSION_1, QUIC_VERSION_2 },
		{ QUIC_VERSION_2, QUIC_VERSION_1 },
		{ 0xff00001d, QUIC_VERSION_1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++) {
		uint32_t asked = versions[i][0], got = versions[i][1];
		struct buf text;

		begin(&home);
		buf_init(&text, 256);
		put_answer(&text, 0x1302, false);
		whole_initial(asked);
		/* the keys of another connection stay those of another */
		answer_in(got, ID(retry_id), buf_slice(&text), 0, text.len);
		assert_int_equal(answers_told(), 0);
		/* in two */
		answer_in(got, ID(first_id), buf_slice(&text), 0, 20);
		answer_in(got, ID(first_id), buf_slice(&text), 20, text.len);
		assert_int_equal(answers_told(), 1);
		/* what is sent once more is told once */
		whole_initial(asked);
		answer_in(got, ID(first_id), buf_slice(&text), 0, text.len);
		assert_int_equal(answers_told(), 1);
		observe_finish(s.observe);
		assert_int_equal(
			seen_window_of(&s, &tv.mac, 0)->servers[0].cipher_suite,
			0x1302);
		assert_int_equal(observe_counters(s.observe)->streams_abandoned,
				 0);
		buf_done(&text);
		end();
	}
}

static void a_server_that_asks_for_another_hello_answers_twice(void **state)
{
	struct buf text;

	(void)state;
	begin(&home);
	buf_init(&text, 256);
	put_answer(&text, 0x1301, true);
	put_answer(&text, 0x1302, false);
	whole_initial(QUIC_VERSION_1);
	answer(ID(first_id), buf_slice(&text), 0, 60);
	assert_int_equal(answers_told(), 1);
	answer(ID(first_id), buf_slice(&text), 60, text.len);
	assert_int_equal(answers_told(), 2);
	buf_done(&text);
	end();
}

static void an_answer_that_never_comes_is_no_loss(void **state)
{
	(void)state;
	begin(&home);
	whole_initial(QUIC_VERSION_1);
	now_ms += 60000;
	datagram(&tv, &server, slice_text("\x40 later"));
	observe_finish(s.observe);
	assert_int_equal(observe_counters(s.observe)->streams_abandoned, 0);
	end();
}

static void a_connection_behind_a_retry_is_answered_under_its_keys(void **state)
{
	struct piece piece = { 0, 0 };
	struct buf text;

	(void)state;
	begin(&home);
	piece.to = handshake().len;
	buf_init(&text, 256);
	put_answer(&text, 0x1301, false);
	whole_initial(QUIC_VERSION_1);
	initial(ID(retry_id), ID(retry_id), QUIC_VERSION_1, &piece, 1);
	answer(ID(retry_id), buf_slice(&text), 0, text.len);
	assert_int_equal(hellos_told(), 1);
	assert_int_equal(answers_told(), 1);
	buf_done(&text);
	end();
}

static void a_packet_under_other_keys_changes_nothing(void **state)
{
	const struct piece first = { 0, 700 };
	struct piece rest = { 700, 0 };

	(void)state;
	begin(&home);
	rest.to = handshake().len;
	initial(ID(first_id), ID(first_id), QUIC_VERSION_1, &first, 1);
	/* sealed for one id, sent to another, as an injected one would be */
	initial(ID(retry_id), ID(first_id), QUIC_VERSION_1, &rest, 1);
	assert_int_equal(hellos_told(), 0);
	initial(ID(first_id), ID(first_id), QUIC_VERSION_1, &rest, 1);
	assert_int_equal(hellos_told(), 1);
	end();
}

static void an_offset_past_the_limit_is_left_out(void **state)
{
	struct buf frames, out;
	const struct seal seal = { .crypto = crypto,
				   .version = QUIC_VERSION_1,
				   .first_id = ID(first_id),
				   .destination_id = ID(first_id) };

	(void)state;
	begin(&home);
	buf_init(&frames, SEAL_MAX_BYTES);
	buf_init(&out, SEAL_MAX_BYTES);
	/* offsets 2^14 and 2^61 */
	buf_append(&frames, "\x06\x80\x00\x40\x00\x01x", 7);
	buf_append(&frames, "\x06\xe0\0\0\0\0\0\0\0\x01x", 11);
	seal_pad(&frames, 32);
	seal_initial(&seal, buf_slice(&frames), &out);
	datagram(&tv, &server, buf_slice(&out));
	whole_initial(QUIC_VERSION_1);
	assert_int_equal(hellos_told(), 1);
	buf_done(&frames);
	buf_done(&out);
	end();
}

static void versions_without_keys_are_named_once_a_conversation(void **state)
{
	static const uint8_t negotiation[] = { 0x80, 0, 0, 0, 0, 1, 7,
					       1,    8, 0, 0, 0, 1 };
	static const uint8_t google[] = { 0xc3, 'Q', '0', '4', '6', 0x50 };
	static const uint8_t unknown[] = { 0xc3, 0xfa, 0xce, 0xb0, 2, 0, 0 };
	struct end elsewhere = server;

	(void)state;
	begin(&home);
	elsewhere.port = 5004;
	for (int i = 0; i < 2; i++) {
		datagram(&tv, &server, ID(google));
		datagram(&server, &tv, ID(negotiation));
		datagram(&tv, &server, ID(unknown));
		datagram(&tv, &elsewhere, ID(unknown));
	}
	assert_string_equal(buf_text(&s.facts), "quic frame=1 kind=5\n"
						"quic frame=2 kind=4\n"
						"quic frame=3 kind=6\n");
	end();
}

/* What the device sends next, under keys of the server's answer. */
static const uint8_t of_handshake[] = { 0xe3, 0, 0, 0, 1, 2, 7,
					7,    0, 4, 1, 2, 3, 4 };

static int families_past_us(void)
{
	int past;

	observe_finish(s.observe);
	past = seen_window_of(&s, &tv.mac, 0)->answered_past;
	end();
	return past;
}

static void keys_that_an_answer_gives_show_that_one_went_past_us(void **state)
{
	(void)state;
	begin(&home);
	whole_initial(QUIC_VERSION_1);
	datagram(&tv, &server, ID(of_handshake));
	assert_int_equal(families_past_us(), RECORD_PAST_IPV4);
}

static void an_answer_that_came_by_us_went_past_nobody(void **state)
{
	struct buf text;

	(void)state;
	buf_init(&text, 256);
	put_answer(&text, 0x1301, false);
	begin(&home);
	whole_initial(QUIC_VERSION_1);
	answer(ID(first_id), buf_slice(&text), 0, text.len);
	/* once more, which was on its way already */
	whole_initial(QUIC_VERSION_1);
	datagram(&tv, &server, ID(of_handshake));
	assert_int_equal(families_past_us(), 0);
	/* its beginning was not seen, and what was asked was not answered */
	begin(&home);
	datagram(&tv, &server, ID(of_handshake));
	whole_initial(QUIC_VERSION_1);
	assert_int_equal(families_past_us(), 0);
	buf_done(&text);
}

static void a_flood_of_initials_is_bounded(void **state)
{
	/* a version and an id, and nothing that could be opened */
	uint8_t made_up[64] = { 0xc0, 0, 0, 0, 1, 8, 1, 1, 1,
				1,    1, 1, 1, 1, 0, 0, 47 };
	struct frame f;

	(void)state;
	begin(&home);
	frame_udp(&f, &tv, &server, made_up, sizeof(made_up));
	for (unsigned i = 0; i < INITIAL_TRIES_MAX + 7; i++)
		seen_frame(&s, 1, &f);
	assert_int_equal(observe_counters(s.observe)->initials_refused, 7);
	/* the next window begins anew */
	now_ms = 5000;
	whole_initial(QUIC_VERSION_1);
	assert_int_equal(hellos_told(), 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_over_quic_names_its_server),
		cmocka_unit_test(pieces_come_in_any_order_over_any_packets),
		cmocka_unit_test(
			later_pieces_are_sent_to_the_id_that_the_server_chose),
		cmocka_unit_test(a_connection_tried_again_is_one_hello),
		cmocka_unit_test(what_is_lost_makes_no_hello),
		cmocka_unit_test(
			the_server_answers_under_keys_of_the_same_connection),
		cmocka_unit_test(a_server_may_answer_in_another_version),
		cmocka_unit_test(
			a_server_that_asks_for_another_hello_answers_twice),
		cmocka_unit_test(an_answer_that_never_comes_is_no_loss),
		cmocka_unit_test(
			a_connection_behind_a_retry_is_answered_under_its_keys),
		cmocka_unit_test(a_packet_under_other_keys_changes_nothing),
		cmocka_unit_test(an_offset_past_the_limit_is_left_out),
		cmocka_unit_test(
			versions_without_keys_are_named_once_a_conversation),
		cmocka_unit_test(
			keys_that_an_answer_gives_show_that_one_went_past_us),
		cmocka_unit_test(an_answer_that_came_by_us_went_past_nobody),
		cmocka_unit_test(a_flood_of_initials_is_bounded),
	};

	return cmocka_run_group_tests_name("initial", tests, make_crypto,
					   free_crypto);
}

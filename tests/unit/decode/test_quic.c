// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/quic.h"

#include "bytes.h"
#include "decode/tls.h"
#include "seal.h"
#include "with_crypto.h"

/* The id and the CRYPTO frame of RFC 9001 A.2, as RFC 9369 A.2 has it too. */
#define RFC_ID "8394c8f03e515708"
static const char rfc_frame[] =
	"060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e868"
	"04fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578"
	"616d706c652e636f6dff01000100000a00080006001d00170018001000070005"
	"04616c706e000500050100000000003300260024001d00209370b2c9caa47fba"
	"baf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b000302030400"
	"0d0010000e0403050306030203080408050806002d00020101001c0002400100"
	"3900320408ffffffffffffffff05048000ffff07048000ffff08011001048000"
	"75300901100f088394c8f03e51570806048000ffff";
/* That of draft-ietf-quic-tls-29 A.2. */
static const char draft_frame[] =
	"060040c4010000c003036660261ff947cea49cce6cfad687f457cf1b14531ba1"
	"4131a0e8f309a1d0b9c4000006130113031302010000910000000b0009000006"
	"736572766572ff01000100000a00140012001d00170018001901000101010201"
	"03010400230000003300260024001d00204cfdfcd178b784bf328cae793b136f"
	"2aedce005ff183d7bb1495207236647037002b0003020304000d0020001e0403"
	"05030603020308040805080604010501060102010402050206020202002d0002"
	"0101001c00024001";

static void the_keys_are_those_of_the_standards(void **state)
{
	static const struct {
		uint32_t version;
		const char *key, *iv, *header_key;
	} cases[] = {
		{ QUIC_VERSION_1, "1f369613dd76d5467730efcbe3b1a22d",
		  "fa044b2f42a3fd3b46fb255c",
		  "9f50449e04a0e810283a1e9933adedd2" },
		{ QUIC_VERSION_2, "8b1a0bc121284290a29e0971b5cd045d",
		  "91f73e2351d8fa91660e909f",
		  "45b95e15235d6f45a6b19cbcb0294ba9" },
		{ 0xff000017, "af7fd7efebd21878ff66811248983694",
		  "8681359410a70bb9c92f0420",
		  "a980b8b4fb7d9fbc13e814c23164253d" },
		{ 0xff00001d, "175257a31eb09dea9366d8bb79ad80ba",
		  "6b26114b9cba2b63a9e8dd4f",
		  "9ddd12c994c0698b89374a9c077a3077" },
		{ 0xff000022, "1f369613dd76d5467730efcbe3b1a22d",
		  "fa044b2f42a3fd3b46fb255c",
		  "9f50449e04a0e810283a1e9933adedd2" },
	};
	struct slice id = bytes_of_hex(RFC_ID);

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice key = bytes_of_hex(cases[i].key);
		struct slice iv = bytes_of_hex(cases[i].iv);
		struct slice header_key = bytes_of_hex(cases[i].header_key);
		struct quic_keys keys;

		assert_int_equal(quic_client_keys(crypto, cases[i].version, id,
						  &keys),
				 0);
		assert_int_equal(quic_complete_keys(crypto, &keys), 0);
		assert_memory_equal(keys.key, key.data, key.len);
		assert_memory_equal(keys.iv, iv.data, iv.len);
		assert_memory_equal(keys.header_key, header_key.data,
				    header_key.len);
		bytes_free(key);
		bytes_free(iv);
		bytes_free(header_key);
	}
	bytes_free(id);
}

/* A datagram with the standard's frame; its text is what frames is of. */
static void make_datagram(uint32_t version, const char *frame, struct buf *out,
			  struct buf *frames)
{
	struct slice id = bytes_of_hex(RFC_ID), bytes = bytes_of_hex(frame);
	const struct seal s = { .crypto = crypto,
				.version = version,
				.first_id = id,
				.destination_id = id,
				.number = 2 };

	buf_init(frames, SEAL_MAX_BYTES);
	buf_append(frames, bytes.data, bytes.len);
	seal_pad(frames, 1162);
	buf_init(out, SEAL_MAX_BYTES);
	seal_initial(&s, buf_slice(frames), out);
	bytes_free(id);
	bytes_free(bytes);
}

/* Decodes the first packet of a datagram; its frames into opened. */
static uint8_t opened[QUIC_INITIAL_MAX_BYTES];
static int open_datagram(struct slice datagram, struct slice *frames)
{
	struct quic_packet packet;
	struct quic_keys keys;
	size_t at = 0;
	int more = quic_next_packet(datagram, &at, &packet);

	if (more <= 0)
		return more ? more : ERR_NOTFOUND;
	if (packet.kind != QUIC_INITIAL)
		return ERR_UNSUPPORTED;
	assert_int_equal(quic_client_keys(crypto, packet.version,
					  packet.destination_id, &keys),
			 0);
	return quic_open_initial(crypto, &keys, &packet, opened, frames);
}

static void an_initial_is_opened_as_the_standards_show_it(void **state)
{
	static const struct {
		uint32_t version;
		const char *frame, *begins, *ends;
		const char *sni;
	} cases[] = {
		{ QUIC_VERSION_1, rfc_frame,
		  "c000000001088394c8f03e5157080000449e7b9aec34d1b1c9",
		  "e221af44860018ab0856972e194cd934", "example.com" },
		{ QUIC_VERSION_2, rfc_frame,
		  "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b"
		  "6abcdb4298b485dd04de806071bf03dceebfa162e75d6c96",
		  "", "example.com" },
		{ 0xff00001d, draft_frame,
		  "c5ff00001d088394c8f03e5157080000449e4a95245bfb66bc"
		  "5f93032b7ddd89fe0ff15d9c4f7050fccdb71c1cd80512d4",
		  "", "server" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice begins = bytes_of_hex(cases[i].begins);
		struct slice ends = bytes_of_hex(cases[i].ends), frames;
		struct slice message;
		struct tls_client_hello hello;
		struct quic_crypto piece;
		struct buf datagram, text;
		size_t at = 0;

		make_datagram(cases[i].version, cases[i].frame, &datagram,
			      &text);
		assert_int_equal(datagram.len, 1200);
		assert_memory_equal(datagram.data, begins.data, begins.len);
		assert_memory_equal(datagram.data + 1200 - ends.len, ends.data,
				    ends.len);
		assert_int_equal(open_datagram(buf_slice(&datagram), &frames),
				 0);
		assert_true(slice_equal(frames, buf_slice(&text)));
		assert_int_equal(quic_next_crypto(frames, &at, &piece), 1);
		assert_int_equal(piece.offset, 0);
		assert_int_equal(tls_take_client_hello(piece.data, &message),
				 0);
		assert_int_equal(tls_decode_gathered_hello(message, &hello), 0);
		assert_view(hello.sni, cases[i].sni);
		assert_int_equal(quic_next_crypto(frames, &at, &piece), 0);
		bytes_free(begins);
		bytes_free(ends);
		buf_done(&datagram);
		buf_done(&text);
	}
}

static void nothing_is_opened_that_was_changed_or_cut(void **state)
{
	struct buf datagram, text;
	struct slice frames;

	(void)state;
	make_datagram(QUIC_VERSION_1, rfc_frame, &datagram, &text);
	for (size_t n = 0; n < datagram.len; n++) {
		struct slice cut = bytes_copy(datagram.data, n);
		struct slice changed = bytes_copy(datagram.data, datagram.len);

		assert_true(open_datagram(cut, &frames) < 0);
		bytes_set(changed, n, changed.data[n] ^ 1);
		assert_true(open_datagram(changed, &frames) < 0);
		bytes_free(cut);
		bytes_free(changed);
	}
	buf_done(&datagram);
	buf_done(&text);
}

static void packets_in_one_datagram_are_told_apart(void **state)
{
	static const enum quic_kind kinds[] = { QUIC_INITIAL, QUIC_ZERO_RTT,
						QUIC_HANDSHAKE };
	/* 0-RTT and Handshake of three bytes each, then a short header */
	static const char others[] = "d00000000108" RFC_ID "000"
				     "3aabbcc"
				     "e00000000108" RFC_ID "000"
				     "3aabbcc"
				     "40ffffff";
	struct slice tail = bytes_of_hex(others);
	struct quic_packet packet;
	struct buf datagram, text;
	size_t at = 0;

	(void)state;
	make_datagram(QUIC_VERSION_1, rfc_frame, &datagram, &text);
	buf_append(&datagram, tail.data, tail.len);
	for (size_t i = 0; i < COUNT(kinds); i++) {
		assert_int_equal(quic_next_packet(buf_slice(&datagram), &at,
						  &packet),
				 1);
		assert_int_equal(packet.kind, kinds[i]);
		assert_int_equal(packet.destination_id.len, 8);
	}
	assert_int_equal(quic_next_packet(buf_slice(&datagram), &at, &packet),
			 0);
	bytes_free(tail);
	buf_done(&datagram);
	buf_done(&text);
}

static void each_version_numbers_its_packets(void **state)
{
	static const struct {
		const char *hex;
		enum quic_kind kind;
	} cases[] = {
		{ "c00000000100000000", QUIC_INITIAL },
		{ "d000000001000000", QUIC_ZERO_RTT },
		{ "e000000001000000", QUIC_HANDSHAKE },
		{ "f0000000010000aabb", QUIC_RETRY },
		{ "c06b3343cf0000aabb", QUIC_RETRY },
		{ "d06b3343cf00000000", QUIC_INITIAL },
		{ "e06b3343cf000000", QUIC_ZERO_RTT },
		{ "f06b3343cf000000", QUIC_HANDSHAKE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice bytes = bytes_of_hex(cases[i].hex);
		struct quic_packet packet;
		size_t at = 0;

		assert_int_equal(quic_next_packet(bytes, &at, &packet), 1);
		assert_int_equal(packet.kind, cases[i].kind);
		assert_int_equal(at, bytes.len);
		bytes_free(bytes);
	}
}

static void what_is_no_known_version_is_named(void **state)
{
	static const struct {
		const char *hex;
		enum quic_kind kind;
		const char *version;
	} cases[] = {
		{ "8000000000080102030405060708000000000100000002",
		  QUIC_VERSION_NEGOTIATION, "0x00000000" },
		{ "c3513034365001020304050607080000", QUIC_GOOGLE, "Q046" },
		{ "0d01020304050607085130343301", QUIC_GOOGLE, "Q043" },
		{ "c3543035310801020304050607080000", QUIC_GOOGLE, "T051" },
		{ "c3faceb0020801020304050607080000", QUIC_OTHER,
		  "0xfaceb002" },
		{ "c31a2a3a4a0801020304050607080000", QUIC_OTHER,
		  "0x1a2a3a4a" },
		{ "c3ff0000160801020304050607080000", QUIC_OTHER, "draft-22" },
		{ "c3ff0000230801020304050607080000", QUIC_OTHER, "draft-35" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice bytes = bytes_of_hex(cases[i].hex);
		char text[QUIC_VERSION_TEXT_BYTES];
		struct quic_packet packet;
		size_t at = 0;

		assert_true(quic_may_begin(bytes));
		assert_int_equal(quic_next_packet(bytes, &at, &packet), 1);
		assert_int_equal(packet.kind, cases[i].kind);
		assert_string_equal(quic_version_text(packet.version, text),
				    cases[i].version);
		assert_int_equal(quic_next_packet(bytes, &at, &packet), 0);
		bytes_free(bytes);
	}
}

static void what_breaks_the_rules_is_no_packet(void **state)
{
	static const struct {
		const char *hex;
		int answer;
	} cases[] = {
		{ "40ffffffffffffffff", ERR_MALFORMED }, /* short header */
		{ "0d010203040506070851303433", 1 },
		{ "0d010203040506070800303433", ERR_MALFORMED },
		{ "0d0102030405060708513034", ERR_MALFORMED },
		/* without the fixed bit (RFC 9287), and a body */
		{ "80000000010000", ERR_TRUNCATED },
		{ "c000000001150000000000000000000000000000000000000000000000",
		  ERR_MALFORMED }, /* an id of 21 bytes */
		{ "8000000000000000", ERR_MALFORMED },
		{ "80000000000000", ERR_MALFORMED },
		{ "c000000001000040ff", ERR_TRUNCATED }, /* token */
		{ "c00000000100000005aabbccdd", ERR_TRUNCATED },
		{ "c0000000010000", ERR_TRUNCATED },
		{ "c000", ERR_TRUNCATED },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice bytes = bytes_of_hex(cases[i].hex);
		struct quic_packet packet;
		size_t at = 0;

		assert_int_equal(quic_next_packet(bytes, &at, &packet),
				 cases[i].answer);
		bytes_free(bytes);
	}
}

static void other_frames_are_passed_over(void **state)
{
	/* padding, ping, ack of two ranges, ack with ECN, close, CRYPTO */
	static const char hex[] = "0000"
				  "01"
				  "02406400020102030405"
				  "0305000000010203"
				  "1c0000026f6b"
				  "064100020a0b"
				  "00"
				  "06400000";
	struct slice frames = bytes_of_hex(hex);
	struct quic_crypto piece;
	size_t at = 0;

	(void)state;
	assert_int_equal(quic_next_crypto(frames, &at, &piece), 1);
	assert_int_equal(piece.offset, 256);
	assert_int_equal(piece.data.len, 2);
	assert_int_equal(piece.data.data[0], 0x0a);
	assert_int_equal(quic_next_crypto(frames, &at, &piece), 1);
	assert_int_equal(piece.data.len, 0);
	assert_int_equal(quic_next_crypto(frames, &at, &piece), 0);
	for (size_t n = 0; n < frames.len; n++) {
		struct slice cut = bytes_copy(frames.data, n);
		int more;

		at = 0;
		while ((more = quic_next_crypto(cut, &at, &piece)) > 0)
			assert_true(n >= 33 && piece.offset <= 256);
		assert_true(more == 0 || more == ERR_MALFORMED);
		bytes_free(cut);
	}
	bytes_free(frames);
}

static void a_frame_that_an_initial_cannot_have_ends_it(void **state)
{
	static const char *const cases[] = {
		"08000102",			  /* STREAM */
		"1d0000",			  /* the application's close */
		"0600ffffffffffffff",		  /* longer than there is */
		"02ffffffffffffffff00bfffffff00", /* endless ranges */
		"1c000040ff",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice frames = bytes_of_hex(cases[i]);
		struct quic_crypto piece;
		size_t at = 0;

		assert_int_equal(quic_next_crypto(frames, &at, &piece),
				 ERR_MALFORMED);
		bytes_free(frames);
	}
}

static void an_initial_past_the_limit_is_refused(void **state)
{
	struct slice id = bytes_of_hex(RFC_ID), opened_frames;
	const struct seal s = { .crypto = crypto,
				.version = QUIC_VERSION_1,
				.first_id = id,
				.destination_id = id };
	struct buf datagram, frames;

	(void)state;
	buf_init(&datagram, SEAL_MAX_BYTES);
	buf_init(&frames, SEAL_MAX_BYTES);
	seal_pad(&frames, QUIC_INITIAL_MAX_BYTES - 4 - CRYPTO_TAG_BYTES);
	seal_initial(&s, buf_slice(&frames), &datagram);
	assert_int_equal(open_datagram(buf_slice(&datagram), &opened_frames),
			 0);
	buf_clear(&datagram);
	buf_u8(&frames, 0);
	seal_initial(&s, buf_slice(&frames), &datagram);
	assert_int_equal(open_datagram(buf_slice(&datagram), &opened_frames),
			 ERR_LIMIT);
	buf_done(&datagram);
	buf_done(&frames);
	bytes_free(id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_keys_are_those_of_the_standards),
		cmocka_unit_test(an_initial_is_opened_as_the_standards_show_it),
		cmocka_unit_test(nothing_is_opened_that_was_changed_or_cut),
		cmocka_unit_test(packets_in_one_datagram_are_told_apart),
		cmocka_unit_test(each_version_numbers_its_packets),
		cmocka_unit_test(what_is_no_known_version_is_named),
		cmocka_unit_test(what_breaks_the_rules_is_no_packet),
		cmocka_unit_test(other_frames_are_passed_over),
		cmocka_unit_test(a_frame_that_an_initial_cannot_have_ends_it),
		cmocka_unit_test(an_initial_past_the_limit_is_refused),
	};

	return cmocka_run_group_tests_name("quic", tests, make_crypto,
					   free_crypto);
}

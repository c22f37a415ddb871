// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/tls.h"

#include "bytes.h"

/* OpenSSL's own, for tv.example.com with h2 and http/1.1, as one record. */
#define ZEROS_32 \
	"0000000000000000000000000000000000000000000000000000000000000000"
static const char hello_record[] =
	"1603010200010001fc0303808006716e9b6a90cc78d1f5536086e78075472563"
	"4be88957576f2112c4d8262082d6aa0bd9c415aa6aebc68ddaac68dc894c8ea4"
	"c983906974418116a0893a6e003e130213031301c02cc030009fcca9cca8ccaa"
	"c02bc02f009ec024c028006bc023c0270067c00ac0140039c009c0130033009d"
	"009c003d003c0035002f00ff0100017500000013001100000e74762e6578616d"
	"706c652e636f6d000b000403000102000a00160014001d0017001e0019001801"
	"000101010201030104002300000010000e000c02683208687474702f312e3100"
	"16000000170000000d002a0028040305030603080708080809080a080b080408"
	"050806040105010601030303010302040205020602002b000908030403030302"
	"0301002d00020101003300260024001d00204e47d41b7d3722e7b0b9ba97dde5"
	"8d8a23e45accaae05c6031028fb6c44cb563001500af00000000000000000000" ZEROS_32
		ZEROS_32 ZEROS_32 ZEROS_32 ZEROS_32 "0000000000";
enum {
	HELLO_BYTES = 512,
	RECORD_BYTES = 517
};

/* The head of a body: version, random, no session id, one suite, no zip. */
#define BODY_HEAD(suites) "0303" ZEROS_32 "00" suites "0100"

static uint8_t gathered[TLS_HELLO_MAX_BYTES];

static int gather(struct slice stream, size_t *len, size_t *used)
{
	*len = 0;
	*used = 0;
	memset(gathered, 0, sizeof(gathered));
	return tls_gather_client_hello(stream, gathered, len, used);
}

static int decode_body(const char *hex, struct tls_client_hello *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_hex(hex);
	return tls_decode_client_hello(bytes, out);
}

static void assert_u16s(struct slice list, const char *hex)
{
	struct slice want = bytes_of_hex(hex);

	assert_non_null(list.data);
	assert_true(slice_equal(list, want));
	bytes_free(want);
}

static void a_hello_is_read_in_every_field(void **state)
{
	static const uint16_t types[] = { 0,  11, 10, 35, 16, 22,
					  23, 13, 43, 45, 51, 21 };
	struct slice stream = bytes_of_hex(hello_record);
	struct tls_client_hello h;
	struct tls_extension e;
	size_t len, used, at = 0, n = 0;

	(void)state;
	assert_int_equal(gather(stream, &len, &used), 0);
	assert_int_equal(used, RECORD_BYTES);
	assert_int_equal(len, HELLO_BYTES);
	assert_int_equal(tls_decode_gathered_hello(slice_of(gathered, len), &h),
			 0);
	assert_int_equal(h.legacy_version, 0x0303);
	assert_int_equal(h.random.len, 32);
	assert_int_equal(h.session_id.len, 32);
	assert_int_equal(tls_list_u16_count(h.cipher_suites), 31);
	assert_int_equal(tls_list_u16(h.cipher_suites, 0), 0x1302);
	assert_int_equal(tls_list_u16(h.cipher_suites, 30), 0x00ff);
	assert_int_equal(tls_list_u16(h.cipher_suites, 31), 0);
	assert_int_equal(h.compression_methods.len, 1);
	assert_view(h.sni, "tv.example.com");
	assert_u16s(h.supported_versions, "0304030303020301");
	assert_u16s(h.groups, "001d0017001e001900180100010101020103"
			      "0104");
	assert_int_equal(h.point_formats.len, 3);
	assert_int_equal(tls_list_u16_count(h.signature_algorithms), 20);
	assert_view(h.alpn, "\2h2\10http/1.1");
	assert_false(h.grease);
	assert_false(h.ssl2);
	assert_int_equal(tls_highest_version(&h), 0x0304);
	while (tls_next_extension(h.extensions, &at, &e) == 1) {
		assert_true(n < COUNT(types));
		assert_int_equal(e.type, types[n++]);
	}
	assert_int_equal(n, COUNT(types));
	bytes_free(stream);
}

/* The hello in records of at most size bytes; returns the stream. */
static struct slice in_records(size_t size)
{
	struct slice whole = bytes_of_hex(hello_record);
	const uint8_t *from = whole.data + 5;
	uint8_t stream[HELLO_BYTES * 6], *at = stream;
	size_t left = HELLO_BYTES;

	while (left) {
		size_t n = left < size ? left : size;

		memcpy(at, whole.data, 3);
		at[3] = (uint8_t)(n >> 8);
		at[4] = (uint8_t)n;
		memcpy(at + 5, from, n);
		at += 5 + n;
		from += n;
		left -= n;
	}
	bytes_free(whole);
	return bytes_copy(stream, (size_t)(at - stream));
}

static void a_hello_split_over_records_is_one_hello(void **state)
{
	static const size_t sizes[] = { 1, 3, 4, 5, 100, 511, 512 };
	struct slice whole = bytes_of_hex(hello_record);

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct slice stream = in_records(sizes[i]);
		size_t len, used;

		assert_int_equal(gather(stream, &len, &used), 0);
		assert_int_equal(len, HELLO_BYTES);
		assert_int_equal(used, stream.len);
		assert_memory_equal(gathered, whole.data + 5, len);
		bytes_free(stream);
	}
	bytes_free(whole);
}

static void no_prefix_of_a_stream_is_a_hello_yet(void **state)
{
	static const size_t sizes[] = { 7, 512 };

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct slice stream = in_records(sizes[i]);

		for (size_t n = 0; n < stream.len; n++) {
			struct slice cut = bytes_copy(stream.data, n);
			size_t len, used;

			assert_int_equal(gather(cut, &len, &used), ERR_AGAIN);
			bytes_free(cut);
		}
		bytes_free(stream);
	}
}

static void a_retried_hello_comes_behind_a_change_of_cipher(void **state)
{
	char hex[2048];
	struct slice stream;
	size_t len, used;

	(void)state;
	snprintf(hex, sizeof(hex), "140303000101%s1703", hello_record);
	stream = bytes_of_hex(hex);
	assert_int_equal(gather(stream, &len, &used), 0);
	assert_int_equal(len, HELLO_BYTES);
	assert_int_equal(used, 6 + RECORD_BYTES);
	for (size_t n = 0; n < used; n++) {
		struct slice cut = bytes_copy(stream.data, n);
		size_t ignored;

		assert_int_equal(gather(cut, &len, &ignored), ERR_AGAIN);
		bytes_free(cut);
	}
	bytes_free(stream);
}

static void what_cannot_become_a_hello_is_told_at_once(void **state)
{
	static const struct {
		const char *hex;
		int answer;
	} cases[] = {
		{ "17", ERR_MALFORMED },
		{ "1602", ERR_MALFORMED },
		{ "160309", ERR_MALFORMED },
		{ "1603010000", ERR_MALFORMED },
		{ "1603014001", ERR_MALFORMED },
		{ "160301400002", ERR_MALFORMED },
		{ "16030100300100000c", ERR_MALFORMED },
		{ "1603010030010000fc02", ERR_MALFORMED },
		{ "160301003001003ffc", ERR_AGAIN },
		{ "160301003001003ffd", ERR_LIMIT },
		{ "16030100300100fffc", ERR_LIMIT },
		{ "1603010004010000fc17", ERR_MALFORMED },
		{ "14030300010117", ERR_MALFORMED },
		{ "1403030002", ERR_MALFORMED },
		{ "140303000102", ERR_MALFORMED },
		{ "474554202f", ERR_MALFORMED },
		{ "", ERR_AGAIN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice stream = bytes_of_hex(cases[i].hex);
		size_t len, used;

		assert_int_equal(gather(stream, &len, &used), cases[i].answer);
		bytes_free(stream);
	}
}

static void a_hello_in_ssl2_framing_is_what_it_stands_for(void **state)
{
	/* suites 00002f, 010080 (SSL 2's own), 000035; challenge 01 to 10 */
	static const char hex[] = "8022"
				  "010301"
				  "000900000010"
				  "00002f010080000035"
				  "0102030405060708090a0b0c0d0e0f10";
	struct slice stream = bytes_of_hex(hex);
	struct tls_client_hello h;
	size_t len, used;

	(void)state;
	assert_int_equal(gather(stream, &len, &used), 0);
	assert_int_equal(used, stream.len);
	assert_int_equal(tls_decode_gathered_hello(slice_of(gathered, len), &h),
			 0);
	assert_true(h.ssl2);
	assert_int_equal(tls_highest_version(&h), 0x0301);
	assert_u16s(h.cipher_suites, "002f0035");
	assert_int_equal(h.random.data[15], 0);
	assert_int_equal(h.random.data[16], 1);
	assert_int_equal(h.random.data[31], 0x10);
	assert_absent(h.extensions);
	for (size_t n = 0; n < stream.len; n++) {
		struct slice cut = bytes_copy(stream.data, n);

		assert_int_equal(gather(cut, &len, &used), ERR_AGAIN);
		bytes_free(cut);
	}
	bytes_free(stream);
}

static void a_pure_ssl2_client_is_seen_too(void **state)
{
	struct slice stream = bytes_of_hex("801c"
					   "010002"
					   "000300000010"
					   "010080" ZEROS_32);
	struct tls_client_hello h;
	size_t len, used;

	(void)state;
	assert_int_equal(gather(stream, &len, &used), 0);
	assert_int_equal(tls_decode_gathered_hello(slice_of(gathered, len), &h),
			 0);
	assert_true(h.ssl2);
	assert_int_equal(tls_highest_version(&h), 0x0002);
	assert_int_equal(h.cipher_suites.len, 0);
	bytes_free(stream);
}

static void lengths_that_do_not_agree_are_no_ssl2_hello(void **state)
{
	static const char *const streams[] = {
		"8001"
		"010301"
		"000300000010"
		"00002f" ZEROS_32,
		"801d"
		"010301"
		"000400000010"
		"00002f00" ZEROS_32,
		"801c"
		"010301"
		"000300010010"
		"00002f" ZEROS_32,
		"801c"
		"010401",
		"801c"
		"02",
		"0000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(streams); i++) {
		struct slice stream = bytes_of_hex(streams[i]);
		size_t len, used;

		assert_int_equal(gather(stream, &len, &used), ERR_MALFORMED);
		bytes_free(stream);
	}
}

static void a_hello_without_extensions_is_one(void **state)
{
	struct tls_client_hello h;

	(void)state;
	assert_int_equal(decode_body(BODY_HEAD("0002002f"), &h), 0);
	assert_absent(h.extensions);
	assert_absent(h.sni);
	assert_absent(h.supported_versions);
	assert_int_equal(tls_highest_version(&h), 0x0303);
	assert_int_equal(decode_body(BODY_HEAD("0002002f") "0000", &h), 0);
	assert_int_equal(h.extensions.len, 0);
	assert_non_null(h.extensions.data);
}

static void grease_is_seen_wherever_it_is(void **state)
{
	static const struct {
		const char *hex;
		bool grease;
	} cases[] = {
		{ BODY_HEAD("00020a0a"), true },
		{ BODY_HEAD("00020a1a"), false },
		{ BODY_HEAD("0002002f") "00047a7a0000", true },
		{ BODY_HEAD("0002002f") "0009002b0005042a2a0304", true },
		{ BODY_HEAD("0002002f") "000a000a000600043a3a001d", true },
		{ BODY_HEAD("0002002f") "000a000d00060004fafa0403", true },
		{ BODY_HEAD("0002002f") "000a000a00060004001d0017", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tls_client_hello h;

		assert_int_equal(decode_body(cases[i].hex, &h), 0);
		assert_int_equal(h.grease, cases[i].grease);
	}
}

static void a_list_that_breaks_its_rules_is_absent(void **state)
{
	static const char *const extensions[] = {
		"000000020003",		  /* names longer than the extension */
		"000000050003000000",	  /* an empty name */
		"0000000700050100026161", /* a name of another kind */
		"000a0003000100",	  /* half a group */
		"000a000400040017",	  /* more groups than there are */
		"000a000600020017ffff",	  /* bytes behind the groups */
		"000b00020200",		  /* more formats than there are */
		"000d0000",		  /* nothing at all */
		"0010000400020368",	  /* a name longer than its list */
		"00100003000100",	  /* an empty name */
		"002b0003030304",	  /* longer than there is */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(extensions); i++) {
		char hex[512];
		struct tls_client_hello h;

		snprintf(hex, sizeof(hex), BODY_HEAD("0002002f") "%04zx%s",
			 strlen(extensions[i]) / 2, extensions[i]);
		assert_int_equal(decode_body(hex, &h), 0);
		assert_absent(h.sni);
		assert_absent(h.groups);
		assert_absent(h.point_formats);
		assert_absent(h.signature_algorithms);
		assert_absent(h.alpn);
		assert_absent(h.supported_versions);
		assert_int_equal(h.extensions.len, strlen(extensions[i]) / 2);
	}
}

static void a_body_that_breaks_the_rules_is_malformed(void **state)
{
	static const char *const bodies[] = {
		/* version 2.3, a session id of 33, half a suite, none, no
		 * compression, a byte behind the extensions */
		"0203" ZEROS_32 "00"
		"0002002f"
		"0100",
		"0303" ZEROS_32 "21" ZEROS_32 "00"
		"0002002f"
		"0100",
		BODY_HEAD("0003002f00"),
		BODY_HEAD("0000"),
		"0303" ZEROS_32 "00"
		"0002002f"
		"00",
		BODY_HEAD("0002002f") "00040000000000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct tls_client_hello h;

		assert_int_equal(decode_body(bodies[i], &h), ERR_MALFORMED);
	}
}

static void extensions_that_break_off_are_told_as_far_as_they_go(void **state)
{
	static const struct {
		const char *body;
		size_t whole;
	} cases[] = {
		{ BODY_HEAD("0002002f") "0003000000", 0 },
		{ BODY_HEAD("0002002f") "000400000001", 0 },
		/* groups, then one that claims more than there is */
		{ BODY_HEAD("0002002f") "000c000a00040002001d00ffffff", 8 },
		{ BODY_HEAD("0002002f") "0008000a00040002001d", 8 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct tls_client_hello h;

		assert_int_equal(decode_body(cases[i].body, &h), 0);
		assert_int_equal(h.extensions.len, cases[i].whole);
		assert_int_equal(h.groups.len, cases[i].whole ? 2 : 0);
		assert_int_equal(h.broken, i < 3);
	}
}

/* A ServerHello of TLS 1.2, then a certificate of five bytes and another. */
#define SERVER_HELLO_12      \
	"02000026"           \
	"0303" ZEROS_32 "00" \
	"c02b"               \
	"00"
#define CERTIFICATE_5 \
	"0b00000e"    \
	"00000b"      \
	"000005"      \
	"3003020107"  \
	"000000"

static int certificate_of(const char *hex, size_t len, struct slice *out)
{
	static uint8_t flight[TLS_FLIGHT_MAX_BYTES];
	struct slice all = bytes_of_hex(hex);
	struct slice cut = bytes_copy(all.data, len < all.len ? len : all.len);
	int err = tls_gather_certificate(cut, flight, out);

	bytes_free(cut);
	bytes_free(all);
	return err;
}

static void a_certificate_is_found_however_records_cut_it(void **state)
{
	static const char *const streams[] = {
		"160303003c" SERVER_HELLO_12 CERTIFICATE_5,
		"160303002a" SERVER_HELLO_12 "1603030012" CERTIFICATE_5,
		"160303002a" SERVER_HELLO_12 "1603030003"
		"0b0000"
		"160303000f"
		"0e"
		"00000b"
		"000005"
		"3003020107"
		"000000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(streams); i++) {
		size_t len = strlen(streams[i]) / 2;

		for (size_t n = 0; n <= len; n++) {
			struct slice der;
			int err = certificate_of(streams[i], n, &der);

			/* what is behind it need not have come */
			if (n < len - 3) {
				assert_int_equal(err, ERR_AGAIN);
				continue;
			}
			assert_int_equal(err, 0);
			assert_int_equal(der.len, 5);
			assert_memory_equal(der.data, "\x30\3\2\1\7", 5);
		}
	}
}

static void what_comes_instead_of_a_certificate_is_known(void **state)
{
	static const struct {
		const char *stream;
		int err;
	} cases[] = {
		/* a session taken up again: ChangeCipherSpec, or a ticket */
		{ "160303002a" SERVER_HELLO_12 "140303000101", ERR_NOTFOUND },
		{ "160303002e" SERVER_HELLO_12 "04000000", ERR_NOTFOUND },
		/* a list of none */
		{ "1603030031" SERVER_HELLO_12 "0b000003000000", ERR_NOTFOUND },
		/* lengths that do not fit each other */
		{ "160303003c" SERVER_HELLO_12 "0b00000e"
		  "00000c"
		  "000005"
		  "3003020107"
		  "000000",
		  ERR_MALFORMED },
		{ "160303003c" SERVER_HELLO_12 "0b00000e"
		  "00000b"
		  "00000a"
		  "3003020107"
		  "000000",
		  ERR_MALFORMED },
		{ "1603030004"
		  "0e000000",
		  ERR_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice der;

		assert_int_equal(certificate_of(cases[i].stream, SIZE_MAX,
						&der),
				 cases[i].err);
	}
}

static void the_highest_version_is_one_that_there_is(void **state)
{
	static const struct {
		uint16_t legacy;
		const char *versions;
		uint16_t highest;
	} cases[] = {
		{ 0x0303, "2a2a03030302", 0x0303 },
		{ 0x0303, "7f1c0303", 0x0304 },
		{ 0x0303, "fb1a0303", 0x0303 },
		{ 0x0303, "7a7afefd", 0 },
		{ 0x0302, "", 0x0302 },
		{ 0xfefd, "", 0x0303 },
		{ 0x03ff, "", 0 },
		{ 0xfe42, "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice list = bytes_of_hex(cases[i].versions);
		struct tls_client_hello h = {
			.legacy_version = cases[i].legacy,
			.supported_versions = list,
		};

		assert_int_equal(tls_highest_version(&h), cases[i].highest);
		bytes_free(list);
	}
}

static void every_prefix_of_a_body_tells_no_false_fact(void **state)
{
	struct slice record = bytes_of_hex(hello_record);
	struct slice whole = slice_of(record.data + 9, record.len - 9);
	size_t hellos = 0;

	(void)state;
	for (size_t n = 0; n < whole.len; n++) {
		struct slice cut = bytes_copy(whole.data, n);
		struct tls_client_hello h;

		if (!tls_decode_client_hello(cut, &h)) {
			/* only there where the extensions would begin */
			assert_absent(h.extensions);
			assert_int_equal(tls_list_u16_count(h.cipher_suites),
					 31);
			hellos++;
		}
		bytes_free(cut);
	}
	assert_int_equal(hellos, 1);
	bytes_free(record);
}

/* TLS 1.3's: a session id echoed, supported_versions, a key share. */
static const char server_body[] =
	"0303000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	"04aabbccdd"
	"130200"
	"000a"
	"002b00020304"
	"00330000";

static void a_server_hello_tells_what_was_chosen(void **state)
{
	static const struct {
		const char *hex;
		uint16_t legacy, version, suite;
		bool retry;
	} cases[] = {
		{ server_body, 0x0303, 0x0304, 0x1302, false },
		/* TLS 1.2, without extensions and without a session */
		{ "0303" ZEROS_32 "00c02f00", 0x0303, 0x0303, 0xc02f, false },
		/* a draft of TLS 1.3, which has neither session nor method */
		{ "7f12" ZEROS_32 "13010000", 0x7f12, 0x7f12, 0x1301, false },
		{ "0303"
		  "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"
		  "00130100",
		  0x0303, 0x0303, 0x1301, true },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice body = bytes_of_hex(cases[i].hex);
		struct tls_server_hello h;

		assert_int_equal(tls_decode_server_hello(body, &h), 0);
		assert_int_equal(h.legacy_version, cases[i].legacy);
		assert_int_equal(h.version, cases[i].version);
		assert_int_equal(h.cipher_suite, cases[i].suite);
		assert_int_equal(h.retry, cases[i].retry);
		bytes_free(body);
	}
}

static void a_server_names_its_protocol_in_clear(void **state)
{
	struct slice body = bytes_of_hex("0303" ZEROS_32 "00c02f00"
					 "0009001000050003026832");
	struct tls_server_hello h;

	(void)state;
	assert_int_equal(tls_decode_server_hello(body, &h), 0);
	assert_view(h.alpn, "\2h2");
	assert_int_equal(h.extensions.len, 9);
	bytes_free(body);
}

static void a_server_hello_that_breaks_the_rules_is_none(void **state)
{
	static const char *const bodies[] = {
		"0203" ZEROS_32 "00c02f00",
		"0303" ZEROS_32 "21" ZEROS_32 "00c02f00",
		"0303" ZEROS_32 "00c02f00"
		"0003000000",
		"0303" ZEROS_32 "00c02f00"
		"000000",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bodies); i++) {
		struct slice body = bytes_of_hex(bodies[i]);
		struct tls_server_hello h;

		assert_int_equal(tls_decode_server_hello(body, &h),
				 ERR_MALFORMED);
		bytes_free(body);
	}
}

static void a_server_hello_is_gathered_when_it_is_whole(void **state)
{
	struct slice body = bytes_of_hex(server_body), stream;
	char hex[512];
	size_t len, used;

	(void)state;
	/* in a record with more behind it, as a certificate would be */
	snprintf(hex, sizeof(hex), "16030300%02zx020000%02zx%s0b000000",
		 body.len + 8, body.len, server_body);
	stream = bytes_of_hex(hex);
	for (size_t n = 0; n < stream.len; n++) {
		struct slice cut = bytes_copy(stream.data, n);
		struct tls_server_hello h;
		int err = tls_gather_server_hello(cut, gathered, &len, &used);

		assert_int_equal(err, n < 5 + 4 + body.len ? ERR_AGAIN : 0);
		if (!err)
			assert_int_equal(len, 4 + body.len);
		bytes_free(cut);
		cut = bytes_copy(body.data, n < body.len ? n : 0);
		/* but where the extensions would begin, nothing is whole */
		if (cut.len != 34 + 5 + 3)
			assert_true(tls_decode_server_hello(cut, &h) < 0);
		bytes_free(cut);
	}
	bytes_free(stream);
	stream = bytes_of_hex(hello_record);
	assert_int_equal(tls_gather_server_hello(stream, gathered, &len, &used),
			 ERR_MALFORMED);
	bytes_free(stream);
	bytes_free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hello_is_read_in_every_field),
		cmocka_unit_test(a_hello_split_over_records_is_one_hello),
		cmocka_unit_test(no_prefix_of_a_stream_is_a_hello_yet),
		cmocka_unit_test(
			a_retried_hello_comes_behind_a_change_of_cipher),
		cmocka_unit_test(what_cannot_become_a_hello_is_told_at_once),
		cmocka_unit_test(a_hello_in_ssl2_framing_is_what_it_stands_for),
		cmocka_unit_test(a_pure_ssl2_client_is_seen_too),
		cmocka_unit_test(lengths_that_do_not_agree_are_no_ssl2_hello),
		cmocka_unit_test(a_hello_without_extensions_is_one),
		cmocka_unit_test(grease_is_seen_wherever_it_is),
		cmocka_unit_test(a_list_that_breaks_its_rules_is_absent),
		cmocka_unit_test(a_body_that_breaks_the_rules_is_malformed),
		cmocka_unit_test(
			extensions_that_break_off_are_told_as_far_as_they_go),
		cmocka_unit_test(a_certificate_is_found_however_records_cut_it),
		cmocka_unit_test(what_comes_instead_of_a_certificate_is_known),
		cmocka_unit_test(the_highest_version_is_one_that_there_is),
		cmocka_unit_test(every_prefix_of_a_body_tells_no_false_fact),
		cmocka_unit_test(a_server_hello_tells_what_was_chosen),
		cmocka_unit_test(a_server_names_its_protocol_in_clear),
		cmocka_unit_test(a_server_hello_that_breaks_the_rules_is_none),
		cmocka_unit_test(a_server_hello_is_gathered_when_it_is_whole),
	};

	return cmocka_run_group_tests_name("tls", tests, NULL, NULL);
}

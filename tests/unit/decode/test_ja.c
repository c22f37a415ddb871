// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/ja.h"

#include "bytes.h"

/* A hello as lists in hex; NULL for one that is absent. */
struct hello_hex {
	uint16_t version;
	const char *suites, *extensions, *versions, *groups, *formats;
	const char *signatures, *alpn;
};

static struct tls_client_hello hello;

static struct slice list_of_hex(const char *hex)
{
	return hex ? bytes_of_hex(hex) : (struct slice){ 0 };
}

static void make_hello(const struct hello_hex *h)
{
	hello = (struct tls_client_hello){
		.legacy_version = h->version,
		.cipher_suites = list_of_hex(h->suites),
		.extensions = list_of_hex(h->extensions),
		.supported_versions = list_of_hex(h->versions),
		.groups = list_of_hex(h->groups),
		.point_formats = list_of_hex(h->formats),
		.signature_algorithms = list_of_hex(h->signatures),
		.alpn = list_of_hex(h->alpn),
	};
}

static void free_hello(void)
{
	bytes_free(hello.cipher_suites);
	bytes_free(hello.extensions);
	bytes_free(hello.supported_versions);
	bytes_free(hello.groups);
	bytes_free(hello.point_formats);
	bytes_free(hello.signature_algorithms);
	bytes_free(hello.alpn);
}

static void assert_ja3(struct crypto *crypto, const char *raw, const char *md5)
{
	char text[JA3_TEXT_BYTES];
	struct buf scratch;

	buf_init(&scratch, JA_TEXT_MAX_BYTES);
	ja3_raw(&hello, &scratch);
	assert_string_equal(buf_text(&scratch), raw);
	assert_int_equal(ja3(crypto, &hello, &scratch, text), 0);
	assert_string_equal(text, md5);
	buf_done(&scratch);
}

static void assert_ja4(struct crypto *crypto, enum ja_transport transport,
		       const char *want)
{
	char text[JA4_TEXT_BYTES];
	struct buf scratch;

	buf_init(&scratch, JA_TEXT_MAX_BYTES);
	assert_int_equal(ja4(crypto, &hello, transport, &scratch, text), 0);
	assert_string_equal(text, want);
	buf_done(&scratch);
}

static void assert_ja4_raw(enum ja_order order, const char *want)
{
	struct buf text;

	buf_init(&text, JA_TEXT_MAX_BYTES);
	ja4_raw(&hello, JA_TCP, order, &text);
	assert_string_equal(buf_text(&text), want);
	buf_done(&text);
}

static void ja3_is_as_its_authors_show_it(void **state)
{
	static const struct hello_hex full = {
		.version = 0x0301,
		.suites = "002f00350005000ac009c00ac013c01400320038"
			  "00130004",
		.extensions = "00000000000a0000000b0000",
		.groups = "001700180019",
		.formats = "00",
	};
	static const struct hello_hex bare = {
		.version = 0x0301,
		.suites = "00040005000a0009006400620003000600130012"
			  "0063",
	};

	make_hello(&full);
	assert_ja3(*state,
		   "769,47-53-5-10-49161-49162-49171-49172-50-56-19-4,"
		   "0-10-11,23-24-25,0",
		   "ada70206e40642a3e4461f35503241d5");
	free_hello();
	make_hello(&bare);
	assert_ja3(*state, "769,4-5-10-9-100-98-3-6-19-18-99,,,",
		   "de350869b8c85de67a350c8d186f11e6");
	free_hello();
}

/* Chrome's, of FoxIO's text, with GREASE wherever there may be some. */
static const struct hello_hex chrome = {
	.version = 0x0303,
	.suites = "1a1a130113021303c02bc02fc02cc030cca9cca8"
		  "c013c014009c009d002f0035",
	.extensions = "3a3a0000001b000000000000003300000010000044690000"
		      "00170000002d0000000d0000000500000023000000120000"
		      "002b0000ff010000000b0000000a0000001500002a2a0000",
	.versions = "4a4a03040303",
	.groups = "5a5a001d00170018",
	.formats = "00",
	.signatures = "04030804040105030805050108060601",
	.alpn = "02683208687474702f312e31",
};

static void ja4_is_as_its_authors_show_it(void **state)
{
	make_hello(&chrome);
	assert_ja4(*state, JA_TCP, "t13d1516h2_8daaf6152771_e5627efa2ab1");
	assert_ja4(*state, JA_QUIC, "q13d1516h2_8daaf6152771_e5627efa2ab1");
	assert_ja4_raw(JA_SORTED,
		       "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,"
		       "c014,c02b,c02c,c02f,c030,cca8,cca9_0005,000a,000b,"
		       "000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,"
		       "ff01_0403,0804,0401,0503,0805,0501,0806,0601");
	assert_ja4_raw(JA_ORIGINAL,
		       "t13d1516h2_1301,1302,1303,c02b,c02f,c02c,c030,cca9,"
		       "cca8,c013,c014,009c,009d,002f,0035_001b,0000,0033,"
		       "0010,4469,0017,002d,000d,0005,0023,0012,002b,ff01,"
		       "000b,000a,0015_0403,0804,0401,0503,0805,0501,0806,"
		       "0601");
	free_hello();
}

static void ja3s_is_of_what_the_server_chose(void **state)
{
	struct slice extensions = bytes_of_hex("ff01000100"
					       "00000000"
					       "00230000"
					       "00050000"
					       "00100000");
	const struct tls_server_hello server = { .legacy_version = 0x0303,
						 .cipher_suite = 0xc02f,
						 .extensions = extensions };
	char text[JA3_TEXT_BYTES];
	struct buf raw;

	buf_init(&raw, JA_TEXT_MAX_BYTES);
	ja3s_raw(&server, &raw);
	assert_string_equal(buf_text(&raw), "771,49199,65281-0-35-5-16");
	assert_int_equal(ja3s(*state, &server, &raw, text), 0);
	assert_string_equal(text, "a0f3f94549fbf6efe44e41a0bb641cec");
	buf_done(&raw);
	bytes_free(extensions);
}

static void grease_is_in_no_fingerprint(void **state)
{
	make_hello(&chrome);
	assert_ja3(*state,
		   "771,4865-4866-4867-49195-49199-49196-49200-52393-"
		   "52392-49171-49172-156-157-47-53,27-0-51-16-17513-23-"
		   "45-13-5-35-18-43-65281-11-10-21,29-23-24,0",
		   "c000e2caf3a25423f9de6c8a4b12a975");
	free_hello();
}

static void of_nothing_there_is_no_hash(void **state)
{
	static const struct hello_hex empty = { .version = 0x0301 };
	static const struct hello_hex named = {
		.version = 0x0303,
		.suites = "0a0a",
		.extensions = "0000000000100000",
	};

	make_hello(&empty);
	assert_ja4(*state, JA_TCP, "t10i000000_000000000000_000000000000");
	assert_ja4_raw(JA_SORTED, "t10i000000__");
	free_hello();
	/* what the head says already is in no list */
	make_hello(&named);
	assert_ja4(*state, JA_DTLS, "d12d000200_000000000000_000000000000");
	assert_ja4_raw(JA_ORIGINAL, "t12d000200__0000,0010");
	free_hello();
}

static void the_version_is_the_highest_that_has_a_name(void **state)
{
	static const struct {
		uint16_t version;
		const char *versions;
		const char *text;
	} cases[] = {
		{ 0x0303, "0303030402010301", "13" },
		{ 0x0303, "fafa0302", "11" },
		{ 0x0303, "7f120303", "00" }, /* a draft of TLS 1.3 */
		{ 0x0303, "", "00" },
		{ 0x0303, NULL, "12" },
		{ 0x0300, NULL, "s3" },
		{ 0x0002, NULL, "s2" },
		{ 0xfefd, NULL, "d2" },
		{ 0x0305, NULL, "00" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hello_hex h = { .version = cases[i].version,
					     .versions = cases[i].versions };
		char want[32];

		make_hello(&h);
		snprintf(want, sizeof(want), "t%si000000__", cases[i].text);
		assert_ja4_raw(JA_SORTED, want);
		free_hello();
	}
}

static void alpn_is_two_characters_or_their_hex(void **state)
{
	static const struct {
		const char *alpn;
		const char *text;
	} cases[] = {
		{ "026832", "h2" },	{ "08687474702f312e31", "h1" },
		{ "0168", "hh" },	{ "0130", "00" },
		{ "01ab", "ab" },	{ "02abcd", "ad" },
		{ "0230ab", "3b" },	{ "03303132", "02" },
		{ "043031abcd", "3d" }, { "020a0a", "0a" },
		{ "0120", "20" },	{ "", "00" },
		{ NULL, "00" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct hello_hex h = { .version = 0x0303,
					     .alpn = cases[i].alpn };
		char want[32];

		make_hello(&h);
		snprintf(want, sizeof(want), "t12i0000%s__", cases[i].text);
		assert_ja4_raw(JA_SORTED, want);
		free_hello();
	}
}

static void two_digits_count_to_99(void **state)
{
	uint8_t suites[2 * 120];
	char text[JA4_TEXT_BYTES];
	struct buf scratch;

	for (size_t i = 0; i < sizeof(suites) / 2; i++) {
		suites[2 * i] = 0xc0;
		suites[2 * i + 1] = (uint8_t)i;
	}
	hello = (struct tls_client_hello){
		.legacy_version = 0x0303,
		.cipher_suites = slice_of(suites, sizeof(suites)),
	};
	buf_init(&scratch, JA_TEXT_MAX_BYTES);
	assert_int_equal(ja4(*state, &hello, JA_TCP, &scratch, text), 0);
	assert_memory_equal(text, "t12i990000_", 11);
	buf_done(&scratch);
}

static void the_longest_hello_fits_the_text(void **state)
{
	static uint8_t bytes[TLS_HELLO_MAX_BYTES];
	struct buf text;

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	hello = (struct tls_client_hello){
		.legacy_version = 0x0303,
		.cipher_suites = slice_of(bytes, sizeof(bytes)),
	};
	buf_init(&text, JA_TEXT_MAX_BYTES);
	ja3_raw(&hello, &text);
	assert_int_equal(buf_check(&text), 0);
	buf_clear(&text);
	ja4_raw(&hello, JA_TCP, JA_SORTED, &text);
	assert_int_equal(buf_check(&text), 0);
	buf_done(&text);
}

static int make_crypto(void **state)
{
	*state = crypto_new();
	return *state ? 0 : -1;
}

static int free_crypto(void **state)
{
	crypto_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ja3_is_as_its_authors_show_it),
		cmocka_unit_test(ja4_is_as_its_authors_show_it),
		cmocka_unit_test(ja3s_is_of_what_the_server_chose),
		cmocka_unit_test(grease_is_in_no_fingerprint),
		cmocka_unit_test(of_nothing_there_is_no_hash),
		cmocka_unit_test(the_version_is_the_highest_that_has_a_name),
		cmocka_unit_test(alpn_is_two_characters_or_their_hex),
		cmocka_unit_test(two_digits_count_to_99),
		cmocka_unit_test(the_longest_hello_fits_the_text),
	};

	return cmocka_run_group_tests_name("ja", tests, make_crypto,
					   free_crypto);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/certificate.h"

#include "bytes.h"

/* As openssl made it: NL, Example Caméras B.V., cam.example.com. */
static const char camera[] =
	"308201e43082018ba003020102021461647f5b35193eeca6eb250a3595667c7c"
	"c12bf1300a06082a8648ce3d0403023047310b3009060355040613024e4c311e"
	"301c060355040a0c154578616d706c652043616dc3a972617320422e562e3118"
	"301606035504030c0f63616d2e6578616d706c652e636f6d3020170d32363131"
	"32323034323931325a180f32313236313032393034323931325a3047310b3009"
	"060355040613024e4c311e301c060355040a0c154578616d706c652043616dc3"
	"a972617320422e562e3118301606035504030c0f63616d2e6578616d706c652e"
	"636f6d3059301306072a8648ce3d020106082a8648ce3d03010703420004e3c3"
	"4eae02f8c94952b227eda2211ce7221007c85cda43a53b054e139f565c7f6d77"
	"10acce899536704a1572aa63fd1cb007452270c9e50a96188311732c3e95a353"
	"3051301d0603551d0e041604148e1c2f01510cd20861af35e83ce7c3d3568e7d"
	"31301f0603551d230418301680148e1c2f01510cd20861af35e83ce7c3d3568e"
	"7d31300f0603551d130101ff040530030101ff300a06082a8648ce3d04030203"
	"47003044022004d62136298431b0215b9c2dd1634e011589f2ed22a9e9bde605"
	"f2607d90d5d402201804b7aa46ab819ce4dd32aabd3ae933ce3a4ca9ca99c98d"
	"75f6f73b724e9b78";

static int decode(struct slice der, struct buf *out)
{
	buf_init(out, 256);
	return certificate_subject(der, out);
}

static void a_subject_is_told_in_order(void **state)
{
	struct slice der = bytes_of_hex(camera);
	struct buf text;

	(void)state;
	assert_int_equal(decode(der, &text), 0);
	assert_string_equal(buf_text(&text), "C=NL, O=Example Caméras B.V., "
					     "CN=cam.example.com");
	buf_done(&text);
	bytes_free(der);
}

/* Version 1, no validity in it but an empty one, and this subject in hex. */
static void assert_subject(const char *subject, int err, const char *expected)
{
	char hex[512];
	size_t n = strlen(subject) / 2;
	struct slice der;
	struct buf text;

	snprintf(hex, sizeof(hex),
		 "30%02zx30%02zx020101300030003000"
		 "30%02zx%s",
		 n + 15 - 2, n + 13 - 2, n, subject);
	der = bytes_of_hex(hex);
	assert_int_equal(decode(der, &text), err);
	assert_string_equal(buf_text(&text), expected);
	buf_done(&text);
	bytes_free(der);
}

static void each_kind_of_text_becomes_utf8(void **state)
{
	(void)state;
	assert_subject("", 0, "");
	assert_subject("310a3008060355040313016b", 0, "CN=k");
	/* two bytes a character: o with diaeresis, euro */
	assert_subject("310d300b06035504031e0400f620ac", 0,
		       "CN=\xc3\xb6\xe2\x82\xac");
	/* an attribute that people do not use, then two in one set */
	assert_subject("310a3008060355042913016b"
		       "3114300806035504031301613008060355040a130162",
		       0, "CN=a, O=b");
}

static void what_breaks_the_rules_leaves_nothing(void **state)
{
	(void)state;
	assert_subject("310a3008060355040313026b", ERR_MALFORMED, "");
	assert_subject("300a3008060355040313016b", ERR_MALFORMED, "");
	assert_subject("310a3008060355040313016b3101", ERR_MALFORMED, "");
}

static void a_long_subject_is_a_limit(void **state)
{
	struct slice der = bytes_of_hex(camera);
	struct buf text;

	(void)state;
	buf_init(&text, 20);
	assert_int_equal(certificate_subject(der, &text), ERR_LIMIT);
	buf_done(&text);
	bytes_free(der);
}

static void every_prefix_is_malformed(void **state)
{
	struct slice all = bytes_of_hex(camera);

	(void)state;
	for (size_t n = 0; n < all.len; n++) {
		struct slice cut = bytes_copy(all.data, n);
		struct buf text;

		assert_int_equal(decode(cut, &text), ERR_MALFORMED);
		assert_string_equal(buf_text(&text), "");
		buf_done(&text);
		bytes_free(cut);
	}
	bytes_free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_subject_is_told_in_order),
		cmocka_unit_test(each_kind_of_text_becomes_utf8),
		cmocka_unit_test(what_breaks_the_rules_leaves_nothing),
		cmocka_unit_test(a_long_subject_is_a_limit),
		cmocka_unit_test(every_prefix_is_malformed),
	};

	return cmocka_run_group_tests_name("certificate", tests, NULL, NULL);
}

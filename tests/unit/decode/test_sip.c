// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/sip.h"

#include "bytes.h"

/* RFC 3665 2.1, shortened */
#define REGISTER                                                          \
	"REGISTER sips:ss2.biloxi.example.com SIP/2.0\r\n"                \
	"Via: SIP/2.0/TLS client.biloxi.example.com:5061\r\n"             \
	"From: Bob <sips:bob@biloxi.example.com>;tag=JueHGuidj28dfga\r\n" \
	"User-Agent: Grandstream HT801 1.0.29.8\r\n"

static void decode(const char *text, struct sip *out, int expected)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_text(text);
	assert_int_equal(sip_decode(bytes, out), expected);
}

static void a_request_and_an_answer_are_known(void **state)
{
	struct sip sip;

	(void)state;
	decode(REGISTER "\r\n", &sip, 0);
	assert_true(sip.request);
	assert_false(sip.credentials);
	assert_view(sip.user_agent, "Grandstream HT801 1.0.29.8");
	decode("SIP/2.0 401 Unauthorized\r\nServer: pbx\r\n\r\n", &sip, 0);
	assert_false(sip.request);
	assert_view(sip.user_agent, "pbx");
}

static void who_registers_says_his_name(void **state)
{
	struct sip sip;

	(void)state;
	decode(REGISTER "Authorization: Digest username=\"bob\", "
			"realm=\"atlanta.example.com\"\r\n\r\n",
	       &sip, 0);
	assert_true(sip.credentials);
	/* what stands behind the head is none of it */
	decode(REGISTER "\r\nAuthorization: Digest username=\"bob\"\r\n\r\n",
	       &sip, 0);
	assert_false(sip.credentials);
}

static void other_text_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"OPTIONS * HTTP/1.1\r\n\r\n",
		"INVITE sip:bob@example.com SIP/2.0",
		"INVITE sip:bob@example.com SIP/3.0\r\n",
		"GET sip:bob@example.com SIP/2.0\r\n",
		"SIP/2.0\r\n",
		"INVITE sip:b\001 SIP/2.0\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sip sip;

		decode(texts[i], &sip, ERR_MALFORMED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_and_an_answer_are_known),
		cmocka_unit_test(who_registers_says_his_name),
		cmocka_unit_test(other_text_is_none),
	};

	return cmocka_run_group_tests_name("sip", tests, NULL, NULL);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/greeting.h"

#include "bytes.h"

static int decode(const char *text, struct greeting *out)
{
	static struct slice bytes;

	/* views in *out live until the next call */
	bytes_free(bytes);
	bytes = bytes_of_text(text);
	return greeting_decode(bytes, out);
}

static void each_kind_is_known(void **state)
{
	static const struct {
		const char *said;
		enum greeting_kind kind;
		const char *text; /* or NULL */
	} cases[] = {
		{ "SSH-2.0-OpenSSH_9.2p1\r\n", GREETING_SSH,
		  "SSH-2.0-OpenSSH_9.2p1" },
		{ "\xff\xfd\x18\xff\xfb\x01hello", GREETING_TELNET, NULL },
		{ "\r\nrouter login: ", GREETING_PROMPT, NULL },
		{ "Password:", GREETING_PROMPT, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct greeting g;

		assert_int_equal(decode(cases[i].said, &g), 0);
		assert_int_equal(g.kind, cases[i].kind);
		if (cases[i].text)
			assert_view(g.text, cases[i].text);
		else
			assert_absent(g.text);
	}
}

static void options_are_counted_up_to_what_is_none(void **state)
{
	struct greeting g;

	(void)state;
	assert_int_equal(decode("\xff\xfd\x18\xff\xfb\x01hello", &g), 0);
	assert_int_equal(g.options, 2);
	assert_int_equal(decode("\xff\xfd\x18\xff\xfb", &g), 0);
	assert_int_equal(g.options, 1);
}

static void other_text_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"EHLO tv\r\n",
		"221 bye\r\n",
		"SSH-\x01\r\n",
		"\xff\xfa\x18\xff",
		"\xff\xfd\x7f",
		"\xff",
		"HTTP/1.1 200 OK\r\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct greeting g;

		assert_int_equal(decode(texts[i], &g), ERR_MALFORMED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_is_known),
		cmocka_unit_test(options_are_counted_up_to_what_is_none),
		cmocka_unit_test(other_text_is_none),
	};

	return cmocka_run_group_tests_name("greeting", tests, NULL, NULL);
}

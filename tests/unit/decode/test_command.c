// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/command.h"

#include "bytes.h"

#define ALL ((uint8_t)(COMMAND_IS(COMMAND_TALKS) - 1))

static int decode(const char *text, uint8_t talks, struct command *out)
{
	struct slice bytes = bytes_of_text(text);
	int err = command_decode(bytes, talks, out);

	bytes_free(bytes);
	return err;
}

static void a_server_says_what_it_may_speak(void **state)
{
	static const struct {
		const char *said;
		uint8_t talks;
		const char *text;
	} cases[] = {
		{ "220 (vsFTPd 3.0.3)\r\n", COMMAND_IS(COMMAND_FTP),
		  "(vsFTPd 3.0.3)" },
		{ "220 mail.example ESMTP Postfix\r\n",
		  COMMAND_IS(COMMAND_SMTP), "mail.example ESMTP Postfix" },
		{ "220-Welcome\r\n220 go\r\n",
		  COMMAND_IS(COMMAND_FTP) | COMMAND_IS(COMMAND_SMTP),
		  "Welcome" },
		{ "+OK Dovecot ready.\r\n", COMMAND_IS(COMMAND_POP3),
		  "Dovecot ready." },
		{ "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] ready\r\n",
		  COMMAND_IS(COMMAND_IMAP),
		  "[CAPABILITY IMAP4rev1 LOGINDISABLED] ready" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice bytes = bytes_of_text(cases[i].said);
		struct command_greeting g;

		assert_int_equal(command_read_greeting(bytes, &g), 0);
		assert_int_equal(g.talks, cases[i].talks);
		assert_view(g.text, cases[i].text);
		bytes_free(bytes);
	}
}

static void what_others_answer_is_no_greeting(void **state)
{
	static const char *const texts[] = { "+OK\r\n", "+ok=1\r\n",
					     "+OKAY\r\n", "220\r\n" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct slice bytes = bytes_of_text(texts[i]);
		struct command_greeting g;

		assert_int_equal(command_read_greeting(bytes, &g),
				 ERR_MALFORMED);
		bytes_free(bytes);
	}
}

static void each_command_is_known_by_what_it_says(void **state)
{
	static const struct {
		const char *said;
		uint8_t talks;
		enum command_talk talk;
		enum command_act act;
	} cases[] = {
		{ "EHLO tv\r\n", 0, COMMAND_SMTP, COMMAND_BEGINS },
		{ "MAIL FROM:<cam@example.org>\r\n", 0, COMMAND_SMTP,
		  COMMAND_SPEAKS },
		{ "STARTTLS\r\n", COMMAND_IS(COMMAND_SMTP), COMMAND_SMTP,
		  COMMAND_CHANGES },
		{ "AUTH PLAIN AGFkYQBzZWNyZXQ=\r\n", COMMAND_IS(COMMAND_SMTP),
		  COMMAND_SMTP, COMMAND_LOGS_IN },
		{ "auth login\r\n", COMMAND_IS(COMMAND_SMTP), COMMAND_SMTP,
		  COMMAND_LOGS_IN },
		{ "USER ada\r\n",
		  COMMAND_IS(COMMAND_FTP) | COMMAND_IS(COMMAND_SMTP),
		  COMMAND_FTP, COMMAND_LOGS_IN },
		{ "USER anonymous\r\n", COMMAND_IS(COMMAND_FTP), COMMAND_FTP,
		  COMMAND_SPEAKS },
		{ "USER ftp\r\n", COMMAND_IS(COMMAND_FTP), COMMAND_FTP,
		  COMMAND_SPEAKS },
		{ "AUTH TLS\r\n",
		  COMMAND_IS(COMMAND_FTP) | COMMAND_IS(COMMAND_SMTP),
		  COMMAND_FTP, COMMAND_CHANGES },
		{ "USER ada\r\n", COMMAND_IS(COMMAND_POP3), COMMAND_POP3,
		  COMMAND_LOGS_IN },
		{ "APOP ada c4c9334bac560ecc979e58001b3e22fb\r\n",
		  COMMAND_IS(COMMAND_POP3), COMMAND_POP3, COMMAND_LOGS_IN },
		{ "AUTH\r\n", COMMAND_IS(COMMAND_POP3), COMMAND_POP3,
		  COMMAND_BEGINS },
		{ "STLS\r\n", COMMAND_IS(COMMAND_POP3), COMMAND_POP3,
		  COMMAND_CHANGES },
		{ "a001 LOGIN ada secret\r\n", COMMAND_IS(COMMAND_IMAP),
		  COMMAND_IMAP, COMMAND_LOGS_IN },
		{ "A2 authenticate PLAIN\r\n", COMMAND_IS(COMMAND_IMAP),
		  COMMAND_IMAP, COMMAND_LOGS_IN },
		{ ". starttls\r\n", COMMAND_IS(COMMAND_IMAP), COMMAND_IMAP,
		  COMMAND_CHANGES },
		{ "<?xml version='1.0'?><stream:stream to='example.org' "
		  "xmlns='jabber:client'>",
		  0, COMMAND_XMPP, COMMAND_BEGINS },
		{ "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
		  COMMAND_IS(COMMAND_XMPP), COMMAND_XMPP, COMMAND_CHANGES },
		{ "<auth mechanism='PLAIN'>AGFkYQBz</auth>",
		  COMMAND_IS(COMMAND_XMPP), COMMAND_XMPP, COMMAND_LOGS_IN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct command c;

		assert_int_equal(decode(cases[i].said, cases[i].talks, &c), 0);
		assert_int_equal(c.talk, cases[i].talk);
		assert_int_equal(c.act, cases[i].act);
	}
}

/* ldapsearch's of OpenLDAP, and headers of AMQP */
static void what_is_not_text_is_known_too(void **state)
{
	static const struct {
		const char *hex;
		enum command_talk talk;
		enum command_act act;
	} cases[] = {
		/* -D cn=ada -w secret */
		{ "301802010160130201030406636e3d61646180067365637265"
		  "74",
		  COMMAND_LDAP, COMMAND_LOGS_IN },
		/* -Y PLAIN -w secret; -Y EXTERNAL */
		{ "3020020101601b0201030400a3140405504c41494e040b006164"
		  "6100736563726574",
		  COMMAND_LDAP, COMMAND_LOGS_IN },
		{ "301802010160130201030400a30c040845585445524e414c0400",
		  COMMAND_LDAP, COMMAND_SPEAKS },
		/* -x alone */
		{ "300c020101600702010304008000", COMMAND_LDAP,
		  COMMAND_SPEAKS },
		/* -ZZ */
		{ "301d02010177188016312e332e362e312e342e312e313436362e"
		  "3230303337",
		  COMMAND_LDAP, COMMAND_CHANGES },
		{ "414d515000000901", COMMAND_AMQP, COMMAND_SPEAKS },
		{ "414d515002010000", COMMAND_AMQP, COMMAND_CHANGES },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice bytes = bytes_of_hex(cases[i].hex);
		struct command c;

		assert_int_equal(command_decode(bytes, 0, &c), 0);
		assert_int_equal(c.talk, cases[i].talk);
		assert_int_equal(c.act, cases[i].act);
		bytes_free(bytes);
	}
}

static void without_a_sign_of_it_a_word_is_none(void **state)
{
	static const char *const texts[] = {
		"USER ada\r\n",
		"AUTH PLAIN AGFkYQ==\r\n",
		"QUIT\r\n",
		"a001 LOGIN ada secret\r\n",
		"STARTTLS\r\n",
		"LIST\r\n",
		"<auth mechanism='PLAIN'>",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct command c;

		assert_int_equal(decode(texts[i], 0, &c), ERR_MALFORMED);
	}
}

static void other_text_is_none(void **state)
{
	static const char *const texts[] = {
		"",
		"EHLO \r\n",
		"USERS\r\n",
		"USER \r\n",
		"USER",
		"MAIL FROM:\r\n",
		"LISTEN\r\n",
		"a001 LOGINS x\r\n",
		"longer-than-any-tag LOGIN ada x\r\n",
		"EHLO t\001v\r\n",
		/* that it is there, or leaves, tells nothing */
		"NOOP\r\n",
		"QUIT\r\n",
		"a009 LOGOUT\r\n",
		"AMQP",
		"<?xml version='1.0'?><root/>",
		"0",
		"0\x81",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct command c;

		assert_int_equal(decode(texts[i], ALL, &c), ERR_MALFORMED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_says_what_it_may_speak),
		cmocka_unit_test(what_others_answer_is_no_greeting),
		cmocka_unit_test(each_command_is_known_by_what_it_says),
		cmocka_unit_test(what_is_not_text_is_known_too),
		cmocka_unit_test(without_a_sign_of_it_a_word_is_none),
		cmocka_unit_test(other_text_is_none),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}

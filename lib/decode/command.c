// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/command.h"

#include <strings.h>

#include "base/cursor.h"
#include "decode/line.h"

/* Longest tag of IMAP that is one; clients count with a letter before. */
#define TAG_MAX_BYTES 16

struct verb {
	enum command_talk talk;
	const char *text;
	enum command_act act;
	/* says it of itself; else only where it may be that talk */
	bool alone;
};

/* The longer before what it begins with; of what two may say, what is said of
 * one alone. Not here: NOOP, which most have, and leaving (QUIT, LOGOUT), as
 * one does whom no TLS is offered. */
static const struct verb verbs[] = {
	{ COMMAND_FTP, "AUTH TLS", COMMAND_CHANGES, false },
	{ COMMAND_FTP, "AUTH TLS-C", COMMAND_CHANGES, false },
	{ COMMAND_FTP, "AUTH SSL", COMMAND_CHANGES, false },

	{ COMMAND_SMTP, "EHLO ", COMMAND_BEGINS, true },
	{ COMMAND_SMTP, "HELO ", COMMAND_BEGINS, true },
	{ COMMAND_SMTP, "LHLO ", COMMAND_BEGINS, true },
	{ COMMAND_SMTP, "STARTTLS", COMMAND_CHANGES, false },
	{ COMMAND_SMTP, "MAIL FROM:", COMMAND_SPEAKS, true },
	{ COMMAND_SMTP, "RCPT TO:", COMMAND_SPEAKS, true },
	{ COMMAND_SMTP, "DATA", COMMAND_SPEAKS, false },
	{ COMMAND_SMTP, "BDAT ", COMMAND_SPEAKS, false },
	{ COMMAND_SMTP, "RSET", COMMAND_SPEAKS, false },
	{ COMMAND_SMTP, "VRFY ", COMMAND_SPEAKS, false },
	{ COMMAND_SMTP, "AUTH ", COMMAND_LOGS_IN, false },

	{ COMMAND_FTP, "FEAT", COMMAND_BEGINS, false },
	{ COMMAND_FTP, "USER anonymous", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "USER ftp", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "USER ", COMMAND_LOGS_IN, false },
	/* what anonymous says as its password is none */
	{ COMMAND_FTP, "PASS ", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "SYST", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "TYPE ", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "PASV", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "EPSV", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "PORT ", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "EPRT ", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "PWD", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "CWD ", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "LIST", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "NLST", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "RETR ", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "STOR ", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "APPE ", COMMAND_SPEAKS, false },
	{ COMMAND_FTP, "DELE ", COMMAND_SPEAKS, false },

	{ COMMAND_POP3, "CAPA", COMMAND_BEGINS, false },
	{ COMMAND_POP3, "STLS", COMMAND_CHANGES, false },
	{ COMMAND_POP3, "USER ", COMMAND_LOGS_IN, false },
	{ COMMAND_POP3, "PASS ", COMMAND_LOGS_IN, false },
	{ COMMAND_POP3, "APOP ", COMMAND_LOGS_IN, false },
	{ COMMAND_POP3, "AUTH ", COMMAND_LOGS_IN, false },
	{ COMMAND_POP3, "AUTH", COMMAND_BEGINS, false },
	{ COMMAND_POP3, "STAT", COMMAND_SPEAKS, false },
	{ COMMAND_POP3, "LIST", COMMAND_SPEAKS, false },
	{ COMMAND_POP3, "UIDL", COMMAND_SPEAKS, false },
	{ COMMAND_POP3, "RETR ", COMMAND_SPEAKS, false },
	{ COMMAND_POP3, "TOP ", COMMAND_SPEAKS, false },
	{ COMMAND_POP3, "DELE ", COMMAND_SPEAKS, false },

	/* without the tag */
	{ COMMAND_IMAP, "CAPABILITY", COMMAND_BEGINS, false },
	{ COMMAND_IMAP, "ID ", COMMAND_BEGINS, false },
	{ COMMAND_IMAP, "STARTTLS", COMMAND_CHANGES, false },
	{ COMMAND_IMAP, "LOGIN ", COMMAND_LOGS_IN, false },
	{ COMMAND_IMAP, "AUTHENTICATE ", COMMAND_LOGS_IN, false },
	{ COMMAND_IMAP, "ENABLE ", COMMAND_SPEAKS, false },
	{ COMMAND_IMAP, "SELECT ", COMMAND_SPEAKS, false },
	{ COMMAND_IMAP, "EXAMINE ", COMMAND_SPEAKS, false },
	{ COMMAND_IMAP, "LIST ", COMMAND_SPEAKS, false },
	{ COMMAND_IMAP, "STATUS ", COMMAND_SPEAKS, false },
	{ COMMAND_IMAP, "FETCH ", COMMAND_SPEAKS, false },
	{ COMMAND_IMAP, "UID ", COMMAND_SPEAKS, false },
	{ COMMAND_IMAP, "IDLE", COMMAND_SPEAKS, false },

	{ COMMAND_XMPP, "<starttls", COMMAND_CHANGES, false },
	{ COMMAND_XMPP, "<auth", COMMAND_LOGS_IN, false },
	{ COMMAND_XMPP, "<iq", COMMAND_SPEAKS, false },
	{ COMMAND_XMPP, "<message", COMMAND_SPEAKS, false },
	{ COMMAND_XMPP, "<presence", COMMAND_SPEAKS, false },
};

/* In any case. */
static bool starts_with(struct slice s, const char *text)
{
	size_t len = strlen(text);

	return s.len >= len && !strncasecmp((const char *)s.data, text, len);
}

static bool contains(struct slice s, const char *text)
{
	for (size_t i = 0; i < s.len; i++) {
		if (starts_with(slice_of(s.data + i, s.len - i), text))
			return true;
	}
	return false;
}

bool command_single(uint8_t talks, enum command_talk *talk)
{
	for (int i = 0; i < COMMAND_TALKS; i++) {
		if (talks == COMMAND_IS(i)) {
			*talk = (enum command_talk)i;
			return true;
		}
	}
	return false;
}

int command_read_greeting(struct slice bytes, struct command_greeting *out)
{
	static const struct {
		const char *text;
		size_t code_bytes;
		uint8_t talks;
	} greetings[] = {
		{ "220 ", 4,
		  COMMAND_IS(COMMAND_FTP) | COMMAND_IS(COMMAND_SMTP) },
		{ "220-", 4,
		  COMMAND_IS(COMMAND_FTP) | COMMAND_IS(COMMAND_SMTP) },
		/* without a text, it is also what others answer (Redis) */
		{ "+OK ", 4, COMMAND_IS(COMMAND_POP3) },
		{ "* OK ", 5, COMMAND_IS(COMMAND_IMAP) },
		{ "* PREAUTH ", 10, COMMAND_IS(COMMAND_IMAP) },
	};
	struct slice line = line_first(bytes, COMMAND_LINE_MAX_BYTES);

	if (!line_is_text(line))
		return ERR_MALFORMED;
	for (size_t i = 0; i < sizeof(greetings) / sizeof(*greetings); i++) {
		struct command_greeting g = { .talks = greetings[i].talks };
		size_t code = greetings[i].code_bytes;

		if (!starts_with(line, greetings[i].text))
			continue;
		g.text = line_trim(slice_of(line.data + code, line.len - code));
		/* "(vsFTPd 3.0.3)", "mail.example ESMTP Postfix" */
		if (g.talks & COMMAND_IS(COMMAND_FTP)) {
			if (contains(g.text, "SMTP"))
				g.talks = COMMAND_IS(COMMAND_SMTP);
			else if (contains(g.text, "FTP"))
				g.talks = COMMAND_IS(COMMAND_FTP);
		}
		*out = g;
		return 0;
	}
	return ERR_MALFORMED;
}

/* A verb whose text does not end in its separator ends the line, or a word of
 * it does. */
static bool says(struct slice line, const struct verb *verb)
{
	size_t len = strlen(verb->text);
	uint8_t last = (uint8_t)verb->text[len - 1], next;

	if (!starts_with(line, verb->text))
		return false;
	if (last == ' ' || last == ':')
		return line_trim(slice_of(line.data + len, line.len - len)).len;
	if (line.len == len)
		return true;
	next = line.data[len];
	return next == ' ' || (line.data[0] == '<' && next == '>');
}

static int find_verb(struct slice line, uint8_t talks, struct command *out)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		const struct verb *v = &verbs[i];

		if ((v->alone || talks & COMMAND_IS(v->talk)) &&
		    says(line, v)) {
			*out = (struct command){ v->talk, v->act };
			return 0;
		}
	}
	return ERR_MALFORMED;
}

static bool is_tag(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';
}

static int find_tagged(struct slice line, struct command *out)
{
	size_t n = 0;

	while (n < line.len && n <= TAG_MAX_BYTES && is_tag(line.data[n]))
		n++;
	if (!n || n > TAG_MAX_BYTES || n == line.len || line.data[n] != ' ')
		return ERR_MALFORMED;
	return find_verb(slice_of(line.data + n + 1, line.len - n - 1),
			 COMMAND_IS(COMMAND_IMAP), out);
}

/* The head of a stream (RFC 6120 4.2), from either end. */
static bool is_stream(struct slice bytes)
{
	if (bytes.len > COMMAND_LINE_MAX_BYTES)
		bytes.len = COMMAND_LINE_MAX_BYTES;
	return (starts_with(bytes, "<?xml") ||
		starts_with(bytes, "<stream:stream")) &&
	       contains(bytes, "<stream:stream") && contains(bytes, "jabber:");
}

/* Tag and length of what is next of BER (X.690 8.1). False: none. */
static bool next_ber(struct cursor *c, uint8_t *tag, uint32_t *len)
{
	*tag = cursor_u8(c);
	*len = cursor_u8(c);
	if (*len == 0x81)
		*len = cursor_u8(c);
	else if (*len == 0x82)
		*len = cursor_u16(c);
	else if (*len == 0x83)
		*len = cursor_u24(c);
	else if (*len == 0x84)
		*len = cursor_u32(c);
	else if (*len >= 0x80)
		return false;
	return cursor_ok(c);
}

enum {
	BER_INTEGER = 0x02,
	BER_TEXT = 0x04,
	BER_SEQUENCE = 0x30,
	LDAP_BIND = 0x60,
	LDAP_SEARCH = 0x63,
	LDAP_EXTENDED = 0x77,
	LDAP_NAME = 0x80,     /* of what is asked, in an extended request */
	LDAP_PASSWORD = 0x80, /* in a bind: "simple" */
	LDAP_SASL = 0xa3,
};

/* RFC 4511 4.2: version, name, and a password or SASL's name. */
static int read_bind(struct cursor c, struct command *out)
{
	uint32_t len, name_bytes;
	uint8_t tag, version;
	bool logs_in;

	if (!next_ber(&c, &tag, &len) || tag != BER_INTEGER || len != 1)
		return ERR_MALFORMED;
	version = cursor_u8(&c);
	if (version < 2 || version > 3 || !next_ber(&c, &tag, &name_bytes) ||
	    tag != BER_TEXT)
		return ERR_MALFORMED;
	cursor_skip(&c, name_bytes);
	if (!next_ber(&c, &tag, &len))
		return ERR_MALFORMED;
	if (tag == LDAP_PASSWORD) /* without: nobody (RFC 4513 5.1) */
		logs_in = len && name_bytes;
	else if (tag == LDAP_SASL)
		logs_in = next_ber(&c, &tag, &len) && tag == BER_TEXT &&
			  slice_equal(cursor_take(&c, len),
				      slice_text("PLAIN")); /* RFC 4616 */
	else
		return ERR_MALFORMED;
	*out = (struct command){ COMMAND_LDAP,
				 logs_in ? COMMAND_LOGS_IN : COMMAND_SPEAKS };
	return 0;
}

static int read_ldap(struct slice bytes, uint8_t talks, struct command *out)
{
	static const char start_tls[] = "1.3.6.1.4.1.1466.20037";
	struct cursor c = cursor_slice(bytes);
	uint32_t len, whole;
	uint8_t tag;

	if (!next_ber(&c, &tag, &whole) || tag != BER_SEQUENCE ||
	    !next_ber(&c, &tag, &len) || tag != BER_INTEGER || !len || len > 4)
		return ERR_MALFORMED;
	cursor_skip(&c, len);
	if (!next_ber(&c, &tag, &len) || len > whole)
		return ERR_MALFORMED;
	if (tag == LDAP_BIND)
		return read_bind(c, out);
	if (tag == LDAP_EXTENDED && next_ber(&c, &tag, &len) &&
	    tag == LDAP_NAME &&
	    slice_equal(cursor_take(&c, len), slice_text(start_tls))) {
		*out = (struct command){ COMMAND_LDAP, COMMAND_CHANGES };
		return 0;
	}
	if (tag != LDAP_SEARCH || !(talks & COMMAND_IS(COMMAND_LDAP)))
		return ERR_MALFORMED;
	*out = (struct command){ COMMAND_LDAP, COMMAND_SPEAKS };
	return 0;
}

/* Which protocol, and its version: that for TLS is number 2. */
static int read_amqp(struct slice bytes, struct command *out)
{
	struct cursor c = cursor_slice(bytes);
	uint8_t id;

	cursor_skip(&c, 4);
	id = cursor_u8(&c);
	cursor_skip(&c, 3);
	if (!cursor_ok(&c) || id > 3)
		return ERR_MALFORMED;
	*out = (struct command){ COMMAND_AMQP,
				 id == 2 ? COMMAND_CHANGES : COMMAND_SPEAKS };
	return 0;
}

int command_decode(struct slice bytes, uint8_t talks, struct command *out)
{
	struct slice line;

	if (!command_may_begin(bytes))
		return ERR_MALFORMED;
	if (bytes.data[0] == BER_SEQUENCE && !read_ldap(bytes, talks, out))
		return 0;
	if (starts_with(bytes, "AMQP"))
		return read_amqp(bytes, out);
	if (is_stream(bytes)) {
		*out = (struct command){ COMMAND_XMPP, COMMAND_BEGINS };
		return 0;
	}
	line = line_first(bytes, COMMAND_LINE_MAX_BYTES);
	if (!line_is_text(line))
		return ERR_MALFORMED;
	if (!find_verb(line, talks & (uint8_t)~COMMAND_IS(COMMAND_IMAP), out))
		return 0;
	return talks & COMMAND_IS(COMMAND_IMAP) ? find_tagged(line, out)
						: ERR_MALFORMED;
}

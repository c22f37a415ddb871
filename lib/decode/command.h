// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_COMMAND_H
#define DECODE_COMMAND_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Protocols that begin in clear and may change to TLS in the same connection
 * (STARTTLS): files, mail, messages and directories, on any port. What a
 * server says first tells what it may be, what a client then says tells which,
 * and whether it goes on in clear. Each is told from the beginning of a
 * segment; nothing of it is kept but what the server says of itself.
 */

/** Longest line that is looked for in a segment. */
#define COMMAND_LINE_MAX_BYTES 255

enum command_talk {
	COMMAND_FTP,  /* RFC 959, RFC 4217 */
	COMMAND_SMTP, /* RFC 5321, RFC 3207, RFC 4954; LMTP too, RFC 2033 */
	COMMAND_POP3, /* RFC 1939, RFC 2595, RFC 5034 */
	COMMAND_IMAP, /* RFC 9051 */
	COMMAND_XMPP, /* RFC 6120 */
	COMMAND_LDAP, /* RFC 4511 */
	COMMAND_AMQP, /* its 0-9-1, 4.2.2, and 1.0, 2.2 and 5.2 */
	COMMAND_TALKS,
};

/** Sets of them are a byte, a bit for each. */
#define COMMAND_IS(talk) ((uint8_t)(1u << (talk)))

enum command_act {
	COMMAND_BEGINS,	 /* says what it can; it may still change to TLS */
	COMMAND_CHANGES, /* asks to change to TLS */
	COMMAND_SPEAKS,	 /* goes on in clear */
	COMMAND_LOGS_IN, /* says a name or a password, in clear */
};

/** The only one of a set. False: none, or several. */
bool command_single(uint8_t talks, enum command_talk *talk);

struct command {
	enum command_talk talk;
	enum command_act act;
};

struct command_greeting {
	uint8_t talks;	   /* what a server that says this may speak */
	struct slice text; /* what it says of itself */
};

/** By the first byte: whether a command or a greeting may begin so. */
static inline bool command_may_begin(struct slice bytes)
{
	return bytes.len && bytes.data[0] >= 0x20 && bytes.data[0] < 0x7f;
}

/** What a server says first. ERR_MALFORMED: none of these. */
int command_read_greeting(struct slice bytes,
			  struct command_greeting *out) must_check;

/**
 * What a client says, to a server that may speak talks; without any, only what
 * no other protocol says. ERR_MALFORMED: none of these.
 */
int command_decode(struct slice bytes, uint8_t talks,
		   struct command *out) must_check;

#endif

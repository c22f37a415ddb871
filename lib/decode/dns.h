// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_DNS_H
#define DECODE_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/*
 * DNS messages (RFC 1035), unicast, multicast (RFC 6762) and the like. The
 * message is walked in place; names are expanded only when asked for.
 */

/** Longest name as text: 255 octets, each at worst \DDD, and a terminator. */
#define DNS_NAME_TEXT_BYTES 1025
/** Most pointers followed in one name; a legal name cannot need more. */
#define DNS_POINTERS_MAX 127
/** Most records read of one message; a 64-kB one cannot honestly hold more. */
#define DNS_RECORDS_MAX 1024

enum dns_type {
	DNS_TYPE_A = 1,
	DNS_TYPE_NS = 2,
	DNS_TYPE_CNAME = 5,
	DNS_TYPE_SOA = 6,
	DNS_TYPE_PTR = 12,
	DNS_TYPE_MX = 15,
	DNS_TYPE_TXT = 16,
	DNS_TYPE_AAAA = 28,
	DNS_TYPE_SRV = 33,
	DNS_TYPE_DNAME = 39,
	DNS_TYPE_OPT = 41,
	DNS_TYPE_SVCB = 64,
	DNS_TYPE_HTTPS = 65,
	DNS_TYPE_ANY = 255,
};

enum dns_section {
	DNS_SECTION_ANSWER,
	DNS_SECTION_AUTHORITY,
	DNS_SECTION_ADDITIONAL,
};

struct dns_message {
	struct slice bytes; /* the whole message; names point into it */
	uint16_t id;
	bool response;
	bool truncated;
	uint8_t opcode;
	uint8_t rcode;
	uint16_t counts[4]; /* QD, AN, NS, AR as the header claims */
};

struct dns_question {
	uint16_t name_at; /* offset in the message */
	uint16_t type;
	uint16_t class; /* without mDNS's unicast-response bit */
};

struct dns_record {
	enum dns_section section;
	uint16_t name_at;
	uint16_t type;
	uint16_t class; /* without mDNS's cache-flush bit; whole in OPT */
	uint32_t ttl;
	uint16_t data_at; /* offset of the data in the message */
	struct slice data;
};

/** Where a walk through a message is. */
struct dns_walk {
	const struct dns_message *message;
	size_t at;
	uint32_t questions_left;
	uint32_t section;
	uint32_t left[3];
	uint32_t seen;
};

/** Room for the text of any type: TYPE65535. */
#define DNS_TYPE_TEXT_BYTES 10

/**
 * Header only. ERR_TRUNCATED; ERR_MALFORMED when it cannot be DNS (no such
 * opcode, or more than 65,535 bytes).
 */
int dns_decode(struct slice bytes, struct dns_message *out) must_check;

/**
 * The first message of a TCP stream's bytes, behind its length (RFC 1035
 * 4.2.2); *used is the bytes it took. ERR_AGAIN while it is not whole.
 */
int dns_gather(struct slice stream, struct slice *message,
	       size_t *used) must_check;

/** Sets the walk before the first question. message must outlive it. */
void dns_walk_init(struct dns_walk *w, const struct dns_message *message);
/** 1 and *out, 0 when there are no more, or negative: broken from here on. */
int dns_next_question(struct dns_walk *w, struct dns_question *out) must_check;
/** Likewise; passes over questions not read yet. Stops at DNS_RECORDS_MAX
 * with ERR_LIMIT. */
int dns_next_record(struct dns_walk *w, struct dns_record *out) must_check;

/**
 * The name at an offset as zone-file text (RFC 1035 5.1: ". \ ( ) ; @ $ and
 * the double quote behind a backslash; space and what is not printable ASCII
 * as \DDD), without the final dot; the root is ".". Compression pointers must
 * point backwards. ERR_MALFORMED, ERR_TRUNCATED.
 */
int dns_name_text(const struct dns_message *message, size_t at,
		  char out[DNS_NAME_TEXT_BYTES]) must_check;

/**
 * The next name of a list of domains, as DHCP (RFC 3397, RFC 3646) and router
 * advertisements (RFC 8106 5.2) have it: names one behind the other, and
 * zeros; pointers are from its start. *at begins with 0, and is moved on. 1
 * and the name as dns_name_text() has it, 0 when there are no more, or
 * negative: broken from here on.
 */
int dns_next_domain(struct slice list, size_t *at,
		    char out[DNS_NAME_TEXT_BYTES]) must_check;

/** The type's name, or TYPEn (RFC 3597 5). Returns out. */
const char *dns_type_text(uint16_t type, char out[DNS_TYPE_TEXT_BYTES]);

/**
 * Appends a record's data as zone-file text: A, AAAA, CNAME, DNAME, NS, PTR,
 * SRV, MX, SOA, TXT, SVCB and HTTPS (RFC 9460), others as RFC 3597 "\# n hex".
 * On failure (ERR_MALFORMED, ERR_TRUNCATED, ERR_LIMIT, ERR_NOMEM) out is as it
 * was, but for its own sticky error.
 */
int dns_data_text(const struct dns_message *message,
		  const struct dns_record *record, struct buf *out) must_check;

#endif

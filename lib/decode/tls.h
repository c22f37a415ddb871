// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_TLS_H
#define DECODE_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * TLS records, the ServerHello and the ClientHello (RFC 8446 4.1.2, RFC
 * 5246 7.4.1.2, SSL 3.0 RFC 6101), and SSL 2 framed hellos (RFC 5246 E.2).
 */

/**
 * Largest ClientHello that is put together, its 4-byte header included.
 * Post-quantum ones are 2 kB; what is larger tests servers.
 */
#define TLS_HELLO_MAX_BYTES 16384

/** Most of a server's first messages that its certificate is looked for in;
 * one has 2 kB, and is the first of its chain. */
#define TLS_FLIGHT_MAX_BYTES 16384

#define TLS_1_2 0x0303

/** In front of each handshake message: type and length. */
#define TLS_HANDSHAKE_HEADER_BYTES 4

/**
 * A ClientHello, views into its bytes. Lists are as on the wire, without
 * their length, GREASE (RFC 8701) included: read them by tls_list_u16() and
 * friends. A list whose extension is missing, or breaks its own rules, is
 * absent; extensions lists its type all the same.
 */
struct tls_client_hello {
	uint16_t legacy_version;
	struct slice random;
	struct slice session_id;
	struct slice cipher_suites;	   /* u16 each */
	struct slice compression_methods;  /* u8 each */
	struct slice extensions;	   /* whole block: type, length, data */
	struct slice sni;		   /* first host_name, as sent */
	struct slice supported_versions;   /* u16 each */
	struct slice groups;		   /* u16 each */
	struct slice point_formats;	   /* u8 each */
	struct slice signature_algorithms; /* u16 each */
	struct slice alpn;		   /* length-prefixed names */
	/* in the suites, extensions, versions, groups or signature schemes */
	bool grease;
	bool ech;  /* offers ECH, or ESNI (draft-ietf-tls-esni) */
	bool ssl2; /* came in SSL 2 framing */
	/* its extensions break off: those in front are given, and extensions
	 * ends behind them. No server accepts it. */
	bool broken;
};

/**
 * The body of a ClientHello handshake message (after its 4-byte header), as
 * QUIC's CRYPTO frames carry it too. ERR_TRUNCATED, ERR_MALFORMED.
 */
int tls_decode_client_hello(struct slice body,
			    struct tls_client_hello *out) must_check;
/** The same, as DTLS has it: with a cookie (RFC 6347 4.2.1). */
int tls_decode_dtls_client_hello(struct slice body,
				 struct tls_client_hello *out) must_check;
/** The same, of a whole message as tls_gather_client_hello() gives it. */
int tls_decode_gathered_hello(struct slice message,
			      struct tls_client_hello *out) must_check;

/**
 * Takes the first handshake message, a ClientHello, out of the TLS records at
 * the start of a stream's bytes, behind the change_cipher_spec that comes
 * before a second hello (RFC 8446 D.4). Copies it whole, header included, to
 * out (room for TLS_HELLO_MAX_BYTES) and its length to *len; *used is the
 * stream bytes it took. A hello in SSL 2 framing is rewritten as the
 * ClientHello it stands for: its suites are those that TLS knows, its random
 * the challenge (RFC 5246 E.2).
 * ERR_AGAIN: so far it looks like a ClientHello, but it is not whole;
 * ERR_MALFORMED: not a ClientHello; ERR_LIMIT: too large.
 * out may be written to whatever the answer.
 */
int tls_gather_client_hello(struct slice stream, uint8_t *out, size_t *len,
			    size_t *used) must_check;

/**
 * The same for bytes that are no records, but handshake messages, as QUIC's
 * CRYPTO frames carry them: *message is a view of the whole first one.
 */
int tls_take_client_hello(struct slice stream,
			  struct slice *message) must_check;

/** The same of a ServerHello: *body is a view of its body, *len what the whole
 * of it takes. */
int tls_take_server_hello(struct slice stream, struct slice *body,
			  size_t *len) must_check;

/** A ServerHello (RFC 8446 4.1.3, RFC 5246 7.4.1.3), views into its bytes. */
struct tls_server_hello {
	uint16_t legacy_version;
	uint16_t version; /* chosen: supported_versions if there, else the other
			   */
	uint16_t cipher_suite;
	struct slice extensions; /* whole block: type, length, data */
	struct slice alpn;	 /* length-prefixed name, in clear to TLS 1.2 */
	bool retry;		 /* asks for another ClientHello */
};

/** Its body; also as DTLS has it, and as the drafts of TLS 1.3 up to 21 wrote
 * it. ERR_TRUNCATED,
 * ERR_MALFORMED. */
int tls_decode_server_hello(struct slice body,
			    struct tls_server_hello *out) must_check;
/** As tls_gather_client_hello(), for a ServerHello at the start of what a
 * server sends. */
int tls_gather_server_hello(struct slice stream, uint8_t *out, size_t *len,
			    size_t *used) must_check;

/**
 * The server's own certificate (RFC 5246 7.4.2), out of the records at the
 * start of what it sends, the ServerHello in front of it. It is in clear up to
 * TLS 1.2. The records' contents go to out (room for TLS_FLIGHT_MAX_BYTES), a
 * view of the certificate there to *certificate.
 * ERR_AGAIN: it is not whole; ERR_NOTFOUND: something else comes, as when an
 * earlier session is taken up again; ERR_MALFORMED; ERR_LIMIT: too large.
 */
int tls_gather_certificate(struct slice stream, uint8_t *out,
			   struct slice *certificate) must_check;

/** Number of u16 in a list, and the i-th (0 past the end). */
static inline size_t tls_list_u16_count(struct slice list)
{
	return list.len / 2;
}

static inline uint16_t tls_list_u16(struct slice list, size_t i)
{
	if (i >= list.len / 2)
		return 0;
	/* NOLINTNEXTLINE(*NullDereference): an absent list has length 0 */
	return (uint16_t)(list.data[2 * i] << 8 | list.data[2 * i + 1]);
}

/** One extension of the block; walk with *at from 0. 1, 0 or negative. */
struct tls_extension {
	uint16_t type;
	struct slice data;
};
int tls_next_extension(struct slice extensions, size_t *at,
		       struct tls_extension *out) must_check;

/** DTLS's versions as TLS's that they are made of (RFC 4347, 6347, 9147);
 * others as they are. */
uint16_t tls_version_of(uint16_t version);

/**
 * The highest version offered, of SSL 2 (0x0002) to TLS 1.3 (0x0304):
 * supported_versions if there, else legacy_version. A draft of TLS 1.3
 * (0x7fNN, RFC 8446's drafts 4.2.1) counts as TLS 1.3, DTLS as tls_version_of()
 * says. 0 when none is known.
 */
uint16_t tls_highest_version(const struct tls_client_hello *hello);

#endif

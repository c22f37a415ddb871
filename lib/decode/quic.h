// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_QUIC_H
#define DECODE_QUIC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "decode/crypto.h"

/*
 * What QUIC shows before its handshake hides everything: the long header (RFC
 * 8999, RFC 9000 17.2), version negotiation, and the Initial packets of
 * version 1 (RFC 9001 5), version 2 (RFC 9369) and the drafts 23 to 34, whose
 * keys come from a connection id that everybody sees. Google QUIC is
 * recognised by its version.
 */

/** Longest connection id (RFC 9000 17.2). */
#define QUIC_ID_MAX_BYTES 20
/** Shortest that a client's first packet is sent to (RFC 9000 7.2). */
#define QUIC_FIRST_ID_MIN_BYTES 8
/** Most packets in a datagram: one of each kind is what there is a use for. */
#define QUIC_COALESCED_MAX 8u
/** Largest Initial opened: of what a frame is captured with, nothing is left
 * out, and no path carries more at first (RFC 9000 14). */
#define QUIC_INITIAL_MAX_BYTES 4096
/** Room for the name of a version, as quic_version_text() gives it. */
#define QUIC_VERSION_TEXT_BYTES 12

#define QUIC_VERSION_1 UINT32_C(0x00000001)
#define QUIC_VERSION_2 UINT32_C(0x6b3343cf)
/** What drafts of version 2 had, and libraries of their time have. */
#define QUIC_VERSION_2_DRAFT UINT32_C(0x709a50c4)

enum quic_kind {
	QUIC_INITIAL,
	QUIC_ZERO_RTT,
	QUIC_HANDSHAKE,
	QUIC_RETRY,
	QUIC_VERSION_NEGOTIATION,
	QUIC_GOOGLE, /* a version of Google's own */
	QUIC_OTHER,  /* a version that is not known here */
};

/** A packet with a long header, views into its datagram. */
struct quic_packet {
	enum quic_kind kind;
	uint32_t version; /* 0 of a version negotiation */
	struct slice destination_id, source_id;
	struct slice versions; /* of a version negotiation: u32 each */
	/* Initial: from the first byte to the packet's end, and where in it
	 * the packet number begins */
	struct slice bytes;
	size_t number_at;
};

/**
 * What opens one side's Initial packets of one connection. The keys of the text
 * are made of the secret when a packet's header fits the header's.
 */
struct quic_keys {
	uint32_t version;
	uint8_t secret[CRYPTO_SHA256_BYTES];
	bool whole; /* key and iv are there */
	uint8_t key[CRYPTO_KEY_BYTES];
	uint8_t iv[CRYPTO_NONCE_BYTES];
	uint8_t header_key[CRYPTO_KEY_BYTES];
};

/** A piece of the handshake. */
struct quic_crypto {
	uint64_t offset;
	struct slice data;
};

/**
 * Whether a datagram's first byte is one that quic_next_packet() may make
 * something of: a long header, or Google's with version and connection id.
 * The rest of a connection has neither.
 */
static inline bool quic_may_begin(struct slice datagram)
{
	return datagram.len &&
	       (datagram.data[0] & 0x80 || (datagram.data[0] & 0xc9) == 0x09);
}

/**
 * The next packet of a datagram; walk with *at from 0. 1, or 0 at the end or
 * where nothing more can be told. ERR_MALFORMED: no QUIC; ERR_TRUNCATED: it
 * ends before its own length says.
 */
int quic_next_packet(struct slice datagram, size_t *at,
		     struct quic_packet *out) must_check;

/** "v1", "v2", "draft-29", "Q046", or the number in hex; returns text. */
const char *quic_version_text(uint32_t version,
			      char text[QUIC_VERSION_TEXT_BYTES]);

/**
 * The secret and the header's key of what a client sends, from the destination
 * of its first packet. ERR_UNSUPPORTED: another version; ERR_NOMEM.
 */
int quic_client_keys(struct crypto *crypto, uint32_t version,
		     struct slice destination_id,
		     struct quic_keys *out) must_check;
/** Of what the server answers to that packet. */
int quic_server_keys(struct crypto *crypto, uint32_t version,
		     struct slice destination_id,
		     struct quic_keys *out) must_check;
/** The others. ERR_NOMEM. */
int quic_complete_keys(struct crypto *crypto,
		       struct quic_keys *keys) must_check;

/**
 * Opens an Initial; its frames go to out (room for QUIC_INITIAL_MAX_BYTES), a
 * view of them to *frames. ERR_DENIED: these are not its keys; ERR_LIMIT: too
 * large; ERR_TRUNCATED: too short; ERR_NOMEM.
 */
int quic_open_initial(struct crypto *crypto, struct quic_keys *keys,
		      const struct quic_packet *packet, uint8_t *out,
		      struct slice *frames) must_check;

/**
 * The next CRYPTO frame among the frames of an Initial (RFC 9000 12.4); walk
 * with *at from 0. 1, 0 at the end, or ERR_MALFORMED.
 */
int quic_next_crypto(struct slice frames, size_t *at,
		     struct quic_crypto *out) must_check;

#endif

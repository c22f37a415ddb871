// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/quic.h"

#include <stdio.h>

#include "base/cursor.h"

enum {
	LONG_HEADER = 0x80,
	RESERVED_BITS = 0x0c,
	GOOGLE_ID_BYTES = 8,
	SALT_BYTES = 20,
	/* "tls13 quicv2 hp" and the lengths around it (RFC 8446 7.1) */
	LABEL_MAX_BYTES = 32,
	/* RFC 9001 5.4.2 */
	SAMPLE_BYTES = 16,
	SAMPLE_AT = 4,
	NUMBER_MAX_BYTES = 4,
};

/* RFC 9000 19: those that an Initial may carry. */
enum {
	FRAME_PADDING = 0x00,
	FRAME_PING = 0x01,
	FRAME_ACK = 0x02,
	FRAME_ACK_ECN = 0x03,
	FRAME_CRYPTO = 0x06,
	FRAME_CONNECTION_CLOSE = 0x1c,
};

/* How a range of versions makes keys and numbers its packets. */
struct protection {
	uint32_t first, last;
	uint8_t salt[SALT_BYTES];
	const char *key, *iv, *header_key; /* labels */
	uint8_t initial;		   /* type bits of an Initial */
};

static const struct protection protections[] = {
	/* RFC 9001 5.2 */
	{ QUIC_VERSION_1,
	  QUIC_VERSION_1,
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a },
	  "quic key",
	  "quic iv",
	  "quic hp",
	  0 },
	/* RFC 9369 3.2, 3.3 */
	{ QUIC_VERSION_2,
	  QUIC_VERSION_2,
	  { 0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93,
	    0x81, 0xbe, 0x6e, 0x26, 0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9 },
	  "quicv2 key",
	  "quicv2 iv",
	  "quicv2 hp",
	  1 },
	/* draft-ietf-quic-v2-05, 3.2 */
	{ QUIC_VERSION_2_DRAFT,
	  QUIC_VERSION_2_DRAFT,
	  { 0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d,
	    0x62, 0xca, 0x57, 0x04, 0x06, 0xea, 0x7a, 0xe3, 0xe5, 0xd3 },
	  "quicv2 key",
	  "quicv2 iv",
	  "quicv2 hp",
	  1 },
	/* draft-ietf-quic-tls-23 to 28, 5.2 */
	{ 0xff000017,
	  0xff00001c,
	  { 0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7,
	    0xd2, 0x43, 0x2b, 0xb4, 0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02 },
	  "quic key",
	  "quic iv",
	  "quic hp",
	  0 },
	/* 29 to 32 */
	{ 0xff00001d,
	  0xff000020,
	  { 0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97,
	    0x86, 0xf1, 0x9c, 0x61, 0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99 },
	  "quic key",
	  "quic iv",
	  "quic hp",
	  0 },
	/* 33 and 34 have the salt that version 1 kept */
	{ 0xff000021,
	  0xff000022,
	  { 0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
	    0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a },
	  "quic key",
	  "quic iv",
	  "quic hp",
	  0 },
};

static const struct protection *protection_of(uint32_t version)
{
	for (size_t i = 0; i < sizeof(protections) / sizeof(*protections);
	     i++) {
		if (version >= protections[i].first &&
		    version <= protections[i].last)
			return &protections[i];
	}
	return NULL;
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* Q for its own handshake, T for TLS, and three digits. */
static bool is_google(uint32_t version)
{
	uint8_t letter = (uint8_t)(version >> 24);

	return (letter == 'Q' || letter == 'T') &&
	       is_digit((uint8_t)(version >> 16)) &&
	       is_digit((uint8_t)(version >> 8)) && is_digit((uint8_t)version);
}

const char *quic_version_text(uint32_t version,
			      char text[QUIC_VERSION_TEXT_BYTES])
{
	if (version == QUIC_VERSION_1 || version == QUIC_VERSION_2)
		(void)snprintf(text, QUIC_VERSION_TEXT_BYTES, "v%d",
			       version == QUIC_VERSION_1 ? 1 : 2);
	else if (version == QUIC_VERSION_2_DRAFT)
		(void)snprintf(text, QUIC_VERSION_TEXT_BYTES, "v2-draft");
	else if (version >> 8 == 0xff0000)
		(void)snprintf(text, QUIC_VERSION_TEXT_BYTES, "draft-%02u",
			       version & 0xff);
	else if (is_google(version))
		(void)snprintf(text, QUIC_VERSION_TEXT_BYTES, "%c%c%c%c",
			       (char)(version >> 24), (char)(version >> 16),
			       (char)(version >> 8), (char)version);
	else
		(void)snprintf(text, QUIC_VERSION_TEXT_BYTES, "0x%08x",
			       version);
	return text;
}

/* RFC 9000 16 */
static uint64_t read_varint(struct cursor *c)
{
	uint8_t first = cursor_u8(c);
	uint64_t v = first & 0x3f;

	for (int more = (1 << (first >> 6)) - 1; more > 0; more--)
		v = v << 8 | cursor_u8(c);
	return cursor_ok(c) ? v : 0;
}

/* Google's up to Q043: flags, connection id, version. */
static int read_google(struct cursor *c, struct quic_packet *p)
{
	p->destination_id = cursor_take(c, GOOGLE_ID_BYTES);
	p->version = cursor_u32(c);
	if (!cursor_ok(c) || !is_google(p->version))
		return ERR_MALFORMED;
	p->kind = QUIC_GOOGLE;
	return 0;
}

/* Token and length of an Initial, length of the others (RFC 9000 17.2). */
static int read_body(struct cursor *c, struct quic_packet *p)
{
	uint64_t len;

	if (p->kind == QUIC_RETRY) {
		(void)cursor_rest(c);
		return 0;
	}
	if (p->kind == QUIC_INITIAL) {
		uint64_t token = read_varint(c);

		if (token > cursor_left(c))
			return ERR_TRUNCATED;
		cursor_skip(c, (size_t)token);
	}
	len = read_varint(c);
	if (!cursor_ok(c) || len > cursor_left(c))
		return ERR_TRUNCATED;
	p->number_at = cursor_offset(c);
	cursor_skip(c, (size_t)len);
	return 0;
}

/* What is behind the version of a long header (RFC 8999 5.1, 6). */
static int read_long(struct cursor *c, uint8_t first, struct quic_packet *p)
{
	static const enum quic_kind kinds[] = { QUIC_INITIAL, QUIC_ZERO_RTT,
						QUIC_HANDSHAKE, QUIC_RETRY };
	const struct protection *protection = protection_of(p->version);

	p->destination_id = cursor_take(c, cursor_u8(c));
	p->source_id = cursor_take(c, cursor_u8(c));
	if (!cursor_ok(c))
		return ERR_TRUNCATED;
	if (!p->version) {
		p->kind = QUIC_VERSION_NEGOTIATION;
		p->versions = cursor_rest(c);
		return p->versions.len && p->versions.len % 4 == 0
			       ? 0
			       : ERR_MALFORMED;
	}
	if (!protection) {
		p->kind = QUIC_OTHER;
		return 0;
	}
	/* the fixed bit may be any (RFC 9287 3.1) */
	if (p->destination_id.len > QUIC_ID_MAX_BYTES ||
	    p->source_id.len > QUIC_ID_MAX_BYTES)
		return ERR_MALFORMED;
	p->kind = kinds[((first >> 4) - protection->initial) & 3];
	return read_body(c, p);
}

static int read_packet(struct cursor *c, struct quic_packet *p)
{
	uint8_t first = cursor_u8(c);

	if (!(first & LONG_HEADER))
		return read_google(c, p);
	p->version = cursor_u32(c);
	if (!cursor_ok(c))
		return ERR_TRUNCATED;
	/* of Q044 to Q046, ids are written otherwise */
	if (is_google(p->version)) {
		p->kind = QUIC_GOOGLE;
		return 0;
	}
	return read_long(c, first, p);
}

int quic_next_packet(struct slice datagram, size_t *at, struct quic_packet *out)
{
	struct quic_packet p = { 0 };
	struct slice rest;
	struct cursor c;
	int err;

	if (*at >= datagram.len)
		return 0;
	rest = slice_of(datagram.data + *at, datagram.len - *at);
	/* behind a packet there may be one with a short header, or padding */
	if (*at && !(rest.data[0] & LONG_HEADER))
		return 0;
	if (!quic_may_begin(rest))
		return ERR_MALFORMED;
	c = cursor_slice(rest);
	err = read_packet(&c, &p);
	if (err)
		return err;
	/* nobody knows where one ends that is not taken apart */
	if (p.kind == QUIC_GOOGLE || p.kind == QUIC_OTHER)
		(void)cursor_rest(&c);
	p.bytes = slice_of(rest.data, cursor_offset(&c));
	*at += p.bytes.len;
	*out = p;
	return 1;
}

/* HKDF-Expand-Label of at most one hash (RFC 8446 7.1, RFC 5869 2.3). */
static int expand(struct crypto *crypto, struct slice secret, const char *label,
		  uint8_t *out, size_t len)
{
	uint8_t info[LABEL_MAX_BYTES], block[CRYPTO_SHA256_BYTES];
	int n = snprintf((char *)info + 3, sizeof(info) - 3, "tls13 %s", label);
	int err;

	info[0] = 0;
	info[1] = (uint8_t)len;
	info[2] = (uint8_t)n;
	info[3 + n] = 0; /* no context */
	info[4 + n] = 1; /* number of the block */
	err = crypto_hmac_sha256(crypto, secret, slice_of(info, 5 + (size_t)n),
				 block);
	if (!err)
		memcpy(out, block, len);
	return err;
}

/* RFC 9001 5.2 */
static int derive(struct crypto *crypto, uint32_t version,
		  struct slice destination_id, const char *side,
		  struct quic_keys *out)
{
	const struct protection *p = protection_of(version);
	uint8_t initial[CRYPTO_SHA256_BYTES];
	struct quic_keys keys = { .version = version };
	int err;

	if (!p)
		return ERR_UNSUPPORTED;
	err = crypto_hmac_sha256(crypto, slice_of(p->salt, SALT_BYTES),
				 destination_id, initial);
	if (!err)
		err = expand(crypto, slice_of(initial, sizeof(initial)), side,
			     keys.secret, sizeof(keys.secret));
	if (!err)
		err = expand(crypto, slice_of(keys.secret, sizeof(keys.secret)),
			     p->header_key, keys.header_key,
			     sizeof(keys.header_key));
	if (!err)
		*out = keys;
	return err;
}

int quic_client_keys(struct crypto *crypto, uint32_t version,
		     struct slice destination_id, struct quic_keys *out)
{
	return derive(crypto, version, destination_id, "client in", out);
}

int quic_server_keys(struct crypto *crypto, uint32_t version,
		     struct slice destination_id, struct quic_keys *out)
{
	return derive(crypto, version, destination_id, "server in", out);
}

int quic_complete_keys(struct crypto *crypto, struct quic_keys *keys)
{
	const struct protection *p = protection_of(keys->version);
	struct slice secret = slice_of(keys->secret, sizeof(keys->secret));
	int err;

	if (keys->whole)
		return 0;
	err = expand(crypto, secret, p->key, keys->key, sizeof(keys->key));
	if (!err)
		err = expand(crypto, secret, p->iv, keys->iv, sizeof(keys->iv));
	keys->whole = !err;
	return err;
}

int quic_open_initial(struct crypto *crypto, struct quic_keys *keys,
		      const struct quic_packet *packet, uint8_t *out,
		      struct slice *frames)
{
	const uint8_t *bytes = packet->bytes.data;
	size_t number_at = packet->number_at, text_at, length;
	uint8_t mask[CRYPTO_BLOCK_BYTES], nonce[CRYPTO_NONCE_BYTES];
	uint8_t first, number[NUMBER_MAX_BYTES];
	struct crypto_sealed sealed;
	int err;

	if (packet->bytes.len < number_at + SAMPLE_AT + SAMPLE_BYTES)
		return ERR_TRUNCATED;
	if (packet->bytes.len - number_at > QUIC_INITIAL_MAX_BYTES)
		return ERR_LIMIT;
	/* RFC 9001 5.4.1 */
	err = crypto_aes_block(crypto, keys->header_key,
			       bytes + number_at + SAMPLE_AT, mask);
	if (err)
		return err;
	first = bytes[0] ^ (mask[0] & 0x0f);
	length = (first & 3) + 1u;
	/* three in four under other keys show here (RFC 9000 17.2) */
	if (first & RESERVED_BITS)
		return ERR_DENIED;
	err = quic_complete_keys(crypto, keys);
	if (err)
		return err;
	/* RFC 9001 5.3; both sides count from 0, so that no byte is left out */
	memcpy(nonce, keys->iv, sizeof(nonce));
	for (size_t i = 0; i < length; i++) {
		number[i] = bytes[number_at + i] ^ mask[1 + i];
		nonce[sizeof(nonce) - length + i] ^= number[i];
	}
	text_at = number_at + length;
	sealed = (struct crypto_sealed){
		.key = keys->key,
		.nonce = nonce,
		.associated = { slice_of(&first, 1),
				slice_of(bytes + 1, number_at - 1),
				slice_of(number, length) },
		.text = slice_of(bytes + text_at, packet->bytes.len - text_at),
	};
	err = crypto_open(crypto, &sealed, out);
	if (!err)
		*frames = slice_of(out, sealed.text.len - CRYPTO_TAG_BYTES);
	return err;
}

/* RFC 9000 19.3 */
static void skip_ack(struct cursor *c, bool with_ecn)
{
	uint64_t ranges;

	(void)read_varint(c); /* largest */
	(void)read_varint(c); /* delay */
	ranges = read_varint(c);
	(void)read_varint(c); /* first range */
	for (; ranges && cursor_ok(c); ranges--) {
		(void)read_varint(c);
		(void)read_varint(c);
	}
	for (int i = 0; with_ecn && i < 3; i++)
		(void)read_varint(c);
}

/* RFC 9000 19.19 */
static void skip_close(struct cursor *c)
{
	uint64_t reason;

	(void)read_varint(c); /* error */
	(void)read_varint(c); /* frame */
	reason = read_varint(c);
	if (reason > cursor_left(c))
		cursor_fail(c);
	else
		cursor_skip(c, (size_t)reason);
}

static void read_crypto(struct cursor *c, struct quic_crypto *out)
{
	uint64_t len;

	out->offset = read_varint(c);
	len = read_varint(c);
	if (len > cursor_left(c))
		cursor_fail(c);
	else
		out->data = cursor_take(c, (size_t)len);
}

int quic_next_crypto(struct slice frames, size_t *at, struct quic_crypto *out)
{
	struct cursor c = cursor_slice(frames);
	struct quic_crypto crypto = { 0 };

	cursor_seek(&c, *at);
	while (cursor_left(&c)) {
		uint8_t type = cursor_u8(&c);

		if (type == FRAME_CRYPTO) {
			read_crypto(&c, &crypto);
			break;
		}
		if (type == FRAME_ACK || type == FRAME_ACK_ECN)
			skip_ack(&c, type == FRAME_ACK_ECN);
		else if (type == FRAME_CONNECTION_CLOSE)
			skip_close(&c);
		else if (type != FRAME_PADDING && type != FRAME_PING)
			cursor_fail(&c);
	}
	if (!cursor_ok(&c))
		return ERR_MALFORMED;
	*at = cursor_offset(&c);
	if (!crypto.data.data)
		return 0;
	*out = crypto;
	return 1;
}

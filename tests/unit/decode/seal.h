// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_DECODE_SEAL_H
#define TESTS_UNIT_DECODE_SEAL_H

#include <stdlib.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "decode/quic.h"

/*
 * Initial packets as client or server write them (RFC 9001 5): the other way
 * round from the decoder, so that a test can cut a hello as it likes.
 */

#define SEAL_MAX_BYTES 8192

struct seal {
	struct crypto *crypto;
	uint32_t version;
	struct slice first_id;	     /* what the keys are of */
	struct slice destination_id; /* what the header says */
	uint32_t number;
	bool server; /* it is the one that sends */
};

static inline void seal_must(int holds)
{
	if (!holds)
		abort();
}

static inline void seal_length(struct buf *out, size_t len)
{
	buf_u16(out, (uint16_t)(0x4000 | len));
}

/* A CRYPTO frame with a piece of the handshake. */
static inline void seal_crypto(struct buf *frames, struct slice handshake,
			       size_t from, size_t to)
{
	buf_u8(frames, 6);
	seal_length(frames, from);
	seal_length(frames, to - from);
	buf_append(frames, handshake.data + from, to - from);
}

/* PADDING up to a size. */
static inline void seal_pad(struct buf *frames, size_t size)
{
	while (frames->len < size)
		buf_u8(frames, 0);
}

/* The header, unprotected, with a packet number of four bytes. */
static inline void seal_header(const struct seal *s, size_t payload,
			       struct buf *out)
{
	buf_u8(out, s->version == QUIC_VERSION_2 ? 0xd3 : 0xc3);
	buf_u32(out, s->version);
	buf_u8(out, (uint8_t)s->destination_id.len);
	buf_append(out, s->destination_id.data, s->destination_id.len);
	buf_u8(out, 0);
	buf_u8(out, 0); /* no token */
	seal_length(out, 4 + payload + CRYPTO_TAG_BYTES);
	buf_u32(out, s->number);
}

/* Appends a packet with these frames to a datagram. */
static inline void seal_initial(const struct seal *s, struct slice frames,
				struct buf *datagram)
{
	EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
	uint8_t nonce[CRYPTO_NONCE_BYTES], mask[CRYPTO_BLOCK_BYTES];
	uint8_t text[SEAL_MAX_BYTES + CRYPTO_TAG_BYTES];
	size_t start = datagram->len, header;
	struct quic_keys keys;
	int len;

	seal_must(frames.len <= SEAL_MAX_BYTES);
	seal_must(!(s->server ? quic_server_keys : quic_client_keys)(
		s->crypto, s->version, s->first_id, &keys));
	seal_must(!quic_complete_keys(s->crypto, &keys));
	seal_header(s, frames.len, datagram);
	header = datagram->len - start;
	memcpy(nonce, keys.iv, sizeof(nonce));
	for (int i = 0; i < 4; i++)
		nonce[11 - i] ^= (uint8_t)(s->number >> (8 * i));
	seal_must(EVP_EncryptInit_ex(gcm, EVP_aes_128_gcm(), NULL, keys.key,
				     nonce));
	seal_must(EVP_EncryptUpdate(gcm, NULL, &len, datagram->data + start,
				    (int)header));
	seal_must(EVP_EncryptUpdate(gcm, text, &len, frames.data,
				    (int)frames.len));
	seal_must(EVP_EncryptFinal_ex(gcm, text + len, &len));
	seal_must(EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG,
				      CRYPTO_TAG_BYTES, text + frames.len));
	EVP_CIPHER_CTX_free(gcm);
	seal_must(!crypto_aes_block(s->crypto, keys.header_key, text, mask));
	datagram->data[start] ^= mask[0] & 0x0f;
	for (int i = 0; i < 4; i++)
		datagram->data[start + header - 4 + (size_t)i] ^= mask[1 + i];
	buf_append(datagram, text, frames.len + CRYPTO_TAG_BYTES);
}

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_CRYPTO_H
#define DECODE_CRYPTO_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * The hashes that fingerprints are written as, and what protects QUIC's first
 * packets and Tuya's broadcasts. What OpenSSL has to look up is looked up once,
 * when the context is made, and none of its configuration files is read. One
 * context serves one thread.
 */
struct crypto;

#define CRYPTO_MD5_BYTES    16
#define CRYPTO_SHA256_BYTES 32
/** Of AES-128 and its GCM (RFC 5116 5.1). */
#define CRYPTO_KEY_BYTES   16
#define CRYPTO_BLOCK_BYTES 16
#define CRYPTO_NONCE_BYTES 12
#define CRYPTO_TAG_BYTES   16

/** NULL when memory is out, or OpenSSL lacks one of them. */
struct crypto *crypto_new(void);
void crypto_free(struct crypto *c);

/** ERR_NOMEM, for OpenSSL fails for no other reason. */
int crypto_md5(struct crypto *c, struct slice data,
	       uint8_t out[CRYPTO_MD5_BYTES]) must_check;
int crypto_sha256(struct crypto *c, struct slice data,
		  uint8_t out[CRYPTO_SHA256_BYTES]) must_check;

int crypto_hmac_sha256(struct crypto *c, struct slice key, struct slice data,
		       uint8_t out[CRYPTO_SHA256_BYTES]) must_check;

/** One block of AES-128, encrypted. */
int crypto_aes_block(struct crypto *c, const uint8_t key[CRYPTO_KEY_BYTES],
		     const uint8_t in[CRYPTO_BLOCK_BYTES],
		     uint8_t out[CRYPTO_BLOCK_BYTES]) must_check;

/** The same, decrypted. */
int crypto_aes_block_open(struct crypto *c, const uint8_t key[CRYPTO_KEY_BYTES],
			  const uint8_t in[CRYPTO_BLOCK_BYTES],
			  uint8_t out[CRYPTO_BLOCK_BYTES]) must_check;

/** What AES-128-GCM protects. */
struct crypto_sealed {
	const uint8_t *key, *nonce;
	struct slice associated[3]; /* one after the other; may be empty */
	struct slice text;	    /* encrypted, with its tag behind */
};

/**
 * Decrypts into out, which has room for text.len less CRYPTO_TAG_BYTES.
 * ERR_DENIED: the tag does not fit, and what out holds is nothing; ERR_NOMEM.
 */
int crypto_open(struct crypto *c, const struct crypto_sealed *sealed,
		uint8_t *out) must_check;

#endif

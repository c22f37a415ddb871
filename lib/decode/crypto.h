// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_CRYPTO_H
#define DECODE_CRYPTO_H

#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * The hashes that fingerprints are written as. What OpenSSL has to look up is
 * looked up once, when the context is made, and none of its configuration
 * files is read. One context serves one thread.
 */
struct crypto;

#define CRYPTO_MD5_BYTES    16
#define CRYPTO_SHA256_BYTES 32

/** NULL when memory is out, or OpenSSL lacks one of them. */
struct crypto *crypto_new(void);
void crypto_free(struct crypto *c);

/** ERR_NOMEM, for OpenSSL fails for no other reason. */
int crypto_md5(struct crypto *c, struct slice data,
	       uint8_t out[CRYPTO_MD5_BYTES]) must_check;
int crypto_sha256(struct crypto *c, struct slice data,
		  uint8_t out[CRYPTO_SHA256_BYTES]) must_check;

#endif

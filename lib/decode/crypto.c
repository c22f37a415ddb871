// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/crypto.h"

#include <limits.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

struct crypto {
	OSSL_LIB_CTX *library;
	EVP_MD_CTX *digest;
	EVP_MD *md5, *sha256;
	EVP_MAC_CTX *hmac;
	EVP_CIPHER_CTX *ecb, *ecb_open, *gcm;
};

static EVP_MAC_CTX *hmac_new(OSSL_LIB_CTX *library)
{
	char digest[] = "SHA2-256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
						 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(library, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	/* the context keeps it */
	EVP_MAC_free(mac);
	if (ctx && !EVP_MAC_CTX_set_params(ctx, params)) {
		EVP_MAC_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

static EVP_CIPHER_CTX *cipher_new(OSSL_LIB_CTX *library, const char *name,
				  int encrypt)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(library, name, NULL);
	EVP_CIPHER_CTX *ctx = cipher ? EVP_CIPHER_CTX_new() : NULL;

	if (ctx &&
	    !EVP_CipherInit_ex2(ctx, cipher, NULL, NULL, encrypt, NULL)) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_CIPHER_free(cipher);
	return ctx;
}

static void look_up(struct crypto *c)
{
	c->digest = EVP_MD_CTX_new();
	c->md5 = EVP_MD_fetch(c->library, "MD5", NULL);
	c->sha256 = EVP_MD_fetch(c->library, "SHA2-256", NULL);
	c->hmac = hmac_new(c->library);
	c->ecb = cipher_new(c->library, "AES-128-ECB", 1);
	c->ecb_open = cipher_new(c->library, "AES-128-ECB", 0);
	c->gcm = cipher_new(c->library, "AES-128-GCM", 0);
}

struct crypto *crypto_new(void)
{
	struct crypto *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL))
		c->library = OSSL_LIB_CTX_new();
	if (c->library)
		look_up(c);
	if (!c->digest || !c->md5 || !c->sha256 || !c->hmac || !c->ecb ||
	    !c->ecb_open || !c->gcm) {
		crypto_free(c);
		return NULL;
	}
	return c;
}

void crypto_free(struct crypto *c)
{
	if (!c)
		return;
	EVP_MD_free(c->md5);
	EVP_MD_free(c->sha256);
	EVP_MD_CTX_free(c->digest);
	EVP_MAC_CTX_free(c->hmac);
	EVP_CIPHER_CTX_free(c->ecb);
	EVP_CIPHER_CTX_free(c->ecb_open);
	EVP_CIPHER_CTX_free(c->gcm);
	OSSL_LIB_CTX_free(c->library);
	free(c);
}

static int hash(struct crypto *c, const EVP_MD *algorithm, struct slice data,
		uint8_t *out)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!EVP_DigestInit_ex2(c->digest, algorithm, NULL) ||
	    !EVP_DigestUpdate(c->digest, data.data, data.len) ||
	    !EVP_DigestFinal_ex(c->digest, digest, &len))
		return ERR_NOMEM;
	memcpy(out, digest, len);
	return 0;
}

int crypto_md5(struct crypto *c, struct slice data,
	       uint8_t out[CRYPTO_MD5_BYTES])
{
	return hash(c, c->md5, data, out);
}

int crypto_sha256(struct crypto *c, struct slice data,
		  uint8_t out[CRYPTO_SHA256_BYTES])
{
	return hash(c, c->sha256, data, out);
}

int crypto_hmac_sha256(struct crypto *c, struct slice key, struct slice data,
		       uint8_t out[CRYPTO_SHA256_BYTES])
{
	static const uint8_t none;
	uint8_t mac[CRYPTO_SHA256_BYTES];
	size_t len;

	/* no key at all would be the one of the call before */
	if (!EVP_MAC_init(c->hmac, key.len ? key.data : &none, key.len, NULL) ||
	    !EVP_MAC_update(c->hmac, data.data, data.len) ||
	    !EVP_MAC_final(c->hmac, mac, &len, sizeof(mac)))
		return ERR_NOMEM;
	memcpy(out, mac, sizeof(mac));
	return 0;
}

int crypto_aes_block(struct crypto *c, const uint8_t key[CRYPTO_KEY_BYTES],
		     const uint8_t in[CRYPTO_BLOCK_BYTES],
		     uint8_t out[CRYPTO_BLOCK_BYTES])
{
	uint8_t block[2 * CRYPTO_BLOCK_BYTES];
	int len;

	if (!EVP_EncryptInit_ex2(c->ecb, NULL, key, NULL, NULL) ||
	    !EVP_EncryptUpdate(c->ecb, block, &len, in, CRYPTO_BLOCK_BYTES) ||
	    len != CRYPTO_BLOCK_BYTES)
		return ERR_NOMEM;
	memcpy(out, block, CRYPTO_BLOCK_BYTES);
	return 0;
}

int crypto_aes_block_open(struct crypto *c, const uint8_t key[CRYPTO_KEY_BYTES],
			  const uint8_t in[CRYPTO_BLOCK_BYTES],
			  uint8_t out[CRYPTO_BLOCK_BYTES])
{
	uint8_t block[2 * CRYPTO_BLOCK_BYTES];
	int len;

	/* a block is given out at once where no padding may follow */
	if (!EVP_DecryptInit_ex2(c->ecb_open, NULL, key, NULL, NULL) ||
	    !EVP_CIPHER_CTX_set_padding(c->ecb_open, 0) ||
	    !EVP_DecryptUpdate(c->ecb_open, block, &len, in,
			       CRYPTO_BLOCK_BYTES) ||
	    len != CRYPTO_BLOCK_BYTES)
		return ERR_NOMEM;
	memcpy(out, block, CRYPTO_BLOCK_BYTES);
	return 0;
}

int crypto_open(struct crypto *c, const struct crypto_sealed *sealed,
		uint8_t *out)
{
	uint8_t tag[CRYPTO_TAG_BYTES], last[CRYPTO_BLOCK_BYTES];
	struct slice text = sealed->text;
	int len;

	if (text.len < sizeof(tag) || text.len > INT_MAX)
		return ERR_DENIED;
	text.len -= sizeof(tag);
	memcpy(tag, text.data + text.len, sizeof(tag));
	if (!EVP_DecryptInit_ex2(c->gcm, NULL, sealed->key, sealed->nonce,
				 NULL) ||
	    !EVP_CIPHER_CTX_ctrl(c->gcm, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
				 tag))
		return ERR_NOMEM;
	for (size_t i = 0; i < 3; i++) {
		struct slice a = sealed->associated[i];

		if (a.len &&
		    !EVP_DecryptUpdate(c->gcm, NULL, &len, a.data, (int)a.len))
			return ERR_NOMEM;
	}
	if (text.len &&
	    !EVP_DecryptUpdate(c->gcm, out, &len, text.data, (int)text.len))
		return ERR_NOMEM;
	return EVP_DecryptFinal_ex(c->gcm, last, &len) > 0 ? 0 : ERR_DENIED;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "decode/crypto.h"

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

struct crypto {
	OSSL_LIB_CTX *library;
	EVP_MD_CTX *digest;
	EVP_MD *md5, *sha256;
};

struct crypto *crypto_new(void)
{
	struct crypto *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	/* one of our own: the default one reads the system's settings */
	c->library = OSSL_LIB_CTX_new();
	c->digest = EVP_MD_CTX_new();
	if (c->library) {
		c->md5 = EVP_MD_fetch(c->library, "MD5", NULL);
		c->sha256 = EVP_MD_fetch(c->library, "SHA2-256", NULL);
	}
	if (!c->digest || !c->md5 || !c->sha256) {
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

// SPDX-License-Identifier: GPL-3.0-or-later
#include "web/session.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/text.h"

#define PURPOSE_TOKEN	"start"
#define PURPOSE_SESSION "session"
#define NONCE_BYTES	(SESSION_NONCE_HEX / 2)
#define MAC_BYTES	32

static int random_bytes(void *out, size_t len)
{
	return getrandom(out, len, 0) == (ssize_t)len ? 0 : ERR_IO;
}

int session_secret_make(struct session_secret *out)
{
	struct session_secret made;

	if (random_bytes(made.b, sizeof(made.b)))
		return ERR_IO;
	*out = made;
	return 0;
}

/* NONCE.MAC, the MAC over "purpose:NONCE". */
static int seal(const struct session_secret *secret, const char *purpose,
		const char *nonce, char out[SESSION_TEXT_BYTES])
{
	char said[64], hex[2 * MAC_BYTES + 1];
	uint8_t mac[MAC_BYTES];
	unsigned int mac_len = sizeof(mac);
	int len = snprintf(said, sizeof(said), "%s:%s", purpose, nonce);

	if (!HMAC(EVP_sha256(), secret->b, sizeof(secret->b),
		  (const unsigned char *)said, (size_t)len, mac, &mac_len))
		return ERR_IO;
	snprintf(out, SESSION_TEXT_BYTES, "%s.%s", nonce,
		 text_hex(mac, sizeof(mac), hex));
	return 0;
}

static int make(const struct session_secret *secret, const char *purpose,
		char out[SESSION_TEXT_BYTES])
{
	uint8_t random[NONCE_BYTES];
	char nonce[SESSION_NONCE_HEX + 1];

	if (random_bytes(random, sizeof(random)))
		return ERR_IO;
	return seal(secret, purpose, text_hex(random, sizeof(random), nonce),
		    out);
}

static bool is_ours(const struct session_secret *secret, const char *purpose,
		    struct slice text)
{
	char nonce[SESSION_NONCE_HEX + 1], want[SESSION_TEXT_BYTES] = { 0 };

	if (text.len != SESSION_TEXT_BYTES - 1)
		return false;
	memcpy(nonce, text.data, SESSION_NONCE_HEX);
	nonce[SESSION_NONCE_HEX] = '\0';
	if (seal(secret, purpose, nonce, want))
		return false;
	return !CRYPTO_memcmp(want, text.data, text.len);
}

int session_token_make(const struct session_secret *secret,
		       char out[SESSION_TEXT_BYTES])
{
	return make(secret, PURPOSE_TOKEN, out);
}

int session_cookie_make(const struct session_secret *secret,
			char out[SESSION_TEXT_BYTES])
{
	return make(secret, PURPOSE_SESSION, out);
}

bool session_token_is_ours(const struct session_secret *secret,
			   struct slice text)
{
	return is_ours(secret, PURPOSE_TOKEN, text);
}

bool session_cookie_is_ours(const struct session_secret *secret,
			    struct slice text)
{
	return is_ours(secret, PURPOSE_SESSION, text);
}

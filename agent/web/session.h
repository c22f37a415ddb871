// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

/*
 * Who may use the page. Both values are a random number and its HMAC-SHA-256
 * under a secret of this run, so they need no memory: a session outlives a
 * restart of the hub, and whoever holds the secret (the launcher) can make a
 * new token at any time. That a token works once is kept by the hub.
 *
 *   token    NONCE.MAC with the purpose "start": in the URL that is opened
 *   session  NONCE.MAC with the purpose "session": in the cookie
 */

struct session_secret {
	uint8_t b[32];
};

/** 16 random bytes and 32 of HMAC in hex, a dot, and the terminator. */
#define SESSION_TEXT_BYTES (32 + 1 + 64 + 1)
#define SESSION_NONCE_HEX  32

/** From the kernel. ERR_IO. */
int session_secret_make(struct session_secret *out) must_check;

/** The token for http://127.0.0.1:PORT/start?token=… ERR_IO. */
int session_token_make(const struct session_secret *secret,
		       char out[SESSION_TEXT_BYTES]) must_check;
/** A cookie's value. ERR_IO. */
int session_cookie_make(const struct session_secret *secret,
			char out[SESSION_TEXT_BYTES]) must_check;

/** Compared in constant time. */
bool session_token_is_ours(const struct session_secret *secret,
			   struct slice text);
bool session_cookie_is_ours(const struct session_secret *secret,
			    struct slice text);

#endif

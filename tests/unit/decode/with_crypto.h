// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_DECODE_WITH_CRYPTO_H
#define TESTS_UNIT_DECODE_WITH_CRYPTO_H

#include "decode/crypto.h"

/* What a group of tests opens and hashes with, all of them the same. */
static struct crypto *crypto;

static int make_crypto(void **state)
{
	(void)state;
	crypto = crypto_new();
	return crypto ? 0 : -1;
}

static int free_crypto(void **state)
{
	(void)state;
	crypto_free(crypto);
	return 0;
}

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_RECORD_RULES_H
#define TESTS_RECORD_RULES_H

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "record/share.h"

/* The rules of a home whose secret is 32 times 'k'. */

static inline void rules_hash(void *user, const void *data, size_t len,
			      uint8_t out[32])
{
	static const char key[] = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk";
	unsigned int n = 32;

	(void)user;
	if (!HMAC(EVP_sha256(), key, 32, data, len, out, &n))
		abort();
}

static const struct mac rules_own = { { 0x00, 0x17, 0x88, 0xa1, 0xb2, 0xc3 } };
/* Of the devices at home. */
static const struct mac rules_macs[] = {
	{ { 0x00, 0x17, 0x88, 0xa1, 0xb2, 0xc3 } },
	{ { 0x3c, 0x22, 0xfb, 0x0a, 0x1b, 0x2c } },
};
static const struct cidr rules_home[] = {
	{ { .family = 4, .b = { 192, 168, 1, 0 } }, 24 },
	{ { .family = 6, .b = { 0x20, 0x01, 0x0d, 0xb8, 0, 1 } }, 64 },
};
static const struct addr rules_wan[] = { { .family = 4,
					   .b = { 203, 0, 113, 77 } } };

static inline struct share_rules rules_of_home(void)
{
	return (struct share_rules){
		.scrub = { .hash = rules_hash,
			   .macs = rules_macs,
			   .mac_count = 2,
			   .home = rules_home,
			   .home_count = 2,
			   .wan = rules_wan,
			   .wan_count = 1 },
		.fields = SHARE_ALL,
	};
}

#endif

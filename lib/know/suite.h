// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef KNOW_SUITE_H
#define KNOW_SUITE_H

#include <stdint.h>

/** What makes a cipher suite one that nobody should offer; bits. */
enum suite_weakness {
	SUITE_NULL = 1,	  /* no encryption: RFC 9325 4.1 */
	SUITE_EXPORT = 2, /* 40 or 56 bits on purpose: RFC 9325 4.1 */
	SUITE_ANON = 4,	  /* nobody proves who they are: RFC 9325 4.1 */
	SUITE_RC4 = 8,	  /* RFC 7465 */
	SUITE_DES = 16,	  /* RFC 5469 */
	SUITE_3DES = 32,  /* blocks of 64 bits: RFC 7525 4.1, CVE-2016-2183 */
};

/**
 * The weaknesses of a suite; 0 for none known. As IANA has them (TLS Cipher
 * Suites), and those that old programs offer and nobody registered: 56 bits
 * (draft-ietf-tls-56-bit-ciphersuites-01), Netscape's of FIPS, GOST without
 * encryption (draft-chudov-cryptopro-cptls-04).
 */
unsigned suite_weakness(uint16_t suite);

/** The name of one weakness, e.g. "RC4". */
const char *suite_weakness_name(enum suite_weakness weakness);

#endif

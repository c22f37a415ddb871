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
	SUITE_DES = 16,	  /* DES, IDEA: RFC 5469 */
	SUITE_3DES = 32,  /* blocks of 64 bits: RFC 7525 4.1, CVE-2016-2183 */
};

/** The weaknesses of a suite (IANA, TLS Cipher Suites); 0 for none known. */
unsigned suite_weakness(uint16_t suite);

/** The name of one weakness, e.g. "RC4". */
const char *suite_weakness_name(enum suite_weakness weakness);

#endif

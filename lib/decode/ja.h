// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_JA_H
#define DECODE_JA_H

#include "base/buf.h"
#include "decode/crypto.h"
#include "decode/tls.h"

/*
 * Fingerprints of a ClientHello: JA3 (Salesforce) and JA4 (FoxIO, "JA4 TLS
 * Client Fingerprinting"). GREASE counts in neither. Both are a hash of a
 * text; that raw text is written too, for those who want to see what differs.
 */

/** Longest raw text: 8192 suites, or 4096 extensions, at 6 bytes each, and
 * what a hello of TLS_HELLO_MAX_BYTES has room for beside. */
#define JA_TEXT_MAX_BYTES ((size_t)65536)
/** "e7d705a3286e19ea42f587b344ee6865", terminated. */
#define JA3_TEXT_BYTES 33
/** "t13d1516h2_8daaf6152771_e5627efa2ab1", terminated. */
#define JA4_TEXT_BYTES 37

/** JA3S of a ServerHello, in the same way. */
void ja3s_raw(const struct tls_server_hello *hello, struct buf *out);
int ja3s(struct crypto *crypto, const struct tls_server_hello *hello,
	 struct buf *scratch, char out[JA3_TEXT_BYTES]) must_check;

/** What carried the hello, as JA4's first letter. */
enum ja_transport {
	JA_TCP = 't',
	JA_QUIC = 'q',
	JA_DTLS = 'd',
};

/** The order of the lists in a raw JA4. */
enum ja_order {
	JA_SORTED,   /* JA4_r: what JA4 is the hash of */
	JA_ORIGINAL, /* JA4_ro: as sent, with server name and ALPN */
};

/** Appends the raw text; what does not fit is the buffer's error. */
void ja3_raw(const struct tls_client_hello *hello, struct buf *out);
void ja4_raw(const struct tls_client_hello *hello, enum ja_transport transport,
	     enum ja_order order, struct buf *out);

/** scratch: any buffer of JA_TEXT_MAX_BYTES; what it holds is lost.
 * ERR_NOMEM. */
int ja3(struct crypto *crypto, const struct tls_client_hello *hello,
	struct buf *scratch, char out[JA3_TEXT_BYTES]) must_check;
int ja4(struct crypto *crypto, const struct tls_client_hello *hello,
	enum ja_transport transport, struct buf *scratch,
	char out[JA4_TEXT_BYTES]) must_check;

#endif

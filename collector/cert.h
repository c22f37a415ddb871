// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_CERT_H
#define COLLECTOR_CERT_H

#include "base/buf.h"
#include "base/err.h"

/** Largest PEM file that is read: a chain of certificates. */
#define CERT_BYTES_MAX	       ((size_t)262144)
#define CERT_FINGERPRINT_BYTES 65 /* SHA-256 in hex, terminated */

/** A file's contents. ERR_IO: errno tells; ERR_LIMIT. */
int cert_read(const char *path, struct buf *pem) must_check;
/**
 * For a trial: makes a key (P-256) and a certificate that it signs itself,
 * valid for ten years, and writes both. ERR_IO, ERR_NOMEM.
 */
int cert_make(const char *cert_path, const char *key_path) must_check;
/** The fingerprint by which a client may know it. ERR_MALFORMED. */
int cert_fingerprint(const struct buf *pem,
		     char out[CERT_FINGERPRINT_BYTES]) must_check;

/** Of a collector that was given none: made once, kept in its folder. */
#define CERT_TRIAL     "trial-cert.pem"
#define CERT_TRIAL_KEY "trial-key.pem"

#endif

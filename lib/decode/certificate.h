// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DECODE_CERTIFICATE_H
#define DECODE_CERTIFICATE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

/**
 * Appends whom a certificate (X.509 in DER, RFC 5280 4.1) is of, as
 * "CN=example.org, O=Example": the attributes that people use, in the order of
 * the certificate. Bytes that stand for no text, or for a comma, are as they
 * are: whoever shows it escapes it. Its signature is not looked at.
 * ERR_MALFORMED; ERR_LIMIT, ERR_NOMEM: out's. On failure out is as it was, but
 * for its own error.
 */
int certificate_subject(struct slice der, struct buf *out) must_check;

#endif

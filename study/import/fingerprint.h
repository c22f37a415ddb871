// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_FINGERPRINT_H
#define STUDY_IMPORT_FINGERPRINT_H

#include "base/err.h"
#include "study/fleet.h"
#include "study/import/raw.h"

/*
 * Sample files have hellos without fingerprints, but with what these are made
 * of: the highest version, suites, types of extensions, and the extensions
 * themselves in base64. A hello is put together of them again and read as one
 * from the network is.
 *
 * Its legacy version is the highest, and TLS 1.2 at most where there are
 * supported_versions (RFC 8446 4.1.2). What carried it is not among the
 * columns: transport parameters are in QUIC alone (RFC 9001 8.2); other hellos
 * whose flow is UDP are of DTLS, which has versions of its own, and get none.
 * Without the extensions themselves their types are enough where none of them
 * is one whose contents count. Extensions that do not decode, or are not of the
 * types beside them, say nothing.
 */

/**
 * Of raw_client_hello and raw_flows, behind study/import/common.sql, into the
 * temporary table fingerprint(hello, version, ja3, ja4): hello is the rowid in
 * raw_client_hello, version the highest offered; NULL for what the row does not
 * allow. How many rows these were is told to log, and in meta; where there are
 * hellos and none has a JA4, also_lacks has "fingerprints". ERR_IO, ERR_NOMEM.
 */
int fingerprint_hellos(struct fleet *f, struct raw_log *log) must_check;

#endif

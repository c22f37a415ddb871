// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"
#include "record/record.h"

/*
 * What a home's devices did, in one SQLite file that only its owner may read
 * (WAL, STRICT tables, migrations numbered by user_version). One process, one
 * thread, one connection. Texts are kept as the bytes that came from the wire.
 *
 * Writing: windows and sightings gather in one transaction that
 * store_commit() ends, so a window is stored whole or not at all. What could
 * not be written (disk full, file locked, damaged) is rolled back, counted,
 * and told by store_error(); the store stays usable, and goes on as soon as
 * it can. A choice of the user's (settings, watch, exclude, deletion) is a
 * transaction of its own, and its failure is returned.
 *
 * Reading sees what was written, committed or not; of names, questions and
 * services it first merges what is new (merge.h). Times given and taken are
 * milliseconds since the epoch.
 *
 * Kept: flows of 5 s for STORE_FLOW_DAYS, summed by minute for
 * STORE_MINUTE_DAYS and by hour for STORE_HOUR_DAYS; names, questions,
 * hellos, servers, services and requests as long as minutes. Above
 * STORE_BYTES_TARGET the devices that take most lose what is oldest (trim.h).
 * Deleted content is overwritten (secure_delete).
 */

#define STORE_FLOW_DAYS	  7
#define STORE_MINUTE_DAYS 31
#define STORE_HOUR_DAYS	  400
/** What the file may grow to before what is oldest goes: a home's disk. */
#define STORE_BYTES_TARGET ((int64_t)1 << 30)
/** What it may never exceed: past it, writing fails as on a full disk. */
#define STORE_BYTES_MAX ((int64_t)5 << 28)
/** Clues kept of one device: mDNS texts can vary without end. */
#define STORE_CLUES_MAX 1000
/** Addresses kept of one device: IPv6 makes new ones every day. */
#define STORE_ADDRS_MAX 16
/** Waiting for somebody else's lock holds up the page, so it is short. */
#define STORE_BUSY_MS 200
/** How often that is tried; each time may take STORE_BUSY_MS. */
#define STORE_LOG_RETRY_MS 5000
/** The write-ahead log is written back at this size, 4,096 pages: once or
 * twice a minute, so that what changes with every window is written once. */
#define STORE_WAL_BYTES ((int64_t)16 << 20)

#define STORE_ERROR_BYTES 256

struct store;

struct store_counters {
	uint64_t windows, rows, transactions;
	uint64_t windows_lost; /* could not be written */
	uint64_t failures;     /* of any writing */
	uint64_t rows_expired; /* past the time or size kept */
	uint64_t log_delays;   /* what was erased stayed in the log at first */
	uint64_t bytes;	       /* of the file */
	uint64_t wal_bytes;
};

struct store_counter_field {
	const char *name;
	size_t offset; /* of the uint64_t in struct store_counters */
};
extern const struct store_counter_field store_counter_fields[];
extern const size_t store_counter_field_count;

/**
 * How many bytes store_open() would have to bring up to date, in one
 * transaction: 0 for a file of this version, one that is not there, and one
 * that cannot be read. It takes some 40 s for each GiB, far more on an SD card,
 * and as much room again until it is done.
 */
uint64_t store_outdated(const char *path);

/**
 * Opens path, made with mode 0600 when missing, and brings its tables up to
 * date. On failure why has one line, and the code is ERR_IO, ERR_BUSY
 * (another process writes it), ERR_MALFORMED (damaged, or no database) or
 * ERR_UNSUPPORTED (made by a newer version).
 */
int store_open(const char *path, struct store **out,
	       char why[STORE_ERROR_BYTES]) must_check;
/** Commits what is open. NULL is accepted. */
void store_close(struct store *s);

/** Ends the open transaction, if any. What fails is counted, and lost. */
int store_commit(struct store *s);
/** Commits when the open transaction is older than a quarter of a second, sees
 * now and then that the file keeps to its size, and empties the log of what was
 * erased while somebody read it. */
void store_tick(struct store *s, uint64_t now_ms);
/** The last failure as one line; "" when the last writing went well. */
const char *store_error(const struct store *s);
/** Current until the next call. */
const struct store_counters *store_counters(struct store *s);

/* Settings: small values by name. */
#define STORE_SETTING_BYTES 512
/** Number of bytes, or ERR_NOTFOUND, ERR_LIMIT, ERR_IO. */
int store_setting_get(struct store *s, const char *name,
		      uint8_t out[STORE_SETTING_BYTES]) must_check;
/** An absent value removes the setting. */
int store_setting_put(struct store *s, const char *name,
		      struct slice value) must_check;

/** Notes that a token was used: ERR_EXISTS when it had been before. */
int store_token_use(struct store *s, const char *nonce,
		    uint64_t now_ms) must_check;

#endif

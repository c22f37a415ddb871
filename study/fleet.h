// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_FLEET_H
#define STUDY_FLEET_H

#include <duckdb.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A fleet: what many homes gave, in one DuckDB file whose tables any tool that
 * reads DuckDB can open. Keys are integers; texts lie once. Times are unix
 * seconds, "_ms" milliseconds. What a source does not have is NULL, never a
 * zero, and the key "lacks" of meta names it.
 *
 * meta(key, value)       what the fleet is made of; see fleet_meta_set()
 * users(user, account, utc_offset_min)
 * devices(device, id, user, oui, manufacturer)      all that were discovered
 * labels(device, name, category, vendor)            as typed, the latest only
 * clues(device, kind, text)          what devices say; record_clue_name()
 * endpoints(endpoint, addr, host, inferred, domain, country, tracker)
 *                        distinct (addr, host); inferred: its name was a
 *                        guess ("?"); domain: registered domain
 * flows(device, end, first_ms, endpoint, protocol, remote_port, device_port,
 *       in_bytes, out_bytes, in_packets, out_packets, local)
 *                        one row a flow and 5-second window, end its end;
 *                        local: the endpoint is no Internet address
 * hellos(device, time_ms, endpoint, remote_port, version, cipher_suites, ja3,
 *        ja4)            version: the highest offered; suites joined by '+'
 * views(user, view, seconds)
 * truth(device, name, category, vendor, computer)   only where it is known
 *
 * Derived, and made anew whenever asked for:
 * label_changes(method, kind, vendor, before, after, rule, devices)
 *                        kind "vendor" or "name"; vendor: whose names; after:
 *                        NULL when it was removed
 * met(device, endpoint, how), busy(user, day, windows)
 *                        sums of the flows, made with the fleet and used while
 *                        meta's "flows summed" is how many there are: see
 *                        study/tables/sums_begin.sql; who changes flows without
 *                        changing their number must delete that line
 * standard(device, method, vendor, name)
 * validation(device, standard, method, outcome, outcome_certain)
 *                        standard: the method of standard that gave the vendor;
 *                        method "domain_common", "domain_vendor", "discovery",
 *                        "oui"; outcome "validated", "not_validated",
 *                        "no_data", of a release that withholds contacts
 *                        "withheld"; outcome_certain without guessed names
 * settings, contact, validated, ...    what the queries of the last report
 * read: see study/basis.h
 */

#define FLEET_ERROR_BYTES 512

/** What the engine may hold in memory, unless it is told otherwise
 * (study/bounds.h): half of it is enough for a report of ten times the paper's
 * flows, and to import 14 million flows of a collector's. What does not fit
 * lies beside the fleet, in a folder of its name and ".tmp", while it is open;
 * what a killed program left there goes when the fleet is next opened to be
 * written.
 */
#define FLEET_MEMORY_MIB 2048

struct fleet {
	duckdb_database database;
	duckdb_connection connection;
	char path[PATH_MAX]; /* where it is, or will be */
	bool is_new;	     /* it is at path + FLEET_PART until finished */
	char error[FLEET_ERROR_BYTES]; /* one line, of the last that failed */
};

/** What a fleet in the making is called, after its name. */
#define FLEET_PART ".part"

/**
 * Begins a fleet with the empty tables. It lies beside path until
 * fleet_finish(); what a killed program left there is removed. ERR_EXISTS when
 * there is one at path and it is not to be replaced, when another process is
 * making one, or works on what is to be replaced; ERR_IO. On failure f->error
 * says why, and f is closed.
 */
int fleet_create(struct fleet *f, const char *path, bool replace) must_check;
/** Opens one that is there. ERR_NOTFOUND; ERR_IO; ERR_UNSUPPORTED when the file
 * is no fleet. */
int fleet_open(struct fleet *f, const char *path, bool is_written) must_check;
/** Writes all of a new fleet to disk and gives it its name. ERR_IO. Closed
 * either way. */
int fleet_finish(struct fleet *f) must_check;
/** Closes it; one begun and not finished is gone. */
void fleet_close(struct fleet *f);

/** Runs statements that give nothing back, until the first that fails.
 * ERR_IO. */
int fleet_run(struct fleet *f, const char *sql) must_check;
/** The same, with the text put together as by printf; for names and numbers of
 * our own, never for a text from outside: that is fleet_quote()d. */
int fleet_runf(struct fleet *f, const char *format, ...) must_check
	printf_like(2, 3);
/** Runs one statement; out is the caller's to duckdb_destroy_result(). */
int fleet_query(struct fleet *f, const char *sql,
		duckdb_result *out) must_check;
/** After fleet_run(f, "BEGIN"): keeps all that was done since when err is 0,
 * else none of it. Gives err, or ERR_IO; f->error still says why it is err. */
int fleet_end(struct fleet *f, int err) must_check;
/** The first column of the first row; ERR_NOTFOUND when there is none, or it
 * is NULL. */
int fleet_number(struct fleet *f, const char *sql, int64_t *out) must_check;
/** text as an SQL literal in quotes; the caller's to free(). NULL: ERR_NOMEM.
 */
char *fleet_quote(const char *text);

/** Adds or replaces one line of meta. */
int fleet_meta_set(struct fleet *f, const char *key,
		   const char *value) must_check;
/** The value, the caller's to free(); NULL when there is none. */
char *fleet_meta(struct fleet *f, const char *key);

#endif

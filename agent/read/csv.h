// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_CSV_H
#define READ_CSV_H

#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "record/record.h"

/*
 * `--csv DIR`: devices.csv, flows.csv, dns.csv and client_hello.csv, with the
 * columns of the original project's sample data (docs/reading.md).
 *
 * A flow is named by the best evidence of the whole input, which is known only
 * at its end: flows wait in a nameless file beside the others until then.
 */

struct csv;
struct device_key;
struct identities;
struct labels;
struct know;
struct names;

/** Longest path of a table. */
#define CSV_PATH_BYTES 4096

/** What a csv needs from outside; all outlive it. labels may be NULL. */
struct csv_config {
	const char *dir; /* made if it is not there; its parent must be */
	const struct labels *labels;
	const struct device_key *key;
	const struct names *names; /* the caller adds each window's, first */
	const struct identities *identities;
	const struct know *know; /* likewise */
	uint64_t seed;		 /* of the hash tables */
};

/** ERR_IO with errno set, or ERR_NOMEM; then path is what it was about. */
int csv_new(struct csv **out, const struct csv_config *config,
	    char path[CSV_PATH_BYTES]) must_check;
/** Removes what was not finished. */
void csv_free(struct csv *c);

/** base_s: seconds that the window's times count from. */
void csv_add_window(struct csv *c, const struct record_window *window,
		    uint64_t base_s);
/** 0, or why nothing more can be written (as csv_finish gives it). */
int csv_check(const struct csv *c) must_check;

/**
 * Names the flows and puts the four files in place. ERR_IO with errno set, or
 * ERR_NOMEM; then path is what it was about, and unless the last step, giving
 * the files their names, fails half-way, those that were there are as they
 * were.
 */
int csv_finish(struct csv *c, char path[CSV_PATH_BYTES]) must_check;

/** Rows left out because a limit was reached or memory was out. */
uint64_t csv_refused(const struct csv *c);

#endif

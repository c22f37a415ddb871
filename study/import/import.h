// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_IMPORT_H
#define STUDY_IMPORT_IMPORT_H

#include "base/err.h"
#include "know/know.h"
#include "study/fleet.h"
#include "study/import/raw.h"

/*
 * A source into a new fleet. What a source is, is told by the files in its
 * folder:
 *
 *   accounts.csv          a collector's export
 *   client_hello.csv      the original project's sample files, also as
 *                         sample.client_hello.csv; what read --csv writes
 *   Device_labels.csv     a release, as the paper's 4.4
 *   meta.csv              a full release: the tables of a fleet
 *   collector.db          a collector's store (study/import/store.h)
 *   a file "SQLite format 3"   the original project's later database
 *
 * Each may be .parquet instead of .csv. What a source does not have stays NULL,
 * and meta's "lacks" says so.
 */

/**
 * Fills an empty fleet that is being made; the caller finishes or closes it.
 * know: what endpoints are named by. What is wrong with the source is told to
 * log, a line each; left_out rows of it are counted there. ERR_NOTFOUND: it is
 * none of the above; ERR_MALFORMED; ERR_IO. When nothing was told, f->error
 * says why.
 */
int import_source(struct fleet *f, const char *path, const struct know *know,
		  struct raw_log *log) must_check;

/** Whether it is for import_source(): a folder, or an SQLite file; any other
 * file can only be a fleet. */
bool import_is_source(const char *path);

#endif

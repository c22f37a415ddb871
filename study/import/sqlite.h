// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_IMPORT_SQLITE_H
#define STUDY_IMPORT_SQLITE_H

#include <stdbool.h>

#include "base/slice.h"
#include "study/import/raw.h"

/*
 * The database that the original project's later, local program keeps, whose
 * three tables its documentation describes (nyu-mlab/inspector-core-library,
 * README.md, "Data Schema"): devices, hostnames, network_flows. It is one home,
 * without labels, hellos or discovery's replies; what is in its metadata_json
 * is not described, and left alone. A flow is one direction and one second of a
 * conversation; both directions and five seconds are put together.
 */

/** Whether a file begins as SQLite's do. */
bool sqlite_is_one(const char *path);

/** Its tables into raw_devices, raw_hostnames and raw_network_flows. What is
 * wrong is told, with table and row. ERR_MALFORMED, ERR_IO. */
int sqlite_read(struct fleet *f, const char *path,
		struct raw_log *log) must_check;

extern const char *const sqlite_kind, *const sqlite_lacks,
					      *const sqlite_addresses;
/** The script that makes a fleet of them. */
struct slice sqlite_script(void);

#endif

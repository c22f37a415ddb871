// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_REPORT_H
#define STUDY_REPORT_H

#include "study/basis.h"
#include "study/fleet.h"
#include "study/output.h"

/**
 * Writes all tables into a folder: index.html, report.md, a CSV file for each
 * table, and missing.csv, which names those that the source lacks the inputs
 * of. Validates anew; the devices are standardised already. On failure nothing
 * is there, and f->error or out->error says why.
 */
int report_write(struct fleet *f, const struct basis_options *o,
		 struct output *out) must_check;

/** Subcommands; argv[0] is their own name. Give the exit status. */
int report_command(int argc, char **argv);
int validate_command(int argc, char **argv);

#endif

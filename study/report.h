// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_REPORT_H
#define STUDY_REPORT_H

#include "study/basis.h"
#include "study/fleet.h"
#include "study/output.h"
#include "study/score.h"

struct report_options {
	struct basis_options basis;
	struct score_options score;
	const char *tables; /* a folder of tables of labels; NULL */
};

/**
 * Writes all tables into a folder: index.html, report.md, a CSV file for each
 * table, and missing.csv, which names those that the source lacks the inputs
 * of. What is not standardised yet, by either rule and with these tables of
 * labels, is; devices are validated anew. On failure nothing is there, and
 * f->error or out->error says why.
 */
int report_write(struct fleet *f, const struct report_options *o,
		 struct output *out) must_check;

/** Standardises by the rules that the fleet has not been by with these tables;
 * keeps_others: with any. After basis_traffic(). */
int report_standardise(struct fleet *f, const struct label_tables *tables,
		       bool keeps_others) must_check;

/** Subcommands; argv[0] is their own name. Give the exit status. */
int report_command(int argc, char **argv);
int validate_command(int argc, char **argv);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_RELEASE_H
#define STUDY_RELEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "study/fleet.h"
#include "study/output.h"

/*
 * The dataset for others (paper 4.4): Device_labels, Network_flows and
 * TLS_client_hello, each as CSV and Parquet, with a data sheet. docs/study.md
 * has their columns. In a full release there are the fleet's own tables too,
 * from which every table of a report can be made again.
 *
 * Users and devices have new random names in each release, by a key that nobody
 * keeps; names that look like a person's are left out. An address, a host and a
 * registered domain are told only where devices of that standardised vendor
 * contacted that very one in at least k homes; a host gives way to its domain
 * where that was. Devices of no known home count as one home's. Traffic within
 * homes is only in a full release, and there without its addresses; so only
 * devices that had any traffic are in Device_labels, and who reads it takes
 * them for such.
 */

/** Homes that a vendor's contact must be seen from, unless told otherwise; and
 * that must have a text that looks like a person's name for it not to be one.
 */
#define RELEASE_K 5
/** Coarsest time: a day. */
#define RELEASE_COARSEN_MAX 1440

struct release_options {
	bool is_full;
	unsigned coarsen_minutes; /* 0: times as they are */
	unsigned k;		  /* 1: nothing is rare */
	bool is_withheld;	  /* else rare contacts are only counted */
	const char *licence;	  /* for the data sheet; NULL */
	const char *consent;	  /* the same: what the users agreed to */
};

/** f->error or out->error says why it failed; then nothing is there. */
int release_write(struct fleet *f, const struct release_options *o,
		  struct output *out) must_check;

/** Subcommand; argv[0] is its own name. Gives the exit status. */
int release_command(int argc, char **argv);

#endif

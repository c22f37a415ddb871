// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_VALIDATE_H
#define STUDY_VALIDATE_H

#include "study/fleet.h"

/**
 * Asks of each standardised device whether what it did speaks for its vendor,
 * by the paper's four methods (paper 5.2), and writes it to the table
 * "validation", in one transaction: outcome by all names, outcome_certain
 * without guessed ones.
 * standard: the way of standardising, "paper" or "improved". A method whose
 * inputs the source lacks has no rows. The query is study/tables/validate.sql;
 * docs/study.md says what it takes for what. After basis_traffic(). ERR_IO, and
 * f->error says why.
 */
int validate_fleet(struct fleet *f, const char *standard) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_BASIS_H
#define STUDY_BASIS_H

#include <stdbool.h>
#include <stdint.h>

#include "study/fleet.h"

/*
 * What the tables are computed from: tables and macros that stay in the fleet's
 * file, so that the query which a report shows beside each table runs there as
 * it is shown. Each report makes them anew, but for the sums of the flows;
 * those who change the fleet otherwise make a report before they ask them
 * again.
 */

/** Vendors with fewer devices are left out of table 4, unless told otherwise:
 * as the paper does for its common domain. */
#define BASIS_MIN_DEVICES 10

struct basis_options {
	const char *standard; /* "paper" or "improved" */
	int64_t min_devices;  /* of a vendor, in table 4 */
	const char *trackers; /* a list to go by instead; NULL */
	bool is_certain;      /* guessed names count nowhere */
};

/** Of how many flows at a time the sums are made, about: so few groups at once
 * that neither the processor's caches nor --memory are too small for them. */
#define BASIS_FLOWS_AT_ONCE (INT64_C(1) << 24)

/**
 * Sums up the flows of a fleet that was just made, and keeps it there: every
 * report begins with them, and flows do not change any more. It is there whole,
 * or as it was before. The sums are the same whatever flows_at_once. ERR_IO.
 */
int basis_keep_sums(struct fleet *f, int64_t flows_at_once) must_check;
/**
 * Which devices had any traffic, and whose they are: monitored(device, user).
 * Of a release, which has no traffic within homes, labelled devices had some.
 * Scans all flows, but for a fleet that keeps their sums already. ERR_IO.
 */
int basis_monitored(struct fleet *f) must_check;
/**
 * What of the traffic every step goes by: monitored, as above, and contact,
 * device_domain, withheld_contact, labelled, active_user. ERR_IO.
 */
int basis_traffic(struct fleet *f) must_check;
/** What the queries ask for by asked(): the table settings, made anew. Before
 * basis_traffic(). ERR_IO. */
int basis_options(struct fleet *f, const struct basis_options *o) must_check;
/**
 * What the tables need beside it: endpoints with the trackers that are gone by,
 * platforms, weak cipher suites, validated devices and their TLS. After
 * validate_fleet(). ERR_IO, ERR_MALFORMED; f->error says why.
 */
int basis_tables(struct fleet *f, const struct basis_options *o) must_check;

/** What the source lacks, as meta has it, and "validation" where no method of
 * validating has what it looks at: words joined by ", "; the caller's to
 * free(). After basis_options(). */
char *basis_lacks(struct fleet *f);

#endif

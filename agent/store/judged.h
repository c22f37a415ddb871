// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STORE_JUDGED_H
#define STORE_JUDGED_H

#include "base/buf.h"
#include "store/store.h"

/*
 * What was found of devices, and the sums that it was found from. What they
 * mean is not known here: kinds and subjects are names, sums are bytes. Erasing
 * a device takes its own along; findings go with minutes when they were not
 * seen again, sums with hours.
 */

/** What is of the home, and of no device. */
#define JUDGED_HOME 0
/** Evidence, and sums, at most. */
#define JUDGED_EVIDENCE_BYTES 2048
#define JUDGED_SUMS_BYTES     ((size_t)128 << 10)

struct judged_finding {
	int64_t device; /* or JUDGED_HOME */
	const char *kind, *subject;
	struct addr endpoint; /* family 0: none */
	uint64_t since_ms, last_ms, hits;
	int64_t state;
	struct slice evidence;
};

/** Joins the open transaction; one of the same kind and subject is replaced.
 * ERR_LIMIT, ERR_IO. */
int judged_put_finding(struct store *s,
		       const struct judged_finding *finding) must_check;
/** Calls visit for each until it gives false. ERR_IO. */
int judged_each_finding(struct store *s,
			bool (*visit)(void *user,
				      const struct judged_finding *finding),
			void *user) must_check;

/** Joins the open transaction. ERR_LIMIT, ERR_IO. */
int judged_put_sums(struct store *s, int64_t device, uint64_t at_ms,
		    struct slice sums) must_check;
int judged_each_sums(struct store *s,
		     bool (*visit)(void *user, int64_t device,
				   struct slice sums),
		     void *user) must_check;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_IDENTITIES_H
#define READ_IDENTITIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "judge/identity.h"
#include "record/record.h"

/** Most devices whose evidence is kept; as many as have labels. */
#define IDENTITIES_DEVICES_MAX 65536u
/** Most bytes of evidence of all of them: 4 kB each. */
#define IDENTITIES_BYTES_MAX ((size_t)256 << 20)

/** The evidence for who each device of an input is, gathered by window. */
struct identities {
	struct table devices;	 /* struct mac -> struct evidence_set */
	const struct know *know; /* lent */
	size_t bytes;
	uint64_t refused; /* past a limit */
};

/** know outlives it. */
void identities_init(struct identities *i, const struct know *know,
		     uint64_t seed);
void identities_done(struct identities *i);

void identities_add_window(struct identities *i,
			   const struct record_window *window);

/** Who a device is, by all that was added. Its reasons live until more is. */
void identities_judge(const struct identities *i, const struct mac *mac,
		      struct identity *out);
/** The devices: start with *at = 0; NULL at the end. */
const struct mac *identities_next(const struct identities *i, uint32_t *at);

/** Longest description, as identities_describe() gives it. */
#define IDENTITIES_TEXT_BYTES (2 * IDENTITY_TEXT_BYTES + 64)

/** Vendor and model, or else the category: "Roku television or player". "" when
 * nothing is known. As from the wire: to be escaped. Gives out. */
const char *identities_describe(const struct identity *identity,
				char out[IDENTITIES_TEXT_BYTES]);

#endif

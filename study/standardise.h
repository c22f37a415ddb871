// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_STANDARDISE_H
#define STUDY_STANDARDISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "know/know.h"
#include "study/fleet.h"
#include "study/label_tables.h"

/*
 * One vendor and one name for each labelled device, out of what its owner typed
 * (the paper's 5.1): into the table standard, and each change of each label,
 * with the rule and how many devices it was for, into label_changes.
 *
 * Vendors are cleaned; merged; replaced by their equivalents; those that make
 * no such devices go. Names, for each vendor, are joined with the category and
 * cleaned; lose words that say nothing; are merged; have words replaced by
 * their equivalents; those of computers go. A device is labelled when it had
 * traffic and has name, category and vendor; a name that is NULL is one that
 * the source does not have, and the category stands alone.
 */

enum standardise_method {
	STANDARDISE_PAPER,
	STANDARDISE_IMPROVED,
	STANDARDISE_METHODS,
};

/** "paper", "improved". */
const char *standardise_method_name(enum standardise_method method);

/** Which of labels say all that a labelled device's must. */
#define STANDARDISE_WHOLE                             \
	"trim(vendor) <> '' AND trim(category) <> ''" \
	" AND coalesce(trim(name), '-') <> ''"

/** Bytes of all labels that were typed: ten a person in the world's largest
 * city. */
#define STANDARDISE_BYTES_MAX ((size_t)4 << 30)

struct standardised {
	size_t labelled, standard; /* devices */
	size_t vendors_typed, vendors;
	size_t names; /* of all vendors together */
};

/**
 * Does it anew, in one transaction, for the devices that are in monitored
 * (basis_monitored(), or basis_traffic()). know: for the improved rule,
 * which names are known vendors' (NULL: none are). seed: of the tables of
 * hashes; decides nothing but the time. f->error says why: ERR_IO, ERR_NOMEM,
 * ERR_LIMIT.
 */
int standardise(struct fleet *f, enum standardise_method method,
		const struct label_tables *tables, const struct know *know,
		uint64_t seed, struct standardised *out) must_check;

/** Whether it was done by the method: with these tables; NULL: with any. The
 * fleet's meta says so by standardise_key(). */
bool standardise_is_by(struct fleet *f, enum standardise_method method,
		       const struct label_tables *tables);
#define STANDARDISE_KEY_BYTES 64
void standardise_key(enum standardise_method method,
		     char out[STANDARDISE_KEY_BYTES]);

#endif

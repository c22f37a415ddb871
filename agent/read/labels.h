// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_LABELS_H
#define READ_LABELS_H

#include <stddef.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/slice.h"

/** Most lines of a labels file; no laboratory has more devices. */
#define LABELS_MAX 65536u
/** Largest labels file. */
#define LABELS_FILE_MAX_BYTES ((size_t)16 << 20)

/** What somebody says a device is. Texts live as long as the labels. */
struct label {
	struct mac mac;
	struct slice name, category, vendor; /* may be empty */
};

struct labels;

/** Where a labels file is wrong. */
struct labels_fault {
	unsigned line; /* 1-based; 0 when it is not about a line */
	const char *reason;
};

/**
 * Reads a CSV file (RFC 4180) of MAC, name, category, vendor; a first line
 * whose first cell is "mac" is a heading, empty lines are passed over, missing
 * cells are empty. ERR_IO with errno set, ERR_MALFORMED or ERR_LIMIT with
 * *fault, ERR_NOMEM.
 */
int labels_load(struct labels **out, const char *path,
		struct labels_fault *fault) must_check;
void labels_free(struct labels *l);

/** The label of a device, or NULL. */
const struct label *labels_find(const struct labels *l, const struct mac *mac);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef KNOW_SUFFIX_H
#define KNOW_SUFFIX_H

#include <stdbool.h>

#include "base/slice.h"

/**
 * The registered domain of a host name: one label below its public suffix, by
 * the list that libpsl has built in (publicsuffix.org), of which only the part
 * of the registries counts: a host at amazonaws.com is Amazon's, although its
 * customers have names of their own there.
 *
 * host: lower case, punycode, no final dot. A view into it; absent for
 * addresses, for names that are themselves public suffixes, and below unknown
 * top-level domains (.local, .lan).
 */
struct slice suffix_registered_domain(struct slice host);

/**
 * Whether strangers register names right below it, or names below it are such:
 * "com", "co.uk". Likewise by the registries' part; without a list every single
 * label is. host: as above.
 */
bool suffix_is_public(struct slice host);

/** How many rules the list has; 0 when libpsl was built without one. */
int suffix_rule_count(void);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTOR_TOLD_H
#define COLLECTOR_TOLD_H

#include <stdbool.h>

/*
 * What other homes may be told, however many agree on it: their number says
 * that it is common, not that it is nobody's own. Three homes of one family
 * know the name of its server.
 */

/**
 * A host's name: of letters, digits, - and _ (RFC 1123 2.1), of two labels or
 * more; not one of a home alone (scrub_is_local_name(), home_host_is()), and
 * none of whose labels looks like a person's (personal_is()), but for the last
 * two, which are a domain's.
 */
bool told_host(const char *name);
/** What owners call a device, its kind or its maker: not a person's, by
 * personal_is(). */
bool told_label(const char *text);

#endif

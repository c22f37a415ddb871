// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef KNOW_OUI_H
#define KNOW_OUI_H

#include <stddef.h>

#include "base/addr.h"
#include "know/know.h"

/**
 * The organisation that the IEEE assigned a MAC's first 24, 28 or 36 bits to,
 * by the longest that matches, as UTF-8 text; NULL when it is not known or the
 * address is locally administered (made up by the device itself).
 */
const char *oui_vendor(const struct mac *mac);

/** The same, by the lists that a user imported before the program's own. */
const char *oui_vendor_by(const struct know *know, const struct mac *mac);

/** How many assignments are built in; 0 when the data was missing then. */
size_t oui_count(void);

#endif

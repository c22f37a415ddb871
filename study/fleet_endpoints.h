// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef STUDY_FLEET_ENDPOINTS_H
#define STUDY_FLEET_ENDPOINTS_H

#include "know/know.h"
#include "study/fleet.h"

/**
 * Fills domain, country and tracker of all endpoints, and manufacturer of all
 * devices, by what is known now; may be asked again with other lists. domain is
 * NULL where the host is unknown or has none, and so is tracker; else an
 * endpoint is a tracker when its registered domain is on a list. The key
 * "trackers" of meta becomes the lists with date, hosts and hash, in one line.
 * Hosts are in lower case, without a final dot and without the "?".
 */
int fleet_name_endpoints(struct fleet *f, const struct know *know) must_check;

#endif
